/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_SMP_H
#define OUTBOARD_SMP_H

#include <stdbool.h>
#include <stdint.h>

#include <zcbor_common.h>

#include <outboard/area.h>
#include <outboard/device.h>
#include <outboard/err.h>
#include <outboard/boot_info.h>
#include <outboard/image.h>
#include <outboard/util.h>

/*
 * A server of SMP, the management protocol of MCUmgr: clients in the field (smpmgr, phone applications) talk to an
 * application or to the bootloader through it. It polls, and keeps nothing but what its caller gives it.
 * docs/SMP.md says which commands, and what they are answered with.
 *
 * Every byte of a request is hostile.
 */

#define OB_SMP_HEADER_SIZE 8u

/** What a command is answered with. The numbers are MCUmgr's. */
enum ob_smp_rc {
    OB_SMP_OK = 0,
    OB_SMP_UNKNOWN = 1,  /* the device is in trouble: the reason says how */
    OB_SMP_INVALID = 3,  /* the request is malformed, or asks for what cannot be */
    OB_SMP_NOENT = 5,    /* there is no such thing here */
    OB_SMP_STATE = 6,    /* not now */
    OB_SMP_MSGSIZE = 7,  /* the answer would be too long */
    OB_SMP_NOTSUP = 8,   /* no such command */
    OB_SMP_CORRUPT = 9,  /* the image is refused */
    OB_SMP_TOO_NEW = 13, /* a version of the protocol that is not known */
};

/** A reason, in builds that tell reasons. */
#define OB_SMP_REASON(text) (OB_ENABLED(CONFIG_MCUMGR_SMP_VERBOSE_ERR_RESPONSE) ? (text) : NULL)

/** What is to be done once an answer is on its way: a reset, or work for which nobody waits. act == NULL: nothing. */
struct ob_smp_then {
    void (*act)(void *ctx);
    void *ctx;
};

/** One command on its way through its group. */
struct ob_smp_command {
    uint8_t id;
    bool write;              /* else read */
    zcbor_state_t *in;       /* the request's map: read it with ob_smp_decode() (app/smp/cbor.h) */
    zcbor_state_t *out;      /* the answer's map, open: add pairs to it. Not looked at after an error */
    const char *reason;      /* set it with an error: the client is told. A text that stays */
    struct ob_smp_then then; /* set it if the command is answered without an error */
};

/** A group of commands. Applications may bring their own, numbered from 64 on. */
struct ob_smp_group {
    uint16_t id;
    enum ob_smp_rc (*handle)(struct ob_smp_command *command, void *ctx);
    void *ctx;
};

struct ob_smp {
    const struct ob_smp_group *groups; /* group_count of them */
    uint32_t group_count;
    struct ob_smp_then then; /* of the last command */
};

/**
 * Answer one request: header and CBOR map, without framing. For any transport.
 *
 * @param answer  size bytes, not overlapping with the request
 * @return bytes of the answer; 0: what came is no request, or size is too small for an answer: say nothing
 */
uint32_t ob_smp_handle(struct ob_smp *smp, const uint8_t *request, uint32_t len, uint8_t *answer, uint32_t size);

/** Do what the last command left to be done after its answer, e.g. a reset. Call it when the answer has been sent. */
void ob_smp_finish(struct ob_smp *smp);

/*
 * Group 0, the system.
 */

#define OB_SMP_GROUP_OS 0u

/** The commands echo, reset, parameters and bootloader information. */
struct ob_smp_os {
    uint32_t buffer_size;     /* bytes that the transport takes for one request, framing included */
    int mode;                 /* how the bootloader installs, as MCUmgr numbers it: enum ob_info_mode */
    bool no_downgrade;        /* the bootloader refuses a lower version */
    void (*reset)(void *ctx); /* ctx is NULL */
    void (*ask_for)(
        uint32_t boot_mode); /* of the next start, as outboard/boot_mode.h numbers it; NULL: there is but one */
};

enum ob_smp_rc ob_smp_os_handle(struct ob_smp_command *command, void *ctx);

/*
 * Group 1, images. What the commands do is up to the store: an application keeps updates otherwise than a bootloader
 * that recovers a device.
 */

#define OB_SMP_GROUP_IMAGE 1u
#define OB_SMP_SLOTS 2u /* of an image: primary, secondary */

/** What `image list` shows of one slot. */
struct ob_smp_slot {
    struct ob_version version;
    uint8_t hash[OB_DIGEST_SIZE];
    bool active, confirmed, pending, permanent;
};

