/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <string.h>

#include <outboard/util.h>

#include "../common/binary.h"

/* What a file is that is no image, or none that can be read, and what to do about it. */

/* imgtool --vector-to-sign payload: header, payload and protected TLVs, which are what is signed, and nothing behind.
 */
static bool is_vector(const struct image_file *file)
{
    const uint8_t *header = file->bytes;

    return file->len >= OB_IMAGE_HEADER_SIZE && ob_get_le32(header) == OB_IMAGE_MAGIC &&
           (uint64_t)ob_get_le16(header + 8) + ob_get_le32(header + 12) + ob_get_le16(header + 10) == file->len;
}

static bool is_digest(const struct image_file *file)
{
    return file->len == ob_hash_sha256.size || file->len == ob_hash_sha384.size || file->len == ob_hash_sha512.size;
}

static const char *cure_of_no_image(const struct image_file *file)
{
    static const uint8_t big_endian[4] = {0x96, 0xf3, 0xb8, 0x3d};
    const char *data = (const char *)file->bytes;

    if (file->len == 0) {
        return "the file is empty";
    }
    if (file->len >= sizeof(big_endian) && memcmp(data, big_endian, sizeof(big_endian)) == 0) {
        return "it is a big-endian one, which no device takes; sign it with --endian little";
    }
    if (file->addressed) {
        return "something else lies at its lowest address; give the image alone, as app_signed.hex";
    }
    if (ob_binary_kind_of(data, file->len) != OB_BINARY_RAW) {
        return "it is an ELF file; give the .bin that 'imgtool sign' wrote";
    }
    if (ob_binary_no_content(data, file->len) != NULL) {
        return "it is text or an archive; give the .bin that 'imgtool sign' wrote, out of an archive unpacked";
    }
    return is_digest(file) ? "it has the size of a digest; if 'imgtool sign --vector-to-sign digest' wrote it, have it "
                             "signed and make the image with --fix-sig"
                           : NULL;
}

const char *image_cure_of(const struct image_file *file)
{
    if (is_vector(file)) {
        return "it has no signature yet, as 'imgtool sign --vector-to-sign payload' writes it; have it signed and make "
               "the image with --fix-sig";
    }
    return file->len >= sizeof(uint32_t) && ob_get_le32(file->bytes) == OB_IMAGE_MAGIC ? NULL : cure_of_no_image(file);
}
