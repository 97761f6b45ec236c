/* SPDX-License-Identifier: Apache-2.0 OR MIT */
/*
 * QSPI of nRF52840 and nRF5340. Sources: product specifications (QSPI), SVD of nrfx 4.2.1, and what nrfx's and
 * embassy's drivers rely on.
 *
 * What nobody can know without a part is refused: XIP during a transfer, DPM, encryption, DPPI. READY of a write or an
 * erase means that the last command was sent; the chip is still busy with it.
 */
#include <string.h>

#include <outboard/util.h>

#include "qspi.h"

#define IFCONFIG0_DPMENABLE (1u << 7)
#define IFCONFIG0_ANOMALY_121 (1u << 16)
#define IFCONFIG1_RESERVED 0x00ffff00u
#define IFCONFIG1_DPMEN (1u << 24)
#define IFCONFIG1_MODE3 (1u << 25)
#define STATUS_READY (1u << 3)
#define CINSTR_WIPWAIT (1u << 14)
#define CINSTR_MAX 9u
#define CLOCK_HFCLKCTRL 0x558u
#define PIN_CNF_MCUSEL(config) ((config) >> 28 & 7u)
#define MCUSEL_PERIPHERAL 3u

/* ---- the two variants ---- */

/* clang-format off */
#define BOTH_FIRST                                              \
    {TASKS_ACTIVATE, VB_TASK, .name = "TASKS_ACTIVATE"},        \
    {TASKS_READSTART, VB_TASK, .name = "TASKS_READSTART"},      \
    {TASKS_WRITESTART, VB_TASK, .name = "TASKS_WRITESTART"},    \
    {TASKS_ERASESTART, VB_TASK, .name = "TASKS_ERASESTART"},    \
    {TASKS_DEACTIVATE, VB_TASK, .name = "TASKS_DEACTIVATE"}
