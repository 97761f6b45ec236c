/* SPDX-License-Identifier: Apache-2.0 */
/* The server of SMP, from bytes to bytes. What a store does with images is tried on the emulated board. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/smp.h>
#include <outboard/util.h>

#define ECHO_LINE \
    "\x06\x09"    \
    "ABACAAAGAAABAKFhZGJoaU7E\n" /* of the specification: echo "hi", sequence 1 */

static struct ob_smp_os os = {.buffer_size = 512, .mode = OB_INFO_MODE_SWAP};
static const struct ob_smp_group groups[] = {{OB_SMP_GROUP_OS, ob_smp_os_handle, &os}};
static struct ob_smp smp = {.groups = groups, .group_count = 1};

static uint8_t buffer[512];
static struct ob_smp_framing framing;
static uint8_t answer[256];

static int set_up(void **state)
{
    (void)state;
    framing = (struct ob_smp_framing){.buffer = buffer, .size = sizeof(buffer)};
    return 0;
}

/** @return requests that are complete in what comes; *request is the last one */
static uint32_t hear(const char *bytes, size_t count, const uint8_t **request, uint32_t *len)
{
    uint32_t whole = 0;

    for (size_t i = 0; i < count; i++) {
        whole += ob_smp_console_take(&framing, (uint8_t)bytes[i], request, len);
    }
    return whole;
}

static uint32_t hear_text(const char *text)
{
    const uint8_t *request;
    uint32_t len;

    return hear(text, strlen(text), &request, &len);
}

static void request_in_a_line_is_answered_in_a_line(void **state)
{
    const uint8_t *request;
    uint32_t len;

    (void)state;
    assert_int_equal(hear(ECHO_LINE, strlen(ECHO_LINE), &request, &len), 1);
    const uint8_t expected[] = {0x03, 0, 0, 7, 0, 0, 1, 0, 0xbf, 0x61, 'r', 0x62, 'h', 'i', 0xff};
    assert_int_equal(ob_smp_handle(&smp, request, len, answer, sizeof(answer)), sizeof(expected));
    assert_memory_equal(answer, expected, sizeof(expected));
}

static char sent[1000];
static uint32_t sent_len;

static void send(void *ctx, uint8_t byte)
{
    (void)ctx;
    sent[sent_len++] = (char)byte;
}

static void what_is_sent_is_heard_in_whatever_lines(void **state)
{
    uint8_t packet[300];
    const uint8_t *heard;
    uint32_t len;

    (void)state;
    for (uint32_t size = 8; size < sizeof(packet); size++) {
        memset(packet, (int)size, size);
        sent_len = 0;
        ob_smp_console_put(packet, size, send, NULL);
        for (const char *line = sent; line < sent + sent_len; line = strchr(line, '\n') + 1) {
            assert_true(strchr(line, '\n') - line <= 126);
        }
        sent[sent_len] = '\0';
        assert_int_equal(hear(sent, sent_len, &heard, &len), 1);
        assert_int_equal(len, size);
        assert_memory_equal(heard, packet, size);
    }
}

static void text_between_lines_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(hear_text("status\r\n\x06 \x04 hello\n" ECHO_LINE "more\n"), 1);
}

static void line_that_is_damaged_is_dropped_and_the_next_is_heard(void **state)
{
    static const char *const damaged[] = {
        "\x06\x09"
        "ABACAAAGAAABAKFhZGJoaU7F\n", /* CRC */
        "\x06\x09"
        "ABACAAAGAAABAKFhZGJoaU7\n", /* a character is missing */
        "\x06\x09"
        "ABACAAAG?AABAKFhZGJoaU7E\n",
        "\x06\x09"
        "ABACAAAGAAABAKFhZGJo\n", /* the rest is missing */
        "\x06\x09"
        "ABACAAAGAAABAKFhZG=JoaU7E\n",
        "\x04\x14"
        "ABACAAAGAAABAKFhZGJoaU7E\n", /* there was no first line */
        "\x06\x09\n",
    };

    (void)state;
    for (uint32_t i = 0; i < OB_ARRAY_SIZE(damaged); i++) {
        assert_int_equal(hear_text(damaged[i]), 0);
        assert_int_equal(hear_text(ECHO_LINE), 1);
    }
}

static void packet_longer_than_the_buffer_is_passed_over(void **state)
{
    uint8_t packet[64] = {0};

    (void)state;
    framing.size = 68; /* with length and CRC */
    sent_len = 0;
    ob_smp_console_put(packet, sizeof(packet), send, NULL);
    sent[sent_len] = '\0';
    assert_int_equal(hear_text(sent), 1);
    framing.size = 67;
    assert_int_equal(hear_text(sent), 0);
    assert_int_equal(hear_text(ECHO_LINE), 1);
}

/** Give a write request to the group. @return the answer's rc, or 0 */
static uint8_t ask(uint8_t id, const uint8_t *map, uint32_t len)
{
    uint8_t request[64] = {2, 0, 0, (uint8_t)len, 0, 0, 9, id};

    memcpy(request + OB_SMP_HEADER_SIZE, map, len);
    uint32_t size = ob_smp_handle(&smp, request, OB_SMP_HEADER_SIZE + len, answer, sizeof(answer));
    assert_true(size > OB_SMP_HEADER_SIZE);
    return memcmp(answer + OB_SMP_HEADER_SIZE, "\xbf\x62rc", 4) == 0 ? answer[OB_SMP_HEADER_SIZE + 4] : 0;
}

