/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <outboard/log.h>
#include <outboard/util.h>

#include "../../drivers/flash/spi_nor.h"
#include "flash_conformance.h"
#include "nor_bus.h"
#include "ram_flash.h"

/* The suite on the host: every driver that runs here keeps every promise, and the suite notices one that does not. */

static uint8_t rom[OB_CONFORMANCE_ROM_SIZE];

void ob_log(enum ob_log_level level, const char *format, ...)
{
    va_list args;

    (void)level;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rom); i++) {
        rom[i] = (uint8_t)(i * 31 + i / 256);
    }
    return 0;
}

/** Promises that were not kept, each followed by a space. */
struct broken_names {
    char names[1024];
};

static void note(void *ctx, const struct ob_conformance_result *result)
{
    struct broken_names *broken = ctx;

    if (!result->kept) {
        size_t used = strlen(broken->names);

        snprintf(broken->names + used, sizeof(broken->names) - used, "%s ", result->promise);
        print_message("%s: %s at 0x%x, want %02x, got %02x\n", result->promise, ob_err_text(result->err),
                      (unsigned)result->off, result->want, result->got);
    }
}

static struct broken_names run_suite(const struct ob_flash *flash, uint32_t off, uint32_t len)
{
    struct broken_names broken = {""};
    const struct ob_conformance suite = {
        .flash = flash, .off = off, .len = len, .rom = rom, .report = note, .ctx = &broken};
    unsigned count = 0;

    assert_int_equal(ob_flash_conformance(&suite, &count), OB_OK);
    assert_int_equal(count == 0, broken.names[0] == '\0');
    return broken;
}

/* spi_nor over a chip */

static struct nor_chip chip;
static struct nor_bus wire;
static struct ob_spi_nor nor;
static struct ob_spi_nor_config config;
static enum ob_err bus_status = OB_OK;
static enum ob_err nor_status;
static const struct ob_device bus = {.name = "spi", .api = &wire.mem, .status = &bus_status};
static const struct ob_device dev = {
    .name = "nor", .config = &config, .data = &nor, .api = &nor.flash, .status = &nor_status};

static void assert_chip_conforms(const struct nor_part *original, uint8_t write_size, uint32_t off, uint32_t len)
{
    struct nor_part type = *original;

    nor_part_hurry(&type, 20); /* fewer polls than a real chip takes */
    nor_chip_init(&chip, &type);
    nor_bus_init(&wire, &chip);
    config = (struct ob_spi_nor_config){
        .bus = &bus, .size = type.size, .write_size = write_size, .enter_4byte = OB_SFDP_ENTER_4BYTE_WREN};
    assert_int_equal(ob_spi_nor_init(&dev), OB_OK);
    assert_string_equal(run_suite(&nor.flash, off, len).names, "");
    nor_chip_free(&chip);
}

static void spi_nor_with_tables_conforms(void **state)
{
    (void)state;
    assert_chip_conforms(&mx25r6435f, 1, 0, 0x30000);
    assert_chip_conforms(&mx25r6435f, 4, 0x7d0000, 0x30000);
}

static void spi_nor_without_tables_conforms(void **state)
{
    (void)state;
    assert_chip_conforms(&w25q80, 1, 0x40000, 0x40000);
}

static void spi_nor_in_4_byte_mode_conforms_across_16_mib(void **state)
{
    (void)state;
    assert_chip_conforms(&mx25l25635e, 1, 0xff0000, 0x30000);
    assert_chip_conforms(&n25q256, 1, 0xff0000, 0x30000);
}

static void spi_nor_with_4_byte_opcodes_conforms_up_to_the_end(void **state)
{
    (void)state;
    assert_chip_conforms(&mx66l1g45g, 1, 0x7fd0000, 0x30000);
}

/* A RAM flash, right and wrong */

static struct ram_flash ram;

static void ram_flash_conforms(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_string_equal(run_suite(&ram.flash, 0x10000, 0x30000).names, "");
}

