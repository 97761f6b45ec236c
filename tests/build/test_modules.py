# SPDX-License-Identifier: Apache-2.0
"""A driver from outside the tree, in a module: it reaches both images, and says what it can do."""

import pytest

KCONFIG = """
config ACME_FLASH
	bool "Flash in RAM"
	default y
	select PM_EXTERNAL_FLASH_HAS_DRIVER
	help
	  Better: nothing to solder. Worse: forgets.
"""

STATEMENT = """
config ACME_FLASH_SOURCE_ANYWHERE
	def_bool ACME_FLASH
"""

BINDING = """
compatible: acme,ram-flash
driver: CONFIG_ACME_FLASH
properties:
  size: {type: int, required: true}
"""

DRIVER = """
#include <string.h>
#include <outboard/device_dt.h>
#include <outboard/flash.h>
#include <outboard/log.h>

#define NODE DT_NODELABEL(acme)
#define SIZE (DT_PROP(NODE, size) / 8)

static uint8_t memory[SIZE];

static enum ob_err acme_read(const struct ob_flash *flash, uint32_t off, void *dst, uint32_t len)
{
    (void)flash;
    memcpy(dst, memory + off, len);
    return OB_OK;
}

static enum ob_err acme_write(const struct ob_flash *flash, uint32_t off, const void *src, uint32_t len)
{
    const uint8_t *from = src;

    (void)flash;
    for (uint32_t i = 0; i < len; i++) {
        memory[off + i] &= from[i];
    }
    return OB_OK;
}

static enum ob_err acme_erase(const struct ob_flash *flash, uint32_t off, uint32_t size)
{
    (void)flash;
    memset(memory + off, 0xff, size);
    return OB_OK;
}

static const struct ob_flash_ops ops = {.read = acme_read, .write = acme_write, .erase = acme_erase};
static struct ob_flash api = {.ops = &ops, .size = SIZE, .write_size = 1, .program_size = 256, .erase_sizes = {4096}, .erased_value = 0xff};

static enum ob_err acme_init(const struct ob_device *dev)
{
    (void)dev;
    memset(memory, 0xff, sizeof(memory));
    OB_LOG_INF("acme flash is ready");
    return OB_OK;
}

OB_DEVICE_DT_DEFINE(NODE, acme_init, NULL, NULL, &api)
"""

OVERLAY = """
#include <acme.dtsi>
/ { chosen { nordic,pm-ext-flash = &acme; }; };
"""


@pytest.fixture
def module(project):
    """The project with its own driver for the chosen chip in both images."""
    project.write("acme/Kconfig", KCONFIG + STATEMENT)
    project.write("acme/sources.cmake", "ob_sources_ifdef(CONFIG_ACME_FLASH acme.c)\n")
    project.write("acme/acme.c", DRIVER)
    project.write("acme/dts/bindings/acme,ram-flash.yaml", BINDING)
    project.write("acme/dts/acme.dtsi", '/ { acme: acme { compatible = "acme,ram-flash"; size = <0x200000>; }; };\n')
    for overlay in ("app.overlay", "child_image/mcuboot.overlay"):
        project.write(overlay, OVERLAY)
    project.options += ["-DOUTBOARD_MODULES=acme", "-DCONFIG_FLASH_SIZE=256"]
    return project


def test_driver_of_a_module_serves_the_update_slot_in_both_images(module):
    module.configure()
    module.make()
    (module.build_dir / "external_flash.bin").write_bytes(b"\xff" * (32 << 20))  # what the emulated board has there
    text = "\n".join(module.start("tiny application"))
    assert text.count("I: acme flash is ready") == 2
    assert "Failed" not in text and "Cannot upgrade" not in text


def test_driver_that_does_not_say_that_it_writes_from_code_memory_is_refused(module):
    """In the SDK such a driver builds, and the first record of an update fails on the device."""
    module.write("acme/Kconfig", KCONFIG)
    errors = module.refuse()
    for image in ("app", "mcuboot"):
        assert f"image '{image}': no driver of /acme says that it can write data that lies in internal flash" in errors
    assert "config ACME_FLASH_SOURCE_ANYWHERE, def_bool ACME_FLASH" in errors


def test_driver_that_no_binding_names_is_refused(module):
    module.write("acme/dts/bindings/acme,ram-flash.yaml", BINDING.replace("driver: CONFIG_ACME_FLASH\n", ""))
    assert "no binding names the driver of /acme" in module.refuse()


def test_binding_may_include_one_of_this_tree(module):
    module.write("acme/dts/bindings/acme,ram-flash.yaml", BINDING + "include: jedec,spi-nor-common.yaml\n")
    assert '/acme: compatible: "acme,ram-flash" belongs on a bus of kind spi' in module.refuse()  # which that one says


def test_symbol_of_a_module_belongs_to_menuconfig_and_fragments(module):
    module.write("child_image/mcuboot.conf", "CONFIG_ACME_FLASH=n\n")
    assert "image 'mcuboot' has no driver for /acme: CONFIG_ACME_FLASH is not set" in module.refuse()


def test_module_that_does_not_exist_is_refused(project):
    assert "nowhere: does not exist; correct OUTBOARD_MODULES of image app" in project.refuse("-DOUTBOARD_MODULES=nowhere")