#define BOTH_MIDDLE                                             \
    {INTEN, VB_INTEN, .name = "INTEN"},                         \
    {0x304, VB_INTENSET, .name = "INTENSET"},                   \
    {INTENCLR, VB_INTENCLR, .name = "INTENCLR"},                \
    {ENABLE, VB_READ_WRITE, .name = "ENABLE"},                  \
    {READ_SRC, VB_READ_WRITE, .name = "READ.SRC"},              \
    {READ_DST, VB_READ_WRITE, .name = "READ.DST"},              \
    {READ_CNT, VB_READ_WRITE, .name = "READ.CNT"},              \
    {WRITE_DST, VB_READ_WRITE, .name = "WRITE.DST"},            \
    {WRITE_SRC, VB_READ_WRITE, .name = "WRITE.SRC"},            \
    {WRITE_CNT, VB_READ_WRITE, .name = "WRITE.CNT"},            \
    {ERASE_PTR, VB_READ_WRITE, .name = "ERASE.PTR"},            \
    {ERASE_LEN, VB_READ_WRITE, .name = "ERASE.LEN"},            \
    {PSEL_SCK, VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.SCK"}, \
    {PSEL_CSN, VB_READ_WRITE, .reset = 0xffffffff, .name = "PSEL.CSN"}, \
    {PSEL_IO0, VB_READ_WRITE, .count = 4, .reset = 0xffffffff, .name = "PSEL.IO"}, \
    {XIPOFFSET, VB_READ_WRITE, .reserved = 3, .name = "XIPOFFSET"}, \
    {IFCONFIG0, VB_READ_WRITE, .name = "IFCONFIG0"}
#define BOTH_LAST                                                                        \
    {IFCONFIG1, VB_READ_WRITE, .reset = 0x00040480, .name = "IFCONFIG1"},                \
    {STATUS, VB_READ_ONLY, .name = "STATUS"},                                            \
    {0x614, VB_READ_WRITE, .reset = 0xffffffff, .name = "DPMDUR"},                       \
    {ADDRCONF, VB_READ_WRITE, .reset = 0x000000b7, .name = "ADDRCONF"},                  \
    {CINSTRCONF, VB_READ_WRITE, .reset = 0x00002000, .name = "CINSTRCONF"},              \
    {CINSTRDAT0, VB_READ_WRITE, .name = "CINSTRDAT0"},                                   \
    {CINSTRDAT1, VB_READ_WRITE, .name = "CINSTRDAT1"}
/* clang-format on */

static const struct vb_register registers_52[] = {
    BOTH_FIRST,
    {ANOMALY_122, VB_WRITE_ONLY, .name = "(anomaly 122) 0x054"},
    {EVENTS_READY, VB_EVENT, .name = "EVENTS_READY"},
    BOTH_MIDDLE,
    BOTH_LAST,
    {IFTIMING, VB_READ_WRITE, .reset = 0x200, .name = "IFTIMING"},
};

static const struct vb_register registers_53[] = {
    BOTH_FIRST,
    {SUBSCRIBE_FIRST, VB_READ_WRITE, .count = 5, .name = "SUBSCRIBE"},
    {EVENTS_READY, VB_EVENT, .name = "EVENTS_READY"},
    {PUBLISH_READY, VB_READ_WRITE, .name = "PUBLISH_READY"},
    BOTH_MIDDLE,
    {XIPEN, VB_READ_WRITE, .reset = 1, .name = "XIPEN"},
    {0x560, VB_WRITE_ONLY, .count = 7, .name = "XIP_ENC.KEY and NONCE"},
    {XIP_ENC_ENABLE, VB_READ_WRITE, .name = "XIP_ENC.ENABLE"},
    {0x580, VB_WRITE_ONLY, .count = 7, .name = "DMA_ENC.KEY and NONCE"},
    {DMA_ENC_ENABLE, VB_READ_WRITE, .name = "DMA_ENC.ENABLE"},
    BOTH_LAST,
    {IFTIMING, VB_READ_WRITE, .reset = 0x600, .name = "IFTIMING"},
};

static uint32_t count_mask(const struct vb_device *dev)
{
    return is_53(dev) ? 0x1fffff : 0x3ffff;
}

/* ---- what is refused before anything is sent ---- */

static void check_wire(struct vb_device *dev, uint32_t psel, uint8_t wired, const char *what)
{
    uint8_t pin = vb_psel_pin(vb_get(dev, psel));

    if (pin != VB_PIN_NONE && wired != VB_PIN_NONE && pin != wired) {
        vb_refuse(dev, "PSEL.%s is P%u.%02u, but the chip's %s is wired to P%u.%02u", what, pin / 32u, pin % 32u, what,
                  wired / 32u, wired % 32u);
    }
    if (pin != VB_PIN_NONE && is_53(dev) && PIN_CNF_MCUSEL(vb_pin_config(dev->board, pin)) != MCUSEL_PERIPHERAL) {
        vb_note(dev, "a pin's PIN_CNF.MCUSEL is not Peripheral; the product specification asks for it");
    }
}

/* It answers as if no chip were there: often the program is for a board with other pins. */
static void note_nobody(struct vb_device *dev)
{
    const uint8_t pin = vb_psel_pin(vb_get(dev, PSEL_CSN));
    const struct vb_spi_chip *chip = vb_spi_chip(dev->board, 0);

    if (pin != VB_PIN_NONE && chip != NULL && chip->csn != VB_PIN_NONE) {
        vb_note(dev, "PSEL.CSN is P%u.%02u, where no chip is; the board's is at P%u.%02u", pin / 32u, pin % 32u,
                chip->csn / 32u, chip->csn % 32u);
    }
}

static void check_wires(struct vb_device *dev)
{
    static const char *const names[] = {"IO0", "IO1", "IO2", "IO3"};
    const struct vb_spi_chip *chip = vb_qspi_chip(dev);

    if (chip == NULL) {
        note_nobody(dev);
        return;
    }
    check_wire(dev, PSEL_SCK, chip->sck, "SCK");
    for (unsigned i = 0; i < OB_ARRAY_SIZE(names); i++) {
        check_wire(dev, PSEL_IO0 + 4 * i, chip->io[i], names[i]);
    }
}

/**
 * The nRF5340 wants HFCLK192M divided by at most two; its reset value divides by four. Anomaly 159 of the newest
 * revision wants it undivided, and the CPU at 64 MHz.
 */
static void check_clock(struct vb_device *dev)
{
    const struct vb_device *clock = vb_find(dev->board, "CLOCK");
    uint32_t config1 = vb_get(dev, IFCONFIG1);

    if (!is_53(dev)) {
        return;
    }
    if (vb_get(clock, CLOCK_HFCLK192MCTRL) > 1) {
        vb_refuse(dev,
                  "a transfer while CLOCK.HFCLK192MCTRL divides by four: by one or two is supported, and anomaly 159 "
                  "wants one");
    } else if (vb_get(clock, CLOCK_HFCLKCTRL) != 1) {
        vb_refuse(dev, "a transfer while the CPU runs at 128 MHz: anomaly 159 wants CLOCK.HFCLKCTRL = 1");
    }
    if (vb_get(clock, CLOCK_HFCLK192MCTRL) == 1) {
        vb_note(dev, "CLOCK.HFCLK192MCTRL divides by two; anomaly 159 wants it undivided");
    }
    if ((config1 & IFCONFIG1_MODE3) != 0 && config1 >> 28 == 0) {
        vb_refuse(dev, "SPI mode 3 at 96 MHz does not work (anomaly 99)");
    }
    if ((vb_get(dev, IFCONFIG0) & IFCONFIG0_ANOMALY_121) == 0 || vb_get(dev, IFTIMING) != 0x600) {
        vb_note(dev, "IFCONFIG0 bit 16 is 0 or IFTIMING is not 0x600: anomaly 121 asks for both");
    }
}

/** Before a task other than ACTIVATE. @return false: refused */
static bool may_start(struct vb_device *dev, const char *what)
{
    const struct state *state = state_of(dev);

    if (state->task != NO_TASK) {
        vb_refuse(dev, "%s while another transfer has not got READY yet", what);
    } else if (vb_get(dev, ENABLE) == 0) {
        vb_refuse(dev, "%s while ENABLE is 0", what);
    } else if (!state->active) {
        vb_refuse(dev, "%s before TASKS_ACTIVATE", what);
    } else if (vb_qspi_disconnected(dev)) {
        vb_refuse(dev, "%s while pins are disconnected in PSEL", what);
    } else {
        check_wires(dev);
        check_clock(dev);
        return true;
    }
    return false;
}

static bool may_start_data(struct vb_device *dev, const char *what)
{
    if (state_of(dev)->long_frame) {
        vb_refuse(dev, "%s in a long frame: end it with CINSTRCONF.LFSTOP", what);
        return false;
    }
    return may_start(dev, what);
}

/** Source, destination and length of a read or write: words, in RAM on one side and inside the address on the other. */
static bool may_move(struct vb_device *dev, const char *what, uint32_t flash, uint32_t ram, uint32_t count)
{
    bool wide = (vb_get(dev, IFCONFIG0) & IFCONFIG0_32BIT) != 0;

    if (flash % 4 != 0 || ram % 4 != 0) {
        vb_refuse(dev, "%s: addresses are words (chip 0x%x, RAM 0x%x)", what, (unsigned)flash, (unsigned)ram);
    } else if (count == 0) {
        vb_refuse(dev, "%s.CNT is 0: READY would never come", what);
    } else if (count % 4 != 0) {
        vb_refuse(dev, "%s.CNT is %u: the part ignores the lower two bits", what, (unsigned)count);
    } else if (count > count_mask(dev)) {
        vb_refuse(dev, "%s.CNT is 0x%x, more than the register's bits", what, (unsigned)count);
    } else if (!wide && (flash >= 0x1000000 || count > 0x1000000 - flash)) {
        vb_refuse(dev, "%s: chip address 0x%x needs IFCONFIG0.ADDRMODE = 32 bit", what, (unsigned)flash);
    } else {
        return may_start_data(dev, what);
    }
    return false;
}

/* ---- XIP ---- */

uint32_t vb_qspi_xip_load(struct vb_board *board, uint32_t off, unsigned size)
{
    struct vb_device *dev = vb_find(board, "QSPI");
    struct state *state = state_of(dev);

    if (vb_get(dev, ENABLE) == 0 || !state->active || vb_qspi_disconnected(dev) ||
        (is_53(dev) && vb_get(dev, XIPEN) == 0)) {
        vb_refuse(dev, "XIP is read while QSPI is not active, its pins are disconnected or XIPEN is 0");
        return 0;
    }
    if (state->task != NO_TASK || state->long_frame || !vb_qspi_has_opcode(dev, READ)) {
        vb_refuse(dev, "XIP is read in the middle of a transfer, which is not modelled");
        return 0;
    }
    check_clock(dev);
    state->xip_used = true;
    return vb_qspi_read_now(dev, vb_get(dev, XIPOFFSET) + off, size);
}

/** Anomalies 215 (nRF52840) and 43 (nRF5340): registers from 0x600 on may halt the CPU after XIP. */
static void check_after_xip(struct vb_device *dev, uint32_t off)
{
    if (off >= IFCONFIG1 && state_of(dev)->xip_used) {
        vb_refuse(dev, "%s is used after XIP without an activation with disconnected pins (anomalies 215, 43)",
                  vb_register_name(dev, off));
    }
}

/* ---- tasks: begin, and end ---- */

/** If it is silent about that, chip select goes high: what comes next is not to be taken for a part of this. */
static void end(struct vb_device *dev)
{
    struct state *state = state_of(dev);

    state->task = NO_TASK;
    if (!vb_stalls(dev->board, VB_EXTERNAL)) {
        vb_event(dev, EVENTS_READY);
    } else if (state->long_frame) {
        vb_qspi_let_go(dev);
        state->long_frame = false;
    }
}

static void poll(struct vb_device *dev)
{
    state_of(dev)->phase = POLLING;
    vb_schedule(dev, vb_qspi_poll_at(dev));
}

static void send(struct vb_device *dev, uint64_t ticks)
{
    state_of(dev)->phase = SENDING;
    vb_schedule(dev, vb_now(dev->board) + ticks);
}

static void begin(struct vb_device *dev, enum task task, enum phase phase, uint64_t ticks)
{
    struct state *state = state_of(dev);

    state->task = (uint8_t)task;
    state->done = 0;
    if (phase == POLLING) {
        poll(dev);
    } else {
        send(dev, ticks);
    }
}

static void event(struct vb_device *dev)
{
    struct state *state = state_of(dev);

    if (state->phase == POLLING && vb_qspi_chip_is_busy(dev)) {
        poll(dev);
    } else if (state->phase == POLLING) {
        send(dev, vb_qspi_ticks(dev, state->task));
    } else if (!vb_qspi_carry_out(dev)) {
        poll(dev);
    } else {
        end(dev);
    }
}

/**
 * ACTIVATE waits until the chip is idle. With pins that are disconnected IO1 reads as 0: it ends at once, also with
 * ENABLE = 0, which the drivers use after XIP and to wake a chip.
 */
static void start_activate(struct vb_device *dev)
{
    struct state *state = state_of(dev);
    bool open = vb_qspi_disconnected(dev);

    if (state->task != NO_TASK || state->long_frame) {
        vb_refuse(dev, "TASKS_ACTIVATE in the middle of a transfer");
        return;
    }
    if (!open && vb_get(dev, ENABLE) == 0) {
        vb_refuse(dev, "TASKS_ACTIVATE with connected pins while ENABLE is 0");
        return;
    }
    state->owes_122 = true;
    if (open) {
        state->xip_used = false;
        begin(dev, ACTIVATE, SENDING, VB_TICKS_PER_US);
    } else {
        check_wires(dev);
        begin(dev, ACTIVATE, POLLING, 0);
    }
}

static void start_read(struct vb_device *dev)
{
    if (!vb_qspi_has_opcode(dev, READ)) {
        vb_refuse(dev, "IFCONFIG0.READOC is none of the five");
    } else if (may_move(dev, "READ", vb_get(dev, READ_SRC), vb_get(dev, READ_DST), vb_get(dev, READ_CNT))) {
        begin(dev, READ, POLLING, 0);
    }
}

static void start_write(struct vb_device *dev)
{
    uint8_t word[4];
    uint32_t src = vb_get(dev, WRITE_SRC);

    if (!vb_qspi_has_opcode(dev, WRITE)) {
        vb_refuse(dev, "IFCONFIG0.WRITEOC is none of the four");
    } else if (may_move(dev, "WRITE", vb_get(dev, WRITE_DST), src, vb_get(dev, WRITE_CNT)) &&
               vb_dma_read(dev, src, word, sizeof(word))) {
        begin(dev, WRITE, POLLING, 0);
    }
}

static void start_erase(struct vb_device *dev)
{
    uint32_t address = vb_get(dev, ERASE_PTR);

    if (vb_get(dev, ERASE_LEN) > 2) {
        vb_refuse(dev, "ERASE.LEN is none of 4 KiB, 64 KiB and all");
    } else if (address % 4 != 0 || (address >= 0x1000000 && address_size(dev) == 3)) {
        vb_refuse(dev, "ERASE.PTR is 0x%x: no word, or it needs IFCONFIG0.ADDRMODE = 32 bit", (unsigned)address);
    } else if (may_start_data(dev, "TASKS_ERASESTART")) {
        begin(dev, ERASE, POLLING, 0);
    }
}

/** After the register has been written: that is what starts it. */
static void start_custom(struct vb_device *dev, uint32_t config)
{
    const struct state *state = state_of(dev);
    uint32_t len = config >> 8 & 15;

    if (!may_start(dev, "CINSTRCONF")) {
        return;
    }
    if (len == 0 || len > CINSTR_MAX) {
        vb_refuse(dev, "CINSTRCONF.LENGTH is %u: 1 to 9", (unsigned)len);
    } else if (state->long_frame && (config & CINSTR_LFEN) == 0) {
        vb_refuse(dev, "CINSTRCONF without LFEN in a long frame");
    } else if (state->long_frame && (config & (CINSTR_WREN | CINSTR_WIPWAIT)) != 0) {
        vb_refuse(dev, "CINSTRCONF.WREN or WIPWAIT in a long frame");
    } else if ((config & CINSTR_LFSTOP) != 0 && (config & CINSTR_LFEN) == 0) {
        vb_refuse(dev, "CINSTRCONF.LFSTOP without LFEN");
    } else {
        vb_set(dev, CINSTRCONF, config);
        begin(dev, CUSTOM, (config & CINSTR_WIPWAIT) != 0 ? POLLING : SENDING, vb_qspi_ticks(dev, CUSTOM));
    }
}

static void deactivate(struct vb_device *dev)
{
    struct state *state = state_of(dev);

    if (state->task != NO_TASK || state->long_frame) {
        vb_refuse(dev, "TASKS_DEACTIVATE in the middle of a transfer");
    }
    state->active = false;
}

/* ---- registers ---- */

/** Does a running transfer use the register? */
static bool in_use(uint32_t off)
{
    return off >= READ_SRC && off <= IFTIMING;
}

static void write_enable(struct vb_device *dev, uint32_t value)
{
    struct state *state = state_of(dev);

    if (value > 1) {
        vb_refuse(dev, "ENABLE takes 0 or 1");
    } else if (value == 0 && state->task != NO_TASK) {
        vb_refuse(dev, "ENABLE = 0 while a transfer has not got READY yet");
    } else if (value == 0 && state->active) {
        vb_note(dev, "ENABLE = 0 without TASKS_DEACTIVATE before it");
    } else if (value == 0 && vb_get(dev, ENABLE) != 0 && state->owes_122 && !is_53(dev)) {
        vb_note(dev, "ENABLE = 0 without the step of anomaly 122: it goes on drawing current");
    }
}

/** Nobody here can tell what these would do on the part. */
static bool is_unknown(const struct vb_device *dev, uint32_t off, uint32_t value)
{
    bool dppi = (off >= SUBSCRIBE_FIRST && off <= SUBSCRIBE_LAST) || off == PUBLISH_READY;

    return (dppi && value >> 31 != 0 && is_53(dev)) || (off == IFCONFIG0 && (value & IFCONFIG0_DPMENABLE) != 0) ||
           (off == IFCONFIG1 && (value & IFCONFIG1_DPMEN) != 0) ||
           ((off == XIP_ENC_ENABLE || off == DMA_ENC_ENABLE) && value != 0);
}

static void check_write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    const struct state *state = state_of(dev);

    if (is_unknown(dev, off, value)) {
        vb_refuse(dev, "DPPI, DPM and encryption are not modelled (%s = 0x%x)", vb_register_name(dev, off),
                  (unsigned)value);
    } else if (state->task != NO_TASK && in_use(off)) {
        vb_refuse(dev, "%s is written while a transfer has not got READY yet", vb_register_name(dev, off));
    } else if (off == ADDRCONF && state->active) {
        vb_refuse(dev, "ADDRCONF is written after TASKS_ACTIVATE, which has sent it");
    } else if (off == IFCONFIG1 && ((value ^ vb_get(dev, off)) & IFCONFIG1_RESERVED) != 0) {
        vb_note(dev, "IFCONFIG1 bits 23:8 are reserved and were changed");
    } else if (off == ANOMALY_122 && (value != 1 || state->active)) {
        vb_refuse(dev, "0x054 is written in another way than anomaly 122 says");
    }
}

