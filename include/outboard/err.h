/* SPDX-License-Identifier: Apache-2.0 OR MIT */
#ifndef OUTBOARD_ERR_H
#define OUTBOARD_ERR_H

#define OB_MUST_CHECK __attribute__((warn_unused_result))

/**
 * Result of every operation that can fail. The groups say who can help.
 *
 * An error means that outputs were not written; what happened to flash is said where the function is declared.
 */
enum ob_err {
    OB_OK = 0,

    /* The caller is wrong: fix the call. */
    OB_ERR_RANGE = -1, /* offset and length leave the area or device */
    OB_ERR_ALIGN = -2, /* not a multiple of the unit required */
    OB_ERR_STATE = -3, /* not allowed now: the header of the function says when */

    /* The build is wrong: a partition or a driver is missing from this image. */
    OB_ERR_NOENT = -4, /* the id is not in this image's flash map */

    /* The device is in trouble: reset it and retry. */
    OB_ERR_NODEV = -5,   /* absent, asleep for good, or of another type than configured */
    OB_ERR_BUS = -6,     /* the controller reported a failed transfer */
    OB_ERR_TIMEOUT = -7, /* still busy past its worst-case time */
    OB_ERR_FAILED = -8,  /* the chip reported that a program or an erase failed */
    OB_ERR_VERIFY = -9,  /* reads back different from what was written */

    /* The stored data is bad: reject the slot. */
    OB_ERR_EMPTY = -10,  /* no image: no header magic */
    OB_ERR_FORMAT = -11, /* header or record is malformed or cut short */
    OB_ERR_SIZE = -12,   /* well-formed, but too large for the place it must go to */
    OB_ERR_DIGEST = -13, /* the content is not what the digest says */
    OB_ERR_KEY = -14,    /* not signed, or by a key that this device does not know */
    OB_ERR_AUTH = -15,   /* signature does not match */
    OB_ERR_OLD = -16,    /* good, but older than what it would replace, and downgrades are forbidden */
    OB_ERR_TYPE = -17,   /* hashed or signed in another way than this device takes */
    OB_ERR_KIND = -18,   /* encrypted or not, compressed, not bootable, for RAM, or big endian */
    OB_ERR_DEVICE = -19, /* vendor or class are not stated, or others than this device's */
    /* It is not linked for the place where it would run: */
    OB_ERR_HEADER_SIZE = -20, /* its vector table is elsewhere than the layout's header size says */
    OB_ERR_STACK = -21,       /* its stack pointer is outside RAM */
    OB_ERR_ENTRY = -22,       /* its reset vector is outside the image, or no Thumb address */
    OB_ERR_ADDRESS = -23,     /* it states another address (ROM_FIXED) */
    OB_ERR_DEPENDS = -24,     /* it needs a version of another image that would not be there */
    OB_ERR_COUNTER = -25,     /* its security counter is missing, or below what the device knows */
    OB_ERR_UNWRAP = -26,      /* it is encrypted, but not for this device */
};

/** Trouble with a device, which may pass, and not a fact about what is stored on it. */
static inline int ob_err_is_device(enum ob_err err)
{
    return err <= OB_ERR_NOENT && err >= OB_ERR_VERIFY;
}

/** One short English sentence without a full stop, for logs and host programs. Never NULL. */
const char *ob_err_text(enum ob_err err);

#endif
