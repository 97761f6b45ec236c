/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/boot_info.h>
#include <outboard/boot_mode.h>
#include <outboard/device_dt.h>
#include <outboard/smp_server.h>
#include <outboard/soc.h>
#include <outboard/time.h>
#include <outboard/util.h>
#include <outboard/watchdog.h>

/* The bootloader's: they decide where things lie, and what it refuses. */
#define MAX_UNITS CONFIG_BOOT_MAX_IMG_SECTORS
#define OVERWRITE OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY)
#define MODE (OVERWRITE ? OB_MODE_OVERWRITE : OB_ENABLED(CONFIG_BOOT_UPGRADE_DUAL) ? OB_MODE_DUAL : OB_MODE_SLIDE)

#define SEND_US 50000u /* the last answer is on its way before the reset */

static void feed(void *ctx)
{
    (void)ctx;
    if (OB_ENABLED(CONFIG_WATCHDOG)) {
        ob_watchdog_feed();
    }
}

static void ask_for(uint32_t boot_mode)
{
    if (OB_ENABLED(CONFIG_RETENTION_BOOT_MODE)) {
        ob_boot_mode_set((enum ob_boot_mode)boot_mode);
    }
}

static void reset(void *ctx)
{
    (void)ctx;
    ob_delay_us(SEND_US);
    ob_soc_reset();
}

/** The bootloader knows best; else what this application was built with. */
static int mode(void)
{
    struct ob_boot_info info;

    if (OB_ENABLED(CONFIG_RETENTION_BOOTLOADER_INFO) && ob_boot_info_read(&info) == OB_OK) {
        return info.mode;
    }
    return OVERWRITE ? OB_INFO_MODE_OVERWRITE : OB_INFO_MODE_SWAP;
}

void ob_smp_server_init(struct ob_smp_server *server, const struct ob_slots *slots, const struct ob_area *ledger,
                        uint32_t image_count)
{
    *server = (struct ob_smp_server){
        .updates = {.slots = slots,
                    .image_count = image_count,
                    .ledger = ledger,
                    .keys = &ob_keys,
                    .mode = MODE,
                    .max_units = MAX_UNITS,
                    .guard = OB_GUARD,
                    .feed = feed},
        .images = {.store = &ob_smp_updates_store,
                   .ctx = &server->updates,
                   .image_count = image_count,
                   .target_count = OB_SMP_UPDATES_TARGETS(image_count)},
        .os = {.buffer_size = sizeof(server->request),
               .mode = mode(),
               .no_downgrade = OB_GUARD == OB_GUARD_VERSION,
               .reset = reset,
               .ask_for = OB_ENABLED(CONFIG_RETENTION_BOOT_MODE) ? ask_for : NULL},
        .groups = {{OB_SMP_GROUP_OS, ob_smp_os_handle, &server->os},
                   {OB_SMP_GROUP_IMAGE, ob_smp_images_handle, &server->images},
                   {OB_SMP_GROUP_STATISTICS, ob_smp_record_handle, &server->record}},
        .record = {.ledger = ledger, .slots = slots, .image_count = image_count},
        .smp = {.groups = server->groups, .group_count = OB_ARRAY_SIZE(server->groups)},
        .uart = {.dev = OB_SMP_UART_DEVICE,
                 .smp = &server->smp,
                 .framing = {.buffer = server->request, .size = sizeof(server->request)},
                 .answer = server->answer,
                 .answer_size = sizeof(server->answer)},
    };
}

void ob_smp_server_poll(struct ob_smp_server *server)
{
    feed(NULL);
    ob_smp_uart_poll(&server->uart);
}