/** The register has two bits. */
static uint32_t erase_len(struct vb_device *dev, uint32_t value)
{
    if (value > 3) {
        vb_note(dev, "ERASE.LEN = 0x%x: it has two bits and selects a size", (unsigned)value);
    }
    return value & 3;
}

static void write_task(struct vb_device *dev, uint32_t off)
{
    switch (off) {
    case TASKS_ACTIVATE:
        start_activate(dev);
        break;
    case TASKS_READSTART:
        start_read(dev);
        break;
    case TASKS_WRITESTART:
        start_write(dev);
        break;
    case TASKS_ERASESTART:
        start_erase(dev);
        break;
    default:
        deactivate(dev);
        break;
    }
}

static uint32_t write(struct vb_device *dev, uint32_t off, uint32_t value)
{
    if (off <= TASKS_DEACTIVATE) {
        write_task(dev, off);
        return value;
    }
    check_after_xip(dev, off);
    check_write(dev, off, value);
    if (off == ENABLE) {
        write_enable(dev, value);
    } else if (off == ANOMALY_122) {
        state_of(dev)->owes_122 = false;
    } else if (off == CINSTRCONF) {
        start_custom(dev, value);
    } else if (off == ERASE_LEN) {
        return erase_len(dev, value);
    }
    return value;
}

