/* SPDX-License-Identifier: Apache-2.0 */
/* Was an image made for the place where it would run? */
#include <outboard/image.h>

/* Bytes of the part of a vector table that every Cortex-M core has. */
#define VECTORS_SIZE 64u

static bool in_range(uint32_t value, uint32_t start, uint32_t size)
{
    return value >= start && value - start < size;
}

enum ob_err ob_image_belongs(const struct ob_image *image, const struct ob_home *home)
{
    const uint32_t stack = image->stack - 1; /* a stack grows down: its first byte lies below */
    const uint32_t entry = image->entry - 1; /* without the bit that says Thumb */
    const uint32_t start = home->address + home->header_size;

    if (image->header_size != home->header_size) {
        return OB_ERR_HEADER_SIZE;
    }
    if ((image->flags & OB_IMAGE_ROM_FIXED) != 0 && image->load_address != home->address) {
        return OB_ERR_ADDRESS;
    }
    if (image->payload_size < VECTORS_SIZE || image->stack % 4 != 0 ||
        !in_range(stack, home->ram_start, home->ram_size)) {
        return OB_ERR_STACK;
    }
    if (image->entry % 2 == 0 || !in_range(entry, start, image->payload_size)) {
        return OB_ERR_ENTRY;
    }
    return OB_OK;
}
