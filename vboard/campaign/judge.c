/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <outboard/util.h>

#include "record.h"

/* Is what was entered the old image or the new one, and do both cores' belong together? */

#define SIM_NETWORK_MAX 0x40000u
#define NETWORK_IMAGE 1u /* of two */
#define FLAGS_OFF 16u    /* in MCUboot's header */
#define FLAGS_ENCRYPTED 0x0cu

bool vb_judge_holds(const struct vb_campaign *campaign, const struct vb_image *image)
{
    const uint8_t *slot = campaign->target.board->flash + campaign->target.primary.off;

    return image->data != NULL && memcmp(slot, image->data, image->size) == 0;
}

void vb_judge_fail(struct vb_history *out, const char *what, ...)
{
    va_list args;

    out->outcome = VB_OUTCOME_FAILED;
    const int len = snprintf(out->why, sizeof(out->why), "start %u: ", out->starts);
    va_start(args, what);
    vsnprintf(out->why + len, sizeof(out->why) - (size_t)len, what, args);
    va_end(args);
}

static uint32_t bytes_alike(const uint8_t *slot, const struct vb_image *image)
{
    uint32_t alike = 0;

    while (alike < image->size && slot[alike] == image->data[alike]) {
        alike++;
    }
    return alike;
}

/* Which one it is nearer to, and whether it is that one signed again: imgtool's signatures differ each time. */
static void fail_neither(const struct vb_campaign *campaign, struct vb_history *out)
{
    const uint8_t *slot = campaign->target.board->flash + campaign->target.primary.off;
    const uint32_t old = bytes_alike(slot, &campaign->old);
    const uint32_t new = campaign->new.data == NULL ? 0 : bytes_alike(slot, &campaign->new);
    const struct vb_image *nearer = new > old ? &campaign->new : &campaign->old;
    const uint32_t alike = OB_MAX(old, new);
    const uint8_t *data = nearer->data;
    const bool has_header = vb_image_has_header(data, nearer->size);
    const uint32_t header = has_header ? ob_get_le16(data + 8) : 0;
    const bool encrypted = has_header && alike == header && (data[FLAGS_OFF] & FLAGS_ENCRYPTED) != 0;
    const bool in_tlvs = has_header && alike >= header && alike - header >= ob_get_le32(data + 12);

    vb_judge_fail(out, "enters an image that is neither the old nor the new one: like the %s one to byte %u of %u%s",
                  new > old ? "new" : "old", alike, nearer->size,
                  encrypted ? "; it is encrypted: give with --decrypted what 'outboard image decrypt' writes"
                  : in_tlvs ? ", with other TLVs; was it signed again for --old or --new?"
                            : "");
}

enum vb_outcome vb_campaign_network_holds(const struct vb_campaign *campaign)
{
    static uint8_t now[SIM_NETWORK_MAX];
    const struct vb_image *update = &campaign->network_update;
    const struct vb_contents *first = &campaign->target.network;
    const uint32_t header = ob_get_le16(update->data + 8);
    const uint32_t size = vb_network_covered(update->data + header, ob_get_le32(update->data + 12));

    sim_chip_peek(&campaign->target.board->network->cells, 0, now, first->size);
    if (memcmp(now + VB_NETWORK_CONTAINER, update->data + header, size) == 0) {
        return VB_OUTCOME_NEW;
    }
    return memcmp(now, first->data, first->size) == 0 ? VB_OUTCOME_OLD : VB_OUTCOME_FAILED;
}

/* Do both belong together? With a network core that fails, it may hold neither, if the record says so. */
static bool judge_network(struct vb_campaign *campaign, bool application_is_new, struct vb_history *out)
{
    const enum vb_outcome network = vb_campaign_network_holds(campaign);
    bool together = campaign->new.path == NULL || application_is_new == (network == VB_OUTCOME_NEW);

    out->outcome = network;
    if (network == VB_OUTCOME_FAILED && !application_is_new && vb_record_says_missing(campaign, NETWORK_IMAGE)) {
        out->outcome = VB_OUTCOME_OLD;
    } else if (network == VB_OUTCOME_FAILED) {
        vb_judge_fail(out, "enters an image while the network core holds neither its old image nor the new one");
        return false;
    } else if (!together) {
        vb_judge_fail(out, "enters an application that does not belong to the network core's image");
        return false;
    }
    return true;
}

bool vb_judge_entry(struct vb_campaign *campaign, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    uint32_t vector = ob_get_le32(board->flash + campaign->target.primary.off + campaign->vectors + 4) & ~1u;

    if (board->pc != vector) {
        vb_judge_fail(out, "executes 0x%08x in the slot, which is not its reset vector, 0x%08x", board->pc, vector);
        return false;
    }
    bool is_new = vb_judge_holds(campaign, &campaign->new);
    if (!is_new && !vb_judge_holds(campaign, &campaign->old)) {
        fail_neither(campaign, out);
        return false;
    }
    if (campaign->network_update.path != NULL && !judge_network(campaign, is_new, out)) {
        return false;
    }
    if (campaign->network_update.path == NULL) {
        out->outcome = is_new ? VB_OUTCOME_NEW : VB_OUTCOME_OLD;
    }
    out->entered_new = out->entered_new || out->outcome == VB_OUTCOME_NEW;
    if (campaign->scenario == VB_SCENARIO_DAMAGED && out->outcome == VB_OUTCOME_NEW) {
        vb_judge_fail(out, "runs the new image, although only a damaged one was there");
        return false;
    }
    if (campaign->target.build != NULL) {
        board->end = VB_END_NOT;
        vb_board_entry(board);
        if (board->end == VB_END_REFUSED) {
            vb_judge_fail(out, "%s", board->why);
            return false;
        }
        board->end = VB_END_WATCH;
    }
    return true;
}
