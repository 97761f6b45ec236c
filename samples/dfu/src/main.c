/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>

#include <outboard/format.h>
#include <outboard/slots.h>
#include <outboard/smp_server.h>
#include <outboard/uart.h>

/*
 * An application that is updated by standard clients of SMP, for instance smpmgr: it says what runs and what became of
 * the last update, then serves the clients on its console. All that a product needs of outboard is in here; a product
 * confirms itself once it knows that it works, instead of waiting for a client to do it.
 */

#define VERSION CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION
#define MAX_UNITS CONFIG_BOOT_MAX_IMG_SECTORS /* the bootloader's */

static struct ob_slots slots[OB_IMAGES_MAX]; /* the last one may be the network core's */
static struct ob_area ledger;
static struct ob_smp_server server;

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ob_format(ob_console_put, format, args);
    va_end(args);
}

static void print_last(const struct ob_update_state *state)
{
    static const char *const kind[] = {
        [OB_UPDATE_TEST] = "installed for a trial",
        [OB_UPDATE_PERMANENT] = "installed for good",
        [OB_UPDATE_REVERT] = "brought back",
        [OB_UPDATE_REFUSED] = "refused",
        [OB_UPDATE_MISSING] = "missing",
    };
    const struct ob_version *version = &state->last_version;

    if (state->last == OB_UPDATE_NONE) {
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

static void print_state(uint32_t image)
{
    static const char *const next[] = {
        [OB_SWAP_NONE] = "runs this image",
        [OB_SWAP_TEST] = "installs the update for a trial",
        [OB_SWAP_PERMANENT] = "installs the update for good",
        [OB_SWAP_REVERT] = "goes back to the previous image",
    };
    struct ob_update_state state;
    enum ob_err err = ob_slots_open(image, &slots[image]);

    if (err == OB_OK) {
        err = ob_update_read_state(&slots[image], &ledger, image, &state);
    }
    if (image > 0) {
        print("image %u\n", (unsigned)image);
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
    if (ob_ledger_open(&ledger) != OB_OK) {
        print("what became of the last update cannot be read\n");
    }
    for (uint32_t image = 0; image < OB_IMAGES_MAX; image++) {
        print_state(image);
    }
    print("waiting for SMP clients\n");
    ob_smp_server_init(&server, slots, &ledger, OB_IMAGES_MAX);
    for (;;) {
        ob_smp_server_poll(&server);
    }
}
