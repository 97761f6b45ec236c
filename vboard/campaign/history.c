/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../memo.h"
#include "common/binary.h"
#include "common/file.h"
#include "futures.h"
#include "record.h"
#include "rng.h"

#define IMAGE_MAGIC 0x96f3b83du
#define TLV_MAGIC 0x6907u
#define TLV_PROTECTED_MAGIC 0x6908u
#define TLV_HEAD 4u /* of the area and of an entry */
#define TLV_RSA2048 0x20u
#define TLV_ED25519 0x24u
#define IMAGE_MAX (64u << 20)
#define SIM_NETWORK_MAX 0x40000u
#define NETWORK_IMAGE 1u /* of two */

/* What applications that know MCUboot write at a slot's end: docs/SPEC.md, "Trailer". */
#define MAGIC_SIZE 16u
#define IMAGE_OK_FROM_END 24u
#define COPY_DONE_FROM_END 32u /* asked for: it waits for the image that leads */
#define SWAP_INFO_FROM_END 40u
#define SWAP_TEST 2u
#define SWAP_PERMANENT 3u

static const uint8_t trailer_magic[MAGIC_SIZE] = {
    0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80,
};

/* ---- images ---- */

static bool has_header(const uint8_t *data, uint32_t size)
{
    return size >= 32 && ob_get_le32(data) == IMAGE_MAGIC;
}

/* Bytes from the header to the end of the last TLV; 0: there is no image of MCUboot's format. */
static uint32_t image_size(const uint8_t *data, uint32_t size)
{
    if (!has_header(data, size)) {
        return 0;
    }
    uint64_t at = (uint64_t)ob_get_le16(data + 8) + ob_get_le32(data + 12);
    for (unsigned areas = 0; areas < 2 && at + 4 <= size; areas++) {
        uint16_t magic = ob_get_le16(data + at);
        if (magic != TLV_MAGIC && magic != TLV_PROTECTED_MAGIC) {
            return 0;
        }
        at += ob_get_le16(data + at + 2);
        if (magic == TLV_MAGIC) {
            return at <= size ? (uint32_t)at : 0;
        }
    }
    return 0;
}

static struct vb_contents *contents_of(struct vb_campaign *campaign, enum vb_memory memory)
{
    return memory == VB_INTERNAL ? &campaign->target.internal : &campaign->target.external;
}

static uint8_t *slot_data(struct vb_campaign *campaign, const struct vb_slot *slot)
{
    return contents_of(campaign, (enum vb_memory)slot->memory)->data + slot->off;
}

static enum ob_exit read_image(struct vb_image *image, const struct vb_slot *slot)
{
    char *data;
    size_t len;
    struct ob_loc at = {.file = image->path};
    enum ob_exit status = ob_file_read(image->path, IMAGE_MAX, &data, &len);

    if (status != OB_EXIT_OK) {
        return status;
    }
    image->data = (uint8_t *)data;
    image->size = (uint32_t)len;
    if (len == 0) {
        ob_diag_error(&at, "is empty");
    } else if (ob_binary_kind_of(data, len) != OB_BINARY_RAW) {
        ob_diag_error(&at,
                      "is an ELF, HEX or UF2 file; give the image's bytes as they lie in a slot (objcopy -O binary)");
    } else if (ob_binary_no_content(data, len) != NULL) {
        ob_diag_error(&at, "%s", ob_binary_no_content(data, len));
    } else if (len > slot->size) {
        ob_diag_error(&at, "has %zu bytes, the slot %u; give the image that is to be installed", len, slot->size);
    } else {
        return OB_EXIT_OK;
    }
    return OB_EXIT_USAGE;
}

static enum ob_exit copy_image(struct vb_image *image, const uint8_t *data, uint32_t size)
{
    image->data = malloc(size);
    if (image->data == NULL) {
        ob_diag_error(NULL, "board: out of memory");
        return OB_EXIT_USAGE;
    }
    memcpy(image->data, data, size);
    image->size = size;
    return OB_EXIT_OK;
}

