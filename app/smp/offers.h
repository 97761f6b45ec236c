/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OB_SMP_OFFERS_H
#define OB_SMP_OFFERS_H

#include <outboard/util.h>

/** Is a part of the protocol here? An application has all of it; a bootloader what its configuration says, which has
 * MCUboot's names. */
#define OB_SMP_OFFERS(symbol) (!OB_ENABLED(CONFIG_MCUBOOT_SERIAL) || OB_ENABLED(symbol))

#define OB_SMP_HASH OB_SMP_OFFERS(CONFIG_BOOT_SERIAL_IMG_GRP_HASH)
#define OB_SMP_STATES OB_SMP_OFFERS(CONFIG_BOOT_SERIAL_IMG_GRP_IMAGE_STATE)
#define OB_SMP_SLOT_INFO OB_SMP_OFFERS(CONFIG_BOOT_SERIAL_IMG_GRP_SLOT_INFO)
#define OB_SMP_ECHO OB_SMP_OFFERS(CONFIG_BOOT_MGMT_ECHO)
#define OB_SMP_PARAMETERS OB_SMP_OFFERS(CONFIG_BOOT_MGMT_MCUMGR_PARAMS)
#define OB_SMP_BOOTLOADER (!OB_ENABLED(CONFIG_MCUBOOT_SERIAL)) /* whoever talks to it knows */

#endif
