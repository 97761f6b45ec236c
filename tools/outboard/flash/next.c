/* SPDX-License-Identifier: Apache-2.0 */
/* The next start: the engine itself, on a copy of the dumps. */
#include <stdlib.h>
#include <string.h>

#include "../../../sim/log.h"
#include "inspect.h"

static void add_line(void *ctx, const char *line)
{
    fprintf(ctx, "%s\n", line);
}

/** An area of the copy. */
static struct ob_area moved(const struct flash_device *device, struct flash_chip copy[FLASH_CHIPS], struct ob_area area)
{
    for (unsigned id = 0; id < FLASH_CHIPS && area.flash != NULL; id++) {
        if (area.flash == &device->chip[id].flash) {
            area.flash = &copy[id].flash;
            break;
        }
    }
    return area;
}

/** Does it depend on images that the device can decrypt, and nobody here? */
static bool is_sealed(const struct flash_device *device, const struct flash_orders *orders)
{
    bool sealed = orders->is_begun && device->keys.keys.decryption != NULL && device->keys.decryption.key == NULL;

    for (uint32_t i = 0; i < device->slot_count; i++) {
        for (uint32_t j = 0; j < device->slot[i].found_count; j++) {
            sealed = sealed || device->slot[i].found[j].is_sealed;
        }
    }
    return sealed;
}

void flash_next_run(const struct flash_device *device, const struct flash_orders *orders, struct flash_next *next)
{
    static struct ob_workspace work;
    struct flash_chip copy[FLASH_CHIPS];
    struct flash_chip ram = {0};
    struct ob_slots slots[OB_IMAGES_MAX] = {0};
    struct ob_area ledger;
    struct ob_boot boot = device->boot;
    struct ob_boot_result later;
    size_t len;

    if (is_sealed(device, orders)) {
        *next = (struct flash_next){.is_unknown = true, .err = OB_ERR_UNWRAP};
        return;
    }
    FILE *log = open_memstream(&next->log, &len);

    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        flash_chip_copy(&copy[id], &device->chip[id]);
    }
    if (device->ram.bytes != NULL) {
        flash_chip_copy(&ram, &device->ram);
    }
    for (uint32_t i = 0; i < boot.image_count; i++) {
        slots[i].receiver = device->slots[i].receiver;
        slots[i].primary = moved(device, copy, device->slots[i].primary);
        if (slots[i].receiver != NULL) {
            slots[i].primary.flash = &ram.flash;
        }
        for (unsigned j = 0; j < 2; j++) {
            slots[i].secondary[j] = moved(device, copy, device->slots[i].secondary[j]);
        }
    }
    ledger = moved(device, copy, device->ledger);
    boot.images = slots;
    boot.ledger = &ledger;
    boot.work = &work;
    sim_log_to(log == NULL ? NULL : add_line, log);
    next->err = ob_boot_run(&boot, &next->result);
    sim_log_to(NULL, NULL);
    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        next->changes[id] = copy[id].changes;
    }
    next->goes_back_after = next->err == OB_OK && ob_boot_run(&boot, &later) == OB_OK && later.swap == OB_SWAP_REVERT;
    if (log != NULL) {
        fclose(log);
    }
    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        flash_chip_free(&copy[id]);
    }
    flash_chip_free(&ram);
}
