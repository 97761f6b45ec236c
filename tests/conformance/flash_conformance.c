/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/util.h>

#include "flash_conformance.h"

#define CHUNK 64         /* bytes read at once when a range is compared */
#define BUFFER_SIZE 2048 /* longest single write */
#define CANARY 0xa5
#define NEIGHBOUR 16 /* bytes looked at on either side of a write */

static uint8_t buffer[BUFFER_SIZE + 8];
static const uint8_t constants[] = "constant data lies where the linker puts it: in internal flash on most devices";

struct run {
    const struct ob_conformance *suite;
    const struct ob_flash *flash;
    uint32_t off, len;
    struct ob_conformance_result result;
};

static bool broken(struct run *run, enum ob_err err, uint32_t off, uint8_t want, uint8_t got)
{
    run->result.kept = false;
    run->result.err = err;
    run->result.off = off;
    run->result.want = want;
    run->result.got = got;
    return false;
}

static bool succeeds(struct run *run, enum ob_err err, uint32_t off)
{
    return err == OB_OK || broken(run, err, off, 0, 0);
}

/** For calls that must be refused. */
static bool refused(struct run *run, enum ob_err err, enum ob_err want, uint32_t off)
{
    return err == want || broken(run, err, off, 0, 0);
}

/** A byte that differs from its neighbours and from those one address bit away. Salts give unlike patterns. */
static uint8_t pattern(uint32_t off, uint8_t salt)
{
    return (uint8_t)((off + salt) * 0x9e3779b1u >> 24);
}

static bool compare(struct run *run, uint32_t off, const uint8_t *got, const uint8_t *want, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++) {
        if (got[i] != want[i]) {
            return broken(run, OB_OK, off + i, want[i], got[i]);
        }
    }
    return true;
}

static bool holds_bytes(struct run *run, uint32_t off, const uint8_t *want, uint32_t len)
{
    uint8_t got[CHUNK];
    bool ok = true;

    while (ok && len > 0) {
        uint32_t now = OB_MIN(len, CHUNK);

        ok = succeeds(run, ob_flash_read(run->flash, off, got, now), off) && compare(run, off, got, want, now);
        off += now;
        want += now;
        len -= now;
    }
    return ok;
}

static bool holds_pattern(struct run *run, uint32_t off, uint32_t len, uint8_t salt)
{
    uint8_t want[CHUNK];
    bool ok = true;

    while (ok && len > 0) {
        uint32_t now = OB_MIN(len, CHUNK);

        for (uint32_t i = 0; i < now; i++) {
            want[i] = pattern(off + i, salt);
        }
        ok = holds_bytes(run, off, want, now);
        off += now;
        len -= now;
    }
    return ok;
}

static bool holds_erased(struct run *run, uint32_t off, uint32_t len)
{
    uint8_t want[CHUNK];
    bool ok = true;

    memset(want, run->flash->erased_value, sizeof(want));
    while (ok && len > 0) {
        uint32_t now = OB_MIN(len, CHUNK);

        ok = holds_bytes(run, off, want, now);
        off += now;
        len -= now;
    }
    return ok;
}

static bool erase_all(struct run *run)
{
    return succeeds(run, ob_flash_erase(run->flash, run->off, run->len), run->off);
}

/** From a source that is `shift` bytes off its natural alignment. */
static bool write_pattern(struct run *run, uint32_t off, uint32_t len, uint8_t salt, uint32_t shift)
{
    uint8_t *src = buffer + shift % 8;

    for (uint32_t i = 0; i < len; i++) {
        src[i] = pattern(off + i, salt);
    }
    return succeeds(run, ob_flash_write(run->flash, off, src, len), off);
}

static uint32_t largest_erase(const struct ob_flash *flash)
{
    uint32_t largest = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES; i++) {
        largest = OB_MAX(largest, flash->erase_sizes[i]);
    }
    return largest;
}

/* The promises. Each leaves the range in any state. */

static bool erased_flash_reads_as_the_erased_value(struct run *run)
{
    return erase_all(run) && holds_erased(run, run->off, run->len);
}

/** One byte in each third word or so, in turn at each place of a word: no word is programmed twice. */
static bool single_bytes_are_written_at_any_offset(struct run *run)
{
    uint32_t stride = 2 * run->flash->write_size + 1;
    uint32_t span = OB_MIN(run->len, 3 * run->flash->program_size) - stride;
    bool ok = erase_all(run);

    for (uint32_t at = 0; ok && at < span; at += stride) {
        uint8_t byte = pattern(run->off + at, 1);

        ok = succeeds(run, ob_flash_write(run->flash, run->off + at, &byte, 1), run->off + at);
    }
    for (uint32_t at = 0; ok && at < span; at += stride) {
        ok = holds_pattern(run, run->off + at, 1, 1) && holds_erased(run, run->off + at + 1, stride - 1);
    }
    return ok;
}

