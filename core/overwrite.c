/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways without a way back. Overwrite: copy the new image over the old one. Handover: bring it into RAM, from
 * where a receiver takes it. The first step of that moves nothing: once it is recorded, the receiver may hold anything.
 */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static enum ob_err prepare(const struct ob_task *task, uint32_t in_off)
{
    const struct ob_area *secondary = ob_secondary(task->slots, task->part->source);
    struct ob_part *part = task->part;

    part->unit = ob_layout_unit(&task->slots->primary, secondary);
    part->out_size = 0; /* it is not kept */
    part->in_at = (uint16_t)(in_off / part->unit);
    bool fits = in_off % part->unit == 0 && in_off <= task->layout.secondary_limit &&
                part->in_size <= task->layout.secondary_limit - in_off &&
                ob_div_up(part->in_size, part->unit) <= task->layout.max_units;
    return fits ? OB_OK : OB_ERR_SIZE;
}

static uint32_t count(const struct ob_part *part)
{
    return ob_div_up(part->in_size, part->unit);
}

static void step(const struct ob_task *task, uint32_t k, struct ob_step *out)
{
    const struct ob_part *part = task->part;
    const struct ob_area *primary = &task->slots->primary;
    const uint32_t len = ob_unit_part(part->in_size, part->unit, k);

    *out = (struct ob_step){
        .in =
            {
                .from = ob_secondary(task->slots, part->source),
                .from_off = (k + part->in_at) * part->unit,
                .to = primary,
                .to_off = k * part->unit,
                .len = len,
                .erase_len = ob_align_up(len, ob_flash_erase_size(primary->flash)),
            },
    };
}

#define HANDOVER_STEPS 2u

static uint32_t count_handover(const struct ob_part *part)
{
    (void)part;
    return HANDOVER_STEPS;
}

static void step_handover(const struct ob_task *task, uint32_t k, struct ob_step *out)
{
    const struct ob_part *part = task->part;
    const struct ob_area *primary = &task->slots->primary;
    const uint32_t len = k + 1 == HANDOVER_STEPS ? part->in_size : 0;

    *out = (struct ob_step){
        .in =
            {
                .from = ob_secondary(task->slots, part->source),
                .from_off = part->in_at * part->unit,
                .to = primary,
                .len = len,
                .erase_len = ob_align_up(len, ob_flash_erase_size(primary->flash)),
            },
    };
}

const struct ob_mode ob_mode_handover = {
    .id = OB_MODE_HANDOVER,
    .prepare = prepare,
    .count = count_handover,
    .step = step_handover,
};

const struct ob_mode ob_mode_overwrite = {
    .id = OB_MODE_OVERWRITE,
    .prepare = prepare,
    .count = count,
    .step = step,
};
