/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/format.h>

#include <stdbool.h>
#include <stdint.h>

#define DIGITS_MAX 10 /* of a 32-bit number in base 10 */

/* Wider fields than any message has; it bounds what a width can print. */
#define WIDTH_MAX 32u

struct field {
    uint32_t width;
    char pad;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *parse_field(const char *format, struct field *field)
{
    *field = (struct field){.width = 0, .pad = ' '};
    if (*format == '0') {
        field->pad = '0';
        format++;
    }
    while (is_digit(*format)) {
        field->width = field->width * 10 + (uint32_t)(*format++ - '0');
        field->width = field->width < WIDTH_MAX ? field->width : WIDTH_MAX;
    }
    return format;
}

static void pad(void (*put)(char c), const struct field *field, uint32_t used)
{
    for (uint32_t i = used; i < field->width; i++) {
        put(field->pad);
    }
}

static void put_number(void (*put)(char c), const struct field *field, uint32_t value, uint32_t base, bool negative)
{
    char digits[DIGITS_MAX];
    uint32_t count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    bool sign_first = negative && field->pad == '0';
    if (sign_first) {
        put('-');
    }
    pad(put, field, count + (negative ? 1u : 0u));
    if (negative && !sign_first) {
        put('-');
    }
    while (count > 0) {
        put(digits[--count]);
    }
}

static void put_signed(void (*put)(char c), const struct field *field, int value)
{
    uint32_t magnitude = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    put_number(put, field, magnitude, 10, value < 0);
}

static void put_text(void (*put)(char c), const struct field *field, const char *text)
{
    uint32_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    pad(put, &(struct field){.width = field->width, .pad = ' '}, len);
    for (uint32_t i = 0; i < len; i++) {
        put(text[i]);
    }
}

void ob_format(void (*put)(char c), const char *format, va_list args)
{
    while (*format != '\0') {
        struct field field;
        const char *start = format;
        if (*format++ != '%') {
            put(*start);
            continue;
        }
        format = parse_field(format, &field);
        switch (*format) {
        case 's':
            put_text(put, &field, va_arg(args, const char *));
            break;
        case 'c':
            put((char)va_arg(args, int));
            break;
        case 'd':
            put_signed(put, &field, va_arg(args, int));
            break;
        case 'u':
            put_number(put, &field, va_arg(args, unsigned int), 10, false);
            break;
        case 'x':
            put_number(put, &field, va_arg(args, unsigned int), 16, false);
            break;
        case '%':
            put('%');
            break;
        default: /* not known: print it as written, from the percent sign on */
            put('%');
            format = start + 1;
            continue;
        }
        format++;
    }
}
