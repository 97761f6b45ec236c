/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dual: two external slots, X with the image to install and Y with a copy of the one that runs.
 *
 *   install:   P[i] <- X[i]       X then holds the copy of what runs
 *   go back:   P[i] <- Y[i]
 *
 * A first (factory) image has no copy yet: the install begins with Y[i] <- P[i]. No source is ever written.
 */
#include <outboard/upgrade.h>
#include <outboard/util.h>

static const struct ob_area *other(const struct ob_upgrade_ctx *ctx)
{
    return &ctx->slots->secondary[1 - ctx->source];
}

static uint32_t backup_count(const struct ob_job *job)
{
    return job->backup ? ob_div_up(job->out_size, job->unit) : 0;
}

static enum ob_err prepare(struct ob_upgrade_ctx *ctx)
{
    struct ob_job *job = &ctx->job;
    uint32_t size = OB_MAX(job->in_size, job->out_size);

    job->unit = ob_layout_unit(&ctx->slots->primary, ctx->journal.slot);
    bool fits =
        size <= ctx->journal.layout.secondary_limit && ob_div_up(size, job->unit) <= ctx->journal.layout.max_units;
    return fits ? OB_OK : OB_ERR_SIZE;
}

static uint32_t count(const struct ob_job *job)
{
    return backup_count(job) + ob_div_up(job->in_size, job->unit);
}

static struct ob_step copy(const struct ob_area *from, const struct ob_area *to, uint32_t size, uint32_t unit,
                           uint32_t i)
{
    uint32_t len = OB_MIN(unit, size - i * unit);

    return (struct ob_step){
        .from = from,
        .from_off = i * unit,
        .to = to,
        .to_off = i * unit,
        .len = len,
        .erase_len = ob_align_up(len, ob_flash_erase_size(to->flash)),
    };
}

static bool step(const struct ob_upgrade_ctx *ctx, uint32_t k, struct ob_step *out)
{
    const struct ob_job *job = &ctx->job;
    const struct ob_area *primary = &ctx->slots->primary;
    uint32_t backups = backup_count(job);

    if (k < backups) {
        *out = copy(primary, other(ctx), job->out_size, job->unit, k);
    } else {
        const struct ob_area *from = job->kind == OB_JOB_REVERT ? other(ctx) : ctx->journal.slot;
        *out = copy(from, primary, job->in_size, job->unit, k - backups);
    }
    return true;
}

static struct ob_area previous(const struct ob_upgrade_ctx *ctx)
{
    return ob_area_part(other(ctx), 0, ctx->journal.layout.secondary_limit);
}

const struct ob_mode ob_mode_dual = {
    .id = OB_MODE_DUAL,
    .revertible = true,
    .prepare = prepare,
    .count = count,
    .step = step,
    .previous = previous,
};
