/* SPDX-License-Identifier: Apache-2.0 */
#ifndef OUTBOARD_TESTS_SFDP_REAL_TABLES_H
#define OUTBOARD_TESTS_SFDP_REAL_TABLES_H

#include <stdbool.h>

#include "../../drivers/flash/sfdp.h"

/*
 * Tables that were read from real chips, or that QEMU copied from them, as boards' devicetrees, users' reports and the
 * Linux kernel's mailing list quote them; and what JESD216 says they mean, worked out by another decoder than ours.
 * Times are capped, erases that share an opcode are left out: see drivers/flash/sfdp.h.
 */

/* clang-format off */
static const struct real_table {
    const char *name;
    bool is_bfp; /* the basic flash parameter table alone; else all from address 0 */
    const char *hex;
    struct ob_sfdp want; /* erase: size, max_us, opcode, opcode_4byte */
} real_tables[] = {
    {.name = "MX25R6435F (nRF52840 DK)",
     .is_bfp = true,
     .hex = "e520f1ffffffff0344eb086b083b04bbeeffffffffff00ffffff00ff0c200f5210d800ff2372f50082ed04cc44836844"
            "30b030b0f7c4d55c00be29fff0d0ffff",
     .want = {.size = 0x800000, .page_size = 256, .program_max_us = 5376,
              .erase = {{0x1000, 384000, 0x20, 0x00}, {0x8000, 1920000, 0x52, 0x00}, {0x10000, 3840000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0xff,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "MX25R6435F second issue (dw13 48)",
     .is_bfp = false,
     .hex = "53464450060102ff00060110300000ffc2000104100100ff84000102c00000ffffffffffffffffffffffffffffffffff"
            "e520f1ffffffff0344eb086b083b04bbeeffffffffff00ffffff00ff0c200f5210d800ff2372f50082ed04cc44834844"
            "30b030b0f7c4d55c00be29fff0d0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffff",
     .want = {.size = 0x800000, .page_size = 256, .program_max_us = 5376,
              .erase = {{0x1000, 384000, 0x20, 0x00}, {0x8000, 1920000, 0x52, 0x00}, {0x10000, 3840000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0xff,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "MX25L3233F (Particle boron)",
     .is_bfp = true,
     .hex = "e520f1ffffffff0144eb086b083b04bbeeffffffffff00ffffff00ff0c200f5210d800ff",
     .want = {.size = 0x400000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "P25Q16H (XIAO BLE, 2 MiB chip)",
     .is_bfp = true,
     .hex = "e520f1ffffffff0044eb086b083b80bbeeffffffffff00ffffff00ff0c200f5210d80881",
     .want = {.size = 0x200000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x100, 1000000, 0x81, 0x00}, {0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "AT25SF128A (Arduino GIGA R1)",
     .is_bfp = true,
     .hex = "e520f1ffffffff0744eb086b083b42bbeeffffffffff0000ffff00000c200f5210d800ff",
     .want = {.size = 0x1000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "N25Q256A (QEMU)",
     .is_bfp = false,
     .hex = "53464450000100ff00000109300000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520fbffffffff0f29eb276b083b27bbffffffffffff27bbffff29eb0c2010d800000000",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "MT35XU01G (QEMU)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110300000ff84000102800000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e5208affffffff3f0000000000000000eeffffffffff0000ffff00000c2011d80f520000245a99008b8e03e1ac012738"
            "7a757a75fbbdd55c000070ff81b03836ffffffffffffffffffffffffffffffff430effff21dc5cff",
     .want = {.size = 0x8000000, .page_size = 256, .program_max_us = 2880,
              .erase = {{0x1000, 480000, 0x20, 0x21}, {0x8000, 1120000, 0x52, 0x5c}, {0x20000, 1920000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x36,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "MX25L25635E (QEMU)",
     .is_bfp = false,
     .hex = "53464450000101ff00000109300000ffc2000104600000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520f3ffffffff0f44eb086b083b04bbeeffffffffff00ffffff00ff0c200f5210d800ffffffffffffffffffffffffff"
            "00360027f74fffffd9c8ffff",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "MX25L25635F (QEMU)",
     .is_bfp = false,
     .hex = "53464450000101ff00000109300000ffc2000104600000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520f3ffffffff0f44eb086b083b04bbfeffffffffff00ffffff44eb0c200f5210d800ffffffffffffffffffffffffff"
            "003600279df9c06485cbffff",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "MX66L51235F (zynq, JESD216)",
     .is_bfp = false,
     .hex = "53464450000101ff00000109300000ffc2000104600000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520f3ffffffff1f44eb086b083b04bbfeffffffffff00ffffff44eb0c200f5210d800ffffffffffffffffffffffffff"
            "003600279df9c06485cbffff",
     .want = {.size = 0x4000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "MX66L1G45G (QEMU)",
     .is_bfp = false,
     .hex = "53464450060102ff00060110300000ffc2000104100100ff84000102c00000ffffffffffffffffffffffffffffffffff"
            "e520fbffffffff3f44eb086b083b04bbfeffffffffff00ffffff44eb0c200f5210d800ffd649c50085df04e344036738"
            "30b030b0f7bdd55c4a9e29fff050f985ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "7fefffff215cdcff",
     .want = {.size = 0x8000000, .page_size = 256, .program_max_us = 3072,
              .erase = {{0x1000, 420000, 0x20, 0x21}, {0x8000, 2240000, 0x52, 0x5c}, {0x10000, 4032000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0x85,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "MX25U25645G (a user's nRF5340)",
     .is_bfp = true,
     .hex = "e520fbffffffff0f44eb086b083b04bbfeffffffffff00ffffff44eb0c200f5210d800ff2552dd0084a504e244031738"
            "30b030b0f7bdd55c4a9e29fff050f985",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 3840,
              .erase = {{0x1000, 576000, 0x20, 0x00}, {0x8000, 2112000, 0x52, 0x00}, {0x10000, 4608000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0x85,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "W25Q256 (QEMU)",
     .is_bfp = false,
     .hex = "53464450000100ff00000109800000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe520f3ffffffff0f44eb086b083b42bb"
            "feffffffffff0000ffff21eb0c200f5210d80000",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 20000,
              .erase = {{0x1000, 1000000, 0x20, 0x00}, {0x8000, 3000000, 0x52, 0x00}, {0x10000, 5000000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x00,
              .opcodes_4byte = false, .soft_reset = false}},
    {.name = "W25Q512JV (QEMU)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110800000ff84000102d00000ff03000102f00000ffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe520fbffffffff1f44eb086b083b42bb"
            "feffffffffff0000ffff40eb0c200f5210d800003602a60082ea14e2e96376337a757a75f7a2d55c19f74dffe970f9a5"
            "ffffffffffffffffffffffffffffffffff0af0ff21ffdcff",
     .want = {.size = 0x4000000, .page_size = 256, .program_max_us = 4224,
              .erase = {{0x1000, 896000, 0x20, 0x21}, {0x8000, 1792000, 0x52, 0x00}, {0x10000, 2240000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S2B1V4, .enter_4byte = 0xa5,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "W25Q01JV (QEMU, bletchley)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110800000ff84000102d00000ff03000102f00000ffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe520fbffffffff3f44eb086b083b42bb"
            "feffffffffff0000ffff40eb0c200f5210d800003602a60082ea14e2e96376337a757a75f7a2d55c19f74dffe970f9a5"
            "ffffffffffffffffffffffffffffffffff0af0ff21ffdcff",
     .want = {.size = 0x8000000, .page_size = 256, .program_max_us = 4224,
              .erase = {{0x1000, 896000, 0x20, 0x21}, {0x8000, 1792000, 0x52, 0x00}, {0x10000, 2240000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S2B1V4, .enter_4byte = 0xa5,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "W25Q64JV (user, esp/rp2040)",
     .is_bfp = false,
     .hex = "53464450050100ff00050110800000ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe520f9ffffffff0344eb086b083b42bb"
            "feffffffffff0000ffff40eb0c200f5210d800003602a60082ea14c4e96376337a757a75f7a2d55c19f74dffe930f880",
     .want = {.size = 0x800000, .page_size = 256, .program_max_us = 4224,
              .erase = {{0x1000, 896000, 0x20, 0x00}, {0x8000, 1792000, 0x52, 0x00}, {0x10000, 2240000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S2B1V4, .enter_4byte = 0x80,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "IS25WP256 (Linux list)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110300000ff9d05010380000002ffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520f9ffffffff0f44eb086b083b80bbfeffffffffff00ffffff44eb0c200f5210d800ff234ac90082d811cecccd6846"
            "7a757a75f7aed55c4a422cfff030faa9",
     .want = {.size = 0x2000000, .page_size = 256, .program_max_us = 1200,
              .erase = {{0x1000, 384000, 0x20, 0x00}, {0x8000, 1280000, 0x52, 0x00}, {0x10000, 2432000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0xa9,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "IS25LX/... 2Gbit (versal)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110300000ff84000102800000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520fbffffffff7f44eb086b083b80bbfeffffffffff00ffffff44eb0c200f5210d800ff6242a900826402e2ec8d694c"
            "7a757a75f7a2d55c4ac22cffe830faa9ffffffffffffffffffffffffffffffffffeeffff215cdcff",
     .want = {.size = 0x10000000, .page_size = 256, .program_max_us = 1920,
              .erase = {{0x1000, 672000, 0x20, 0x21}, {0x8000, 864000, 0x52, 0x5c}, {0x10000, 1056000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0xa9,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "SST26VF064B (Linux list; own tables)",
     .is_bfp = false,
     .hex = "53464450060102ff00060110300000ff81000106000100ffbf00011800020001ffffffffffffffffffffffffffffffff"
            "fd20f1ffffffff0344eb086b083b80bbfeffffffffff00ffffff440b0c200dd80fd810d820914824806f1d81ed0f7738"
            "30b030b0f7ffffff29c25cfff030c080ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffff00",
     .want = {.size = 0x800000, .page_size = 256, .program_max_us = 2048,
              .erase = {{0x1000, 38000, 0x20, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S2B1V5, .enter_4byte = 0x80,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "SST26VF064B (sfdp-bfp only)",
     .is_bfp = true,
     .hex = "fd20f1ffffffff0344eb086b083b80bbfeffffffffff00ffffff440b0c200dd80fd810d820914824806f1d81ed0f7738"
            "30b030b0f7ffffff29c25cfff030c080",
     .want = {.size = 0x800000, .page_size = 256, .program_max_us = 2048,
              .erase = {{0x1000, 38000, 0x20, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S2B1V5, .enter_4byte = 0x80,
              .opcodes_4byte = false, .soft_reset = true}},
    {.name = "MT25QU01G (Linux list)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110300000ff84000102800000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520fbffffffff3f29eb276b273b27bbffffffffffff27bbffff29eb0c2010d80f520000244a99008b8e03e1ac012738"
            "7a757a75fbbdd55c4a0f82ff81bd3d36ffffffffffffffffffffffffffffffffffe7ffff21dcffff",
     .want = {.size = 0x8000000, .page_size = 256, .program_max_us = 2880,
              .erase = {{0x1000, 480000, 0x20, 0x21}, {0x8000, 1120000, 0x52, 0x00}, {0x10000, 1600000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_NONE, .enter_4byte = 0x36,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "W25Q02NW (Linux list)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110800000ff84000102d00000ffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe520fbffffffff7f44eb086b083b42bb"
            "feffffffffff0000ffff40eb0c200f5210d800003652b50082ea14e2e96376337a757a75f7a2d55c199148ffe970f8a1"
            "ffffffffffffffffffffffffffffffffff0af0ff21ffdcff",
     .want = {.size = 0x10000000, .page_size = 256, .program_max_us = 4224,
              .erase = {{0x1000, 896000, 0x20, 0x21}, {0x8000, 2464000, 0x52, 0x00}, {0x10000, 3136000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S2B1V4, .enter_4byte = 0xa1,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "MX77L51250F (Linux list)",
     .is_bfp = false,
     .hex = "53464450060103ff00060110300000ffc2000104100100ff03000102000100ff84000102c00000ffffffffffffffffff"
            "e520f3ffffffff1f44eb086b083b04bbeeffffffffff00ffffff00ff0c200f5210d800ff8341bd0082a704db44033738"
            "30b030b0f7a9d55c009e29fff050f985ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "7f0ff0ff215cdcff",
     .want = {.size = 0x4000000, .page_size = 256, .program_max_us = 3072,
              .erase = {{0x1000, 200000, 0x20, 0x21}, {0x8000, 1152000, 0x52, 0x5c}, {0x10000, 2048000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_S1B6, .enter_4byte = 0x85,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "GD25LB512ME (Linux list)",
     .is_bfp = false,
     .hex = "53464450060102ff00060110300000ffc8000103900000ff84000102c00000ffffffffffffffffffffffffffffffffff"
            "e520eaffffffff1f44eb086b003b00bbfeffffffffff00ffffff44eb0c200f5210d800ffd531b1fe83d61458ec600633"
            "7a757a7504bdd55c2906740008500001ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "002050169df98156d9c8ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            "f38ff0ff215cdcff",
     .want = {.size = 0x4000000, .page_size = 256, .program_max_us = 1472,
              .erase = {{0x1000, 360000, 0x20, 0x21}, {0x8000, 1344000, 0x52, 0x5c}, {0x10000, 2496000, 0xd8, 0xdc}},
              .address = OB_SFDP_ADDRESS_3_OR_4, .quad = OB_SFDP_QUAD_UNKNOWN, .enter_4byte = 0x01,
              .opcodes_4byte = true, .soft_reset = true}},
    {.name = "AT25QL128A (Linux list)",
     .is_bfp = false,
     .hex = "53464450060101ff00060110300000ff1f00010280000001ffffffffffffffffffffffffffffffffffffffffffffffff"
            "e520f1ffffffff0744eb086b083b80bbfeffffffffff00ffffff42eb0c200f5210d800ff3362d500842901ceeca1073d"
            "7a757a75f7a2d55c19f61cffe810c080ffffffffffffffffffffffffffffffff501650190000ffff",
     .want = {.size = 0x1000000, .page_size = 256, .program_max_us = 6400,
              .erase = {{0x1000, 512000, 0x20, 0x00}, {0x8000, 1664000, 0x52, 0x00}, {0x10000, 2816000, 0xd8, 0x00}},
              .address = OB_SFDP_ADDRESS_3, .quad = OB_SFDP_QUAD_S2B1V1, .enter_4byte = 0x80,
              .opcodes_4byte = false, .soft_reset = true}},
};
/* clang-format on */

#endif
