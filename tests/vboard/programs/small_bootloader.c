/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * A bootloader of another kind, for campaigns: no slots to swap, no signature. An image that is staged at STAGE and
 * asked for by a word at REQUEST is copied to SLOT; the request is withdrawn when the copy is done. Planted faults:
 * FORGETS_EARLY withdraws it before the copy, RUNS_ANYTHING starts what does not add up.
 */
#define OWN_VECTORS
#include "program.h"

#define NVMC 0x4001e000u
#define SLOT 0x10000u
#define STAGE 0x20000u
#define REQUEST 0x30000u
#define PAGE 0x1000u
#define WANTED 0x600dc0deu

/* An image: vector table (two words), its size in words, its sum, then code. */
#define SIZE_WORD 2u
#define SUM_WORD 3u
#define WORDS_MAX 1024u

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {STACK_TOP, (uintptr_t)reset};

static uint32_t is_whole(uint32_t base)
{
    uint32_t size = REG(base + 4 * SIZE_WORD);
    uint32_t sum = 0;

    if (size < 4 || size > WORDS_MAX) {
        return 0;
    }
    for (uint32_t i = 0; i < size; i++) {
        sum = (sum << 5 | sum >> 27) ^ (i == SUM_WORD ? 0 : REG(base + 4 * i));
    }
    return sum == REG(base + 4 * SUM_WORD);
}

static void write_word(uint32_t address, uint32_t value)
{
    REG(NVMC + 0x504) = 1;
    REG(address) = value;
    REG(NVMC + 0x504) = 0;
}

static void erase(uint32_t page)
{
    REG(NVMC + 0x504) = 2;
    REG(NVMC + 0x508) = page;
    REG(NVMC + 0x504) = 0;
}

static void copy(void)
{
    uint32_t size = REG(STAGE + 4 * SIZE_WORD);

    erase(SLOT);
    for (uint32_t i = 0; i < size; i++) {
        write_word(SLOT + 4 * i, REG(STAGE + 4 * i));
    }
}

static void install(void)
{
    erase(SLOT); /* so that the old image is not taken for the new one */
#ifdef FORGETS_EARLY
    write_word(REQUEST, 0);
    copy();
#else
    for (int tries = 0; tries < 3 && !is_whole(SLOT); tries++) { /* an operation may fail and not say so */
        copy();
    }
    write_word(REQUEST, 0);
#endif
}

static void start(void)
{
    __asm volatile("ldr r0, [%0]\n msr msp, r0\n ldr r0, [%0, #4]\n bx r0" : : "r"(SLOT) : "r0");
}

int main(void)
{
    if (REG(REQUEST) == WANTED && is_whole(STAGE)) {
        install();
    }
#ifndef RUNS_ANYTHING
    if (!is_whole(SLOT)) {
        rest();
    }
#endif
    start();
    return 0;
}
