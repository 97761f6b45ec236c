/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/boot_info.h>

#include <outboard/boot_info_dt.h>

enum ob_err ob_boot_info_read(struct ob_boot_info *out)
{
    return ob_boot_info_decode((const uint8_t *)OB_BOOT_INFO_ADDRESS, OB_BOOT_INFO_SIZE, out);
}
