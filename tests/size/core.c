/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program around the core: what `make bench` measures. One image, slide, no log, no driver. */
#include <outboard/boot.h>
#include <outboard/keys.h>

static struct ob_slots slots;
static struct ob_workspace work;
static const struct ob_hooks hooks;

static const struct ob_boot boot = {
    .mode = OB_MODE,
    .keys = &ob_keys,
    .hooks = &hooks,
    .work = &work,
    .images = &slots,
    .image_count = 1,
};

void _start(void)
{
    struct ob_boot_result result;
    volatile enum ob_err err = ob_boot_run(&boot, &result);

    (void)err;
    for (;;) {
    }
}
