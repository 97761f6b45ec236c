/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_DEVICE_H
#define OUTBOARD_VBOARD_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chip.h"
#include "tear.h"

/*
 * What a device of a virtual board is made of. A kind of peripheral is one file in dev/ with one `const struct
 * vb_class`: a table of registers and a few functions. A SoC (soc/) is a table that says which classes stand at which
 * addresses.
 *
 * A device is strict: what the real part forbids, or what nobody has modelled, ends the run with vb_refuse(). It has no
 * memory but its registers and its state, no host time and no random numbers of its own: the same input gives the same
 * run.
 */

struct vb_board;
struct vb_device;

/* ---- time: of the device, in ticks of 1/128 microsecond since power came ---- */

#define VB_TICKS_PER_US 128u
#define VB_NEVER UINT64_MAX

uint64_t vb_now(const struct vb_board *board);

/** The CPU waits so long: a bus that stalls, flash that is busy. */
void vb_stall(struct vb_board *board, uint64_t ticks);

/** Questions that were asked in a row. */
struct vb_polling {
    uint64_t until, at;
    uint32_t count;
};

/**
 * The CPU asked for something that will not be so before `until`. If it does nothing else but ask, time goes on to
 * there, or to what happens before: an erase of 85 ms would be five million instructions of asking.
 *
 * @param polling  one for each thing that is asked for, all zeros at first
 */
void vb_polled(struct vb_board *board, struct vb_polling *polling, uint64_t until);

/** class->event() is called once, at this time or as soon after as the CPU comes to an instruction; VB_NEVER: not. */
void vb_schedule(struct vb_device *dev, uint64_t when);

/* ---- registers ---- */

enum vb_access {
    VB_READ_WRITE,
    VB_READ_ONLY,
    VB_WRITE_ONLY,
    VB_WRITE_ONCE, /* may be read; a second write until the next reset is refused */
    VB_TASK,       /* writing 1 calls class->write(), writing 0 does nothing, reads as 0 */
    VB_EVENT,      /* 0 or 1; vb_event() sets it, software clears it */
    VB_INTEN,      /* the mask of the three: bit n is the event at offset 0x100 + 4n */
    VB_INTENSET,
    VB_INTENCLR,
    VB_MEMORY, /* read-only words that may be read as bytes and halfwords too: FICR, UICR */
};

/** A register or an array of equal ones. Anything that is in no table ends the run when it is touched. */
struct vb_register {
    uint16_t offset;   /* of the first one, in bytes from the device's base */
    uint8_t access;    /* enum vb_access */
    uint8_t count;     /* 0 means 1 */
    uint8_t stride;    /* bytes from one to the next; 0 means 4 */
    uint32_t reset;    /* value after reset */
    uint32_t reserved; /* bits that must be written as they read: a change of one is refused. 0: none is known */
    const char *name;  /* as the product specification has it: "RXD.MAXCNT" */
};

/** Why the part was reset; which registers that touches is in each device's reset(). */
enum vb_reset {
    VB_RESET_POWER,
    VB_RESET_PIN,
    VB_RESET_SOFT, /* AIRCR.SYSRESETREQ */
    VB_RESET_WATCHDOG0,
    VB_RESET_WATCHDOG1,
    VB_RESET_LOCKUP,
};

/** A kind of device. Functions may be NULL. */
struct vb_class {
    const char *name; /* "UARTE" */
    const struct vb_register *registers;
    unsigned register_count;
    bool resets;       /* what is scheduled may reset the part: a watchdog */
    bool is_flash;     /* words of its page that the table has not read as erased, and are noted */
    size_t state_size; /* bytes of plain data without pointers, zero at power on; snapshots copy them */

    /** After all registers have got their reset values and the state, at power on, its zeros. */
    void (*reset)(struct vb_device *dev, enum vb_reset why);

    /** The CPU reads a register. @param stored what the register holds @return what the CPU gets */
    uint32_t (*read)(struct vb_device *dev, uint32_t off, uint32_t stored);

    /**
     * The CPU writes a register (for tasks and events too). vb_get() still tells what it held before.
     * @return what the register holds now; of no meaning for tasks
     */
    uint32_t (*write)(struct vb_device *dev, uint32_t off, uint32_t value);

    /** The time given to vb_schedule() has come. */
    void (*event)(struct vb_device *dev);

    /** A device with a serial line: bytes have come for it. vb_serial_next() gives them. */
    void (*listen)(struct vb_device *dev);