static uint32_t read(struct vb_device *dev, uint32_t off, uint32_t stored)
{
    check_after_xip(dev, off);
    if ((off == CINSTRDAT0 || off == CINSTRDAT1) && state_of(dev)->task == CUSTOM) {
        vb_refuse(dev, "CINSTRDAT is read before READY");
    }
    if (off == STATUS) {
        return stored | (state_of(dev)->task == NO_TASK ? STATUS_READY : 0);
    }
    return stored;
}

static void reset(struct vb_device *dev, enum vb_reset why)
{
    struct state *state = state_of(dev);

    if (why != VB_RESET_POWER && state->long_frame) {
        vb_qspi_let_go(dev); /* the pin goes back to GPIO, which drives nothing: the pull-up ends it */
    }
    memset(state, 0, sizeof(*state));
    vb_schedule(dev, VB_NEVER);
}

/** An application's driver takes a QSPI as after a reset, and chips whose select line is high. */
static void handover(struct vb_device *dev)
{
    const struct state *state = state_of(dev);
    const struct vb_spi_chip *chip;

    if (vb_get(dev, ENABLE) != 0 || state->active || state->task != NO_TASK) {
        vb_refuse(dev, "is left enabled at the jump to the image");
    }
    for (unsigned i = 0; (chip = vb_spi_chip(dev->board, i)) != NULL; i++) {
        if (vb_pin_level(dev->board, chip->csn) == VB_LOW) {
            vb_refuse(dev, "chip select P%u.%02u is low at the jump to the image", chip->csn / 32u, chip->csn % 32u);
        }
    }
}

const struct vb_class vb_class_qspi52 = {
    .name = "QSPI",
    .registers = registers_52,
    .register_count = OB_ARRAY_SIZE(registers_52),
    .state_size = sizeof(struct state),
    .reset = reset,
    .read = read,
    .write = write,
    .event = event,
    .handover = handover,
};

const struct vb_class vb_class_qspi53 = {
    .name = "QSPI",
    .registers = registers_53,
    .register_count = OB_ARRAY_SIZE(registers_53),
    .state_size = sizeof(struct state),
    .reset = reset,
    .read = read,
    .write = write,
    .event = event,
    .handover = handover,
};
