/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TOOLS_FLASH_INSPECT_H
#define OUTBOARD_TOOLS_FLASH_INSPECT_H

#include <stdio.h>

#include <outboard/boot.h>

#include "../../../sim/parts.h"
#include "../image/image.h"
#include "../pm/inputs.h"

/*
 * `outboard flash inspect`: dumps and a build go in (dump.c, device.c, keys.c), what lies there is read (slots.c,
 * orders.c, mcuboot.c), the engine itself says what it would do next (next.c), findings*.c say what all of it means,
 * and text.c and json.c print it. Nothing here decides about an image or an order: core/ does.
 */

/* ---- dumps ---- */

/** A flash chip as a dump shows it. */
struct flash_chip {
    const char *name; /* "internal flash" */
    const char *path; /* of the dump; NULL: there is none, and the chip does not answer */
    const struct pm_region *region;
    const struct sim_part *part; /* NULL: not known */
    struct ob_flash flash;
    uint8_t *bytes;
    uint8_t *known;     /* of each byte: the dump has it; what it has not reads as erased */
    uint32_t known_len; /* bytes */
    uint32_t shift;     /* the file's addresses are so much higher than the region's: the chip was mapped there */
    bool is_whole;
    uint32_t changes; /* writes and erases since it was made */
};

/** A chip of this size, all erased. */
void flash_chip_init(struct flash_chip *chip, const char *name, uint32_t size);
/** The same content, on its own. */
void flash_chip_copy(struct flash_chip *copy, const struct flash_chip *chip);
void flash_chip_free(struct flash_chip *chip);

/** Does it hold nothing but this byte? */
bool flash_chip_is_filled(const struct flash_chip *chip, uint8_t value);

/** Does the dump have all of this? */
bool flash_chip_knows(const struct flash_chip *chip, const struct ob_area *area);

/** A place where a dump of a single slot may belong. */
struct flash_place {
    const char *name;
    uint32_t start; /* bytes from the start of the chip */
    uint32_t size;
};

/**
 * Put a dump into its chip: of the whole chip, of one of these places (its size tells), or with addresses of its own.
 * `FILE@OFFSET` says where a raw one begins.
 *
 * @return OB_EXIT_USAGE after printing why it does not fit
 */
enum ob_exit flash_dump_read(struct flash_chip *chip, const char *spec, const struct flash_place *places,
                             uint32_t place_count);

/* ---- the device ---- */

enum flash_chip_id { FLASH_INTERNAL, FLASH_EXTERNAL, FLASH_CHIPS };

#define FLASH_KEYS_MAX 16u

/** What images are held against. Without keys each signature counts as good, and the output says so. */
struct flash_keys {
    const struct image_type *type;
    struct ob_signature any; /* its type while no key is known */
    struct image_key read[FLASH_KEYS_MAX];
    const char *name[FLASH_KEYS_MAX];
    uint8_t stated[FLASH_KEYS_MAX][OB_HASH_MAX]; /* without keys: the KEYHASHes that images state */
    struct ob_key key[FLASH_KEYS_MAX];
    struct ob_keys keys;
    bool is_known;
    struct image_secret secret; /* what encrypted images are decrypted with */
    struct ob_decryption decryption;
};

/** An image, or what is left of one. */
struct flash_image {
    uint32_t at;     /* bytes from the start of its slot */
    bool is_there;   /* a header is */
    bool is_sealed;  /* it is encrypted, and its content was not looked at for want of a key */
    enum ob_err why; /* it may not run; OB_OK: it may */
    struct ob_image image;
    const char *signer; /* name of the key that it states; NULL: none that is known */
    const char *demo;   /* whose demo key that is; NULL: nobody's */
};

/** Fields of a trailer as they lie there, by MCUboot's rules; orders.c and mcuboot.c say what they mean. */
struct flash_trailer {
    uint32_t align;      /* that its magic belongs to; 0: it has no good one */
    enum ob_magic magic; /* by the device's alignment */
    enum ob_flag image_ok;
    enum ob_flag copy_done;
    enum ob_swap asks;    /* a secondary's, as outboard reads it: one worn cell makes no difference */
    uint8_t swap_info;    /* 0xff: erased */
    uint32_t size_off[2]; /* mcuboot: where swap_size may lie: without and with TLV sizes */
    uint32_t at;          /* of the lowest field, bytes from the start of the chip */
};

#define FLASH_PLACES_MAX 8u

struct flash_slot {
    const char *name; /* of the partition */
    uint32_t image;
    bool is_primary;
    struct flash_chip *chip;
    struct ob_area area;                        /* flash NULL: the device has none */
    bool is_known;                              /* the dump has all of it */
    bool is_elsewhere;                          /* it is RAM: its image is handed over to another processor */
    struct flash_image found[FLASH_PLACES_MAX]; /* headers, the first one at 0 */
    uint32_t found_count;
    struct flash_trailer trailer;
};

enum flash_family { FLASH_OUTBOARD, FLASH_MCUBOOT };

#define FLASH_SLOTS_MAX (OB_IMAGES_MAX * 3u)

struct flash_device {
    enum flash_family family;
    const char *why_family; /* what tells; NULL: nothing does, it is assumed */
    const struct pm_check *build;
    bool has_config; /* the bootloader's build was given */
    struct flash_chip chip[FLASH_CHIPS];
    struct flash_keys keys;
    struct flash_slot slot[FLASH_SLOTS_MAX];
    uint32_t slot_count;
    struct flash_chip ram; /* where an image lies while it is handed over */
    struct ob_receiver receiver;
    struct ob_slots slots[OB_IMAGES_MAX];
    struct ob_layout layout[OB_IMAGES_MAX];
    uint32_t capacity[OB_IMAGES_MAX];
    struct ob_area ledger;
    bool ledger_is_taken;  /* what runs reaches into where it is reserved: there is none */
    uint32_t ledger_found; /* its size if another one than the build's was found; 0: it was not */
    struct ob_home home;
    bool has_home;
    struct ob_hooks hooks;
    struct ob_workspace work;
    struct ob_boot boot;
};

