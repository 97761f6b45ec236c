# SPDX-License-Identifier: Apache-2.0
"""A check names the line that somebody wrote, not the file that was made of it, and is the last thing on the screen."""

import re

import pytest

EXTERNAL = "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n"
BOARD = "-DBOARD=nrf52840dk_nrf52840"

CASES = {  # what is written beside the chosen chip: the line that must be named, and what is said of it
    "a size in bytes": ({"app.overlay": EXTERNAL + "&mx25r64 { size = <0x800000>; };\n", "child_image/mcuboot.overlay": '#include "../app.overlay"\n'},
                        "app.overlay:2:12", "size is 0x800000, but the table in sfdp-bfp says"),
    "a chip that the bootloader does not choose": ({"app.overlay": "\n" + EXTERNAL}, "app.overlay:2:14", "its devicetree has no DT_CHOSEN"),
    "another chip in one image": ({"app.overlay": EXTERNAL + "&mx25r64 { jedec-id = [c2 28 18]; };\n", "child_image/mcuboot.overlay": EXTERNAL},
                                  "app.overlay:2:12", "have a different jedec-id"),
    "a driver that is switched off": ({"app.overlay": EXTERNAL, "child_image/mcuboot.overlay": EXTERNAL,
                                       "child_image/mcuboot.conf": "# why\nCONFIG_NORDIC_QSPI_NOR=n\n"},
                                      "child_image/mcuboot.conf:2:1", "CONFIG_NORDIC_QSPI_NOR is not set"),
    "a chip that no binding knows": ({"app.overlay": "&spi3 { status = \"okay\"; x: x@0 { compatible = \"acme,nor\"; reg = <0>; size = <0x4000000>; }; };\n"
                                      "/ { chosen { nordic,pm-ext-flash = &x; }; };\n"},
                                     "app.overlay:2:14", "no binding knows \"acme,nor\""),
    "a number of sectors": ({"app.overlay": EXTERNAL, "child_image/mcuboot.overlay": EXTERNAL, "child_image/mcuboot.conf": "CONFIG_BOOT_MAX_IMG_SECTORS=12\n"},
                            "child_image/mcuboot.conf:1:1", "has 244 erase units"),
}


@pytest.mark.parametrize("what", CASES)
def test_line_that_somebody_wrote_is_named(project, what):
    files, place, message = CASES[what]
    for name, text in files.items():
        project.write(name, text)
    result = project.cmake(BOARD)
    assert result.returncode != 0
    errors = result.stderr
    named = re.search(rf"^.*{re.escape(place)}: error: .*{re.escape(message)}", errors, re.MULTILINE)
    assert named, errors
    assert ".config: error" not in errors
    assert "Call Stack" not in errors[named.start():]
