/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody has to know, and say, who programs a primary without a job: serial recovery. */
#include "start.h"

bool ob_boot_is_begun(const struct ob_boot *boot, uint32_t image)
{
    struct ob_ledger *ledger = &boot->work->ledger;
    bool counts = ob_ledger_read(boot->ledger, boot->image_count, ledger) == OB_OK && ledger->now.counts;

    return counts && ob_ledger_kind(ledger) != OB_RECORD_QUIET && ob_start_concerns(ledger->head.set, image);
}

enum ob_err ob_boot_forget(const struct ob_boot *boot, uint32_t image)
{
    const struct ob_start start = {.boot = boot, .ledger = &boot->work->ledger, .next = &boot->work->next};
    enum ob_err err = ob_ledger_read(boot->ledger, boot->image_count, start.ledger);

    if (err == OB_OK && start.ledger->now.counts) {
        err = ob_ledger_hold(start.ledger, 0);
        ob_carry_parts(&start, 0);
        start.next->part[image] = (struct ob_part){.floor = start.next->part[image].floor};
        start.next->kept = OB_RECORD_KEPT;
        if (err == OB_OK) {
            err = ob_ledger_begin(start.ledger, start.next, OB_RECORD_QUIET | OB_RECORD_KEPT, NULL);
        }
    }
    return err == OB_OK ? ob_window_erase(&start, image) : err;
}
