/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include <outboard/device_dt.h>
#include <outboard/format.h>
#include <outboard/slots.h>
#include <outboard/smp_updates.h>
#include <outboard/soc.h>
#include <outboard/time.h>
#include <outboard/uart.h>
#include <outboard/util.h>
#include <outboard/watchdog.h>

/*
 * An application that is updated by standard clients of SMP, for instance smpmgr: it says what runs and what became of
 * the last update, then serves the clients on its console. All that a product needs of outboard is in here; a product
 * confirms itself once it knows that it works, instead of waiting for a client to do it.
 */

#define VERSION CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION
#define MAX_UNITS CONFIG_BOOT_MAX_IMG_SECTORS /* the bootloader's, like the mode: both decide where things lie */
#define ANSWER_SIZE 512u
#define SEND_US 50000u /* the last answer is on its way before the reset */

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ob_format(ob_console_put, format, args);
    va_end(args);
}

static void feed(void *ctx)
{
    (void)ctx;
    if (OB_ENABLED(CONFIG_WATCHDOG)) {
        ob_watchdog_feed();
    }
}

static void reset(void)
{
    ob_delay_us(SEND_US);
    print("rebooting\n");
    ob_soc_reset();
}

static struct ob_slots slots;

static struct ob_smp_updates updates = {
    .slots = &slots,
    .image_count = 1,
    .keys = &ob_keys,
    .mode = OB_MODE_CONFIGURED,
    .max_units = MAX_UNITS,
    .no_downgrade = OB_ENABLED(CONFIG_MCUBOOT_DOWNGRADE_PREVENTION),
    .feed = feed,
};
static struct ob_smp_images images = {
    .store = &ob_smp_updates_store,
    .ctx = &updates,
    .image_count = 1,
    .target_count = 1,
};
static struct ob_smp_os os = {
    .buffer_size = CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE,
    .mode = OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY) ? OB_SMP_MODE_OVERWRITE : OB_SMP_MODE_SWAP,
    .no_downgrade = OB_ENABLED(CONFIG_MCUBOOT_DOWNGRADE_PREVENTION),
    .reset = reset,
};
static const struct ob_smp_group groups[] = {
    {OB_SMP_GROUP_OS, ob_smp_os_handle, &os},
    {OB_SMP_GROUP_IMAGE, ob_smp_images_handle, &images},
};
static struct ob_smp smp = {.groups = groups, .group_count = OB_ARRAY_SIZE(groups)};

static uint8_t request[CONFIG_MCUMGR_TRANSPORT_NETBUF_SIZE];
static uint8_t answer[ANSWER_SIZE];
static struct ob_smp_uart uart = {
    .dev = OB_SMP_UART_DEVICE,
    .smp = &smp,
    .framing = {.buffer = request, .size = sizeof(request)},
    .answer = answer,
    .answer_size = sizeof(answer),
};

static void print_last(const struct ob_update_state *state)
{
    static const char *const kind[] = {
        [OB_JOB_TEST] = "installed for a trial",
        [OB_JOB_PERMANENT] = "installed for good",
        [OB_JOB_REVERT] = "brought back",
        [OB_JOB_REFUSED] = "refused",
    };
    const struct ob_version *version = &state->last_version;

    if (!state->has_last) {
        print("last update: none\n");
        return;
    }
    print("last update: %u.%u.%u+%u %s", version->major, version->minor, version->revision, (unsigned)version->build,
          kind[state->last]);
    if (state->last_reason != OB_OK) {
        print(": %s", ob_err_text(state->last_reason));
    }
    print("\n");
}

static void print_state(void)
{
    static const char *const next[] = {
        [OB_SWAP_NONE] = "runs this image",
        [OB_SWAP_TEST] = "installs the update for a trial",
        [OB_SWAP_PERMANENT] = "installs the update for good",
        [OB_SWAP_REVERT] = "goes back to the previous image",
    };
    struct ob_update_state state;
    enum ob_err err = ob_slots_open(0, &slots);

    if (err == OB_OK) {
        err = ob_update_read_state(&slots, MAX_UNITS, &state);
    }
    if (err != OB_OK) {
        print("no update slot: %s; everything else works\n", ob_err_text(err));
        return;
    }
    print("confirmed: %s\n", state.confirmed ? "yes" : "no");
    print("next start: %s\n", next[state.next]);
    print_last(&state);
}

int main(void)
{
    print("dfu " VERSION " is running\n");
    print_state();
    print("waiting for SMP clients\n");
    for (;;) {
        feed(NULL);
        ob_smp_uart_poll(&uart);
    }
}