/* The image that the build put into the primary slot. */
static enum ob_exit take_old(struct vb_campaign *campaign)
{
    const uint8_t *primary = slot_data(campaign, &campaign->target.primary);
    uint32_t size = image_size(primary, campaign->target.primary.size);

    if (size == 0) {
        ob_diag_error(&(struct ob_loc){.file = campaign->target.internal.path},
                      "holds no image in the primary slot; build the application with its bootloader");
        return OB_EXIT_USAGE;
    }
    return copy_image(&campaign->old, primary, size);
}

/* ---- what lies in the chips at first ---- */

static void put_image(struct vb_campaign *campaign, const struct vb_slot *slot, const struct vb_image *image)
{
    uint8_t *data = slot_data(campaign, slot);

    memset(data, 0xff, slot->size);
    memcpy(data, image->data, image->size);
}

static void request(struct vb_campaign *campaign, const struct vb_slot *slot, bool member)
{
    uint8_t *end = slot_data(campaign, slot) + slot->size;

    if (member) {
        end[-(int)COPY_DONE_FROM_END] = 1;
    }

    memcpy(end - MAGIC_SIZE, trailer_magic, MAGIC_SIZE);
    end[-(int)SWAP_INFO_FROM_END] = campaign->permanent ? SWAP_PERMANENT : SWAP_TEST;
    if (campaign->permanent) {
        end[-(int)IMAGE_OK_FROM_END] = 1;
    }
}

static void swap_roles(struct vb_campaign *campaign)
{
    struct vb_image old = campaign->old;

    campaign->old = campaign->new;
    campaign->new = old;
    put_image(campaign, &campaign->target.primary, &campaign->old);
}

/* One bit of the last signature. The image has one, as images of the build have. */
static void break_signature(uint8_t *data, uint32_t size)
{
    uint32_t at = ob_get_le16(data + 8) + ob_get_le32(data + 12);
    uint8_t *last = data + size - 1;

    if (ob_get_le16(data + at) == TLV_PROTECTED_MAGIC) {
        at += ob_get_le16(data + at + 2);
    }
    for (at += TLV_HEAD; at + TLV_HEAD <= size; at += TLV_HEAD + ob_get_le16(data + at + 2)) {
        const uint16_t type = ob_get_le16(data + at);
        if (type >= TLV_RSA2048 && type <= TLV_ED25519) {
            last = data + at + TLV_HEAD + ob_get_le16(data + at + 2) - 1;
        }
    }
    *last ^= 1;
}

static void set_network_scene(struct vb_campaign *campaign)
{
    const struct vb_slot *secondary = &campaign->target.secondary_1;

    if (campaign->network_update.path != NULL) {
        put_image(campaign, secondary, &campaign->network_update);
        request(campaign, secondary, campaign->new.path != NULL);
    }
}

static void set_scene(struct vb_campaign *campaign)
{
    const struct vb_slot *secondary = &campaign->target.secondary;

    set_network_scene(campaign);
    if (campaign->scenario == VB_SCENARIO_OLDER) {
        swap_roles(campaign);
    }
    if (campaign->scenario == VB_SCENARIO_UNSIGNED && campaign->network_update.path != NULL) {
        break_signature(slot_data(campaign, &campaign->target.secondary_1), campaign->network_update.size);
    } else if (campaign->scenario == VB_SCENARIO_UNSIGNED) {
        break_signature(slot_data(campaign, &campaign->target.primary), campaign->old.size);
    }
    if (campaign->new.data == NULL || campaign->scenario == VB_SCENARIO_EMPTY) {
        memset(slot_data(campaign, secondary), 0xff, secondary->size);
        return;
    }
    put_image(campaign, secondary, &campaign->new);
    if (campaign->scenario == VB_SCENARIO_DAMAGED) {
        slot_data(campaign, secondary)[campaign->new.size / 2] ^= 1;
    }
    request(campaign, secondary, false);
}

