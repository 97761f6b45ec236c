/* SPDX-License-Identifier: Apache-2.0 */
#include <pm_config.h>

#include <outboard/boot.h>
#include <outboard/device_dt.h>
#include <outboard/keys.h>
#include <outboard/log.h>
#include <outboard/network_core.h>
#include <outboard/slots.h>
#include <outboard/soc.h>
#include <outboard/time.h>
#include <outboard/uart.h>
#include <outboard/util.h>
#include <outboard/verdict.h>
#include <outboard/version.h>
#include <outboard/watchdog.h>

#include "info.h"
#include "recovery/recovery.h"

#define QUICK_RETRIES 3u
#define RETRY_US 100000u       /* a chip that browned out needs a moment */
#define SLOW_RETRY_US 5000000u /* a multiple; then do not wear out anything, nor the battery */
#define PERCENT_STEP 10u

#ifdef CONFIG_BOOT_SERIAL_WAIT_FOR_DFU_TIMEOUT
#define WAIT_FOR_DFU_MS CONFIG_BOOT_SERIAL_WAIT_FOR_DFU_TIMEOUT
#else
#define WAIT_FOR_DFU_MS 0
#endif

#define IMAGES CONFIG_UPDATEABLE_IMAGE_NUMBER

static struct ob_slots slots[IMAGES];
static const struct ob_boot boot;
static struct ob_area ledger;
static struct ob_home home = {
    .header_size = PM_MCUBOOT_PAD_SIZE,
    .ram_start = DT_REG_ADDR(DT_CHOSEN(zephyr_sram)),
    .ram_size = DT_REG_SIZE(DT_CHOSEN(zephyr_sram)),
};

static void progress(void *ctx, uint32_t done, uint32_t total)
{
    uint32_t before = (done - 1) * 100 / total / PERCENT_STEP;
    uint32_t now = done * 100 / total / PERCENT_STEP;

    (void)ctx;
    if (now != before) {
        OB_LOG_INF("Swapping: %u%%", (unsigned)(now * PERCENT_STEP));
    }
}

static void feed(void *ctx)
{
    (void)ctx;
    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED)) {
        ob_watchdog_feed();
    }
}

static void wait(uint32_t us)
{
    if (OB_ENABLED(CONFIG_MCUBOOT_SERIAL)) {
        recovery_wait(&boot, us); /* of a device whose chip does not come back */
        return;
    }
    const uint32_t step = OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED) ? RETRY_US : us;

    for (; us > 0; us -= step) {
        feed(NULL);
        ob_delay_us(step);
    }
}

static void start_watchdog(void)
{
    if (OB_ENABLED(CONFIG_BOOT_WATCHDOG_START) && ob_watchdog_start(CONFIG_BOOT_WATCHDOG_TIMEOUT_MS) != OB_OK) {
        OB_LOG_ERR("The watchdog does not take %u ms", CONFIG_BOOT_WATCHDOG_TIMEOUT_MS);
    }
    feed(NULL);
}

/** The one place where a start waits: without the external chip there is nothing complete that could run. */
static bool retry(void *ctx, enum ob_err err, uint32_t attempt)
{
    (void)ctx;
    if (attempt == QUICK_RETRIES) {
        OB_LOG_ERR("Waiting for flash: %s; this start goes on as soon as it answers", ob_err_text(err));
    }
    wait(attempt < QUICK_RETRIES ? RETRY_US : SLOW_RETRY_US);
    ob_device_init_all();
    for (unsigned image = 0; image < IMAGES; image++) {
        const struct ob_flash *secondary = slots[image].secondary[0].flash;
        err = secondary == NULL ? ob_slots_open(image, &slots[image]) : ob_flash_reset(secondary);
        (void)err; /* the next access tells */
    }
    return true;
}

static const struct ob_hooks hooks = {
    .feed = OB_ENABLED(CONFIG_BOOT_WATCHDOG_FEED) ? feed : NULL,
    .progress = OB_ENABLED(CONFIG_LOG) ? progress : NULL,
    .retry = retry,
};

static struct ob_workspace work;

static const struct ob_boot boot = {
    .mode = OB_MODE,
    .keys = &ob_keys,
    .hooks = &hooks,
    .work = &work,
    .images = slots,
    .ledger = &ledger,
    .home = &home,
    .image_count = IMAGES,
    .max_units = CONFIG_BOOT_MAX_IMG_SECTORS,
    .guard = OB_GUARD,
};

static uint32_t address_of(const struct ob_area *primary)
{
    return (uint32_t)(uintptr_t)primary->flash->mapped + primary->start;
}

