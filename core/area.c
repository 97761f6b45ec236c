/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/area.h>
#include <outboard/util.h>

#define BLANK_CHUNK 64 /* bytes of stack */

static bool fits(uint32_t size, uint32_t off, uint32_t len)
{
    return off <= size && len <= size - off; /* subtract: a sum could wrap */
}

/** The area is checked against its device too: a wrong table must not turn start + off into an address elsewhere. */
static bool in_area(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return fits(area->flash->size, area->start, area->size) && fits(area->size, off, len);
}

struct ob_area ob_area_part(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return (struct ob_area){.flash = area->flash, .start = area->start + off, .size = len};
}

/* in_area() has checked against the device as well, so the driver is called without a second look. */

enum ob_err ob_area_read(const struct ob_area *area, uint32_t off, void *dst, uint32_t len)
{
    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    return len == 0 ? OB_OK : area->flash->ops->read(area->flash, area->start + off, dst, len);
}

enum ob_err ob_area_write(const struct ob_area *area, uint32_t off, const void *src, uint32_t len)
{
    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    return len == 0 ? OB_OK : area->flash->ops->write(area->flash, area->start + off, src, len);
}

enum ob_err ob_area_erase(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return in_area(area, off, len) ? ob_flash_erase(area->flash, area->start + off, len) : OB_ERR_RANGE;
}

static bool all_equal(const uint8_t *bytes, uint32_t len, uint8_t value)
{
    uint32_t i = 0;

    while (i < len && bytes[i] == value) {
        i++;
    }
    return i == len;
}

enum ob_err ob_area_blank(const struct ob_area *area, uint32_t off, uint32_t len, bool *blank)
{
    uint8_t chunk[BLANK_CHUNK];
    bool all = true;

    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    while (all && len > 0) {
        uint32_t now = OB_MIN(len, sizeof(chunk));
        enum ob_err err = ob_area_read(area, off, chunk, now);

        if (err != OB_OK) {
            return err;
        }
        all = all_equal(chunk, now, area->flash->erased_value);
        off += now;
        len -= now;
    }
    *blank = all;
    return OB_OK;
}