static bool slots_are_known(const struct vb_campaign *campaign)
{
    const struct vb_target *target = &campaign->target;

    return target->primary.size > 0 && target->secondary.size > 0 &&
           (target->secondary.memory == VB_INTERNAL || target->external.size > 0);
}

/* No update: the chips hold what they hold, and the image that is there is the one that must run. */
static enum ob_exit prepare_start(struct vb_campaign *campaign)
{
    enum ob_exit status = take_old(campaign);

    if (status == OB_EXIT_OK) {
        campaign->scenario = VB_SCENARIO_EMPTY;
        status = copy_image(&campaign->new, campaign->old.data, campaign->old.size);
    }
    return status;
}

static enum ob_exit read_network_update(struct vb_campaign *campaign)
{
    struct vb_image *update = &campaign->network_update;
    struct ob_loc at = {.file = update->path};

    if (campaign->target.secondary_1.size == 0 || campaign->target.network.size == 0) {
        ob_diag_error(&(struct ob_loc){.file = campaign->target.build},
                      "has no slot for a network core's image; build its bootloader with CONFIG_PCD_APP=y and "
                      "CONFIG_UPDATEABLE_IMAGE_NUMBER=2");
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = read_image(update, &campaign->target.secondary_1);
    if (status == OB_EXIT_OK && image_size(update->data, update->size) == 0) {
        ob_diag_error(&at, "is no signed image");
        status = OB_EXIT_USAGE;
    }
    return status;
}

static enum ob_exit prepare_build(struct vb_campaign *campaign)
{
    bool asks = campaign->new.path != NULL || campaign->network_update.path != NULL;

    if (!asks && campaign->scenario != VB_SCENARIO_UNSIGNED) {
        return prepare_start(campaign);
    }
    if (!slots_are_known(campaign)) {
        ob_diag_error(&(struct ob_loc){.file = campaign->target.build},
                      "has no update slot: pm.config and partitions.yml say where the slots are");
        return OB_EXIT_USAGE;
    }
    enum ob_exit status = take_old(campaign);
    if (status == OB_EXIT_OK && campaign->network_update.path != NULL) {
        status = read_network_update(campaign);
    }
    if (status == OB_EXIT_OK && campaign->new.path != NULL && campaign->scenario != VB_SCENARIO_UNSIGNED) {
        status = read_image(&campaign->new, &campaign->target.secondary);
        if (status == OB_EXIT_OK && image_size(campaign->new.data, campaign->new.size) == 0) {
            ob_diag_error(&(struct ob_loc){.file = campaign->new.path}, "is no signed image");
            status = OB_EXIT_USAGE;
        }
    }
    if (status == OB_EXIT_OK && campaign->new.path != NULL &&
        campaign->old.size == campaign->new.size &&memcmp(campaign->old.data, campaign->new.data, campaign->old.size) ==
            0) {
        ob_diag_error(&(struct ob_loc){.file = campaign->new.path},
                      "is the image that the build has in its primary slot; give another version");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        set_scene(campaign);
    }
    return status;
}

static enum ob_exit prepare_files(struct vb_campaign *campaign)
{
    struct vb_slot *slot = &campaign->target.primary;

    if (!campaign->slot_is_given) {
        ob_diag_error(NULL, "board: say with --slot where in the internal flash old and new run");
        return OB_EXIT_USAGE;
    }
    if (slot->off >= campaign->target.internal.size) {
        ob_diag_error(NULL, "board: --slot 0x%x lies outside the internal flash, which has 0x%x bytes", slot->off,
                      campaign->target.internal.size);
        return OB_EXIT_USAGE;
    }
    slot->size = campaign->target.internal.size - slot->off;
    enum ob_exit status = read_image(&campaign->old, slot);
    return status == OB_EXIT_OK ? read_image(&campaign->new, slot) : status;
}

enum ob_exit vb_campaign_prepare(struct vb_campaign *campaign)
{
    enum ob_exit status = vb_target_read(&campaign->target);

