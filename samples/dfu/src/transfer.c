/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/time.h>
#include <outboard/util.h>

#include "text.h"
#include "transfer.h"

#define CHUNK 4096u         /* bytes between two answers; a multiple of every write unit */
#define SILENCE_US 3000000u /* a sender that says nothing for so long is gone */
#define PERCENT_STEP 10u

/** What is done of something, told in steps of ten percent. */
struct progress {
    uint32_t done;
    uint32_t total;
    uint32_t told; /* percent */
};

static void advance(struct progress *progress, uint32_t len)
{
    progress->done += OB_MIN(len, progress->total - progress->done);
    uint32_t percent = ob_align_down((uint32_t)(100ull * progress->done / progress->total), PERCENT_STEP);
    if (percent > progress->told) {
        progress->told = percent;
        text_print(" %u%%", (unsigned)percent);
    }
}

struct erasing {
    struct progress progress;
    uint32_t unit; /* bytes of the largest erase command: all but a few are of this size */
};

static void erased(void *ctx)
{
    struct erasing *erasing = ctx;

    text_alive();
    if (erasing->progress.done == 0) {
        text_print("erasing");
    }
    advance(&erasing->progress, erasing->unit);
}

static uint32_t largest_erase(const struct ob_flash *flash)
{
    uint32_t size = flash->erase_sizes[0];

    for (uint32_t i = 1; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        size = flash->erase_sizes[i];
    }
    return size;
}

/** @return bytes received before the sender fell silent, at most len */
static uint32_t receive(uint8_t *buffer, uint32_t len)
{
    uint32_t count = 0;
    uint32_t last = ob_time_us();

    while (count < len && ob_time_us() - last < SILENCE_US) {
        if (text_get(&buffer[count])) {
            count++;
            last = ob_time_us();
        }
    }
    return count;
}

static void explain(enum ob_err err, const struct ob_slots *slots, enum ob_mode_id mode, uint32_t max_units)
{
    struct ob_layout layout;

    if (err == OB_ERR_SIZE && ob_layout(&slots->primary, &slots->secondary[0], max_units, &layout) == OB_OK) {
        text_print("failed: the length must be 1 to %u bytes; nothing was erased\n",
                   (unsigned)ob_layout_capacity(&layout, &slots->primary, &slots->secondary[0], mode));
    } else if (err == OB_ERR_STATE) {
        text_print(
            "failed: this image is on trial, and the way back lies in the update slot: confirm or reboot first\n");
    } else {
        text_print("\nfailed: %s\n", ob_err_text(err));
    }
}

static bool erase(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode, uint32_t max_units,
                  uint32_t size)
{
    const struct ob_area *secondary = &slots->secondary[0];
    struct erasing erasing = {.progress.total = secondary->size, .unit = largest_erase(secondary->flash)};
    enum ob_err err = ob_update_begin(update, slots, mode, max_units, size, erased, &erasing);

    if (err != OB_OK) {
        explain(err, slots, mode, max_units);
        return false;
    }
    text_print("\n");
    return true;
}

/** Receive and program one chunk. */
static bool take_chunk(struct ob_update *update, uint32_t len)
{
    static uint8_t chunk[CHUNK];
    uint32_t count = receive(chunk, len);

    if (count < len) {
        text_print("\nfailed: nothing came for %u s, %u bytes of %u are here; this image stays\n",
                   SILENCE_US / 1000000u, (unsigned)(update->written + count), (unsigned)update->size);
        return false;
    }
    enum ob_err err = ob_update_write(update, chunk, len);
    if (err != OB_OK) {
        text_print("\nfailed: %s\n", ob_err_text(err));
        return false;
    }
    return true;
}

bool transfer_receive(struct ob_update *update, const struct ob_slots *slots, enum ob_mode_id mode, uint32_t max_units,
                      uint32_t size)
{
    struct progress progress = {.total = size};

    if (!erase(update, slots, mode, max_units, size)) {
        return false;
    }
    text_print("ready %u\n", CHUNK);
    while (update->written < size) {
        uint32_t len = OB_MIN(CHUNK, size - update->written);
        if (!take_chunk(update, len)) {
            return false;
        }
        text_print(".");
        advance(&progress, len);
    }
    text_print("\nreceived %u bytes\n", (unsigned)size);
    return true;
}
