/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/device_dt.h>
#include <outboard/log.h>
#include <outboard/soc.h>
#include <outboard/util.h>

#include <pm_config.h>

#include "flash_conformance.h"

/* Runs the conformance suite on the flash devices of a board and prints what became of each promise.
 * What is overwritten: the partition conformance_internal, if the layout has one, and three places of the external
 * chip: its start, its end, and around 16 MiB, where addresses get a fourth byte. */

#define FOURTH_ADDRESS_BYTE 0x1000000u

static void print(void *ctx, const struct ob_conformance_result *result)
{
    (void)ctx;
    if (result->kept) {
        OB_LOG_INF("kept %s", result->promise);
    } else {
        OB_LOG_ERR("BROKEN %s: %s at 0x%x, expected %02x, found %02x", result->promise, ob_err_text(result->err),
                   (unsigned)result->off, result->want, result->got);
    }
}

static void run(const char *where, const struct ob_device *dev, uint32_t off, uint32_t len)
{
    const struct ob_flash *flash = dev->api;
    const struct ob_conformance suite = {
        .flash = flash,
        .off = off,
        .len = len,
        .rom = (const uint8_t *)PM_ADDRESS, /* this program, where it lies in internal flash */
        .report = print,
    };
    unsigned broken = 0;

    OB_LOG_INF("%s: 0x%x bytes at 0x%x of 0x%x, erases 0x%x 0x%x 0x%x 0x%x", where, (unsigned)len, (unsigned)off,
               (unsigned)flash->size, (unsigned)flash->erase_sizes[0], (unsigned)flash->erase_sizes[1],
               (unsigned)flash->erase_sizes[2], (unsigned)flash->erase_sizes[3]);
    enum ob_err err = ob_flash_conformance(&suite, &broken);

    if (err != OB_OK) {
        OB_LOG_ERR("BROKEN not run: %s", ob_err_text(err));
        return;
    }
    OB_LOG_INF("%s: %u promises broken", where, broken);
}

static uint32_t three_blocks(const struct ob_flash *flash)
{
    uint32_t largest = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        largest = OB_MAX(largest, flash->erase_sizes[i]);
    }
    return 3 * largest;
}

static void run_external(const struct ob_device *dev)
{
    const struct ob_flash *flash = dev->api;
    uint32_t len = three_blocks(flash);

    run("external", dev, 0, len);
    run("external", dev, flash->size - len, len);
    if (flash->size > FOURTH_ADDRESS_BYTE + len) {
        run("external", dev, FOURTH_ADDRESS_BYTE - len / 3, len);
    }
}

#ifdef PM_CONFORMANCE_INTERNAL_SIZE
static void run_internal(void)
{
    run("internal", DEVICE_DT_GET(PM_CONFORMANCE_INTERNAL_DEV), PM_CONFORMANCE_INTERNAL_OFFSET,
        PM_CONFORMANCE_INTERNAL_SIZE);
}
#else
static void run_internal(void)
{
    OB_LOG_WRN("internal flash not checked: no partition conformance_internal");
}
#endif

int main(void)
{
    const struct ob_device *external = DEVICE_DT_GET(DT_CHOSEN(nordic_pm_ext_flash));

    run_internal();
    if (ob_device_ready(external)) {
        run_external(external);
    } else {
        OB_LOG_ERR("BROKEN not run: %s: %s", external->name, ob_err_text(*external->status));
    }
    OB_LOG_INF("conformance: end, %u bytes of stack used", (unsigned)ob_soc_stack_used());
    return 0;
}