static void keys_that_are_not_known_are_passed_over_however_they_nest(void **state)
{
    /* {"x": [{"y": 1}, [_ 1]], "d": "hi"}, and the like with tags */
    const uint8_t nested[] = {0xa2, 0x61, 'x', 0x82, 0xa1, 0x61, 'y', 1, 0x9f, 1, 0xff, 0x61, 'd', 0x62, 'h', 'i'};
    const uint8_t tagged[] = {0xbf, 0x61, 'x', 0xc1, 0x81, 0xc2, 0x05, 0x61, 'd', 0x62, 'h', 'i', 0xff};

    (void)state;
    assert_int_equal(ask(0, nested, sizeof(nested)), 0);
    assert_int_equal(answer[OB_SMP_HEADER_SIZE + 4], 'h');
    assert_int_equal(ask(0, tagged, sizeof(tagged)), 0);
}

static void nesting_without_end_is_malformed_and_costs_no_stack(void **state)
{
    uint8_t deep[40] = {0xa1, 0x61, 'x'};

    (void)state;
    memset(deep + 3, 0x81, sizeof(deep) - 3);
    assert_int_equal(ask(0, deep, sizeof(deep)), OB_SMP_INVALID);
    memset(deep + 3, 0xc1, sizeof(deep) - 3);
    assert_int_equal(ask(0, deep, sizeof(deep)), OB_SMP_INVALID);
}

static void the_same_key_twice_another_type_or_a_string_cut_short_is_malformed(void **state)
{
    const uint8_t twice[] = {0xa2, 0x61, 'd', 0x61, 'a', 0x61, 'd', 0x61, 'b'};
    const uint8_t number[] = {0xa1, 0x61, 'd', 1};
    const uint8_t no_map[] = {0x80};
    const uint8_t cut[] = {0xa1, 0x61, 'x', 0x58, 0x05, 'c', 'u', 't'};

    (void)state;
    assert_int_equal(ask(0, twice, sizeof(twice)), OB_SMP_INVALID);
    assert_int_equal(ask(0, number, sizeof(number)), OB_SMP_INVALID);
    assert_int_equal(ask(0, no_map, sizeof(no_map)), OB_SMP_INVALID);
    assert_int_equal(ask(0, cut, sizeof(cut)), OB_SMP_INVALID);
}

static void null_says_as_much_as_a_key_that_is_left_out(void **state)
{
    const uint8_t null[] = {0xa1, 0x61, 'd', 0xf6};

    (void)state;
    assert_int_equal(ask(0, null, sizeof(null)), 0);
    assert_memory_equal(answer + OB_SMP_HEADER_SIZE, "\xbf\x61r\x60\xff", 5);
}

static void what_is_not_there_is_said_with_the_proper_number(void **state)
{
    const uint8_t empty[] = {0xa0};
    uint8_t too_new[] = {0x10, 0, 0, 1, 0, 0, 1, 6, 0xa0};

    (void)state;
    assert_int_equal(ask(4, empty, 1), OB_SMP_NOTSUP); /* date */
    assert_int_equal(ask(77, empty, 1), OB_SMP_NOTSUP);
    assert_int_equal(ob_smp_handle(&smp, too_new, sizeof(too_new), answer, sizeof(answer)), 8 + 6);
    assert_int_equal(answer[8 + 4], OB_SMP_TOO_NEW);
    too_new[0] = 0;
    too_new[5] = 9; /* a group */
    assert_int_equal(ob_smp_handle(&smp, too_new, sizeof(too_new), answer, sizeof(answer)), 8 + 6);
    assert_int_equal(answer[8 + 4], OB_SMP_NOTSUP);
}

static void what_is_no_request_is_not_answered(void **state)
{
    const uint8_t response[] = {1, 0, 0, 1, 0, 0, 1, 6, 0xa0};
    const uint8_t short_one[] = {0, 0, 0, 2, 0, 0, 1, 6, 0xa0};

    (void)state;
    assert_int_equal(ob_smp_handle(&smp, response, sizeof(response), answer, sizeof(answer)), 0);
    assert_int_equal(ob_smp_handle(&smp, short_one, sizeof(short_one), answer, sizeof(answer)), 0);
    assert_int_equal(ob_smp_handle(&smp, short_one, 7, answer, sizeof(answer)), 0);
    assert_int_equal(ob_smp_handle(&smp, short_one, 8, answer, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(request_in_a_line_is_answered_in_a_line, set_up),
        cmocka_unit_test_setup(what_is_sent_is_heard_in_whatever_lines, set_up),
        cmocka_unit_test_setup(text_between_lines_is_passed_over, set_up),
        cmocka_unit_test_setup(line_that_is_damaged_is_dropped_and_the_next_is_heard, set_up),
        cmocka_unit_test_setup(packet_longer_than_the_buffer_is_passed_over, set_up),
        cmocka_unit_test(keys_that_are_not_known_are_passed_over_however_they_nest),
        cmocka_unit_test(nesting_without_end_is_malformed_and_costs_no_stack),
        cmocka_unit_test(the_same_key_twice_another_type_or_a_string_cut_short_is_malformed),
        cmocka_unit_test(null_says_as_much_as_a_key_that_is_left_out),
        cmocka_unit_test(what_is_not_there_is_said_with_the_proper_number),
        cmocka_unit_test(what_is_no_request_is_not_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