    if (status == OB_EXIT_OK) {
        status = campaign->target.build != NULL ? prepare_build(campaign) : prepare_files(campaign);
    }
    if (status == OB_EXIT_OK && campaign->vectors == 0 && has_header(campaign->old.data, campaign->old.size)) {
        campaign->vectors = ob_get_le16(campaign->old.data + 8);
    }
    const uint64_t vectors = (uint64_t)campaign->target.primary.off + campaign->vectors;
    if (status == OB_EXIT_OK && vectors + 8 > campaign->target.internal.size) {
        ob_diag_error(NULL, "board: there is no vector table at 0x%llx of the internal flash, which has 0x%x bytes",
                      (unsigned long long)vectors, campaign->target.internal.size);
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) { /* the slot is what the images take: what lies behind may be anything */
        campaign->target.primary.size =
            OB_MIN(campaign->target.primary.size, OB_MAX(campaign->old.size, campaign->new.size));
    }
    return status;
}

bool vb_campaign_is_in_flash(const struct vb_campaign *campaign, const char *what)
{
    const struct vb_soc *soc = campaign->target.description.soc;

    if (soc->starts_in_ram) {
        ob_diag_error(NULL, "board %s: the %s executes its bootloader in RAM; only code in flash is looked at", what,
                      soc->name);
    }
    return !soc->starts_in_ram;
}

enum ob_exit vb_campaign_make(struct vb_campaign *campaign)
{
    enum ob_exit status = vb_target_make(&campaign->target);

    if (status == OB_EXIT_OK) {
        const uint32_t base = campaign->target.board->soc->flash_base;
        vb_cpu_watch(campaign->target.board->cpu, base + campaign->target.primary.off, campaign->target.primary.size);
    }
    return status;
}

void vb_campaign_free(struct vb_campaign *campaign)
{
    vb_target_free(&campaign->target);
    free(campaign->old.data);
    free(campaign->new.data);
    free(campaign->network_update.data);
}

/* ---- judging ---- */

static bool holds(const struct vb_board *board, const struct vb_slot *slot, const struct vb_image *image)
{
    return memcmp(board->flash + slot->off, image->data, image->size) == 0;
}

static void fail(struct vb_history *out, const char *what)
{
    out->outcome = VB_OUTCOME_FAILED;
    snprintf(out->why, sizeof(out->why), "%s", what);
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
    const bool in_tlvs = has_header(data, nearer->size) && alike >= ob_get_le16(data + 8) &&
                         alike - ob_get_le16(data + 8) >= ob_get_le32(data + 12);

    out->outcome = VB_OUTCOME_FAILED;
    snprintf(out->why, sizeof(out->why),
             "enters an image that is neither the old nor the new one: like the %s one to byte %u of %u%s",
             new > old ? "new" : "old", alike, nearer->size,
             in_tlvs ? ", with other TLVs; was it signed again for --old or --new?" : "");
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
        fail(out, "enters an image while the network core holds neither its old image nor the new one");
        return false;
    } else if (!together) {
        fail(out, "enters an application that does not belong to the network core's image");
        return false;
    }
    return true;
}

