/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_FIXED_PARTITION_H
#define OUTBOARD_FIXED_PARTITION_H

/*
 * Partitions by their names in lower case, with the macros of Zephyr's flash map API and the old names of slots:
 *
 *     err = ob_flash_map_open(FIXED_PARTITION_ID(slot1_partition), &area);
 *
 * All are constants of pm_config.h. FIXED_PARTITION_EXISTS() is about the layout: whether this image has a driver for
 * it, ob_flash_map_open() tells.
 */

#include <pm_config.h>

#include <outboard/util.h>

#define FIXED_PARTITION_EXISTS(name) OB_ENABLED(OB_PM_CAT(PM_, name, _IS_ENABLED))
#define FIXED_PARTITION_ID(name) OB_PM_CAT(PM_, name, _ID)
#define FIXED_PARTITION_OFFSET(name) OB_PM_CAT(PM_, OB_PM_LABEL(name), _OFFSET) /* in its device, bytes */
#define FIXED_PARTITION_SIZE(name) OB_PM_CAT(PM_, OB_PM_LABEL(name), _SIZE)     /* bytes */

#define OB_PM_LABEL(name) OB_PM_CAT(PM_, FIXED_PARTITION_ID(name), _LABEL)
#define OB_PM_CAT(a, b, c) OB_PM_CAT_1(a, b, c)
#define OB_PM_CAT_1(a, b, c) a##b##c

/* The names of slots in devicetrees, and their older ones. */
#define PM_slot0_partition_ID PM_mcuboot_primary_ID
#define PM_slot0_partition_IS_ENABLED PM_mcuboot_primary_IS_ENABLED
#define PM_slot0_ns_partition_ID PM_mcuboot_primary_ID
#define PM_slot0_ns_partition_IS_ENABLED PM_mcuboot_primary_IS_ENABLED
#define PM_image_0_ID PM_mcuboot_primary_ID
#define PM_image_0_IS_ENABLED PM_mcuboot_primary_IS_ENABLED
#define PM_image_0_nonsecure_ID PM_mcuboot_primary_ID
#define PM_image_0_nonsecure_IS_ENABLED PM_mcuboot_primary_IS_ENABLED
#define PM_slot1_partition_ID PM_mcuboot_secondary_ID
#define PM_slot1_partition_IS_ENABLED PM_mcuboot_secondary_IS_ENABLED
#define PM_image_1_ID PM_mcuboot_secondary_ID
#define PM_image_1_IS_ENABLED PM_mcuboot_secondary_IS_ENABLED
#define PM_slot2_partition_ID PM_mcuboot_primary_1_ID
#define PM_slot2_partition_IS_ENABLED PM_mcuboot_primary_1_IS_ENABLED
#define PM_image_2_ID PM_mcuboot_primary_1_ID
#define PM_image_2_IS_ENABLED PM_mcuboot_primary_1_IS_ENABLED
#define PM_slot3_partition_ID PM_mcuboot_secondary_1_ID
#define PM_slot3_partition_IS_ENABLED PM_mcuboot_secondary_1_IS_ENABLED
#define PM_image_3_ID PM_mcuboot_secondary_1_ID
#define PM_image_3_IS_ENABLED PM_mcuboot_secondary_1_IS_ENABLED
#define PM_slot4_partition_ID PM_mcuboot_primary_2_ID
#define PM_slot4_partition_IS_ENABLED PM_mcuboot_primary_2_IS_ENABLED
#define PM_slot5_partition_ID PM_mcuboot_secondary_2_ID
#define PM_slot5_partition_IS_ENABLED PM_mcuboot_secondary_2_IS_ENABLED
#define PM_image_scratch_ID PM_mcuboot_scratch_ID
#define PM_image_scratch_IS_ENABLED PM_mcuboot_scratch_IS_ENABLED

/* Storage is the first of these that there is. */
#if defined(PM_storage_ID)
#define OB_PM_HAS_STORAGE /* a partition of that very name */
#elif defined(PM_settings_storage_ID)
#define PM_storage_ID PM_settings_storage_ID
#elif defined(PM_littlefs_storage_ID)
#define PM_storage_ID PM_littlefs_storage_ID
#elif defined(PM_nvs_storage_ID)
#define PM_storage_ID PM_nvs_storage_ID
#elif defined(PM_zms_storage_ID)
#define PM_storage_ID PM_zms_storage_ID
#endif
#if defined(PM_storage_ID) && !defined(OB_PM_HAS_STORAGE)
#define PM_storage_IS_ENABLED 1
#endif
#ifdef PM_storage_ID
#define PM_storage_partition_ID PM_storage_ID
#define PM_storage_partition_IS_ENABLED 1
#endif

#endif
