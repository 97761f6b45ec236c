/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "campaign.h"

#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "common/binary.h"
#include "common/file.h"

/* Which images there are, and what lies in the chips at first. */

#define IMAGE_MAGIC 0x96f3b83du
#define TLV_MAGIC 0x6907u
#define TLV_PROTECTED_MAGIC 0x6908u
#define TLV_HEAD 4u /* of the area and of an entry */
#define TLV_RSA2048 0x20u
#define TLV_ED25519 0x24u
#define IMAGE_MAX (64u << 20)

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

bool vb_image_has_header(const uint8_t *data, uint32_t size)
{
    return size >= 32 && ob_get_le32(data) == IMAGE_MAGIC;
}

/* Bytes from the header to the end of the last TLV; 0: there is no image of MCUboot's format. */
static uint32_t image_size(const uint8_t *data, uint32_t size)
{
    if (!vb_image_has_header(data, size)) {
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

static enum ob_exit read_signed(struct vb_image *image, const struct vb_slot *slot)
{
    enum ob_exit status = read_image(image, slot);

    if (status == OB_EXIT_OK && image_size(image->data, image->size) == 0) {
        ob_diag_error(&(struct ob_loc){.file = image->path}, "is no signed image");
        status = OB_EXIT_USAGE;
    }
    return status;
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

/* From here on the new image is what runs, and not what lay in the update slot. */
static void take_decrypted(struct vb_campaign *campaign)
{
    if (campaign->decrypted.data != NULL) {
        free(campaign->new.data);
        campaign->new.data = campaign->decrypted.data;
        campaign->new.size = campaign->decrypted.size;
        campaign->decrypted.data = NULL;
    }
}

static void swap_roles(struct vb_campaign *campaign)
{
    struct vb_image old = campaign->old;

    take_decrypted(campaign);
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
    if (campaign->target.secondary_1.size == 0 || campaign->target.network.size == 0) {
        ob_diag_error(&(struct ob_loc){.file = campaign->target.build},
                      "has no slot for a network core's image; build its bootloader with CONFIG_PCD_APP=y and "
                      "CONFIG_UPDATEABLE_IMAGE_NUMBER=2");
        return OB_EXIT_USAGE;
    }
    return read_signed(&campaign->network_update, &campaign->target.secondary_1);
}

static bool is_same(const struct vb_image *a, const struct vb_image *b)
{
    return a->data != NULL && a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static enum ob_exit read_update(struct vb_campaign *campaign)
{
    const struct vb_slot *secondary = &campaign->target.secondary;
    enum ob_exit status = read_signed(&campaign->new, secondary);

    return status == OB_EXIT_OK && campaign->decrypted.path != NULL ? read_signed(&campaign->decrypted, secondary)
                                                                    : status;
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
        status = read_update(campaign);
    }
    if (status == OB_EXIT_OK && is_same(&campaign->new, &campaign->old)) {
        ob_diag_error(&(struct ob_loc){.file = campaign->new.path},
                      "is the image that the build has in its primary slot; give another version");
        status = OB_EXIT_USAGE;
    }
    if (status == OB_EXIT_OK) {
        set_scene(campaign);
        take_decrypted(campaign);
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
    if (status == OB_EXIT_OK && campaign->vectors == 0 && vb_image_has_header(campaign->old.data, campaign->old.size)) {
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
    free(campaign->decrypted.data);
    free(campaign->network_update.data);
}