/* An image was entered: is it whole, and at its reset vector? */
static bool judge_entry(struct vb_campaign *campaign, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    const struct vb_slot *slot = &campaign->target.primary;
    uint32_t vector = ob_get_le32(board->flash + slot->off + campaign->vectors + 4) & ~1u;

    if (board->pc != vector) {
        snprintf(out->why, sizeof(out->why), "executes 0x%08x in the slot, which is not its reset vector, 0x%08x",
                 board->pc, vector);
        out->outcome = VB_OUTCOME_FAILED;
        return false;
    }
    bool new = campaign->new.data != NULL &&holds(board, slot, &campaign->new);
    if (!new && !holds(board, slot, &campaign->old)) {
        fail_neither(campaign, out);
        return false;
    }
    if (campaign->network_update.path != NULL && !judge_network(campaign, new, out)) {
        return false;
    }
    if (campaign->network_update.path == NULL) {
        out->outcome = new ? VB_OUTCOME_NEW : VB_OUTCOME_OLD;
    }
    out->entered_new = out->entered_new || out->outcome == VB_OUTCOME_NEW;
    if (campaign->scenario == VB_SCENARIO_DAMAGED && out->outcome == VB_OUTCOME_NEW) {
        fail(out, "runs the new image, although only a damaged one was there");
        return false;
    }
    if (campaign->target.build != NULL) {
        board->end = VB_END_NOT;
        vb_board_entry(board);
        if (board->end == VB_END_REFUSED) {
            fail(out, board->why);
            return false;
        }
        board->end = VB_END_WATCH;
    }
    return true;
}

static void describe_end(struct vb_campaign *campaign, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    char where[80];
    char text[VB_WHY_SIZE + 100];

    vb_target_place(&campaign->target, board->pc, where, sizeof(where));
    snprintf(text, sizeof(text), "start %u: %s, at %s", out->starts, board->why, where);
    fail(out, text);
}

/* ---- starts ---- */

/* What happened since the last cut, in starts that are over. */
struct since {
    uint64_t operations, instructions;
};

static void arm(struct vb_board *board, const struct vb_history_plan *plan, unsigned done, const struct since *since)
{
    board->cut = (struct vb_cut){0};
    if (done < plan->cuts.count) {
        board->cut = plan->cuts.items[done];
        board->cut.operation -= OB_MIN(board->cut.operation, since->operations);
        board->cut.instruction -= OB_MIN(board->cut.instruction, since->instructions);
    } else if (plan->again != NULL && done < plan->cuts.count + plan->again_count) {
        board->cut = (struct vb_cut){.same = plan->again, .tear = plan->again_tear};
    }
}

static bool is_cut_ahead(const struct vb_board *board)
{
    return board->cut.operation > board->operations || board->cut.instruction != 0 || board->cut.same != NULL;
}

/* Until the start ends, or comes to a state from which it is known who will run: VB_END_UNTIL. */
static enum vb_end run_start(struct vb_campaign *campaign, bool looks, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    struct vb_futures *futures = campaign->futures;
    enum vb_end end;

    board->pause_behind = looks ? vb_futures_next(futures) : 0;
    while ((end = vb_memo_run(campaign->memo, board)) == VB_END_UNTIL) {
        const enum vb_outcome known = is_cut_ahead(board) ? VB_OUTCOME_FAILED : vb_futures_look(futures);
        if (known != VB_OUTCOME_FAILED && !vb_futures_compares(futures)) {
            out->outcome = known;
            break;
        }
        out->foreseen = known;
        board->pause_behind = known == VB_OUTCOME_FAILED ? vb_futures_next(futures) : 0;
    }
    board->pause_behind = 0;
    return end;
}

/* The power comes; or the first start goes on from a place in it, which has the cells too. */
static void begin_start(struct vb_campaign *campaign, const struct vb_history_plan *plan, uint32_t nth)
{
    struct vb_board *board = campaign->target.board;
    const struct vb_cut cut = board->cut;

    if (plan->place != NULL && nth == plan->first_nth) {
        vb_snapshot_restore(plan->place);
        board->cut = cut;
    } else {
        vb_board_power_on(board);
    }
    board->rng = sim_mix(plan->seed, nth);
    board->limit = (uint64_t)(campaign->limit_s * 1e6 * VB_TICKS_PER_US);
}