static bool partial_words_are_padded_with_the_erased_value(struct run *run)
{
    uint32_t word = run->flash->write_size;
    bool ok = erase_all(run);

    for (uint32_t skip = 0; ok && skip < word; skip++) {
        uint32_t at = run->off + 2 * word * skip;
        uint32_t len = word - skip;

        ok = write_pattern(run, at + skip, len, 2, 0) && holds_erased(run, at, skip) &&
             holds_pattern(run, at + skip, len, 2) && holds_erased(run, at + word, word);
    }
    return ok;
}

/** `before` bytes before a border to the rest after it; what lies around stays erased. */
static bool write_at_border(struct run *run, uint32_t border, uint32_t before, uint32_t len)
{
    uint32_t at = border - before;

    return write_pattern(run, at, len, 3, before) && holds_pattern(run, at, len, 3) &&
           holds_erased(run, at - NEIGHBOUR, NEIGHBOUR) && holds_erased(run, at + len, NEIGHBOUR);
}

/** Every alignment with every short length, each at a border of its own, until the borders of the range are used up. */
static bool writes_around_borders(struct run *run, uint32_t unit)
{
    uint32_t border = run->off + unit;
    bool ok = erase_all(run);

    for (uint32_t before = 0; ok && before <= 9; before++) {
        for (uint32_t len = 1; ok && len <= 2 * 9 && run->len - (border - run->off) >= unit; len++) {
            ok = write_at_border(run, border, before, len);
            border += unit;
        }
    }
    return ok;
}

static bool writes_cross_page_borders_at_every_alignment(struct run *run)
{
    return writes_around_borders(run, OB_MAX(run->flash->program_size, 8 * NEIGHBOUR));
}

static bool writes_cross_sector_borders_at_every_alignment(struct run *run)
{
    bool ok = true;

    for (unsigned i = 0; ok && i < OB_FLASH_ERASE_SIZES && run->flash->erase_sizes[i] != 0; i++) {
        ok = writes_around_borders(run, run->flash->erase_sizes[i]);
    }
    return ok;
}

static bool long_writes_cross_several_pages(struct run *run)
{
    static const uint32_t lengths[] = {255, 256, 257, 511, 1023, BUFFER_SIZE - 1, BUFFER_SIZE};
    uint32_t at = run->off + 1;
    bool ok = erase_all(run);

    for (size_t i = 0; ok && i < OB_ARRAY_SIZE(lengths) && run->len - (at - run->off) > BUFFER_SIZE + NEIGHBOUR; i++) {
        ok = write_pattern(run, at, lengths[i], 4, at) && holds_pattern(run, at, lengths[i], 4) &&
             holds_erased(run, at + lengths[i], NEIGHBOUR);
        at = ob_align_up(at + lengths[i] + NEIGHBOUR, 64) + (uint32_t)i;
    }
    return ok;
}

/** What lies before and after the destination in RAM must stay as well. */
static bool read_into(struct run *run, uint32_t off, uint32_t len, uint32_t shift)
{
    uint8_t *dst = buffer + 8 + shift;
    uint32_t i = 0;

    memset(buffer, CANARY, 128);
    if (!succeeds(run, ob_flash_read(run->flash, off, dst, len), off)) {
        return false;
    }
    while (i < 128 && (buffer + i < dst || buffer + i >= dst + len ? buffer[i] == CANARY
                                                                   : buffer[i] == pattern(off + (i - 8 - shift), 5))) {
        i++;
    }
    return i == 128 || broken(run, OB_OK, off, CANARY, buffer[i]);
}

static bool reads_work_at_every_alignment_and_length(struct run *run)
{
    uint32_t border = run->off + ob_flash_erase_size(run->flash);
    bool ok = erase_all(run) && write_pattern(run, border - 64, 128, 5, 0);

    for (uint32_t before = 0; ok && before < 9; before++) {
        for (uint32_t len = 0; ok && len < 41; len++) {
            for (uint32_t shift = 0; ok && shift < 4; shift++) {
                ok = read_into(run, border - before, len, shift);
            }
        }
    }
    return ok;
}

static bool write_from(struct run *run, uint32_t off, const uint8_t *src, uint32_t len)
{
    /* Compared to a copy: a source inside this flash could change with what is written. */
    memcpy(buffer, src, len);
    return succeeds(run, ob_flash_write(run->flash, off, src, len), off) && holds_bytes(run, off, buffer, len);
}

