/* SPDX-License-Identifier: Apache-2.0 */
/* The device that a build is for: its chips, slots and ledger, and which bootloader it has. */
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#include "../../../sim/parts.h"
#include "inspect.h"

#define WORD 4u /* of internal flash, as far as no devicetree says */
#define LEDGER_DEFAULT 0x2000u
#define LEDGER_UNITS 16u /* of the largest that is looked for */

/* ---- making it ---- */

static void take_geometry(struct flash_chip *chip, const struct pm_slot *slot, uint32_t smallest_write)
{
    chip->region = slot->part->region;
    chip->flash.ctx = chip;
    chip->flash.write_size = OB_MAX(slot->flash.write_size, smallest_write);
    chip->flash.erase_sizes[0] = slot->flash.erase_sizes[0] == 0 ? 4096 : slot->flash.erase_sizes[0];
    for (uint32_t i = 1; slot->chip.is_usable && i < OB_FLASH_ERASE_SIZES; i++) {
        const uint32_t size = slot->chip.sfdp.erase[i].size;
        if (size > chip->flash.erase_sizes[i - 1] && size % chip->flash.erase_sizes[i - 1] == 0) {
            chip->flash.erase_sizes[i] = size;
        } else {
            break;
        }
    }
}

static uint32_t region_size(const struct pm_slot *slot)
{
    return (uint32_t)OB_MIN(slot->part->region->size, (uint64_t)64 << 20);
}

/** A chip says who it is; flash inside belongs to its controller. */
static const struct sim_part *find_part(const struct pm_image *bootloader, const struct pm_slot *slot)
{
    const char *parent = pm_node_text(slot->node, "parent");
    const struct ob_yaml *controller = parent == NULL ? NULL : pm_image_node(bootloader, parent);
    const struct ob_yaml *list = ob_yaml_get(controller, "compatible");
    const struct sim_part *part = NULL;
    uint8_t id[SIM_JEDEC_ID_SIZE];

    if (pm_node_bytes(slot->node, "jedec-id", id, sizeof(id)) == sizeof(id)) {
        part = sim_part_of_jedec_id(id);
    }
    for (uint32_t i = 0; part == NULL && list != NULL && list->kind == OB_YAML_LIST && i < list->count; i++) {
        part = list->items[i]->text == NULL ? NULL : sim_part_of_controller(list->items[i]->text);
    }
    return part;
}

static void add_slot(struct flash_device *device, const struct pm_slot *from, uint32_t image, bool is_primary)
{
    struct flash_chip *chip = &device->ram;

    for (unsigned id = 0; id < FLASH_CHIPS; id++) {
        chip = device->chip[id].region == from->part->region ? &device->chip[id] : chip;
    }

    device->slot[device->slot_count++] = (struct flash_slot){
        .name = from->part->name->text,
        .image = image,
        .is_primary = is_primary,
        .is_elsewhere = chip == &device->ram,
        .chip = chip,
        .area = {.flash = &chip->flash,
                 .start = from->area.start,
                 .size = from->area.size,
                 .reserved = from->area.reserved},
    };
}

static bool fits(const struct flash_slot *slot)
{
    const uint32_t size = slot->chip->flash.size;

    return slot->area.size != 0 && slot->area.start <= size && slot->area.size <= size - slot->area.start;
}

/** Whoever it is takes what is handed over: what would happen otherwise, nobody can foresee. */
static enum ob_err take(void *ctx, const struct ob_area *primary, const struct ob_image *image,
                        const struct ob_hooks *hooks)
{
    (void)ctx, (void)primary, (void)image, (void)hooks;
    return OB_OK;
}

/** Nobody dumps it: it is blank when a start begins. */
static void add_ram(struct flash_device *device, const struct pm_slot *primary)
{
    flash_chip_init(&device->ram, "RAM", region_size(primary));
    take_geometry(&device->ram, primary, WORD);
    device->ram.path = device->ram.name;
    device->receiver.take = take;
}

static void add_pair(struct flash_device *device, const struct pm_pair *pair, uint32_t image)
{
    struct ob_slots *slots = &device->slots[image];

    if (pair->mode == OB_MODE_HANDOVER) {
        add_ram(device, &pair->primary);
        slots->receiver = &device->receiver;
    }
    add_slot(device, &pair->primary, image, true);
    slots->primary = device->slot[device->slot_count - 1].area;
    add_slot(device, &pair->secondary, image, false);
    slots->secondary[0] = device->slot[device->slot_count - 1].area;
    if (pair->dual.part != NULL) {
        add_slot(device, &pair->dual, image, false);
        slots->secondary[1] = device->slot[device->slot_count - 1].area;
    }
    if (ob_layout(&slots->primary, &slots->secondary[0], device->boot.max_units, &device->layout[image]) == OB_OK) {
        device->capacity[image] =
            ob_layout_capacity(&device->layout[image], &slots->primary, &slots->secondary[0], pair->mode);
    }
}

