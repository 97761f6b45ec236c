/* SPDX-License-Identifier: Apache-2.0 */
#include "geometry.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <outboard/util.h>

#define SIZE_MAX_SUPPORTED (256u << 20)
#define EXTERNAL_PAGE 256u
/* How often a word of internal flash may be programmed between erases. nRF: nWRITE = 2 (product specifications of
 * nRF52840 and nRF5340, NVMC). Flash with ECC over 8 bytes and more (STM32 and others): once. */
#define LIMIT_PLAIN 2u
#define LIMIT_ECC 1u
#define ECC_WORD 8u

/* Chips that program word by word are as real as those that take rows; rows make shorter histories. */
const struct sim_pair sim_pairs[] = {
    {"3K:512:4:64", "4K:512:1", true},        {"3K:512:16", "6K:1K:1", true},
    {"6K:1K:32", "5K:512:4", true},           {"2K:256:4:64", "3K:256:1", true},
    {"24K:4K:4", "32K:4K:1", false},          {"24K:4K:4:64", "40K:4K,32K:1", false},
    {"256K:4K:4:256", "384K:64K:1", false},   {"192K:4K:4:256", "448K:4K,32K,64K:1", false},
    {"16K:2K:8", "28K:4K:1", false},          {"32K:8K:8", "44K:4K:1", false},
    {"512K:128K:32", "528K:4K,64K:1", false}, {"1M:4K:4:256", "1536K:256K:1", false},
    {"24K:4K:16", "32K:4K:4", false},         {"24K:4K:32", "32K:4K:8", false},
    {"32K:4K:8", "44K:4K:32", false},         {"24K:4K:1:64", "32K:4K:16", false},
    {"40K:8K:4:64", "72K:8K:2", false},
};
const unsigned sim_pair_count = OB_ARRAY_SIZE(sim_pairs);

/* A number at *text, which moves behind it. 0: there is none, or it is too large. */
static uint32_t take_size(const char **text)
{
    char *end;

    if (!isdigit((unsigned char)**text)) {
        return 0;
    }
    errno = 0;
    unsigned long long value = strtoull(*text, &end, 0);
    if (*end == 'K' || *end == 'k') {
        value = value > SIZE_MAX_SUPPORTED ? value : value << 10;
        end++;
    } else if (*end == 'M' || *end == 'm') {
        value = value > SIZE_MAX_SUPPORTED ? value : value << 20;
        end++;
    }
    *text = end;
    return errno != 0 || value > SIZE_MAX_SUPPORTED ? 0 : (uint32_t)value;
}

static bool take(const char **text, char separator)
{
    if (**text != separator) {
        return false;
    }
    (*text)++;
    return true;
}

static bool power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static const char *take_erase_sizes(const char **text, struct sim_geometry *out)
{
    unsigned count = 0;

    do {
        uint32_t size = take_size(text);
        if (count == OB_FLASH_ERASE_SIZES) {
            return "has more than four erase sizes";
        }
        if (size == 0 || size % SIM_BLOCK != 0) {
            return "has an erase size that is not a multiple of 256";
        }
        if (count > 0 && (size % out->erase_sizes[count - 1] != 0 || size == out->erase_sizes[count - 1])) {
            return "has erase sizes that are not ascending multiples of each other";
        }
        out->erase_sizes[count++] = size;
    } while (take(text, ','));
    return NULL;
}

static const char *check(const struct sim_geometry *geometry)
{
    if (geometry->size == 0 || geometry->size % geometry->erase_sizes[0] != 0) {
        return "has a size that is not a multiple of its erase size";
    }
    if (!power_of_two(geometry->write_size) || geometry->write_size > 32) {
        return "has a write size that is not 1, 2, 4, 8, 16 or 32";
    }
    if (geometry->program_size == 0 || geometry->program_size % geometry->write_size != 0 ||
        geometry->program_size > SIM_PROGRAM_MAX) {
        return "has a program size that is not a multiple of its write size, up to 512";
    }
    return NULL;
}

const char *sim_geometry_parse(const char *text, bool internal, struct sim_geometry *out)
{
    struct sim_geometry geometry = {.size = take_size(&text)};

    if (!take(&text, ':')) {
        return "is not SIZE:ERASE[,ERASE...]:WRITE[:PROGRAM]";
    }
    const char *wrong = take_erase_sizes(&text, &geometry);
    if (wrong != NULL) {
        return wrong;
    }
    if (!take(&text, ':')) {
        return "is not SIZE:ERASE[,ERASE...]:WRITE[:PROGRAM]";
    }
    geometry.write_size = take_size(&text);
    geometry.program_size = internal ? geometry.write_size : EXTERNAL_PAGE;
    if (take(&text, ':')) {
        geometry.program_size = take_size(&text);
    }
    bool inside = !internal && take(&text, 'i');
    geometry.blocking = inside || (!internal && take(&text, 'b'));
    if (internal || inside) {
        geometry.program_limit = geometry.write_size >= ECC_WORD ? LIMIT_ECC : LIMIT_PLAIN;
    }
    if (*text != '\0') {
        return "is not SIZE:ERASE[,ERASE...]:WRITE[:PROGRAM]";
    }
    wrong = check(&geometry);
    if (wrong == NULL) {
        *out = geometry;
    }
    return wrong;
}

static size_t print_size(char *text, size_t size, uint32_t value, const char *behind)
{
    int len = value % 1024 == 0 ? snprintf(text, size, "%uK%s", value / 1024, behind)
                                : snprintf(text, size, "%u%s", value, behind);

    return (size_t)len < size ? (size_t)len : size - 1;
}

static const char *suffix(const struct sim_geometry *geometry)
{
    return !geometry->blocking ? "" : geometry->program_limit != 0 ? "i" : "b";
}

void sim_geometry_print(const struct sim_geometry *geometry, char *text, size_t size)
{
    size_t at = print_size(text, size, geometry->size, ":");

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && geometry->erase_sizes[i] != 0; i++) {
        bool more = i + 1 < OB_FLASH_ERASE_SIZES && geometry->erase_sizes[i + 1] != 0;
        at += print_size(text + at, size - at, geometry->erase_sizes[i], more ? "," : ":");
    }
    at += print_size(text + at, size - at, geometry->write_size, ":");
    print_size(text + at, size - at, geometry->program_size, suffix(geometry));
}
