/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol.h"

#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "../../common/file.h"

#define ELF_SIZE_MAX ((size_t)256 * 1024 * 1024)

struct bytes {
    const char *data;
    size_t len;
};

/** @return a part of the file; NULL if it is not all there */
static const char *part_of(const struct bytes *file, uint64_t offset, uint64_t len)
{
    return offset <= file->len && len <= file->len - offset ? file->data + offset : NULL;
}

static bool read_header(const struct bytes *file, Elf32_Ehdr *header)
{
    const char *start = part_of(file, 0, sizeof(*header));

    if (start == NULL || memcmp(start, ELFMAG, SELFMAG) != 0 || start[EI_CLASS] != ELFCLASS32 ||
        start[EI_DATA] != ELFDATA2LSB) {
        return false;
    }
    memcpy(header, start, sizeof(*header));
    return true;
}

/** @return the contents of a section; NULL: there is none */
static const char *read_section(const struct bytes *file, const Elf32_Ehdr *header, uint32_t index, Elf32_Shdr *section)
{
    uint64_t offset = le32toh(header->e_shoff) + (uint64_t)index * sizeof(*section);
    const char *start = index < le16toh(header->e_shnum) ? part_of(file, offset, sizeof(*section)) : NULL;

    if (start == NULL) {
        return NULL;
    }
    memcpy(section, start, sizeof(*section));
    return part_of(file, le32toh(section->sh_offset), le32toh(section->sh_size));
}

/** A table of symbols and the names they refer to. */
struct symbols {
    const char *entries;
    uint32_t count;
    struct bytes names;
};

static bool find_symbols(const struct bytes *file, const Elf32_Ehdr *header, struct symbols *symbols)
{
    Elf32_Shdr section;
    Elf32_Shdr names;

    for (uint32_t i = 0; i < le16toh(header->e_shnum); i++) {
        const char *start = read_section(file, header, i, &section);
        if (start == NULL || le32toh(section.sh_type) != SHT_SYMTAB) {
            continue;
        }
        symbols->entries = start;
        symbols->count = le32toh(section.sh_size) / sizeof(Elf32_Sym);
        symbols->names.data = read_section(file, header, le32toh(section.sh_link), &names);
        symbols->names.len = symbols->names.data == NULL ? 0 : le32toh(names.sh_size);
        return symbols->names.data != NULL;
    }
    return false;
}

static bool find_value(const struct symbols *symbols, const char *name, uint32_t *value)
{
    size_t size = strlen(name) + 1;

    for (uint32_t i = 0; i < symbols->count; i++) {
        Elf32_Sym symbol;
        memcpy(&symbol, symbols->entries + i * sizeof(symbol), sizeof(symbol));
        const char *candidate = part_of(&symbols->names, le32toh(symbol.st_name), size);
        if (candidate != NULL && memcmp(candidate, name, size) == 0) {
            *value = le32toh(symbol.st_value);
            return true;
        }
    }
    return false;
}

enum ob_exit pm_symbol_read(const char *path, const char *name, bool *found, uint32_t *value)
{
    struct bytes file;
    struct symbols symbols;
    Elf32_Ehdr header;
    char *data;
    enum ob_exit rc = ob_file_read(path, ELF_SIZE_MAX, &data, &file.len);

    if (rc != OB_EXIT_OK) {
        return rc;
    }
    file.data = data;
    *found = false;
    if (!read_header(&file, &header)) {
        ob_diag_error(&(struct ob_loc){.file = path},
                      "is no linked image (ELF, 32 bits, little-endian); build it again");
        rc = OB_EXIT_USAGE;
    } else {
        *found = find_symbols(&file, &header, &symbols) && find_value(&symbols, name, value);
    }
    free(data);
    return rc;
}
