/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#include "elf.h"

#include <elf.h>
#include <string.h>

/* Files are hostile: every offset is checked against the length by subtraction before it is used. */

static bool fits(size_t len, size_t off, size_t size)
{
    return off <= len && size <= len - off;
}

bool ob_elf_is(const uint8_t *file, size_t len)
{
    const Elf32_Ehdr *header = (const void *)file;

    return len >= sizeof(*header) && memcmp(file, ELFMAG, SELFMAG) == 0 && file[EI_CLASS] == ELFCLASS32 &&
           file[EI_DATA] == ELFDATA2LSB && header->e_machine == EM_ARM;
}

bool ob_elf_is_whole(const uint8_t *file, size_t len)
{
    Elf32_Ehdr header;
    bool whole = true;

    memcpy(&header, file, sizeof(header));
    for (unsigned i = 0; whole && i < header.e_phnum; i++) {
        Elf32_Phdr segment;
        size_t at = header.e_phoff + (size_t)i * header.e_phentsize;
        whole = fits(len, at, sizeof(segment));
        if (whole) {
            memcpy(&segment, file + at, sizeof(segment));
            whole = segment.p_type != PT_LOAD || fits(len, segment.p_offset, segment.p_filesz);
        }
    }
    return whole;
}

bool ob_elf_segment(const uint8_t *file, size_t len, unsigned n, struct ob_elf_segment *out)
{
    Elf32_Ehdr header;

    memcpy(&header, file, sizeof(header));
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf32_Phdr segment;
        size_t at = header.e_phoff + (size_t)i * header.e_phentsize;
        if (!fits(len, at, sizeof(segment))) {
            return false;
        }
        memcpy(&segment, file + at, sizeof(segment));
        if (segment.p_type != PT_LOAD || segment.p_filesz == 0) {
            continue;
        }
        if (!fits(len, segment.p_offset, segment.p_filesz)) {
            return false;
        }
        if (n-- == 0) {
            *out = (struct ob_elf_segment){
                .address = segment.p_paddr, .data = file + segment.p_offset, .len = segment.p_filesz};
            return true;
        }
    }
    return false;
}
