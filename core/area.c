/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/area.h>
#include <outboard/util.h>

#define BLANK_CHUNK 64 /* bytes of stack */
#define COMPARE_CHUNK 128

/*@ assigns \nothing;
    ensures \result <==> off + len <= size; */
static bool fits(uint32_t size, uint32_t off, uint32_t len)
{
    return off <= size && len <= size - off; /* subtract: a sum could wrap */
}

/** The area is checked against its device too: a wrong table must not turn start + off into an address elsewhere. */
/*@ requires \valid_read(area) && \valid_read(area->flash);
    assigns \nothing;
    ensures \result == 0 || \result == 1;
    ensures inside: \result <==> area->start + area->size <= area->flash->size && off + len <= area->size; */
static bool in_area(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return fits(area->flash->size, area->start, area->size) && fits(area->size, off, len);
}

struct ob_area ob_area_part(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return (struct ob_area){.flash = area->flash, .start = area->start + off, .size = len};
}

/*@ requires \valid_read(area) && \valid_read(area->flash);
    assigns \result \from area->flash->mapped, area->start, off;
    ensures inside: \result == \null ||
        (\result == area->flash->mapped + area->start + off && off + len <= area->size &&
         area->start + area->size <= area->flash->size); */
const uint8_t *ob_area_mapped(const struct ob_area *area, uint32_t off, uint32_t len)
{
    bool mapped = area->flash->mapped != NULL && !(OB_READS_TWICE && area->twice);

    return mapped && in_area(area, off, len) ? area->flash->mapped + area->start + off : NULL;
}

/* in_area() has checked against the device as well, so the driver is called without a second look. */

/** Does a range, which is inside, read as these bytes? */
static enum ob_err compare(const struct ob_area *area, uint32_t off, const uint8_t *bytes, uint32_t len)
{
    uint8_t stored[COMPARE_CHUNK];
    enum ob_err err = OB_OK;

    off += area->start;
    while (len > 0 && err == OB_OK) {
        const uint32_t now = OB_MIN(len, (uint32_t)sizeof(stored));
        err = area->flash->ops->read(area->flash, off, stored, now);
        if (err == OB_OK && memcmp(stored, bytes, now) != 0) {
            err = OB_ERR_VERIFY;
        }
        off += now;
        bytes += now;
        len -= now;
    }
    return err;
}

enum ob_err ob_area_read(const struct ob_area *area, uint32_t off, void *dst, uint32_t len)
{
    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    enum ob_err err = len == 0 ? OB_OK : area->flash->ops->read(area->flash, area->start + off, dst, len);
    return OB_READS_TWICE && area->twice && err == OB_OK ? compare(area, off, dst, len) : err;
}

enum ob_err ob_area_write(const struct ob_area *area, uint32_t off, const void *src, uint32_t len)
{
    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    return len == 0 ? OB_OK : area->flash->ops->write(area->flash, area->start + off, src, len);
}

bool ob_area_overlaps(const struct ob_area *area, const struct ob_area *other)
{
    return area->flash->ops->start_erase != NULL && area->flash != other->flash;
}

enum ob_err ob_area_start_erase(const struct ob_area *area, uint32_t off, uint32_t size)
{
    if (!in_area(area, off, size)) {
        return OB_ERR_RANGE;
    }
    return area->flash->ops->start_erase(area->flash, area->start + off, size);
}

enum ob_err ob_area_start_write(const struct ob_area *area, uint32_t off, const void *src, uint32_t len)
{
    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    return area->flash->ops->start_write(area->flash, area->start + off, src, len);
}

void ob_area_erase_ahead(const struct ob_area *area, uint32_t written, uint32_t end, uint32_t *erased)
{
    const uint32_t unit = ob_flash_erase_size(area->flash);

    if (area->flash->ops->start_erase != NULL && *erased < end && *erased - written < unit &&
        ob_area_start_erase(area, *erased, unit) == OB_OK) {
        *erased += unit;
    }
}

enum ob_err ob_area_write_checked(const struct ob_area *area, uint32_t off, const void *src, uint32_t len)
{
    enum ob_err err = ob_area_write(area, off, src, len);

    return err == OB_OK ? compare(area, off, src, len) : err;
}

enum ob_err ob_area_erase_fed(const struct ob_area *area, uint32_t off, uint32_t len, void (*feed)(void *ctx),
                              void *ctx)
{
    uint32_t sector = ob_flash_erase_size(area->flash);
    enum ob_err err = OB_OK;

    if (!in_area(area, off, len)) {
        return OB_ERR_RANGE;
    }
    off += area->start;
    if (off % sector != 0 || len % sector != 0) {
        return OB_ERR_ALIGN;
    }
    while (len > 0 && err == OB_OK) {
        uint32_t size = ob_flash_erase_fit(area->flash, off, len);
        err = area->flash->ops->erase(area->flash, off, size);
        if (feed != NULL) {
            feed(ctx);
        }
        off += size;
        len -= size;
    }
    return err;
}

enum ob_err ob_area_erase(const struct ob_area *area, uint32_t off, uint32_t len)
{
    return ob_area_erase_fed(area, off, len, NULL, NULL);
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
        all = ob_filled(chunk, now, area->flash->erased_value);
        off += now;
        len -= now;
    }
    *blank = all;
    return OB_OK;
}
