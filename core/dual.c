/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dual: two external slots, X with the image to install and Y with a copy of the one that runs.
 *
 *   install:   P[i] <- X[i]       X then holds the copy of what runs
 *   go back:   P[i] <- Y[i]
 *
 * A first (factory) image has no copy yet: it is made in the same steps, one unit ahead. No source is ever written.
 */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static const struct ob_area *other(const struct ob_task *task)
{
    return ob_secondary(task->slots, 1u - task->part->source);
}

static enum ob_err prepare(const struct ob_task *task, uint32_t in_off)
{
    struct ob_part *part = task->part;
    const uint32_t size = OB_MAX(part->in_size, part->out_size);
    const uint32_t limit = task->layout.secondary_limit;

    part->unit = ob_layout_unit(&task->slots->primary, ob_secondary(task->slots, part->source));
    part->in_at = (uint16_t)(in_off / part->unit);
    bool fits = in_off % part->unit == 0 && in_off <= limit && part->in_size <= limit - in_off &&
                part->out_size <= limit && ob_div_up(size, part->unit) <= task->layout.max_units;
    return fits ? OB_OK : OB_ERR_SIZE;
}

static uint32_t backup_count(const struct ob_part *part)
{
    return part->backup ? ob_div_up(part->out_size, part->unit) : 0;
}

static uint32_t count(const struct ob_part *part)
{
    const uint32_t incoming = ob_div_up(part->in_size, part->unit);

    return part->backup ? OB_MAX(backup_count(part), incoming) + 1 : incoming;
}

static struct ob_move copy(const struct ob_area *from, uint32_t from_at, const struct ob_area *to, uint32_t to_at,
                           uint32_t unit, uint32_t len)
{
    return (struct ob_move){
        .from = from,
        .from_off = from_at * unit,
        .to = to,
        .to_off = to_at * unit,
        .len = len,
        .erase_len = ob_align_up(len, ob_flash_erase_size(to->flash)),
    };
}

static void step(const struct ob_task *task, uint32_t k, struct ob_step *out)
{
    const struct ob_part *part = task->part;
    const struct ob_area *primary = &task->slots->primary;
    const uint32_t b = part->backup ? k - 1 : k; /* wraps in the first step, which has no unit that comes in */

    *out = (struct ob_step){0};
    if (k < backup_count(part)) {
        out->out =
            copy(primary, k, other(task), part->out_at + k, part->unit, ob_unit_part(part->out_size, part->unit, k));
    }
    if (k > 0 || !part->backup) {
        out->in = copy(ob_secondary(task->slots, part->source), part->in_at + b, primary, b, part->unit,
                       ob_unit_part(part->in_size, part->unit, b));
    }
}

static struct ob_area previous(const struct ob_task *task)
{
    const uint32_t at = task->part->out_at * task->part->unit;

    return ob_area_part(other(task), at, task->layout.secondary_limit - at);
}

static void turn(struct ob_part *part)
{
    const uint16_t at = part->in_at;

    part->in_at = part->out_at;
    part->out_at = at;
    part->source = 1 - part->source;
    part->backup = 0;
}

const struct ob_mode ob_mode_dual = {
    .id = OB_MODE_DUAL,
    .revertible = true,
    .prepare = prepare,
    .count = count,
    .step = step,
    .previous = previous,
    .turn = turn,
};
