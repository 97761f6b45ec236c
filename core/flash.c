/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include <outboard/flash.h>

static bool in_flash(const struct ob_flash *flash, uint32_t off, uint32_t len)
{
    return off <= flash->size && len <= flash->size - off; /* subtract: a sum could wrap */
}

uint32_t ob_flash_erase_fit(const struct ob_flash *flash, uint32_t off, uint32_t len)
{
    uint32_t fit = 0;

    for (unsigned i = 0; i < OB_FLASH_ERASE_SIZES && flash->erase_sizes[i] != 0; i++) {
        if (flash->erase_sizes[i] <= len && off % flash->erase_sizes[i] == 0) {
            fit = flash->erase_sizes[i];
        }
    }
    return fit;
}

enum ob_err ob_flash_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    if (!in_flash(flash, off, len)) {
        return OB_ERR_RANGE;
    }
    return len == 0 ? OB_OK : flash->ops->read(flash, off, dst, len);
}

enum ob_err ob_flash_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    if (!in_flash(flash, off, len)) {
        return OB_ERR_RANGE;
    }
    return len == 0 ? OB_OK : flash->ops->write(flash, off, src, len);
}

enum ob_err ob_flash_erase(const struct ob_flash *flash, uint32_t off, uint32_t len)
{
    enum ob_err err = OB_OK;

    if (!in_flash(flash, off, len)) {
        return OB_ERR_RANGE;
    }
    if (off % ob_flash_erase_size(flash) != 0 || len % ob_flash_erase_size(flash) != 0) {
        return OB_ERR_ALIGN;
    }
    while (err == OB_OK && len > 0) {
        uint32_t size = ob_flash_erase_fit(flash, off, len);

        err = flash->ops->erase(flash, off, size);
        off += size;
        len -= size;
    }
    return err;
}

enum ob_err ob_flash_reset(const struct ob_flash *flash)
{
    return flash->ops->reset == NULL ? OB_OK : flash->ops->reset(flash);
}
