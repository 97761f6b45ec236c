/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory functions that a compiler expects of every environment, small. A bootloader's copies are short or wait for
 * flash; the C library's versions are made for speed and take 790 bytes.
 */
#include <string.h>

/* Without this attribute the compiler recognises these loops, and replaces them by calls of the functions they are in.
 */
#define AS_WRITTEN __attribute__((optimize("no-tree-loop-distribute-patterns"), used))

AS_WRITTEN void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
    unsigned char *to = dst;
    const unsigned char *from = src;

    while (len-- > 0) {
        *to++ = *from++;
    }
    return dst;
}

AS_WRITTEN void *memmove(void *dst, const void *src, size_t len)
{
    unsigned char *to = dst;
    const unsigned char *from = src;

    if (to <= from) {
        return memcpy(dst, src, len);
    }
    while (len-- > 0) {
        to[len] = from[len];
    }
    return dst;
}

AS_WRITTEN void *memset(void *dst, int value, size_t len)
{
    unsigned char *to = dst;

    while (len-- > 0) {
        *to++ = (unsigned char)value;
    }
    return dst;
}

AS_WRITTEN int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a;
    const unsigned char *right = b;

    for (; len > 0; len--, left++, right++) {
        if (*left != *right) {
            return *left < *right ? -1 : 1;
        }
    }
    return 0;
}

AS_WRITTEN size_t strlen(const char *text)
{
    size_t len = 0;

    while (text[len] != '\0') {
        len++;
    }
    return len;
}
