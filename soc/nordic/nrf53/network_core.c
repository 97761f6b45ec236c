/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include <outboard/network_core.h>
#include <outboard/time.h>
#include <outboard/util.h>

#include <pm_config.h>

/* Source: nRF5340 Product Specification, RESET and SPU; anomaly 161; the SDK's header dfu/pcd.h for the command block.
 * What of it was never seen on a part: docs/HARDWARE.md. */
#define REG(address) (*(volatile uint32_t *)(address))

#define RESET_NETWORK_FORCEOFF REG(0x50005614u)
#define RESET_ANOMALY_161 REG(0x50005618u)
#define SPU_EXTDOMAIN_PERM REG(0x50003440u)
#define SPU_RAMREGION_PERM ((volatile uint32_t *)0x50003700u)
#define PERM_READ (1u << 2)
#define PERM_SECURE (1u << 4)
#define PERM_LOCK (1u << 8)
#define RAM_BASE 0x20000000u

#define MAGIC_COPY 0xb5b4b3b6u
#define MAGIC_DONE 0xf103ce5du
#define MAGIC_NONE 0u /* no command: the core starts its application */

/* The command block, little endian. */
struct command {
    uint32_t magic;  /* last of all that is written; the core answers here */
    uint32_t data;   /* where this core sees the bytes */
    uint32_t len;    /* bytes */
    uint32_t offset; /* in the core's flash */
};

#define COMMAND ((volatile struct command *)PM_PCD_SRAM_ADDRESS)

_Static_assert((PM_PCD_SRAM_ADDRESS - RAM_BASE) % CONFIG_NRF_SPU_RAM_REGION_SIZE == 0 &&
                   PM_PCD_SRAM_SIZE % CONFIG_NRF_SPU_RAM_REGION_SIZE == 0,
               "pcd_sram is made of whole regions that the SPU can lock");

static void barrier(void)
{
    __asm volatile("dsb" ::: "memory");
}

static void hold(void)
{
    RESET_NETWORK_FORCEOFF = 1;
    barrier();
}

void ob_network_core_lock(void)
{
    const uint32_t first = (PM_PCD_SRAM_ADDRESS - RAM_BASE) / CONFIG_NRF_SPU_RAM_REGION_SIZE;

    hold();
    COMMAND->magic = MAGIC_NONE; /* RAM may hold a command from before the reset */
    SPU_EXTDOMAIN_PERM = 0;
    barrier();
    for (uint32_t i = 0; i < PM_PCD_SRAM_SIZE / CONFIG_NRF_SPU_RAM_REGION_SIZE; i++) {
        SPU_RAMREGION_PERM[first + i] = PERM_READ | PERM_LOCK; /* not secure: the core reads it at each of its starts */
    }
    barrier();
}

#ifdef CONFIG_NRF53_UPGRADE_NETWORK_CORE

#define FLASH_BASE 0x01000000u
#define FLASH_SIZE 0x40000u
#define APP_ADDRESS (FLASH_BASE + CONFIG_PCD_NET_CORE_APP_OFFSET)
#define CORE_RAM_BASE 0x21000000u
#define CORE_RAM_SIZE 0x10000u

#define FIRST_LOOK_US 1000000u /* the SDK's: before, the core might not be able to write there */
#define LOOK_US 100000u
#define FEED_US 10000u

_Static_assert(CONFIG_PCD_NET_CORE_APP_OFFSET % 0x800 == 0, "the network core's application begins on a page");

/* Anomaly 161: a release may fail, so it is done twice. */
static void release(void)
{
    RESET_ANOMALY_161 = 1;
    RESET_NETWORK_FORCEOFF = 0;
    ob_delay_us(5);
    RESET_NETWORK_FORCEOFF = 1;
    ob_delay_us(1);
    RESET_NETWORK_FORCEOFF = 0;
    RESET_ANOMALY_161 = 0;
}

static void wait(uint32_t us, const struct ob_hooks *hooks)
{
    for (; us > 0; us -= FEED_US) {
        ob_feed(hooks);
        ob_delay_us(FEED_US);
    }
}

static enum ob_err wait_for_answer(const struct ob_hooks *hooks)
{
    uint32_t waited_us = FIRST_LOOK_US;

    wait(FIRST_LOOK_US, hooks);
    while (COMMAND->magic == MAGIC_COPY && waited_us < CONFIG_BOOT_NETWORK_CORE_TIMEOUT_MS * 1000u) {
        wait(LOOK_US, hooks);
        waited_us += LOOK_US;
    }
    const uint32_t answer = COMMAND->magic;
    return answer == MAGIC_DONE ? OB_OK : answer == MAGIC_COPY ? OB_ERR_TIMEOUT : OB_ERR_FAILED;
}

static enum ob_err take(void *ctx, const struct ob_area *primary, const struct ob_image *image,
                        const struct ob_hooks *hooks)
{
    (void)ctx;
    hold();
    COMMAND->data = (uint32_t)(uintptr_t)primary->flash->mapped + primary->start + image->header_size;
    COMMAND->len = image->payload_size;
    COMMAND->offset = CONFIG_PCD_NET_CORE_APP_OFFSET;
    COMMAND->magic = MAGIC_COPY;
    SPU_EXTDOMAIN_PERM = PERM_SECURE; /* it shall see what is secure: all RAM is */
    barrier();
    release();
    enum ob_err err = wait_for_answer(hooks);
    hold();
    SPU_EXTDOMAIN_PERM = 0;
    COMMAND->magic = MAGIC_NONE;
    barrier();
    return err;
}

static const struct ob_home home = {
    .address = APP_ADDRESS - PM_MCUBOOT_PAD_SIZE, /* the header stays here */
    .header_size = PM_MCUBOOT_PAD_SIZE,
    .ram_start = CORE_RAM_BASE,
    .ram_size = CORE_RAM_SIZE,
};

const struct ob_receiver ob_network_core = {
    .home = &home,
    .capacity = FLASH_SIZE - CONFIG_PCD_NET_CORE_APP_OFFSET,
    .take = take,
};

#endif