struct ob_smp_store {
    /** OB_SMP_NOENT: there is nothing to show. */
    enum ob_smp_rc (*read)(void *ctx, uint32_t image, uint32_t slot, struct ob_smp_slot *out);
    /** Install the image with this hash at the next start, for a trial or for good. */
    enum ob_smp_rc (*request)(void *ctx, const uint8_t hash[OB_DIGEST_SIZE], bool permanent, const char **reason);
    /** Keep what runs. */
    enum ob_smp_rc (*confirm)(void *ctx, const char **reason);
    /** Begin an upload of so many bytes; header is the first of them. */
    enum ob_smp_rc (*begin)(void *ctx, uint32_t target, uint32_t size, const uint8_t header[OB_IMAGE_HEADER_SIZE],
                            bool upgrade_only, const char **reason);
    /** Bytes that follow those that are written; fewer than unit() are the last ones. */
    enum ob_err (*write)(void *ctx, const uint8_t *data, uint32_t len);
    /** While the client sends what follows: let the chip erase where that goes. */
    void (*erase_ahead)(void *ctx);
    /** Writes are a multiple of it, except for the last one. */
    uint32_t (*unit)(void *ctx);
    /** All bytes are written. */
    enum ob_smp_rc (*end)(void *ctx, const char **reason);
    enum ob_smp_rc (*erase)(void *ctx, uint32_t slot, const char **reason);
    /** Bytes of a slot, and by which number an upload reaches it (-1: by none). OB_SMP_NOENT: it is not there. */
    enum ob_smp_rc (*info)(void *ctx, uint32_t image, uint32_t slot, uint32_t *size, int *target);
    /** The largest image in bytes that can be uploaded and installed; 0: not known. */
    uint32_t (*capacity)(void *ctx, uint32_t image);
};

/** The commands list, test, confirm, upload, erase and slot information. */
struct ob_smp_images {
    const struct ob_smp_store *store;
    void *ctx; /* the store's */
    uint32_t image_count;
    uint32_t target_count; /* what an upload may name as its image: 0 to target_count - 1 */

    /* The upload that is under way. */
    uint32_t size; /* 0: none */
    uint32_t done;
    uint32_t target;
    uint8_t sha[OB_DIGEST_SIZE]; /* of the whole file, as the client named it */
    bool has_sha;
};

enum ob_smp_rc ob_smp_images_handle(struct ob_smp_command *command, void *ctx);

/*
 * Group 2, statistics: what the bootloader remembers, an event a group, "event0" the newest; and "image0" and so on,
 * what became of the last update of each image.
 */

#define OB_SMP_GROUP_STATISTICS 2u

struct ob_smp_record {
    const struct ob_area *ledger; /* the bootloader's; flash == NULL: it cannot be read */
    const struct ob_slots *slots; /* image_count of them */
    uint32_t image_count;
};

enum ob_smp_rc ob_smp_record_handle(struct ob_smp_command *command, void *ctx);

/*
 * Over a UART, between lines of text (console framing) or alone (raw).
 */

/** Takes requests out of a stream of bytes. */
struct ob_smp_framing {
    uint8_t *buffer; /* the caller's; a request that does not fit is passed over */
    uint32_t size;
    uint32_t len; /* bytes in it */
    uint32_t bits;
    uint8_t state;
    uint8_t count;
};

/**
 * One more byte of the line.
 * @return true: a request is complete, *request and *len say where in the buffer
 */
bool ob_smp_console_take(struct ob_smp_framing *framing, uint8_t byte, const uint8_t **request, uint32_t *len);
bool ob_smp_raw_take(struct ob_smp_framing *framing, uint8_t byte, const uint8_t **request, uint32_t *len);

/** Send one answer. */
void ob_smp_console_put(const uint8_t *answer, uint32_t len, void (*put)(void *ctx, uint8_t byte), void *ctx);
void ob_smp_raw_put(const uint8_t *answer, uint32_t len, void (*put)(void *ctx, uint8_t byte), void *ctx);

/** A server on one UART. */
struct ob_smp_uart {
    const struct ob_device *dev;
    struct ob_smp *smp;
    struct ob_smp_framing framing;
    uint8_t *answer;
    uint32_t answer_size;
    uint32_t heard_us; /* when the last byte came */
};

/** The devicetree's choice: zephyr,uart-mcumgr, or else the console. */
#define OB_SMP_UART_DEVICE                                                                               \
    DEVICE_DT_GET(DT_IF(DT_CAT(DT_CHOSEN(zephyr_uart_mcumgr), _EXISTS), (DT_CHOSEN(zephyr_uart_mcumgr)), \
                        (DT_CHOSEN(zephyr_console))))

/** Take what came, and answer if it was a request. Never waits for bytes. @return something was answered */
bool ob_smp_uart_poll(struct ob_smp_uart *uart);

#endif