/** What runs is not to change any more, and what is in force of its trailer is the application's to write. */
static void lock(void)
{
    ob_soc_lock(PM_ADDRESS, PM_SIZE);
    for (unsigned image = 0; image < IMAGES && OB_ENABLED(CONFIG_FPROTECT_RUNNING_IMAGE); image++) {
        const struct ob_area *primary = &slots[image].primary;
        const uint32_t align = ob_layout_align(primary, &slots[image].secondary[0]);
        if (primary->flash == slots[0].primary.flash) { /* not what another core runs */
            ob_soc_lock(address_of(primary), ob_layout_limit(primary, align));
        }
    }
}

/** The verdict on all that must be valid. No branch makes it: one that is wrong makes it wrong. */
static uint32_t verdict_on_all(const struct ob_boot_result *result)
{
    uint32_t wrong = ob_verdict_reload(result->image.seal) ^ ob_verdict_accepted();

    for (unsigned image = 1; image < IMAGES; image++) {
        wrong |= ob_verdict_reload(result->further[image - 1]) ^ ob_verdict_accepted();
    }
    return OB_FIH ? wrong ^ ob_verdict_accepted() : (uint32_t)OB_VERDICT_ACCEPTED;
}

/**
 * How far from the slot's start the vectors are that the CPU jumps by. The verdict is a part of it: with another one
 * than ACCEPTED they are nowhere. Whoever comes here without one goes no further.
 */
static uint32_t vectors_offset(const struct ob_boot_result *result)
{
    ob_verdict_delay();
    const uint32_t verdict = verdict_on_all(result);

    if (!ob_verdict_accepts(verdict)) {
        ob_soc_halt();
    }
    return ob_verdict_reload(result->image.header_size) + (ob_verdict_reload(verdict) ^ ob_verdict_accepted());
}

static _Noreturn void start(const struct ob_boot_result *result)
{
    const struct ob_area *primary = &slots[0].primary;
    const struct ob_version *version = &result->image.version;

    OB_LOG_INF("Bootloader chainload address offset: 0x%x", (unsigned)primary->start);
    OB_LOG_INF("Image version: v%u.%u.%u", version->major, version->minor, version->revision);
    if (OB_ENABLED(CONFIG_BOOT_STACK_REPORT)) {
        OB_LOG_INF("Stack: %u of %u bytes used", (unsigned)ob_soc_stack_used(), (unsigned)ob_soc_stack_size());
    }
    OB_LOG_INF("Jumping to the first image slot");
    feed(NULL); /* it gets the whole time */
    ob_device_stop_all();
    if (OB_ENABLED(CONFIG_BOOT_SHARE_DATA_BOOTINFO)) {
        info_leave(&boot);
    }
    if (OB_ENABLED(CONFIG_PCD_APP)) {
        ob_network_core_lock();
    }
    if (OB_ENABLED(CONFIG_FPROTECT)) {
        lock();
    }
    ob_soc_start_image(address_of(primary) + vectors_offset(result), verdict_on_all(result));
}

static void print(const char *text)
{
    while (OB_ENABLED(CONFIG_LOG) && *text != '\0') {
        ob_console_put(*text++);
    }
}

int main(void)
{
    struct ob_boot_result result;

    start_watchdog();
    print("*** Booting outboard v" OB_VERSION " ***\n");
    OB_LOG_INF("Starting bootloader");
    if (ob_keys_demo) {
        OB_LOG_WRN("Built with outboard's public demo key: anybody can sign for this device");
    }
    if (ob_decryption_demo) {
        OB_LOG_WRN("Built with outboard's public demo key: anybody can read updates of this device");
    }
    for (unsigned image = 0; image < IMAGES; image++) {
        if (ob_slots_open(image, &slots[image]) != OB_OK && slots[image].primary.flash == NULL) {
            OB_LOG_ERR("Failed to open flash areas, cannot continue");
            ob_soc_halt();
        }
    }
    if (OB_ENABLED(CONFIG_NRF53_UPGRADE_NETWORK_CORE)) {
        slots[IMAGES - 1].receiver = &ob_network_core;
    }
    if (ob_ledger_open(&ledger) != OB_OK) {
        OB_LOG_WRN("Failed to open the ledger: nothing can be installed");
    }
    home.address = address_of(&slots[0].primary);
    if (OB_ENABLED(CONFIG_MCUBOOT_SERIAL) && recovery_is_asked_for()) {
        recovery_run(&boot);
    }
    if (OB_ENABLED(CONFIG_BOOT_SERIAL_WAIT_FOR_DFU)) {
        OB_LOG_INF("Serial recovery: waiting %u ms for SMP clients", (unsigned)WAIT_FOR_DFU_MS);
        recovery_wait(&boot, WAIT_FOR_DFU_MS * 1000u);
    }
    if (ob_boot_run(&boot, &result) == OB_OK) {
        start(&result);
    }
    OB_LOG_ERR("Unable to find bootable image");
    if (OB_ENABLED(CONFIG_BOOT_SERIAL_NO_APPLICATION)) {
        recovery_run(&boot);
    }
    ob_soc_halt();
}
