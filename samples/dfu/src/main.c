/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <outboard/slots.h>
#include <outboard/soc.h>
#include <outboard/update.h>
#include <outboard/util.h>

#include "text.h"
#include "transfer.h"

/*
 * An application that updates itself: it takes an image over its console, asks the bootloader to install it, and
 * confirms itself afterwards. All that a product needs of outboard is in here; replace the console by your radio or
 * network.
 */

#define VERSION CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION
#define MAX_UNITS CONFIG_BOOT_MAX_IMG_SECTORS /* the bootloader's, like the mode: both decide where things lie */
#define MODE                                                    \
    (OB_ENABLED(CONFIG_BOOT_UPGRADE_ONLY)   ? OB_MODE_OVERWRITE \
     : OB_ENABLED(CONFIG_BOOT_UPGRADE_DUAL) ? OB_MODE_DUAL      \
                                            : OB_MODE_SLIDE)
#define LINE_SIZE 40u

static struct ob_slots slots;
static enum ob_err slots_err; /* why there is no update slot: its chip, or this build */
static struct ob_update update;

struct command {
    const char *name;
    const char *arguments;
    const char *help;
    void (*run)(const char *argument); /* "" if there is none */
};

static bool has_update_slot(void)
{
    if (slots_err != OB_OK) {
        text_print("failed: no update slot: %s; this image goes on\n", ob_err_text(slots_err));
    }
    return slots_err == OB_OK;
}

static void print_result(enum ob_err err, const char *done)
{
    if (err == OB_OK) {
        text_print("%s\n", done);
    } else {
        text_print("failed: %s\n", ob_err_text(err));
    }
}

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
        text_print("last update: none\n");
        return;
    }
    text_print("last update: %u.%u.%u+%u %s", version->major, version->minor, version->revision,
               (unsigned)version->build, kind[state->last]);
    if (state->last_reason != OB_OK) {
        text_print(": %s", ob_err_text(state->last_reason));
    }
    text_print("\n");
}

static void status(const char *argument)
{
    static const char *const next[] = {
        [OB_SWAP_NONE] = "runs this image",
        [OB_SWAP_TEST] = "installs the update for a trial",
        [OB_SWAP_PERMANENT] = "installs the update for good",
        [OB_SWAP_REVERT] = "goes back to the previous image",
    };
    struct ob_update_state state;
    enum ob_err err = slots_err;

    (void)argument;
    text_print("running: " VERSION "\n");
    if (err == OB_OK) {
        err = ob_update_read_state(&slots, MAX_UNITS, &state);
    }
    if (err != OB_OK) {
        text_print("update slot: %s\n", ob_err_text(err));
        return;
    }
    text_print("confirmed: %s\n", state.confirmed ? "yes" : "no");
    text_print("next start: %s\n", next[state.next]);
    print_last(&state);
}

static void receive_update(const char *argument)
{
    uint32_t size;

    update = (struct ob_update){0};
    if (!text_parse_number(argument, &size)) {
        text_print("failed: say how many bytes will come: update <length>\n");
    } else if (has_update_slot() && transfer_receive(&update, &slots, MODE, MAX_UNITS, size)) {
        text_print("`request` to have it installed at the next start\n");
    }
}

static void request(const char *argument)
{
    bool permanent = strcmp(argument, "permanent") == 0;

    if (*argument != '\0' && !permanent) {
        text_print("failed: request, or request permanent\n");
    } else if (update.size == 0) {
        text_print("failed: send an update first\n");
    } else {
        print_result(ob_update_request(&update, permanent), "requested: `reboot` installs it");
    }
}

static void confirm(const char *argument)
{
    (void)argument;
    if (has_update_slot()) {
        print_result(ob_update_confirm(&slots, MAX_UNITS), "confirmed: this image stays");
    }
}

static void reboot(const char *argument)
{
    (void)argument;
    text_print("rebooting\n");
    ob_soc_reset();
}

static void help(const char *argument);

static const struct command commands[] = {
    {"status", "", "what runs, and what the next start does", status},
    {"update", " <length>", "erase the update slot, then take a signed image of so many bytes", receive_update},
    {"request", " [permanent]", "install it at the next start, for a trial unless permanent", request},
    {"confirm", "", "keep what runs", confirm},
    {"reboot", "", "start again, through the bootloader", reboot},
    {"help", "", "this list", help},
};

static void help(const char *argument)
{
    (void)argument;
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(commands); i++) {
        text_print("  %s%s: %s\n", commands[i].name, commands[i].arguments, commands[i].help);
    }
}

static void run(char *line)
{
    char *argument = strchr(line, ' ');

    if (argument != NULL) {
        *argument++ = '\0';
    } else {
        argument = line + strlen(line);
    }
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(commands); i++) {
        if (strcmp(line, commands[i].name) == 0) {
            commands[i].run(argument);
            return;
        }
    }
    if (*line != '\0') {
        text_print("failed: no such command; `help` lists them\n");
    }
}

int main(void)
{
    char line[LINE_SIZE];

    text_print("dfu " VERSION " is running; `help` lists the commands\n");
    slots_err = ob_slots_open(0, &slots);
    if (slots_err != OB_OK) {
        text_print("no update slot: %s; everything else works\n", ob_err_text(slots_err));
    }
    for (;;) {
        text_print("> ");
        if (text_read_line(line, sizeof(line))) {
            run(line);
        } else {
            text_print("failed: the line is too long\n");
        }
    }
}