    /**
     * The bootloader enters an image: is everything as after a reset, as far as the next image relies on it?
     * What is not is said by vb_refuse().
     */
    void (*handover)(struct vb_device *dev);
};

/** One device of a board. */
struct vb_device {
    const struct vb_class *class;
    const char *name; /* "UARTE0" */
    uint32_t base;    /* of the secure alias, where there are two */
    int16_t irq;      /* -1: none */
    struct vb_board *board;
    void *state;
    uint32_t *values; /* what the registers hold, in the order of the table; use vb_get() and vb_set() */
    uint32_t inten;   /* what the three VB_INTEN registers stand for */
    uint64_t due;     /* see vb_schedule() */
};

/** What a register holds. off must be in the table. */
uint32_t vb_get(const struct vb_device *dev, uint32_t off);
void vb_set(struct vb_device *dev, uint32_t off, uint32_t value);

/** The name of a device's own register, for messages. */
const char *vb_register_name(const struct vb_device *dev, uint32_t off);

/** Set the event at off, and the interrupt line if it is enabled. */
void vb_event(struct vb_device *dev, uint32_t off);

/** Drive the interrupt line of a device whose interrupts are not events: bit in NVIC's pending state while it is high.
 */
void vb_irq(struct vb_device *dev, bool level);

/** Another device of the same board, by name; NULL: the SoC has none. */
struct vb_device *vb_find(struct vb_board *board, const char *name);

/* ---- how a run ends ---- */

/**
 * The firmware did what the part forbids, or what this model does not know. The run ends behind the instruction and
 * says "<device>: <text>". Nothing that the device still does in this call counts. The first reason is kept.
 */
