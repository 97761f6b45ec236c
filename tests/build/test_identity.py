# SPDX-License-Identifier: Apache-2.0
"""What an image says beside its version, and what the bootloader asks for: security counter, vendor, class.

Configures only. That devices refuse what differs: tests/unit/test_image.c, tests/unit/test_floor.c.
"""

import uuid

VENDOR = uuid.uuid5(uuid.NAMESPACE_DNS, "acme.example")
CLASS = uuid.uuid5(VENDOR, "door lock")


def c_bytes(value: uuid.UUID) -> str:
    return " ".join(f"0x{byte:02x}," for byte in value.bytes)


def test_what_the_bootloader_asks_for_is_stated_by_the_image(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_HARDWARE_DOWNGRADE_PREVENTION=y\n"
                  "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE=7\n")
    project.write("child_image/mcuboot.conf", 'CONFIG_MCUBOOT_UUID_VID=y\nCONFIG_MCUBOOT_UUID_VID_VALUE="acme.example"\n'
                  'CONFIG_MCUBOOT_UUID_CID=y\nCONFIG_MCUBOOT_UUID_CID_IMAGE_0_VALUE="door lock"\n')
    project.configure()
    assert project.config("MCUBOOT_HW_DOWNGRADE_PREVENTION", "mcuboot") == "y"
    keys = (project.build_dir / "mcuboot/keys.c").read_text()
    assert c_bytes(VENDOR) in keys and c_bytes(CLASS) in keys
    assert f"--vid {VENDOR} --cid {CLASS} --security-counter 7" in (project.build_dir / "build.ninja").read_text()


def test_a_bootloader_that_counts_gets_a_counter(project):
    errors = project.refuse("-Dmcuboot_CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION=y")
    assert "CONFIG_MCUBOOT_HW_DOWNGRADE_PREVENTION_COUNTER_VALUE is 0" in errors and "set it to 1" in errors


def test_an_image_states_no_other_vendor_than_the_bootloader_takes(project):
    project.write("prj.conf", "CONFIG_BOOTLOADER_MCUBOOT=y\nCONFIG_MCUBOOT_IMGTOOL_UUID_VID=y\n"
                  'CONFIG_MCUBOOT_IMGTOOL_UUID_VID_NAME="other.example"\n')
    errors = project.refuse("-Dmcuboot_CONFIG_MCUBOOT_UUID_VID=y", f'-Dmcuboot_CONFIG_MCUBOOT_UUID_VID_VALUE="{VENDOR}"')
    assert "prj.conf:3" in errors and f"takes {VENDOR} only" in errors