static void range_must_be_large_aligned_and_inside(void **state)
{
    static const struct {
        uint32_t off, len;
        enum ob_err err;
    } cases[] = {
        {0x20000, 0x30000, OB_ERR_RANGE}, {0, 0x20000, OB_ERR_RANGE}, {0xffff0000, 0x30000, OB_ERR_RANGE},
        {0x1000, 0x30000, OB_ERR_ALIGN},  {0, 0x31000, OB_ERR_ALIGN},
    };

    (void)state;
    ram_flash_init(&ram);
    for (size_t i = 0; i < OB_ARRAY_SIZE(cases); i++) {
        const struct ob_conformance suite = {.flash = &ram.flash, .off = cases[i].off, .len = cases[i].len};
        unsigned broken = 77;

        assert_int_equal(ob_flash_conformance(&suite, &broken), cases[i].err);
        assert_int_equal(broken, 77);
    }
    assert_int_equal(ram.reads + ram.writes + ram.erase_count, 0);
}

/* Wrong drivers: mistakes that real ones have made. Each passes on to the right one. */

static struct ob_flash_ops right;

static enum ob_err page_wraps(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *from = src;
    enum ob_err err = OB_OK;

    for (uint32_t i = 0; err == OB_OK && i < len; i++) {
        err = right.write(flash, off / 256 * 256 + (off + i) % 256, from + i, 1);
    }
    return err;
}

static enum ob_err words_only(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    return off % 4 != 0 || len % 4 != 0 ? OB_ERR_ALIGN : right.write(flash, off, src, len);
}

static enum ob_err pads_with_zeros(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    static const uint8_t zeros[4];
    enum ob_err err = off % 4 == 0 ? OB_OK : right.write(flash, off / 4 * 4, zeros, off % 4);

    return err == OB_OK ? right.write(flash, off, src, len) : err;
}

static enum ob_err no_source_in_rom(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *from = src;

    return from >= rom && from < rom + sizeof(rom) ? OB_ERR_BUS : right.write(flash, off, src, len);
}

static enum ob_err loses_the_last_byte(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    return right.write(flash, off, src, len >= 256 ? len - 1 : len);
}

static enum ob_err overwrites(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    struct ram_flash *model = flash->ctx;

    memcpy(model->bytes + off, src, len);
    return OB_OK;
}

static enum ob_err address_bit_16_lost(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    return right.write(flash, off & ~0x10000u, src, len);
}

static enum ob_err reads_whole_words(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    return right.read(flash, off & ~3u, dst, len);
}

static enum ob_err reads_too_much(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    /* Not when that would leave the suite's own chunk of 64 bytes. */
    return right.read(flash, off, dst, len % 4 != 0 && len < 48 ? len + 4 - len % 4 : len);
}

static enum ob_err erases_too_much(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    return right.erase(flash, off / 0x8000 * 0x8000, OB_MAX(size, 0x8000u));
}

static enum ob_err erases_too_little(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    return size == 0x8000 ? right.erase(flash, off, 0x1000) : right.erase(flash, off, size);
}

static enum ob_err reset_erases(const struct ob_flash *flash)
{
    return right.erase(flash, 0x10000, 0x10000);
}

static enum ob_err nothing_to_finish(const struct ob_flash *flash)
{
    (void)flash;
    return OB_OK;
}

/** It erases when it is waited for. */
static uint32_t waiting_off, waiting_size;

static enum ob_err erases_later(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    waiting_off = off;
    waiting_size = size;
    return OB_OK;
}

static enum ob_err erases_now(const struct ob_flash *flash)
{
    const uint32_t size = waiting_size;

    waiting_size = 0;
    return size == 0 ? OB_OK : right.erase(flash, waiting_off, size);
}

/** It fetches the data when it gets to it. */
static struct {
    const void *src;
    uint32_t off, len;
} queued;

static enum ob_err queues(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    (void)flash;
    queued.off = off;
    queued.src = src;
    queued.len = len;
    return OB_OK;
}

static enum ob_err finishes_the_queue(const struct ob_flash *flash)
{
    uint32_t len = queued.len;

    queued.len = 0;
    return right.write(flash, queued.off, queued.src, len);
}

