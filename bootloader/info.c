/* SPDX-License-Identifier: Apache-2.0 */
#include "info.h"

#include <outboard/boot_info.h>
#include <outboard/boot_info_dt.h>
#include <outboard/util.h>
#include <outboard/version.h>

#define SIGNATURE                                                                    \
    (OB_ENABLED(CONFIG_BOOT_SIGNATURE_TYPE_RSA)          ? OB_INFO_SIGNATURE_RSA     \
     : OB_ENABLED(CONFIG_BOOT_SIGNATURE_TYPE_ECDSA_P256) ? OB_INFO_SIGNATURE_P256    \
     : OB_ENABLED(CONFIG_BOOT_SIGNATURE_TYPE_ED25519)    ? OB_INFO_SIGNATURE_ED25519 \
                                                         : OB_INFO_SIGNATURE_UNSAID)

_Static_assert(OB_BOOT_INFO_SIZE >= OB_BOOT_INFO_SIZE_MAX,
               "zephyr,bootloader-info is too small: give its reg 0x100 bytes, in the overlays of both images");

/** The next number of a text, which goes on behind it and the dot. */
static uint32_t number(const char **text)
{
    uint32_t value = 0;

    while (**text >= '0' && **text <= '9') {
        value = value * 10 + (uint32_t)(*(*text)++ - '0');
    }
    *text += **text == '.';
    return value;
}

static struct ob_version own_version(void)
{
    const char *text = OB_VERSION;
    struct ob_version version = {.major = (uint8_t)number(&text)};

    version.minor = (uint8_t)number(&text);
    version.revision = (uint16_t)number(&text);
    return version;
}

void info_leave(const struct ob_boot *boot)
{
    struct ob_boot_info info = {
        .mode = OB_BOOT_MODE(boot)->id == OB_MODE_OVERWRITE ? OB_INFO_MODE_OVERWRITE : OB_INFO_MODE_SWAP,
        .signature = SIGNATURE,
        .recovery = OB_ENABLED(CONFIG_MCUBOOT_SERIAL) ? OB_INFO_RECOVERY_SERIAL : OB_INFO_RECOVERY_NONE,
        .version = own_version(),
        .image_count = boot->image_count,
        .counts = boot->guard == OB_GUARD_ENFORCED,
    };

    for (uint32_t image = 0; image < boot->image_count; image++) {
        info.size_max[image] = ob_boot_capacity(boot, image);
        info.counter[image] = ob_ledger_floor(&boot->work->ledger, image).counter;
    }
    ob_boot_info_encode(&info, (uint8_t *)OB_BOOT_INFO_ADDRESS, OB_BOOT_INFO_SIZE);
}
