/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/* What a few instructions need to run on a board and to say something. No data is initialised. */
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(address))
#define STACK_TOP 0x20008000u

__attribute__((noinline)) int main(void); /* so that messages can name it */
void reset(void);

static inline void wait_for(uint32_t event)
{
    while (REG(event) == 0) {
    }
    REG(event) = 0;
}

static inline void say(const char *text)
{
    static char buffer[64]; /* the DMA reads RAM only */
    uint32_t len = 0;

    while (text[len] != '\0') {
        buffer[len] = text[len];
        len++;
    }
    if (len == 0) {
        return;
    }
    REG(UARTE + 0x544) = (uint32_t)(uintptr_t)buffer;
    REG(UARTE + 0x548) = len;
    REG(UARTE + 0x008) = 1;
    wait_for(UARTE + 0x120);
}

static inline void say_hex(uint32_t value)
{
    char text[10] = {0};

    for (int i = 0; i < 8; i++) {
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 15];
    }
    say(text);
}

static char heard[1];

static inline void listen(void)
{
    REG(UARTE + 0x534) = (uint32_t)(uintptr_t)heard;
    REG(UARTE + 0x538) = 1;
    REG(UARTE + 0x000) = 1;
}

static inline char hear(void)
{
    wait_for(UARTE + 0x110);
    char byte = heard[0];
    listen();
    return byte;
}

__attribute__((noreturn)) static inline void rest(void)
{
    for (;;) {
        __asm volatile("cpsid i\n wfi");
    }
}

#ifndef OWN_VECTORS
static void fault(void)
{
    say("fault ");
    say_hex(REG(0xe000ed28));
    say(" ");
    say_hex(REG(0xe000ed38));
    say("\n");
    rest();
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
    STACK_TOP,        (uintptr_t)reset, (uintptr_t)fault, (uintptr_t)fault,
    (uintptr_t)fault, (uintptr_t)fault, (uintptr_t)fault};
#endif

static inline void open_line(void)
{
    REG(UARTE + 0x50c) = 6; /* any pins: nobody looks at them */
    REG(UARTE + 0x514) = 8;
    REG(UARTE + 0x524) = 0x01d60000;
    REG(UARTE + 0x500) = 8;
}

void reset(void)
{
    open_line();
    main();
    rest();
}
