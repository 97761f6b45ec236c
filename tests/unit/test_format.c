/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <outboard/format.h>

static char text[128];
static size_t used;

static void put(char c)
{
    assert_true(used < sizeof(text) - 1);
    text[used++] = c;
    text[used] = '\0';
}

static void check(const char *expected, const char *format, ...)
{
    va_list args;
    used = 0;
    text[0] = '\0';
    va_start(args, format);
    ob_format(put, format, args);
    va_end(args);
    assert_string_equal(text, expected);
}

static void numbers_at_their_limits(void **state)
{
    (void)state;
    check("0 4294967295", "%u %u", 0u, UINT32_MAX);
    check("-2147483648 2147483647 0", "%d %d %d", INT32_MIN, INT32_MAX, 0);
    check("0 ffffffff", "%x %x", 0u, UINT32_MAX);
}

static void width_pads_with_blanks_or_zeros(void **state)
{
    (void)state;
    check("   7|0007|0000abcd", "%4u|%04u|%08x", 7u, 7u, 0xabcdu);
    check("  -7|-007", "%4d|%04d", -7, -7);
    check("  ab|abcdef", "%4s|%4s", "ab", "abcdef");
}

static void width_is_bounded(void **state)
{
    (void)state;
    check("                               7", "%99999u", 7u);
}

static void text_characters_and_percent(void **state)
{
    (void)state;
    check("a: b, 100%", "%c: %s, 100%%", 'a', "b");
    check("", "");
}

static void unknown_format_is_printed_as_written(void **state)
{
    (void)state;
    check("%f 1", "%f %u", 1u);
    check("%", "%");
    check("%08", "%08");
    check("%ld", "%ld");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_at_their_limits),
        cmocka_unit_test(width_pads_with_blanks_or_zeros),
        cmocka_unit_test(width_is_bounded),
        cmocka_unit_test(text_characters_and_percent),
        cmocka_unit_test(unknown_format_is_printed_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
