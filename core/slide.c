/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slide: old and new image swap places through one spare unit behind the longer one in the secondary slot.
 *
 *   install, from the top:      S[i+1] <- P[i], then P[i] <- S[i]
 *   go back, from the bottom:   S[i]   <- P[i], then P[i] <- S[i+1]
 *
 * Each destination was the source of the step before the last, whose record is safe by then: every step can be
 * repeated.
 */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static uint32_t units(const struct ob_job *job)
{
    return ob_div_up(OB_MAX(job->in_size, job->out_size), job->unit);
}

static uint32_t count(const struct ob_job *job)
{
    return 2 * units(job);
}

/** Does the secondary hold what comes in, and what goes out one unit higher (a revert swaps the two)? */
static bool fits(const struct ob_upgrade_ctx *ctx, uint32_t unit)
{
    const struct ob_job *job = &ctx->job;
    uint32_t room = ctx->journal.layout.secondary_limit / unit;
    uint32_t in_units = ob_div_up(job->in_size, unit);
    uint32_t out_units = ob_div_up(job->out_size, unit);

    return in_units <= room && out_units < room && OB_MAX(in_units, out_units) <= ctx->journal.layout.max_units;
}

/** The larger the unit, the larger the erase commands: take the largest of the secondary's that leaves room for a
 * spare. */
static enum ob_err prepare(struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *primary = &ctx->slots->primary;
    const struct ob_area *secondary = ctx->journal.slot;
    uint32_t unit = ob_layout_unit(primary, secondary);

    if (!fits(ctx, unit)) {
        unit = 0;
    }
    for (uint32_t i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        uint32_t size = secondary->flash->erase_sizes[i];
        bool whole = size > unit && size % ob_layout_unit(primary, secondary) == 0 && secondary->start % size == 0;
        if (whole && fits(ctx, size)) {
            unit = size;
        }
    }
    ctx->job.unit = unit;
    return unit == 0 ? OB_ERR_SIZE : OB_OK;
}

/** Bytes of an image in unit i; 0: it ends before. */
static uint32_t part(uint32_t size, uint32_t unit, uint32_t i)
{
    return i * unit < size ? OB_MIN(unit, size - i * unit) : 0;
}

static bool step(const struct ob_upgrade_ctx *ctx, uint32_t k, struct ob_step *out)
{
    const struct ob_job *job = &ctx->job;
    const struct ob_area *primary = &ctx->slots->primary;
    const struct ob_area *secondary = ctx->journal.slot;
    bool back = job->kind == OB_JOB_REVERT;
    uint32_t i = back ? k / 2 : units(job) - 1 - k / 2;
    uint32_t at = i * job->unit;
    uint32_t above = at + job->unit;

    if (k % 2 == 0) {
        *out = (struct ob_step){
            .from = primary,
            .from_off = at,
            .to = secondary,
            .to_off = back ? at : above,
            .len = part(job->out_size, job->unit, i),
            .erase_len = job->unit,
        };
    } else {
        uint32_t len = part(job->in_size, job->unit, i);
        *out = (struct ob_step){
            .from = secondary,
            .from_off = back ? above : at,
            .to = primary,
            .to_off = at,
            .len = len,
            .erase_len = ob_align_up(len, ob_flash_erase_size(primary->flash)),
        };
    }
    return out->len != 0;
}

static struct ob_area previous(const struct ob_upgrade_ctx *ctx)
{
    uint32_t unit = ctx->job.unit;

    return ob_area_part(ctx->journal.slot, unit, ctx->journal.layout.secondary_limit - unit);
}

const struct ob_mode ob_mode_slide = {
    .id = OB_MODE_SLIDE,
    .revertible = true,
    .prepare = prepare,
    .count = count,
    .step = step,
    .previous = previous,
};
