/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory functions that a compiler expects of every environment, small: whole words, then bytes. The C library's
 * versions are made for speed and take 790 bytes.
 */
#include <stdint.h>
#include <string.h>

/* At any address: this CPU reads and writes a word wherever it lies. */
typedef uint32_t word __attribute__((aligned(1), may_alias));

/* Without this attribute the compiler recognises these loops, and replaces them by calls of the functions they are in.
 */
#define AS_WRITTEN __attribute__((optimize("no-tree-loop-distribute-patterns"), used))

AS_WRITTEN void *memcpy(void *restrict dst, const void *restrict src, size_t len)
{
    unsigned char *to = dst;
    const unsigned char *from = src;
    size_t words = len / sizeof(word);
    size_t rest = len % sizeof(word);

    if (words > 0) { /* a loop of four instructions, in which an update spends more than in most others */
        do {
            *(word *)to = *(const word *)from;
            to += sizeof(word);
            from += sizeof(word);
        } while (--words > 0);
    }
    while (rest-- > 0) {
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
    const word four = (value & 0xff) * 0x01010101u;

    for (; len >= sizeof(word); len -= sizeof(word), to += sizeof(word)) {
        *(word *)to = four;
    }
    while (len-- > 0) {
        *to++ = (unsigned char)value;
    }
    return dst;
}

AS_WRITTEN int memcmp(const void *a, const void *b, size_t len)
{
    const unsigned char *left = a;
    const unsigned char *right = b;

    while (len >= sizeof(word) && *(const word *)left == *(const word *)right) {
        left += sizeof(word);
        right += sizeof(word);
        len -= sizeof(word);
    }
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
