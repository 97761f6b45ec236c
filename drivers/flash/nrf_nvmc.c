/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <string.h>

#include <outboard/util.h>

#include "../wait.h"
#include "nrf_nvmc.h"

/* Source: nRF52840 Product Specification, 4.3 NVMC; nRF5340 Product Specification, 7.21 NVMC.
 *
 * Only aligned words are written; a narrower access is a fault. Bits that shall stay are written as ones, but such a
 * write counts: a word may be written twice (nWRITE) before its page is erased. */

#define READY 0x400
#define CONFIG 0x504
#define CONFIG_READ 0u
#define CONFIG_WRITE 1u
#define CONFIG_ERASE 2u
#define ERASEPAGE 0x508 /* nRF52 only */

/* More than twice tWRITE (below 50 us) and tERASEPAGE (below 90 ms) of either. */
#define WRITE_MAX_US 100u
#define ERASE_MAX_US 200000u

/* Bounds from the linker script. */
extern const uint8_t ob_code_start[];
extern const uint8_t ob_code_end[];

/* No program changes itself. Asked right in front of the store: an address that went wrong on the way comes here. */
static bool is_own_code(uintptr_t address)
{
    return address - (uintptr_t)ob_code_start < (uintptr_t)ob_code_end - (uintptr_t)ob_code_start;
}

static volatile uint32_t *reg(const struct ob_nrf_nvmc *nvmc, uint32_t off)
{
    return (volatile uint32_t *)(nvmc->regs + off);
}

static enum ob_err wait_ready(const struct ob_nrf_nvmc *nvmc, uint32_t max_us)
{
    return ob_wait_until_set(reg(nvmc, READY), max_us) ? OB_OK : OB_ERR_TIMEOUT;
}

static enum ob_err write_word(const struct ob_nrf_nvmc *nvmc, uint32_t off, uint32_t word, uint32_t max_us)
{
    const uintptr_t address = nvmc->base + off;

    if (is_own_code(address)) {
        return OB_ERR_RANGE;
    }
    *(volatile uint32_t *)address = word;
    return wait_ready(nvmc, max_us);
}

static enum ob_err erase_page(const struct ob_nrf_nvmc *nvmc, uintptr_t address)
{
    if (is_own_code(address)) {
        return OB_ERR_RANGE;
    }
    *reg(nvmc, ERASEPAGE) = (uint32_t)address;
    return wait_ready(nvmc, ERASE_MAX_US);
}

static enum ob_err nvmc_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    const struct ob_nrf_nvmc *nvmc = flash->ctx;

    memcpy(dst, (const uint8_t *)nvmc->base + off, len);
    return OB_OK;
}

static enum ob_err nvmc_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const struct ob_nrf_nvmc *nvmc = flash->ctx;
    const uint8_t *from = src;
    enum ob_err err = OB_OK;

    *reg(nvmc, CONFIG) = CONFIG_WRITE;
    while (err == OB_OK && len > 0) {
        uint32_t skip = off % OB_NRF_NVMC_WORD;
        uint32_t now = OB_MIN(len, OB_NRF_NVMC_WORD - skip);
        uint32_t word = UINT32_MAX; /* ones leave what is there */

        if (now == sizeof(word)) {
            memcpy(&word, from, sizeof(word)); /* of a size that is known it is one instruction */
        } else {
            memcpy((uint8_t *)&word + skip, from, now);
        }
        err = write_word(nvmc, off - skip, word, WRITE_MAX_US);
        off += now;
        from += now;
        len -= now;
    }
    *reg(nvmc, CONFIG) = CONFIG_READ;
    return err;
}

static enum ob_err nvmc_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    const struct ob_nrf_nvmc *nvmc = flash->ctx;
    enum ob_err err;

    (void)size; /* there is one size: a page */
    *reg(nvmc, CONFIG) = CONFIG_ERASE;
    if (nvmc->erase_by_write) {
        err = write_word(nvmc, off, UINT32_MAX, ERASE_MAX_US);
    } else {
        err = erase_page(nvmc, nvmc->base + off);
    }
    *reg(nvmc, CONFIG) = CONFIG_READ;
    return err;
}

const struct ob_flash_ops ob_nrf_nvmc_ops = {
    .read = nvmc_read,
    .write = nvmc_write,
    .erase = nvmc_erase,
};
