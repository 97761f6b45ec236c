/* SPDX-License-Identifier: Apache-2.0 */
#include "recovery.h"

#include <outboard/boot_mode.h>
#include <outboard/button.h>
#include <outboard/device_dt.h>
#include <outboard/log.h>
#include <outboard/soc.h>
#include <outboard/time.h>
#include <outboard/util.h>

#include "store.h"

#define RESET_DELAY_US 250000u /* MCUboot's: the answer is on its way, through a USB bridge too */
#define ANSWER_SIZE 512u

#ifdef CONFIG_BOOT_SERIAL_DETECT_DELAY
#define DETECT_US (CONFIG_BOOT_SERIAL_DETECT_DELAY * 1000u)
#else
#define DETECT_US 0u
#endif
#define TARGETS \
    (OB_ENABLED(CONFIG_MCUBOOT_SERIAL_DIRECT_IMAGE_UPLOAD) ? OB_IMAGES_MAX * OB_SMP_SLOTS + 1 : OB_IMAGES_MAX)

static void reset(void *ctx)
{
    (void)ctx;
    ob_delay_us(RESET_DELAY_US);
    ob_soc_reset();
}

static struct recovery_store store;

static struct ob_smp_images images = {.store = &recovery_store_ops, .ctx = &store, .target_count = TARGETS};

static struct ob_smp_os os = {
    .buffer_size = CONFIG_BOOT_SERIAL_MAX_RECEIVE_SIZE,
    .mode = OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY) ? OB_INFO_MODE_OVERWRITE : OB_INFO_MODE_SWAP,
    .no_downgrade = OB_GUARD == OB_GUARD_VERSION,
    .reset = reset,
};

/**
 * A start that nobody talks to hashes nothing here. The first command waits until what runs is known: once it is
 * answered nothing is done any more while a client may send.
 */
static enum ob_smp_rc handle_os(struct ob_smp_command *command, void *ctx)
{
    recovery_store_look(&store);
    return ob_smp_os_handle(command, ctx);
}

static enum ob_smp_rc handle_images(struct ob_smp_command *command, void *ctx)
{
    recovery_store_look(&store);
    return ob_smp_images_handle(command, ctx);
}

static const struct ob_smp_group groups[] = {
    {OB_SMP_GROUP_OS, handle_os, &os},
    {OB_SMP_GROUP_IMAGE, handle_images, &images},
};
static struct ob_smp smp = {.groups = groups, .group_count = OB_ARRAY_SIZE(groups)};

static uint8_t request[CONFIG_BOOT_SERIAL_MAX_RECEIVE_SIZE];
static uint8_t answer[ANSWER_SIZE];
static struct ob_smp_uart uart = {
    .dev = OB_SMP_UART_DEVICE,
    .smp = &smp,
    .framing = {.buffer = request, .size = sizeof(request)},
    .answer = answer,
    .answer_size = sizeof(answer),
};

static void open(const struct ob_boot *boot)
{
    store.boot = boot;
    images.image_count = boot->image_count;
}

static bool serve(const struct ob_boot *boot)
{
    ob_feed(boot->hooks);
    return ob_smp_uart_poll(&uart);
}

bool recovery_is_asked_for(void)
{
    /* Taken in any case: it is asked for once. */
    bool asked = OB_ENABLED(CONFIG_BOOT_SERIAL_BOOT_MODE) && ob_boot_mode_take() == OB_BOOT_MODE_BOOTLOADER;
    bool pin = OB_ENABLED(CONFIG_BOOT_SERIAL_PIN_RESET) && ob_soc_take_pin_reset();
    bool held = OB_ENABLED(CONFIG_BOOT_SERIAL_ENTRANCE_GPIO) && ob_button_is_down(DETECT_US);

    return asked || pin || held;
}

static _Noreturn void serve_for_good(const struct ob_boot *boot)
{
    for (;;) {
        (void)serve(boot);
    }
}

_Noreturn void recovery_run(const struct ob_boot *boot)
{
    open(boot);
    recovery_store_look(&store); /* before a client waits for it */
    OB_LOG_INF("Serial recovery: waiting for SMP clients");
    serve_for_good(boot);
}

void recovery_wait(const struct ob_boot *boot, uint32_t us)
{
    const uint32_t start = ob_time_us();

    open(boot);
    while (ob_time_us() - start < us) {
        if (serve(boot)) {
            serve_for_good(boot); /* without a word: the client sends already, and the line holds six bytes */
        }
    }
}
