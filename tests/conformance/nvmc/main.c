/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <outboard/device_dt.h>
#include <outboard/time.h>

#include "../flash_conformance.h"

/* Runs in test_nvmc.py's CPU, from RAM. It talks to the test through ports: see there. */

#define PORT 0x60000000u
#define PORT_CLOCK 0x00
#define PORT_PROMISE 0x04
#define PORT_KEPT 0x08
#define PORT_END 0x0c

#define RANGE_OFF 0x4000u /* not the page at 0: a null pointer there would go unnoticed */
#define RANGE_LEN 0xc000u

static volatile uint32_t *port(uint32_t off)
{
    return (volatile uint32_t *)(PORT + off);
}

uint32_t ob_time_us(void)
{
    return *port(PORT_CLOCK);
}

static void report(void *ctx, const struct ob_conformance_result *result)
{
    (void)ctx;
    *port(PORT_PROMISE) = (uint32_t)(uintptr_t)result->promise;
    *port(PORT_KEPT) = result->kept;
}

int main(void)
{
    const struct ob_flash *flash = DEVICE_DT_GET(DT_NODELABEL(flash0))->api;
    const struct ob_conformance suite = {
        .flash = flash,
        .off = RANGE_OFF,
        .len = RANGE_LEN,
        .rom = flash->mapped, /* this very flash */
        .report = report,
    };
    unsigned broken = 0;

    *port(PORT_END) = (uint32_t)ob_flash_conformance(&suite, &broken);
    for (;;) {
    }
}