bool vb_history_come_to(struct vb_campaign *campaign, const struct vb_history_plan *plan, uint64_t operations)
{
    struct vb_board *board = campaign->target.board;

    board->cut = (struct vb_cut){0};
    vb_cells_show(board);
    begin_start(campaign, plan, plan->first_nth);
    board->pause_behind = operations;
    bool there = vb_memo_run(campaign->memo, board) == VB_END_UNTIL;
    board->pause_behind = 0;
    return there;
}

static enum vb_end start_once(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    const uint32_t nth = plan->first_nth + out->starts;
    bool looks = campaign->futures != NULL && plan->starts == NULL && out->foreseen == VB_OUTCOME_FAILED;

    if (board->log != NULL) {
        board->log->nth = nth;
    }
    vb_cells_show(board);
    if (plan->starts != NULL) {
        vb_cells_save(board, &plan->starts[out->starts]);
    }
    if (plan->starting != NULL) {
        plan->starting(plan->ctx, nth);
    }
    begin_start(campaign, plan, nth);
    enum vb_end end = run_start(campaign, looks, out);
    if (plan->ended != NULL) {
        plan->ended(plan->ctx, board->why);
    }
    return end;
}

static bool rests_as_before(struct vb_campaign *campaign, uint64_t state, struct vb_history *out)
{
    for (uint32_t i = 0; i < campaign->rests.count; i++) {
        if (campaign->rests.states[i] == state) {
            out->outcome = (enum vb_outcome)campaign->rests.outcomes[i];
            return true;
        }
    }
    return false;
}

static void remember_rest(struct vb_campaign *campaign, uint64_t state, enum vb_outcome outcome)
{
    struct vb_rests *rests = &campaign->rests;

    if (rests->count < VB_RESTS_MAX) {
        rests->states[rests->count] = state;
        rests->outcomes[rests->count++] = (uint8_t)outcome;
    }
}

/* Is anything still to be cut? */
static bool is_armed(const struct vb_board *board)
{
    return board->cut.operation != 0 || board->cut.instruction != 0 || board->cut.same != NULL;
}

static void live(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    struct vb_board *board = campaign->target.board;
    unsigned cuts = 0;
    struct since since = {0};

    while (out->starts < VB_STARTS_MAX) {
        arm(board, plan, cuts, &since);
        uint64_t state = vb_cells_hash(board);
        if (plan->starts == NULL && !is_armed(board) && rests_as_before(campaign, state, out)) {
            return;
        }
        if (board->log != NULL) {
            board->log->instructions = since.instructions;
        }
        enum vb_end end = start_once(campaign, plan, out);
        out->starts++;
        uint64_t instructions = vb_cpu_instructions(board->cpu) - board->first_instruction;
        out->operations += board->operations;
        since.operations += board->operations;
        since.instructions += instructions;
        if (end == VB_END_UNTIL) {
            return;
        }
        if (end == VB_END_POWER) {
            cuts++;
            out->cuts++;
            since = (struct since){0};
            continue;
        }
        if (end != VB_END_WATCH) {
            describe_end(campaign, out);
            return;
        }
        if (!judge_entry(campaign, out)) {
            return;
        }
        vb_board_settle(board); /* while the image runs */
        if (board->operations == 0) {
            remember_rest(campaign, state, out->outcome);
            return;
        }
        out->instructions += instructions;
    }
    fail(out, "does not come to rest: each start changes flash");
}

void vb_history_run(struct vb_campaign *campaign, const struct vb_history_plan *plan, struct vb_history *out)
{
    *out = (struct vb_history){0};
    if (campaign->futures == NULL) {
        live(campaign, plan, out);
        return;
    }
    vb_futures_begin(campaign->futures);
    live(campaign, plan, out);
    if (out->foreseen != VB_OUTCOME_FAILED && out->outcome != VB_OUTCOME_FAILED && out->outcome != out->foreseen) {
        fail(out, "comes to rest with another image than an earlier history did from the same state");
    }
    if (out->outcome != VB_OUTCOME_FAILED) {
        vb_futures_end(campaign->futures, out->outcome);
    }
}