static const struct ob_mode *mode_of(enum ob_mode_id id)
{
    return id == OB_MODE_OVERWRITE ? &ob_mode_overwrite : id == OB_MODE_DUAL ? &ob_mode_dual : &ob_mode_slide;
}

static uint32_t number_of(const struct pm_image *image, const char *symbol, uint32_t missing)
{
    const struct pm_setting *setting = image == NULL ? NULL : pm_image_setting(image, symbol);

    return setting == NULL ? missing : (uint32_t)strtoul(setting->value, NULL, 0);
}

static enum ob_guard guard_of(const struct pm_image *bootloader)
{
    return pm_image_is_set(bootloader, "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION")                 ? OB_GUARD_ENFORCED
           : pm_image_is_set(bootloader, "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION_SECURITY_COUNTER") ? OB_GUARD_COUNTER
           : pm_image_is_set(bootloader, "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION")                  ? OB_GUARD_VERSION
                                                                                                 : OB_GUARD_NONE;
}

static void make_boot(struct flash_device *device, const struct pm_pairs *pairs)
{
    const struct pm_image *bootloader = device->build->bootloader;

    device->boot = (struct ob_boot){
        .mode = mode_of(pairs->v[0].mode),
        .keys = &device->keys.keys,
        .hooks = &device->hooks,
        .images = device->slots,
        .ledger = &device->ledger,
        .home = device->has_home ? &device->home : NULL,
        .image_count = OB_MIN(pairs->count, OB_IMAGES_MAX),
        .max_units = number_of(bootloader, "CONFIG_BOOT_MAX_IMG_SECTORS", 0),
        .guard = guard_of(bootloader),
        .work = &device->work,
    };
}

static void place_ledger(struct flash_device *device, uint32_t size)
{
    bool in_slot;
    const struct pm_part *home = pm_ledger_home((struct pm_layout *)&device->build->layout, &in_slot);

    device->ledger = (struct ob_area){0};
    if (home == NULL || home->region != device->chip[FLASH_INTERNAL].region || size >= home->size) {
        return;
    }
    const struct ob_area area = {.flash = &device->chip[FLASH_INTERNAL].flash,
                                 .start = (uint32_t)(home->address - home->region->base),
                                 .size = (uint32_t)home->size,
                                 .reserved = size};
    device->ledger = in_slot ? ob_layout_reserved(&area) : ob_area_part(&area, area.size - size, size);
}

enum ob_exit flash_device_init(struct flash_device *device, const struct pm_check *build, const char *partitions)
{
    const struct pm_pairs *pairs = &build->pairs;

    *device = (struct flash_device){.build = build, .has_config = build->bootloader->setting_count != 0};
    if (pairs->count == 0) {
        ob_diag_error(&(struct ob_loc){.file = partitions},
                      "has no mcuboot_primary and mcuboot_secondary; give the partitions.yml of a build with a "
                      "bootloader");
        return OB_EXIT_USAGE;
    }
    const struct pm_slot *inside = &pairs->v[0].primary;
    const struct pm_slot *outside = &pairs->v[0].secondary;
    flash_chip_init(&device->chip[FLASH_INTERNAL], "internal flash", region_size(inside));
    flash_chip_init(&device->chip[FLASH_EXTERNAL], "external flash", region_size(outside));
    take_geometry(&device->chip[FLASH_INTERNAL], inside, device->has_config ? 1 : WORD);
    take_geometry(&device->chip[FLASH_EXTERNAL], outside, 1);
    device->chip[FLASH_INTERNAL].part = find_part(build->bootloader, inside);
    device->chip[FLASH_EXTERNAL].part = find_part(build->bootloader, outside);

    uint32_t slot_size;
    device->has_home = image_home_read(partitions, &device->home, &slot_size) == OB_EXIT_OK;
    make_boot(device, pairs);
    for (uint32_t i = 0; i < device->boot.image_count; i++) {
        add_pair(device, &pairs->v[i], i);
    }
    for (uint32_t i = 0; i < device->slot_count; i++) {
        if (!fits(&device->slot[i])) {
            ob_diag_error(&(struct ob_loc){.file = partitions}, "'%s' leaves its region; was the file edited?",
                          device->slot[i].name);
            return OB_EXIT_USAGE;
        }
    }
    place_ledger(device, number_of(build->bootloader, "CONFIG_BOOT_LEDGER_SIZE", LEDGER_DEFAULT));
    return OB_EXIT_OK;
}