static const struct {
    struct ob_flash_ops ops; /* NULL: the right one */
    const char *promise;     /* that must be among the broken ones */
} wrong[] = {
    {{.write = page_wraps}, "writes_cross_page_borders_at_every_alignment"},
    {{.write = page_wraps}, "writes_cross_sector_borders_at_every_alignment"},
    {{.write = words_only}, "single_bytes_are_written_at_any_offset"},
    {{.write = pads_with_zeros}, "writes_cross_page_borders_at_every_alignment"},
    {{.write = no_source_in_rom}, "source_may_lie_in_internal_flash"},
    {{.write = loses_the_last_byte}, "long_writes_cross_several_pages"},
    {{.write = overwrites}, "writing_only_clears_bits"},
    {{.write = address_bit_16_lost}, "every_address_has_its_own_byte"},
    {{.read = reads_whole_words}, "reads_work_at_every_alignment_and_length"},
    {{.read = reads_too_much}, "reads_work_at_every_alignment_and_length"},
    {{.erase = erases_too_much}, "each_erase_size_leaves_its_neighbours"},
    {{.erase = erases_too_much}, "erases_that_need_several_sizes_leave_their_neighbours"},
    {{.erase = erases_too_little}, "each_erase_size_leaves_its_neighbours"},
    {{.finish = nothing_to_finish}, "operations_to_start_and_to_finish_come_together"},
    {{.start_erase = erases_too_much, .start_write = queues, .finish = nothing_to_finish},
     "started_erases_do_as_erases_do"},
    {{.start_erase = erases_too_little, .start_write = queues, .finish = nothing_to_finish},
     "started_erases_do_as_erases_do"},
    {{.start_erase = erases_too_much, .start_write = queues, .finish = finishes_the_queue},
     "started_writes_do_as_writes_do"},
    {{.start_erase = erases_too_much, .start_write = loses_the_last_byte, .finish = finishes_the_queue},
     "started_writes_do_as_writes_do"},
    {{.start_erase = erases_later, .start_write = queues, .finish = erases_now},
     "operations_wait_for_what_was_started"},
    {{.reset = reset_erases}, "reset_keeps_the_content_and_the_device_usable"},
};

static void each_broken_promise_is_noticed(void **state)
{
    (void)state;
    for (size_t i = 0; i < OB_ARRAY_SIZE(wrong); i++) {
        struct ob_flash_ops ops = wrong[i].ops;

        ram_flash_init(&ram);
        right = *ram.flash.ops;
        ops.read = ops.read == NULL ? right.read : ops.read;
        ops.write = ops.write == NULL ? right.write : ops.write;
        ops.erase = ops.erase == NULL ? right.erase : ops.erase;
        ops.reset = ops.reset == NULL ? right.reset : ops.reset;
        ram.flash.ops = &ops;
        assert_non_null(strstr(run_suite(&ram.flash, 0x10000, 0x30000).names, wrong[i].promise));
    }
}

static void wrong_facts_about_a_device_are_noticed(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    ram.flash.erased_value = 0x00;
    assert_non_null(strstr(run_suite(&ram.flash, 0x10000, 0x30000).names, "erased_flash_reads_as_the_erased_value"));
    ram_flash_init(&ram);
    ram.flash.mapped = ram.bytes + 1;
    assert_string_equal(run_suite(&ram.flash, 0x10000, 0x30000).names, "mapped_bytes_are_the_bytes_read ");
    ram.flash.mapped = ram.bytes;
    assert_string_equal(run_suite(&ram.flash, 0x10000, 0x30000).names, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ram_flash_conforms),
        cmocka_unit_test(spi_nor_with_tables_conforms),
        cmocka_unit_test(spi_nor_without_tables_conforms),
        cmocka_unit_test(spi_nor_in_4_byte_mode_conforms_across_16_mib),
        cmocka_unit_test(spi_nor_with_4_byte_opcodes_conforms_up_to_the_end),
        cmocka_unit_test(range_must_be_large_aligned_and_inside),
        cmocka_unit_test(each_broken_promise_is_noticed),
        cmocka_unit_test(wrong_facts_about_a_device_are_noticed),
    };

    return cmocka_run_group_tests_name("flash conformance", tests, setup, NULL);
}