static bool source_may_lie_in_internal_flash(struct run *run)
{
    const uint8_t *rom = run->suite->rom;

    return erase_all(run) && write_from(run, run->off + 3, rom, OB_CONFORMANCE_ROM_SIZE) &&
           write_from(run, run->off + 0x800, rom + 1, 1) &&
           write_from(run, run->off + 0x900, rom + 3, OB_CONFORMANCE_ROM_SIZE - 3);
}

static bool source_may_be_constant_data_or_stack(struct run *run)
{
    uint8_t stack[61];

    for (uint32_t i = 0; i < sizeof(stack); i++) {
        stack[i] = pattern(i, 6);
    }
    return erase_all(run) && write_from(run, run->off + 1, constants, sizeof(constants)) &&
           write_from(run, run->off + 0x100, constants + 1, sizeof(constants) - 1) &&
           write_from(run, run->off + 0x201, stack, sizeof(stack)) &&
           write_from(run, run->off + 0x302, stack + 3, sizeof(stack) - 3);
}

static bool writing_only_clears_bits(struct run *run)
{
    static const uint8_t first[] = {0xf0, 0xff, 0x00, 0xaa};
    static const uint8_t second[] = {0x3c, 0x55, 0xff, 0xff};
    uint8_t want[sizeof(first)];

    for (size_t i = 0; i < sizeof(first); i++) {
        want[i] = first[i] & second[i];
    }
    return erase_all(run) && succeeds(run, ob_flash_write(run->flash, run->off, first, sizeof(first)), run->off) &&
           succeeds(run, ob_flash_write(run->flash, run->off, second, sizeof(second)), run->off) &&
           holds_bytes(run, run->off, want, sizeof(want));
}

/** Bit by bit, and once more what is zero already: a request is made void like that. */
static bool bytes_are_programmed_again_where_they_may_be(struct run *run)
{
    if (!run->flash->may_program_again) {
        return true;
    }
    bool ok = erase_all(run);
    for (unsigned bit = 0; ok && bit <= 8; bit++) {
        const uint8_t byte = (uint8_t)(0xffu << bit);
        ok = succeeds(run, ob_flash_write(run->flash, run->off + 5, &byte, 1), run->off + 5) &&
             holds_bytes(run, run->off + 5, &byte, 1);
    }
    return ok;
}

/** A mark at either end of each smallest sector, so that an erase that does too much or too little is seen. */
static bool mark_sectors(struct run *run)
{
    uint32_t sector = ob_flash_erase_size(run->flash);
    bool ok = true;

    for (uint32_t at = run->off; ok && at - run->off < run->len; at += sector) {
        ok = write_pattern(run, at, 8, 7, 0) && write_pattern(run, at + sector - 8, 8, 7, 0);
    }
    return ok;
}

static bool sector_marked(struct run *run, uint32_t at, uint32_t sector)
{
    return holds_pattern(run, at, 8, 7) && holds_pattern(run, at + sector - 8, 8, 7);
}

static bool erases_exactly(struct run *run, uint32_t off, uint32_t len)
{
    uint32_t sector = ob_flash_erase_size(run->flash);
    bool ok = erase_all(run) && mark_sectors(run) && succeeds(run, ob_flash_erase(run->flash, off, len), off);

    for (uint32_t at = run->off; ok && at - run->off < run->len; at += sector) {
        bool inside = at >= off && at - off < len;

        ok = inside ? holds_erased(run, at, sector) : sector_marked(run, at, sector);
    }
    return ok;
}

static bool each_erase_size_leaves_its_neighbours(struct run *run)
{
    uint32_t middle = run->off + largest_erase(run->flash);
    bool ok = true;

    for (unsigned i = 0; ok && i < OB_FLASH_ERASE_SIZES && run->flash->erase_sizes[i] != 0; i++) {
        ok = erases_exactly(run, middle, run->flash->erase_sizes[i]);
    }
    return ok;
}

static bool erases_that_need_several_sizes_leave_their_neighbours(struct run *run)
{
    uint32_t sector = ob_flash_erase_size(run->flash);

    return erases_exactly(run, run->off + sector, run->len - 2 * sector);
}

/** Offset and length that leave the device; with an offset of UINT32_MAX their sum wraps. */
static bool range_refused(struct run *run, uint32_t off, uint32_t len)
{
    return refused(run, ob_flash_write(run->flash, off, constants, len), OB_ERR_RANGE, off) &&
           refused(run, ob_flash_erase(run->flash, off, len), OB_ERR_RANGE, off) &&
           refused(run, ob_flash_read(run->flash, off, buffer, len), OB_ERR_RANGE, off);
}