void vb_refuse(struct vb_device *dev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Worth telling, but allowed: printed once with the result of the run. */
void vb_note(struct vb_device *dev, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** The part resets itself, when the instruction is done. */
void vb_reset_request(struct vb_device *dev, enum vb_reset why);

/* ---- DMA: RAM only, anything else is refused in the device's name. false: refused, dst is untouched ---- */

bool vb_dma_read(struct vb_device *dev, uint32_t address, void *dst, uint32_t len);
bool vb_dma_write(struct vb_device *dev, uint32_t address, const void *src, uint32_t len);

/* ---- pins ---- */

#define VB_PIN(port, pin) ((port)*32u + (pin))
#define VB_PINS 64u
#define VB_PIN_NONE 0xffu

/** What PSEL registers hold: the pin, or VB_PIN_NONE if CONNECT (bit 31) says disconnected. */
static inline uint8_t vb_psel_pin(uint32_t psel)
{
    return (psel >> 31) != 0 ? VB_PIN_NONE : (uint8_t)(psel & 63u);
}

enum vb_level { VB_LOW, VB_HIGH, VB_FLOATING };

/** What GPIO makes of a pin: driven, pulled or floating. Pins with a chip select have a pull-up outside only if told.
 */
enum vb_level vb_pin_level(const struct vb_board *board, unsigned pin);

/** The pin's PIN_CNF register. */
uint32_t vb_pin_config(const struct vb_board *board, unsigned pin);

/** changed() is called whenever the level that GPIO makes of the pin has changed. At most one for each pin. */
void vb_pin_watch(struct vb_board *board, unsigned pin, void (*changed)(void *ctx, enum vb_level level), void *ctx);

/* ---- chips on a SPI bus ---- */

/** A chip as its controller sees it. A command is what happens between select(true) and select(false). */
struct vb_spi_chip {
    void *ctx;
    uint8_t sck, csn;
    uint8_t io[4]; /* IO0 (MOSI), IO1 (MISO), IO2 (WP#), IO3 (HOLD#): pins, VB_PIN_NONE: not wired */

    void (*select)(void *ctx, bool selected);

    /**
     * One byte on the bus. lanes 1: out goes in on IO0 while the answer comes on IO1. lanes 2, 4: the same direction
     * for all, so either out or the answer has a meaning.
     */
    uint8_t (*exchange)(void *ctx, uint8_t out, unsigned lanes);

    /** The levels of IO2 and IO3 while they carry no data: called after select(true), if they may be low. NULL: no
     * matter. */
    void (*side_pins)(void *ctx, bool io2, bool io3);

    /** When what the chip is busy with will be done, so that nobody has to ask it a thousand times; NULL: unknown. */
    uint64_t (*idle_at)(void *ctx);

    /** Power goes while the chip may be programming or erasing: what is in progress is torn so. */
    void (*power_fails)(void *ctx, const struct sim_tear *tear, uint64_t *rng);
    /** Power comes: volatile registers have their defaults. Not called for a reset of the microcontroller. */
    void (*power_comes)(void *ctx);
};

/** The chip whose CSN is wired to this pin; NULL: none. */
const struct vb_spi_chip *vb_spi_chip_at(const struct vb_board *board, unsigned csn);

/** The chip that the n-th (from 0) of the board is; NULL: there are fewer. */
const struct vb_spi_chip *vb_spi_chip(const struct vb_board *board, unsigned n);

/* ---- flash operations: what power cuts are counted in ---- */

enum vb_memory { VB_INTERNAL, VB_EXTERNAL, VB_NETWORK }; /* the last: of the other core */

/** One program or erase command that changes cells, as it begins. */
struct vb_operation {
    uint8_t memory; /* enum vb_memory */
    bool erase;
    uint32_t off;
    uint32_t len;
    const uint8_t *data; /* len bytes to be programmed; NULL for an erase */
    uint64_t ticks;      /* how long it will take */
};

/**
 * Every program and erase of both chips passes here as it begins.
 *
 * @return NULL: it will complete. Otherwise the power fails in it: tear the cells so, now, and do nothing more; all
 * chips have been told by power_fails(), also the caller, which is not busy with this operation yet. A tear of kind
 * SIM_TEAR_BROWNOUT lets the code run on: the operation ends at once, leaves that, and reports success.
 */
const struct sim_tear *vb_operation(struct vb_board *board, const struct vb_operation *operation);

/** Asked by a chip's controller once for each of its operations. @return true: it is silent about the end of this one
 */
bool vb_stalls(struct vb_board *board, enum vb_memory memory);

/** Something is handed over to another core, and came one step further: power is cut there too. */
void vb_step(struct vb_board *board);

/** The next byte of a generator of random numbers, the same in every run with the same seed. @return false: none comes
 */
bool vb_random(struct vb_board *board, uint8_t *out);

/** For sim_chip's functions. */
uint64_t *vb_rng(struct vb_board *board);

/* ---- a SoC: which devices stand where ---- */

struct vb_place {
    const struct vb_class *class;
    const char *name;
    uint32_t base;
    int16_t irq;
};

/** A peripheral of the part that nobody has modelled: touching it ends the run by its name. */
struct vb_stranger {
    uint32_t base; /* of its page */
    const char *name;
};

#define VB_XIP_SIZE 0x08000000u
#define VB_UICR_SIZE 0x1000u

struct vb_soc {
    const char *name;       /* "nRF52840" */
    const char *controller; /* compatible of the flash controller in the devicetree, by which the SoC is recognised */
    bool armv8m;            /* Cortex-M33, else M4 */
    uint32_t flash_base, ram_base; /* where the CPU sees them */
    struct sim_geometry flash;
    const char *flash_chip; /* compatible of the chip that stands for it, which a controller maps; NULL: none */
    bool starts_in_ram;     /* a boot ROM copies the start of flash there, and starts it */
    const struct sim_geometry *network_flash; /* of a second core, dev/network.h; NULL: it has none */
    uint32_t erase_us, word_us;               /* of a page and a word; the CPU stands still meanwhile */
    uint32_t ram_size;
    uint32_t irq_count;
    uint32_t xip; /* where the CPU reads the external chip, VB_XIP_SIZE bytes; 0: nowhere */
    uint32_t (*xip_load)(struct vb_board *board, uint32_t off, unsigned size);
    void (*xip_store)(struct vb_board *board, uint32_t off, unsigned size, uint32_t value); /* NULL: is refused */
    void (*flash_store)(void *board, uint32_t address, unsigned size, uint32_t value); /* the CPU stores to flash */
    uint32_t (*flash_load)(struct vb_board *board, uint32_t address, unsigned size);   /* while flash is a port */
    uint32_t alias; /* each peripheral page stands once more at this distance below its base (non-secure); 0: no */
    const struct vb_place *places;
    unsigned place_count;
    const struct vb_stranger *strangers;
    unsigned stranger_count;

    /** Cells and registers that differ from one made by reset alone: FICR's trims... Called at power on after all
     * resets. */
    void (*power_on)(struct vb_board *board);

    /** May the CPU (in secure state) use this address of a device? false: a fault, told as "why". NULL: always. */
    bool (*permits)(struct vb_board *board, const struct vb_device *dev, uint32_t address, const char **why);

    /** May the CPU program or erase here now (ACL, SPU)? false: refused, told as "why". */
    bool (*flash_permits)(struct vb_board *board, uint32_t off, const char **why);
};

#endif
