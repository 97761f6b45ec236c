/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slide: old and new image swap places through spare units in the secondary slot. d is the distance between where the
 * incoming image lies there and where the outgoing one goes, in units.
 *
 *   up    (it lies below), from the top:     S[a+d] <- P[a]  and  P[a+1] <- S[a+1]
 *   down  (it lies above), from the bottom:  S[a]   <- P[a]  and  P[a-1] <- S[a-1+d]
 *
 * Going back from one is the other. With d = 2 or more the two halves of such a pair have nothing to do with each other
 * and are one step: both chips work at the same time. With d = 1 the outgoing half destroys the source of the incoming
 * one, so each half is a step. Either way a step destroys only what was read by the step before, whose record is safe.
 */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static bool goes_up(const struct ob_part *part)
{
    return part->in_at < part->out_at;
}

static bool is_paired(const struct ob_part *part)
{
    return (goes_up(part) ? part->out_at - part->in_at : part->in_at - part->out_at) > 1;
}

static uint32_t units(const struct ob_part *part)
{
    return ob_div_up(OB_MAX(part->in_size, part->out_size), part->unit);
}

static uint32_t count(const struct ob_part *part)
{
    return is_paired(part) ? units(part) + 1 : 2 * units(part);
}

static bool fits_at(uint32_t at, uint32_t size, uint32_t unit, uint32_t limit)
{
    uint32_t room = limit / unit;

    return at <= room && ob_div_up(size, unit) <= room - at;
}

/** Choose places for this unit; false: it does not do. */
static bool place(const struct ob_task *task, uint32_t unit, uint32_t in_off)
{
    struct ob_part *part = task->part;
    const uint32_t limit = task->layout.secondary_limit;

    part->unit = unit;
    part->in_at = (uint16_t)(in_off / unit);
    part->out_at = (uint16_t)(in_off == 0 ? 2 : 0);
    if (in_off == 0 && !fits_at(2, part->out_size, unit, limit)) {
        part->out_at = 1;
    }
    return in_off % unit == 0 && fits_at(part->in_at, part->in_size, unit, limit) &&
           fits_at(part->out_at, part->out_size, unit, limit) && units(part) <= task->layout.max_units;
}

/**
 * Two chips that work at the same time hide the smaller erases of the one behind those of the other. Else the larger
 * the unit, the larger the erase commands: then the largest of the secondary's that leaves room is best.
 */
static enum ob_err prepare(const struct ob_task *task, uint32_t in_off)
{
    const struct ob_area *primary = &task->slots->primary;
    const struct ob_area *secondary = ob_secondary(task->slots, task->part->source);
    const struct ob_flash *flash = secondary->flash;
    const uint32_t smallest = ob_layout_unit(primary, secondary);
    bool overlaps = ob_area_overlaps(secondary, primary);

    for (uint32_t i = OB_FLASH_ERASE_SIZES; i-- > 0 && !overlaps;) {
        uint32_t size = flash->erase_sizes[i];
        if (size > smallest && size % smallest == 0 && secondary->start % size == 0 && place(task, size, in_off)) {
            return OB_OK;
        }
    }
    return place(task, smallest, in_off) ? OB_OK : OB_ERR_SIZE;
}

/** Unit a of the primary leaves. */
static struct ob_move leave(const struct ob_task *task, uint32_t a)
{
    const struct ob_part *part = task->part;
    const uint32_t len = ob_unit_part(part->out_size, part->unit, a);

    return (struct ob_move){
        .from = &task->slots->primary,
        .from_off = a * part->unit,
        .to = ob_secondary(task->slots, part->source),
        .to_off = (a + part->out_at) * part->unit,
        .len = len,
        .erase_len = len > 0 ? part->unit : 0,
    };
}

/** Unit b of the primary arrives. */
static struct ob_move arrive(const struct ob_task *task, uint32_t b)
{
    const struct ob_part *part = task->part;
    const uint32_t len = ob_unit_part(part->in_size, part->unit, b);

    return (struct ob_move){
        .from = ob_secondary(task->slots, part->source),
        .from_off = (b + part->in_at) * part->unit,
        .to = &task->slots->primary,
        .to_off = b * part->unit,
        .len = len,
        .erase_len = ob_align_up(len, ob_flash_erase_size(task->slots->primary.flash)),
    };
}

static void step(const struct ob_task *task, uint32_t k, struct ob_step *out)
{
    const uint32_t n = units(task->part);
    const uint32_t pair = is_paired(task->part) ? k : k / 2;
    const bool up = goes_up(task->part);

    *out = (struct ob_step){0};
    if (!is_paired(task->part)) {
        uint32_t i = up ? n - 1 - pair : pair;
        if (k % 2 == 0) {
            out->out = leave(task, i);
        } else {
            out->in = arrive(task, i);
        }
        return;
    }
    if (pair < n) {
        out->out = leave(task, up ? n - 1 - pair : pair);
    }
    if (pair > 0) {
        out->in = arrive(task, up ? n - pair : pair - 1);
    }
}

static struct ob_area previous(const struct ob_task *task)
{
    const struct ob_part *part = task->part;
    const uint32_t at = part->out_at * part->unit;

    return ob_area_part(ob_secondary(task->slots, part->source), at, task->layout.secondary_limit - at);
}

static void turn(struct ob_part *part)
{
    const uint16_t at = part->in_at;

    part->in_at = part->out_at;
    part->out_at = at;
}

const struct ob_mode ob_mode_slide = {
    .id = OB_MODE_SLIDE,
    .revertible = true,
    .prepare = prepare,
    .count = count,
    .step = step,
    .previous = previous,
    .turn = turn,
};