static bool ranges_outside_the_device_are_refused(struct run *run)
{
    uint32_t size = run->flash->size;
    uint8_t last[CHUNK];

    return succeeds(run, ob_flash_read(run->flash, size - CHUNK, last, CHUNK), size - CHUNK) &&
           range_refused(run, size, 1) && range_refused(run, size - 1, 2) && range_refused(run, size + 1, 0) &&
           range_refused(run, 0, size + 1) && holds_bytes(run, size - CHUNK, last, CHUNK);
}

/** Sums that wrap to a range inside the device, with lengths that are whole sectors. */
static bool ranges_that_wrap_are_refused(struct run *run)
{
    uint32_t sector = ob_flash_erase_size(run->flash);
    uint32_t at = run->off + 2 * sector;

    return erase_all(run) && mark_sectors(run) && range_refused(run, at, 0u - at + sector) &&
           range_refused(run, 0u - sector, at) && range_refused(run, UINT32_MAX, 2) &&
           range_refused(run, UINT32_MAX, UINT32_MAX) && sector_marked(run, run->off, sector) &&
           sector_marked(run, run->off + sector, sector);
}

static bool misaligned_erases_are_refused(struct run *run)
{
    uint32_t sector = ob_flash_erase_size(run->flash);

    return erase_all(run) && mark_sectors(run) &&
           refused(run, ob_flash_erase(run->flash, run->off + 1, sector), OB_ERR_ALIGN, run->off + 1) &&
           refused(run, ob_flash_erase(run->flash, run->off, sector - 1), OB_ERR_ALIGN, run->off) &&
           refused(run, ob_flash_erase(run->flash, run->off + sector / 2, sector), OB_ERR_ALIGN, run->off) &&
           sector_marked(run, run->off, sector) && sector_marked(run, run->off + sector, sector);
}

static bool every_address_has_its_own_byte(struct run *run)
{
    bool ok = erase_all(run);

    for (uint32_t at = 0; ok && at < run->len; at += BUFFER_SIZE) {
        ok = write_pattern(run, run->off + at, OB_MIN(BUFFER_SIZE, run->len - at), 8, 0);
    }
    return ok && holds_pattern(run, run->off, run->len, 8);
}

static bool reset_keeps_the_content_and_the_device_usable(struct run *run)
{
    return erase_all(run) && write_pattern(run, run->off, 100, 9, 0) &&
           succeeds(run, ob_flash_reset(run->flash), run->off) && holds_pattern(run, run->off, 100, 9) &&
           write_pattern(run, run->off + 0x400, 100, 9, 1) && holds_pattern(run, run->off + 0x400, 100, 9) &&
           erase_all(run) && holds_erased(run, run->off, 0x1000);
}

/** Operations that are finished later: a driver has all three or none. */
static unsigned count_started(const struct ob_flash *flash)
{
    return (flash->ops->start_erase != NULL) + (flash->ops->start_write != NULL) + (flash->ops->finish != NULL);
}

static bool starts(const struct ob_flash *flash)
{
    return count_started(flash) == 3;
}

static bool finishes(struct run *run, enum ob_err started, uint32_t off)
{
    return succeeds(run, started, off) && succeeds(run, run->flash->ops->finish(run->flash), off) &&
           succeeds(run, run->flash->ops->finish(run->flash), off); /* nothing is under way any more */
}

static bool started_erases_do_as_erases_do(struct run *run)
{
    uint32_t sector = ob_flash_erase_size(run->flash);
    uint32_t middle = run->off + largest_erase(run->flash);
    bool ok = !starts(run->flash) || (erase_all(run) && mark_sectors(run));

    for (unsigned i = 0; ok && starts(run->flash) && i < OB_FLASH_ERASE_SIZES; i++) {
        uint32_t size = run->flash->erase_sizes[i];

        ok = size == 0 || (finishes(run, run->flash->ops->start_erase(run->flash, middle, size), middle) &&
                           holds_erased(run, middle, size) && sector_marked(run, middle - sector, sector) &&
                           sector_marked(run, middle + size, sector));
    }
    return ok;
}

/** The source is another one as soon as the call returns. */
static bool starts_pattern(struct run *run, uint32_t off, uint32_t len)
{
    enum ob_err err;

    for (uint32_t i = 0; i < len; i++) {
        buffer[i] = pattern(off + i, 11);
    }
    err = run->flash->ops->start_write(run->flash, off, buffer, len);
    memset(buffer, CANARY, len);
    return finishes(run, err, off) && holds_pattern(run, off, len, 11);
}

