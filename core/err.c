/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/err.h>

const char *ob_err_text(enum ob_err err)
{
    switch (err) {
    case OB_OK:
        return "no error";
    case OB_ERR_RANGE:
        return "the range leaves the area or device";
    case OB_ERR_ALIGN:
        return "not a multiple of the unit required";
    case OB_ERR_STATE:
        return "not allowed in this state";
    case OB_ERR_NOENT:
        return "the partition is not in this image's flash map";
    case OB_ERR_NODEV:
        return "the device is absent or of another type";
    case OB_ERR_BUS:
        return "the controller reported a failed transfer";
    case OB_ERR_TIMEOUT:
        return "the device is still busy past its worst-case time";
    case OB_ERR_FAILED:
        return "the chip reported a failed program or erase";
    case OB_ERR_VERIFY:
        return "what was written reads back differently";
    case OB_ERR_EMPTY:
        return "there is no image";
    case OB_ERR_FORMAT:
        return "a header or record is malformed";
    case OB_ERR_SIZE:
        return "too large for its place";
    case OB_ERR_DIGEST:
        return "the content does not match its digest";
    case OB_ERR_KEY:
        return "not signed by a known key";
    case OB_ERR_OLD:
        return "older than the image that it would replace";
    case OB_ERR_AUTH:
        return "the signature does not match";
    case OB_ERR_TYPE:
        return "signed in another way than this device takes";
    case OB_ERR_KIND:
        return "a kind of image that this device does not take";
    case OB_ERR_DEVICE:
        return "made for devices of another vendor or class";
    case OB_ERR_HEADER_SIZE:
        return "its header is longer or shorter than the layout's";
    case OB_ERR_STACK:
        return "its stack pointer is outside RAM";
    case OB_ERR_ENTRY:
        return "its reset vector is outside the image";
    case OB_ERR_ADDRESS:
        return "made for another address";
    case OB_ERR_DEPENDS:
        return "it needs another version of another image";
    case OB_ERR_COUNTER:
        return "its security counter is missing or too low";
    case OB_ERR_UNWRAP:
        return "its content key is not encrypted for this device";
    }
    return "unknown error";
}
