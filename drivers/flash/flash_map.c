/* SPDX-License-Identifier: Apache-2.0 */
#include <outboard/flash_map.h>

#include <pm_config.h>

#include <outboard/device_dt.h>

/*
 * One entry for each partition whose device node is enabled in this image's devicetree and whose region's driver symbol
 * is y in this image. A symbol that claims a driver that is not there makes an undefined __device_dts_ord_<n>.
 */

struct entry {
    uint8_t id;
    const struct ob_device *dev;
    uint32_t offset;
    uint32_t size;
};

/* A region's device is a node, or the label of one. */
#define NODE(dev) DT_IF(DT_CAT(dev, _EXISTS), (dev), (DT_NODELABEL(dev)))

#define ENTRY_INIT(name)                                      \
    {                                                         \
        .id = DT_CAT3(PM_, name, _ID),                        \
        .dev = DEVICE_DT_GET(NODE(DT_CAT3(PM_, name, _DEV))), \
        .offset = DT_CAT3(PM_, name, _OFFSET),                \
        .size = DT_CAT3(PM_, name, _SIZE),                    \
    },

#define ENTRY_IF_OKAY(name) DT_IF(DT_CAT(NODE(DT_CAT3(PM_, name, _DEV)), _STATUS_okay), (ENTRY_INIT(name)), ())

#define ENTRY_IF_DRIVER(name) DT_IF(DT_CAT3(PM_, name, _DEFAULT_DRIVER_KCONFIG), (ENTRY_IF_OKAY(name)), ())

/* An id that was not given has no label, so that no driver symbol is found for it. */
#define ENTRY(id) ENTRY_IF_DRIVER(DT_CAT3(PM_, id, _LABEL))

#define IDS_MAX 64
_Static_assert(PM_NUM <= IDS_MAX, "more partitions than the flash map lists");

/* clang-format off */
static const struct entry entries[] = {
    ENTRY(0) ENTRY(1) ENTRY(2) ENTRY(3) ENTRY(4) ENTRY(5) ENTRY(6) ENTRY(7)
    ENTRY(8) ENTRY(9) ENTRY(10) ENTRY(11) ENTRY(12) ENTRY(13) ENTRY(14) ENTRY(15)
    ENTRY(16) ENTRY(17) ENTRY(18) ENTRY(19) ENTRY(20) ENTRY(21) ENTRY(22) ENTRY(23)
    ENTRY(24) ENTRY(25) ENTRY(26) ENTRY(27) ENTRY(28) ENTRY(29) ENTRY(30) ENTRY(31)
    ENTRY(32) ENTRY(33) ENTRY(34) ENTRY(35) ENTRY(36) ENTRY(37) ENTRY(38) ENTRY(39)
    ENTRY(40) ENTRY(41) ENTRY(42) ENTRY(43) ENTRY(44) ENTRY(45) ENTRY(46) ENTRY(47)
    ENTRY(48) ENTRY(49) ENTRY(50) ENTRY(51) ENTRY(52) ENTRY(53) ENTRY(54) ENTRY(55)
    ENTRY(56) ENTRY(57) ENTRY(58) ENTRY(59) ENTRY(60) ENTRY(61) ENTRY(62) ENTRY(63)
};
/* clang-format on */

static const struct entry *find(uint8_t id)
{
    for (const struct entry *entry = entries; entry < entries + OB_ARRAY_SIZE(entries); entry++) {
        if (entry->id == id) {
            return entry;
        }
    }
    return NULL;
}

enum ob_err ob_flash_map_open(uint8_t id, struct ob_area *out)
{
    const struct entry *entry = find(id);
    if (entry == NULL) {
        return OB_ERR_NOENT;
    }
    if (*entry->dev->status == OB_OK) {
        *out = (struct ob_area){.flash = entry->dev->api, .start = entry->offset, .size = entry->size};
    }
    return *entry->dev->status;
}
