/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_VBOARD_DEV_QSPI_H
#define OUTBOARD_VBOARD_DEV_QSPI_H

#include "devices.h"

/* The halves of the QSPI: qspi.c, its registers and what they forbid; qspi_bus.c, what goes over its pins. */

enum {
    TASKS_ACTIVATE = 0x000,
    TASKS_READSTART = 0x004,
    TASKS_WRITESTART = 0x008,
    TASKS_ERASESTART = 0x00c,
    TASKS_DEACTIVATE = 0x010,
    ANOMALY_122 = 0x054,
    SUBSCRIBE_FIRST = 0x080,
    SUBSCRIBE_LAST = 0x090,
    EVENTS_READY = 0x100,
    PUBLISH_READY = 0x180,
    INTEN = 0x300,
    INTENCLR = 0x308,
    ENABLE = 0x500,
    READ_SRC = 0x504,
    READ_DST = 0x508,
    READ_CNT = 0x50c,
    WRITE_DST = 0x510,
    WRITE_SRC = 0x514,
    WRITE_CNT = 0x518,
    ERASE_PTR = 0x51c,
    ERASE_LEN = 0x520,
    PSEL_SCK = 0x524,
    PSEL_CSN = 0x528,
    PSEL_IO0 = 0x530,
    XIPOFFSET = 0x540,
    IFCONFIG0 = 0x544,
    XIPEN = 0x54c,
    XIP_ENC_ENABLE = 0x57c,
    DMA_ENC_ENABLE = 0x59c,
    IFCONFIG1 = 0x600,
    STATUS = 0x604,
    ADDRCONF = 0x624,
    CINSTRCONF = 0x634,
    CINSTRDAT0 = 0x638,
    CINSTRDAT1 = 0x63c,
    IFTIMING = 0x640,
};

#define IFCONFIG0_32BIT (1u << 6)
#define CLOCK_HFCLK192MCTRL 0x5b8u
#define CINSTR_LFEN (1u << 16)
#define CINSTR_LFSTOP (1u << 17)
#define CINSTR_WREN (1u << 15)

enum task { NO_TASK, ACTIVATE, READ, WRITE, ERASE, CUSTOM };
enum phase {
    POLLING, /* reads the chip's status until it is idle */
    SENDING, /* the command is on its way; what it does is done at its end */
};

struct state {
    uint8_t task;  /* enum task */
    uint8_t phase; /* enum phase */
    bool active;
    bool long_frame; /* chip select is low between two custom instructions */
    bool xip_used;   /* and the step of anomalies 215 and 43 is still to come */
    bool owes_122;   /* was activated, and the anomaly's step is still to come */
    uint32_t done;   /* bytes of a write that have been sent */
};

static inline struct state *state_of(const struct vb_device *dev)
{
    return dev->state;
}

static inline bool is_53(const struct vb_device *dev)
{
    return dev->class == &vb_class_qspi53;
}

static inline unsigned address_size(const struct vb_device *dev)
{
    return (vb_get(dev, IFCONFIG0) & IFCONFIG0_32BIT) != 0 ? 4 : 3;
}

/** NULL: PSEL.CSN is no chip's. */
const struct vb_spi_chip *vb_qspi_chip(const struct vb_device *dev);

/** Is one of the pins that every command needs not connected? IO2 and IO3 matter to four lanes only. */
bool vb_qspi_disconnected(const struct vb_device *dev);

/** When the peripheral should ask the chip again whether it is idle, and the question. */
uint64_t vb_qspi_poll_at(const struct vb_device *dev);
bool vb_qspi_chip_is_busy(struct vb_device *dev);

/** Does IFCONFIG0 hold an opcode for this task? */
bool vb_qspi_has_opcode(struct vb_device *dev, enum task task);

/** How long the command of a task, or the next one of a write, is on its way. */
uint64_t vb_qspi_ticks(struct vb_device *dev, enum task task);

/**
 * The command is through: what it does is done.
 * @return false: another page follows, when the chip is idle
 */
bool vb_qspi_carry_out(struct vb_device *dev);

/** One read command by itself, while the CPU waits: XIP. */
uint32_t vb_qspi_read_now(struct vb_device *dev, uint32_t address, unsigned size);

/** The pins go back to GPIO: a command that was not ended ends. */
void vb_qspi_let_go(struct vb_device *dev);

#endif
