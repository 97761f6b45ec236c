/* SPDX-License-Identifier: Apache-2.0 */
/* Overwrite: copy the new image over the old one. No way back. */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static enum ob_err prepare(struct ob_upgrade_ctx *ctx)
{
    const struct ob_area *secondary = ctx->journal.slot;
    struct ob_job *job = &ctx->job;

    job->unit = ob_layout_unit(&ctx->slots->primary, secondary);
    job->out_size = 0; /* it is not kept */
    bool fits = job->in_size <= ctx->journal.layout.secondary_limit &&
                ob_div_up(job->in_size, job->unit) <= ctx->journal.layout.max_units;
    return fits ? OB_OK : OB_ERR_SIZE;
}

static uint32_t count(const struct ob_job *job)
{
    return ob_div_up(job->in_size, job->unit);
}

static bool step(const struct ob_upgrade_ctx *ctx, uint32_t k, struct ob_step *out)
{
    const struct ob_area *primary = &ctx->slots->primary;
    uint32_t at = k * ctx->job.unit;
    uint32_t len = OB_MIN(ctx->job.unit, ctx->job.in_size - at);

    *out = (struct ob_step){
        .from = ctx->journal.slot,
        .from_off = at,
        .to = primary,
        .to_off = at,
        .len = len,
        .erase_len = ob_align_up(len, ob_flash_erase_size(primary->flash)),
    };
    return true;
}

const struct ob_mode ob_mode_overwrite = {
    .id = OB_MODE_OVERWRITE,
    .prepare = prepare,
    .count = count,
    .step = step,
};