void flash_device_free(struct flash_device *device)
{
    flash_chip_free(&device->chip[FLASH_INTERNAL]);
    flash_chip_free(&device->chip[FLASH_EXTERNAL]);
    flash_chip_free(&device->ram);
    ob_wipe(&device->keys.secret, sizeof(device->keys.secret));
}

/* ---- which bootloader it has ---- */

/** How much speaks for a ledger where it is looked for: jobs, and a second bank; 0: nothing. */
static uint32_t weigh_ledger(struct flash_device *device)
{
    struct ob_ledger *ledger = &device->work.ledger;
    bool counts = device->ledger.flash != NULL && device->chip[FLASH_INTERNAL].path != NULL &&
                  ob_ledger_read(&device->ledger, device->boot.image_count, ledger) == OB_OK && ledger->now.counts;

    return counts ? 1 + 2 * ledger->head.sequence + ledger->other.counts : 0;
}

/** One of another size than the build's may lie there: a part of it can look like one of the build's. */
static bool find_ledger(struct flash_device *device)
{
    const struct ob_area expected = device->ledger;
    const uint32_t unit = OB_LEDGER_BANKS * device->chip[FLASH_INTERNAL].flash.erase_sizes[0];
    uint32_t best = weigh_ledger(device);

    for (uint32_t size = unit; size <= LEDGER_UNITS * unit && expected.flash != NULL; size += unit) {
        place_ledger(device, size);
        const uint32_t weight = weigh_ledger(device);
        device->ledger_found = weight > best ? size : device->ledger_found;
        best = OB_MAX(best, weight);
    }
    place_ledger(device, device->ledger_found != 0 ? device->ledger_found : expected.size);
    return best > 0;
}

/** Does the bootloader have this text in it? */
static bool bootloader_says(const struct flash_device *device, const char *text)
{
    const struct flash_chip *chip = &device->chip[FLASH_INTERNAL];
    const struct pm_part *part = pm_name_get((struct pm_layout *)&device->build->layout, "mcuboot")->part;
    const uint64_t start =
        part == NULL || part->region != chip->region ? UINT64_MAX : part->address - part->region->base;

    return start < chip->flash.size &&
           memmem(chip->bytes + start, OB_MIN(part->size, chip->flash.size - start), text, strlen(text)) != NULL;
}

void flash_device_settle(struct flash_device *device)
{
    const struct ob_area *primary = &device->slots[0].primary;
    struct ob_area reserved;

    device->family = FLASH_OUTBOARD;
    device->ledger_is_taken = primary->reserved != 0 && ob_ledger_in_slot(primary, &reserved) != OB_OK;
    if (device->ledger_is_taken) {
        device->ledger = (struct ob_area){0};
    }
    if (find_ledger(device)) {
        device->why_family = "its ledger";
    } else if (bootloader_says(device, "Booting outboard v")) {
        device->why_family = "its banner";
    } else if (bootloader_says(device, "Booting MCUboot") || bootloader_says(device, "Booting Zephyr OS") ||
               bootloader_says(device, "Booting nRF Connect SDK")) {
        device->family = FLASH_MCUBOOT;
        device->why_family = "its banner";
    } else if (device->has_config) {
        device->family = device->build->bootloader->is_zephyr ? FLASH_MCUBOOT : FLASH_OUTBOARD;
        device->why_family = "its build";
    }
}

/* ---- names ---- */

const struct flash_slot *flash_slot_of(const struct flash_device *device, uint32_t image, bool primary)
{
    for (uint32_t i = 0; i < device->slot_count; i++) {
        if (device->slot[i].image == image && device->slot[i].is_primary == primary) {
            return &device->slot[i];
        }
    }
    return NULL;
}

const char *flash_place_name(const struct flash_device *device, enum flash_chip_id chip, uint32_t address)
{
    for (uint32_t i = 0; i < device->slot_count; i++) {
        const struct flash_slot *slot = &device->slot[i];
        if (slot->chip == &device->chip[chip] && address >= slot->area.start &&
            address - slot->area.start <= slot->area.size) {
            return slot->name;
        }
    }
    return "no slot";
}
