/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any content of the ledger's two banks, any area, any write unit: reading it, what is read of events and floor, and,
 * from any state that reading may have led to, each thing that is written, neither read nor write where they must not.
 *
 * What it does not show: that what is read is what was meant; `outboard sim cuts` does. Records, and what is left in a
 * bank, are read by functions whose contracts stand here in their place: records.c.
 */
#include <__fc_builtin.h>

#include <outboard/ledger.h>

#include "any.h"

static struct ob_area any_area(struct ob_flash *flash)
{
    *flash = any_flash();
    flash->write_size = any_u32();
    return (struct ob_area){.flash = flash, .start = any_u32(), .size = any_u32()};
}

static void read_all(const struct ob_area *area)
{
    struct ob_ledger ledger;
    struct ob_event event;
    const uint32_t image = any_u32() % OB_IMAGES_MAX;

    (void)!ob_ledger_read(area, OB_IMAGES_MAX, &ledger);
    //@ assert bank: ledger.bank < OB_LEDGER_BANKS;
    if (ob_ledger_event(&ledger, any_u32(), &event) == OB_OK) {
        (void)ob_event_images(&event);
    }
    struct ob_floor floor = ob_ledger_floor(&ledger, image);
    (void)(ob_ledger_steps(&ledger) + ob_ledger_kept(&ledger) + floor.counter);
}

/* A ledger as reading may leave it, and a start before this moment may have changed it. */
static struct ob_ledger any_ledger(const struct ob_area *area)
{
    struct ob_ledger ledger;

    Frama_C_make_unknown((char *)&ledger, sizeof(ledger));
    ledger.area = area;
    ledger.images = OB_IMAGES_MAX;
    ledger.bank = (uint8_t)(any_u32() % OB_LEDGER_BANKS);
    ledger.lurking = any_bool();
    ledger.now.counts = any_bool();
    ledger.now.as_found = any_bool();
    ledger.other.counts = any_bool();
    ledger.other.as_found = any_bool();
    return ledger;
}

static void write_all(const struct ob_area *area)
{
    struct ob_ledger ledger = any_ledger(area);
    struct ob_event event;
    struct ob_head next;

    Frama_C_make_unknown((char *)&event, sizeof(event));
    Frama_C_make_unknown((char *)&next, sizeof(next));
    switch (any_u32() % 5) {
    case 0:
        (void)!ob_ledger_hold(&ledger, any_u32());
        break;
    case 1:
        (void)!ob_ledger_settle(&ledger, (uint16_t)any_u32());
        break;
    case 2:
        (void)!ob_ledger_begin(&ledger, &next, (uint16_t)any_u32(), any_bool() ? &event : NULL);
        break;
    case 3:
        (void)!ob_ledger_void(&ledger);
        break;
    default:
        (void)!ob_ledger_note(&ledger, &event);
        break;
    }
}

int main(void)
{
    struct ob_flash flash;
    struct ob_area area = any_area(&flash);

    if (any_bool()) {
        read_all(&area);
    } else {
        write_all(&area);
    }
    return 0;
}