/** Make the device of a build: chips without content, slots, ledger, mode. */
enum ob_exit flash_device_init(struct flash_device *device, const struct pm_check *build, const char *partitions);
/** Once the dumps are in: which bootloader it is, and where its ledger lies. */
void flash_device_settle(struct flash_device *device);
void flash_device_free(struct flash_device *device);

const struct flash_slot *flash_slot_of(const struct flash_device *device, uint32_t image, bool primary);

/** What lies at an address of a chip, for messages. */
const char *flash_place_name(const struct flash_device *device, enum flash_chip_id chip, uint32_t address);

/* ---- keys.c ---- */

/**
 * From PEM files, or from the bootloader's build; none: from what the images state.
 * @param secret  file of the key that images are decrypted with; NULL: what is encrypted stays sealed
 */
enum ob_exit flash_keys_read(struct flash_device *device, const struct pm_words *pem, const char *secret,
                             struct ob_arena *arena);

/** Which key it states. */
void flash_keys_name(const struct flash_device *device, const struct ob_area *area, struct flash_image *image);

/* ---- what lies there ---- */

/** The trailer at the end of an area of one of the chips, as those of an image's slots are. */
void flash_trailer_read(const struct flash_device *device, uint32_t image, const struct ob_area *area,
                        struct flash_trailer *out);

/** Look at each slot. */
void flash_slots_read(struct flash_device *device);

/** An image header that lies elsewhere in a chip, at whole erase units. @return false: none */
bool flash_find_stray(const struct flash_device *device, enum flash_chip_id chip, uint32_t *at);

/** The ledger and its record. */
struct flash_orders {
    enum ob_err err;
    struct ob_ledger ledger;
    bool is_blank; /* nothing was ever written there */
    bool is_begun;
    bool is_done;  /* ... and its request not withdrawn */
    uint32_t done; /* steps of the job that is begun */
    uint32_t total;
    bool undone;                             /* it is being taken back */
    uint32_t interrupted;                    /* starts in the middle of it, as far as the records tell */
    struct ob_event event[OB_LEDGER_EVENTS]; /* newest first */
    uint32_t event_count;
};

void flash_orders_read(const struct flash_device *device, struct flash_orders *orders);

/** One line: "installed for a trial", "refused: reason". */
void flash_event_text(const struct flash_device *device, const struct ob_event *event, char *out, size_t size);

/** What MCUboot's trailers tell. */
enum flash_swap_mode { FLASH_SWAP_UNKNOWN, FLASH_SWAP_MOVE, FLASH_SWAP_OFFSET, FLASH_SWAP_SCRATCH, FLASH_OVERWRITE };

struct flash_status {
    enum flash_swap_mode mode;
    bool in_progress;
    bool in_scratch;    /* as the trailer of the scratch area says, which has its status */
    enum ob_swap next;  /* what the next start is going to do */
    uint32_t swap_size; /* bytes; 0: not stated */
    uint32_t entries;   /* of the status that are written */
    uint32_t max_units; /* BOOT_MAX_IMG_SECTORS, as the place of the first entry tells; 0: it does not */
};

void flash_status_read(const struct flash_device *device, uint32_t image, struct flash_status *status);
const char *flash_swap_mode_text(enum flash_swap_mode mode);

/* ---- what the next start would do ---- */

struct flash_next {
    bool is_unknown; /* it depends on what is sealed: nothing below says anything, err is OB_ERR_UNWRAP */
    enum ob_err err; /* OB_OK: something is started */
    struct ob_boot_result result;
    char *log;                     /* malloc'ed, a line each */
    uint32_t changes[FLASH_CHIPS]; /* writes and erases */
    bool goes_back_after;          /* the start behind it goes back if nobody confirms */
};

void flash_next_run(const struct flash_device *device, const struct flash_orders *orders, struct flash_next *next);

/* ---- what it means ---- */

enum flash_severity { FLASH_NOTE, FLASH_WARNING, FLASH_PROBLEM };

struct flash_finding {
    const char *id; /* stays from release to release: docs/INSPECT.md lists them */
    enum flash_severity severity;
    char *what; /* malloc'ed */
    const char *cure;
};

#define FLASH_FINDINGS_MAX 48u

struct flash_report {
    struct flash_device *device;
    struct flash_orders orders;
    struct flash_status status[OB_IMAGES_MAX];
    struct flash_next next;
    struct flash_finding finding[FLASH_FINDINGS_MAX];
    uint32_t finding_count;
};

/** What is known of an image that was handed over: "it took version 1.2.3+4 last". */
void flash_elsewhere_text(const struct flash_report *report, const struct flash_slot *slot, char *out, size_t size);

void flash_findings_make(struct flash_report *report);

void flash_print_text(FILE *out, const struct flash_report *report);
void flash_print_json(FILE *out, const struct flash_report *report);

/** Common to both: "1.2.3+4". */
#define FLASH_VERSION_SIZE 32u
const char *flash_version_text(const struct ob_version *version, char out[FLASH_VERSION_SIZE]);

int flash_cmd_inspect(int argc, char **argv);

#endif
