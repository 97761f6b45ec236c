/* SPDX-License-Identifier: Apache-2.0 */
#include "ram_device.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include <outboard/log.h>
#include <outboard/signature.h>
#include <outboard/update.h>
#include <outboard/util.h>

#define SLOT_SIZE 0x8000u
#define HEADER_SIZE 0x200u

FILE *ram_device_log;

void ob_log(enum ob_log_level level, const char *format, ...)
{
    static const char letters[] = {[OB_LOG_LEVEL_ERR] = 'E', [OB_LOG_LEVEL_WRN] = 'W', [OB_LOG_LEVEL_INF] = 'I'};
    va_list args;

    if (ram_device_log != NULL) {
        va_start(args, format);
        fprintf(ram_device_log, "%c: ", letters[level]);
        vfprintf(ram_device_log, format, args);
        fputc('\n', ram_device_log);
        va_end(args);
    }
}

static struct ob_slots slots_at(struct ram_device *device, uint32_t primary, uint32_t secondary)
{
    return (struct ob_slots){
        .primary = {.flash = &device->internal.flash, .start = primary, .size = SLOT_SIZE},
        .secondary = {{.flash = &device->external.flash, .start = secondary, .size = SLOT_SIZE}},
    };
}

void ram_device_init(struct ram_device *device)
{
    memset(device, 0, sizeof(*device));
    ram_flash_init(&device->internal);
    ram_flash_init(&device->external);
    device->slots[0] = slots_at(device, 0x10000, 0);
    device->slots[1] = slots_at(device, 0x20000, 0x20000);
    device->ledger = (struct ob_area){.flash = &device->internal.flash, .start = 0, .size = 0x4000};
    device->key = maker_key(0);
    device->keys = (struct ob_keys){.key = &device->key, .count = 1, .type = &ob_signature_p256};
    device->home =
        (struct ob_home){.address = 0x10000, .header_size = HEADER_SIZE, .ram_start = 0x20000000, .ram_size = 0x10000};
    device->boot = (struct ob_boot){
        .mode = &ob_mode_slide,
        .keys = &device->keys,
        .hooks = &device->hooks,
        .work = &device->work,
        .images = device->slots,
        .ledger = &device->ledger,
        .home = &device->home,
        .image_count = 1,
    };
}

void device_image_begin(const struct ram_device *device, struct image_maker *maker, uint8_t minor,
                        uint32_t payload_size)
{
    maker_begin(maker, HEADER_SIZE, payload_size);
    maker->bytes[20] = 1;
    maker->bytes[21] = minor;
    ob_put_le16(maker->bytes + 22, 0);
    memset(maker->bytes + HEADER_SIZE, minor + 1, payload_size);
    ob_put_le32(maker->bytes + HEADER_SIZE, device->home.ram_start + 0x1000);
    ob_put_le32(maker->bytes + HEADER_SIZE + 4, (device->home.address + HEADER_SIZE + 0x100) | 1);
}

void device_image_sign(struct image_maker *maker)
{
    maker_hash(maker);
    maker_add_digest(maker);
    maker_add_key(maker, 0);
    maker_sign(maker, 0, 0);
}

void device_image(const struct ram_device *device, struct image_maker *maker, uint8_t minor, uint32_t payload_size)
{
    device_image_begin(device, maker, minor, payload_size);
    device_image_sign(maker);
}

/* An error is a mistake in a test, so it ends it. */
static void must(enum ob_err err)
{
    assert(err == OB_OK);
    (void)err;
}

void device_program(const struct ram_device *device, uint32_t image, const struct image_maker *maker)
{
    const struct ob_area *primary = &device->slots[image].primary;

    must(ob_area_erase(primary, 0, primary->size));
    must(ob_area_write(primary, 0, maker->bytes, maker->len));
}

void device_download(const struct ram_device *device, uint32_t image, const struct image_maker *maker, bool permanent)
{
    struct ob_update update;

    must(ob_update_begin(&update, &device->slots[image], device->boot.mode->id, 0, maker->len, NULL, NULL));
    must(ob_update_write(&update, maker->bytes, maker->len));
    must(ob_update_request(&update, permanent));
}

void mcuboot_upload(const struct ram_device *device, uint32_t image, uint32_t at, const struct image_maker *maker)
{
    const struct ob_area *secondary = &device->slots[image].secondary[0];
    const uint32_t sector = ob_flash_erase_size(secondary->flash);

    must(ob_area_erase(secondary, at, ob_align_up(maker->len, sector)));
    must(ob_area_erase(secondary, secondary->size - sector, sector));
    must(ob_area_write(secondary, at, maker->bytes, maker->len));
}

struct ob_trailer device_trailer(const struct ob_area *slot)
{
    struct ob_trailer trailer;

    must(ob_trailer_read(slot, ALIGN, &trailer));
    return trailer;
}

bool mcuboot_request(const struct ram_device *device, uint32_t image, bool permanent)
{
    const struct ob_area *secondary = &device->slots[image].secondary[0];
    const enum ob_magic magic = device_trailer(secondary).magic;

    if (magic == OB_MAGIC_UNSET) {
        must(ob_trailer_set_magic(secondary, ALIGN));
        if (permanent) {
            must(ob_trailer_set_image_ok(secondary, ALIGN));
        }
        must(ob_trailer_set_swap_info(secondary, ALIGN, (uint8_t)image, permanent ? OB_SWAP_PERMANENT : OB_SWAP_TEST));
    }
    return magic != OB_MAGIC_BAD;
}

struct ob_event device_event(struct ram_device *device, uint32_t n)
{
    struct ob_event event;

    must(ob_ledger_read(&device->ledger, device->boot.image_count, &device->work.ledger));
    return ob_ledger_event(&device->work.ledger, n, &event) == OB_OK ? event : (struct ob_event){0};
}