static bool operations_to_start_and_to_finish_come_together(struct run *run)
{
    return starts(run->flash) || count_started(run->flash) == 0 || broken(run, OB_OK, 0, 0, 0);
}

static bool started_writes_do_as_writes_do(struct run *run)
{
    uint32_t page = OB_MIN(run->flash->program_size, BUFFER_SIZE);
    uint32_t word = run->flash->write_size;

    return !starts(run->flash) ||
           (erase_all(run) && starts_pattern(run, run->off, page) && starts_pattern(run, run->off + page, word) &&
            starts_pattern(run, run->off + 3 * page - word, word) && holds_erased(run, run->off + page + word, page));
}

/** Nobody else needs to know that something was started. */
static bool operations_wait_for_what_was_started(struct run *run)
{
    const struct ob_flash_ops *ops = run->flash->ops;
    const uint32_t sector = ob_flash_erase_size(run->flash);
    const uint32_t page = OB_MIN(run->flash->program_size, BUFFER_SIZE);

    return !starts(run->flash) ||
           (erase_all(run) && mark_sectors(run) &&
            succeeds(run, ops->start_erase(run->flash, run->off, sector), run->off) &&
            holds_erased(run, run->off, sector) &&
            succeeds(run, ops->start_erase(run->flash, run->off + sector, sector), run->off + sector) &&
            write_pattern(run, run->off + sector, 300, 12, 0) &&
            succeeds(run, ops->start_write(run->flash, run->off, buffer, page), run->off) &&
            erases_exactly(run, run->off, sector) && succeeds(run, ops->finish(run->flash), run->off));
}

static bool mapped_bytes_are_the_bytes_read(struct run *run)
{
    const uint8_t *mapped = run->flash->mapped;

    return mapped == NULL || (erase_all(run) && write_pattern(run, run->off + 5, 300, 10, 0) &&
                              compare(run, run->off + 5, mapped + run->off + 5, buffer, 300));
}

#define PROMISE(function)   \
    {                       \
#function, function \
    }

static const struct {
    const char *name;
    bool (*check)(struct run *run);
} promises[] = {
    PROMISE(erased_flash_reads_as_the_erased_value),
    PROMISE(single_bytes_are_written_at_any_offset),
    PROMISE(partial_words_are_padded_with_the_erased_value),
    PROMISE(writes_cross_page_borders_at_every_alignment),
    PROMISE(writes_cross_sector_borders_at_every_alignment),
    PROMISE(long_writes_cross_several_pages),
    PROMISE(reads_work_at_every_alignment_and_length),
    PROMISE(source_may_lie_in_internal_flash),
    PROMISE(source_may_be_constant_data_or_stack),
    PROMISE(writing_only_clears_bits),
    PROMISE(bytes_are_programmed_again_where_they_may_be),
    PROMISE(each_erase_size_leaves_its_neighbours),
    PROMISE(erases_that_need_several_sizes_leave_their_neighbours),
    PROMISE(ranges_outside_the_device_are_refused),
    PROMISE(ranges_that_wrap_are_refused),
    PROMISE(misaligned_erases_are_refused),
    PROMISE(every_address_has_its_own_byte),
    PROMISE(reset_keeps_the_content_and_the_device_usable),
    PROMISE(operations_to_start_and_to_finish_come_together),
    PROMISE(started_erases_do_as_erases_do),
    PROMISE(started_writes_do_as_writes_do),
    PROMISE(operations_wait_for_what_was_started),
    PROMISE(mapped_bytes_are_the_bytes_read),
};

enum ob_err ob_flash_conformance(const struct ob_conformance *suite, unsigned *broken_out)
{
    const struct ob_flash *flash = suite->flash;
    uint32_t largest = largest_erase(flash);
    unsigned count = 0;

    if (largest == 0 || suite->off > flash->size || suite->len > flash->size - suite->off || suite->len / largest < 3) {
        return OB_ERR_RANGE;
    }
    if (suite->off % largest != 0 || suite->len % largest != 0) {
        return OB_ERR_ALIGN;
    }
    for (size_t i = 0; i < OB_ARRAY_SIZE(promises); i++) {
        struct run run = {
            .suite = suite,
            .flash = flash,
            .off = suite->off,
            .len = suite->len,
            .result = {.promise = promises[i].name, .kept = true},
        };

        count += !promises[i].check(&run);
        suite->report(suite->ctx, &run.result);
    }
    *broken_out = count;
    return OB_OK;
}
