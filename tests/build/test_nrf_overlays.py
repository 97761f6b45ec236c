# SPDX-License-Identifier: Apache-2.0
"""Overlays for the nRF boards as projects for the SDK have them: they are taken as they are, or refused with the reason.

Only what is built is looked at; tests/vboard runs binaries.
"""

import json

import pytest

CHOSEN = "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n"
SLOWER = "&mx25r64 { sck-frequency = <16000000>; readoc = \"fastread\"; writeoc = \"pp\"; };\n" + CHOSEN
OWN_PINS = """
&qspi {
    status = "okay";
    pinctrl-0 = <&qspi_default>;
    pinctrl-1 = <&qspi_sleep>;
    pinctrl-names = "default", "sleep";
    /delete-node/ mx25r6435f@0;
    mx25r64: mx25r6435f@0 {
        compatible = "nordic,qspi-nor";
        reg = <0>;
        sck-frequency = <8000000>;
        size = <67108864>;
        jedec-id = [c2 28 17];
        quad-enable-requirements = "S1B6";
        sck-delay = <5>;
        rx-delay = <2>;
        has-dpd;
        t-enter-dpd = <10000>;
        t-exit-dpd = <35000>;
    };
};
&pinctrl {
    qspi_default: qspi_default {
        group1 {
            psels = <NRF_PSEL(QSPI_SCK, 0, 19)>, <NRF_PSEL(QSPI_IO0, 0, 20)>, <NRF_PSEL(QSPI_IO1, 0, 21)>,
                    <NRF_PSEL(QSPI_IO2, 0, 22)>, <NRF_PSEL(QSPI_IO3, 0, 23)>, <NRF_PSEL(QSPI_CSN, 0, 17)>;
            nordic,drive-mode = <NRF_DRIVE_H0H1>;
        };
    };
};
""" + CHOSEN
ON_SPI = """
/ { chosen { nordic,pm-ext-flash = &w25q; }; };
&qspi { status = "disabled"; };
/delete-node/ &slot1_partition;
&pinctrl {
    spi2_default: spi2_default {
        group1 { psels = <NRF_PSEL(SPIM_SCK, 1, 15)>, <NRF_PSEL(SPIM_MOSI, 1, 13)>, <NRF_PSEL(SPIM_MISO, 1, 14)>; };
    };
};
&spi2 {
    compatible = "nordic,nrf-spim";
    status = "okay";
    pinctrl-0 = <&spi2_default>;
    pinctrl-names = "default";
    cs-gpios = <&gpio0 3 GPIO_ACTIVE_LOW>, <&gpio1 12 GPIO_ACTIVE_LOW>;
    sensor@0 { compatible = "acme,sensor"; reg = <0>; };
    w25q: w25q128@1 {
        compatible = "jedec,spi-nor";
        reg = <1>;
        size = <0x8000000>;
        jedec-id = [ef 40 18];
        spi-max-frequency = <SPEED>;
    };
};
"""
SYMBOLS = """
CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096
CONFIG_NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE=64
CONFIG_NRFX_QSPI=y
CONFIG_NRFX_SPIM2=y
CONFIG_PINCTRL=y
CONFIG_GPIO=y
CONFIG_FPROTECT=y
"""
BOARDS = ["nrf52840dk/nrf52840", "nrf5340dk/nrf5340/cpuapp"]


def build(project, board: str, overlay: str):
    """The bootloader, with an overlay for it and the application. What was printed, and whether it worked."""
    for name in ("app.overlay", "child_image/mcuboot.overlay"):
        project.write(name, overlay)
    project.write("child_image/mcuboot.conf", SYMBOLS)
    result = project.cmake(board=board)
    assert result.returncode == 0, result.stderr
    built = project.build("--target", "mcuboot")
    return built.returncode == 0, built.stdout + built.stderr


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("overlay", [SLOWER, ON_SPI.replace("SPEED", "8000000")], ids=["qspi", "spi"])
def test_overlays_are_taken_as_they_are(project, board, overlay):
    built, output = build(project, board, overlay)
    assert built and " warning: " not in output.replace("outboard: warning:", ""), output


def test_pins_in_the_form_before_pinctrl_are_told_where_they_go(project):
    project.write("app.overlay", "&uart0 { tx-pin = <6>; };\n&qspi { io-pins = <20>, <21>; };\n")
    errors = project.refuse(board="nrf52840dk_nrf52840")
    for name in ("tx-pin", "io-pins"):
        assert f"{name}: is not supported: since Zephyr 3.0 pins stand below &pinctrl" in errors, errors


def test_thingy53_reads_over_the_two_lanes_that_it_has(project):
    assert build(project, "thingy53/nrf5340/cpuapp", CHOSEN)[0]


def test_what_is_locked_is_whole_blocks(project):
    project.options.append("-Dmcuboot_CONFIG_PM_PARTITION_SIZE_MCUBOOT=0xd000")
    assert build(project, "nrf52840dk_nrf52840", CHOSEN)[0]
    built, output = build(project, "nrf5340dk_nrf5340_cpuapp", CHOSEN)
    assert not built and "CONFIG_FPROTECT locks whole regions of 16 KiB: make PM_PARTITION_SIZE_MCUBOOT a multiple of 0x4000" in output


def test_pins_of_qspi_are_free_on_the_nrf52(project):
    assert build(project, "nrf52840dk_nrf52840", OWN_PINS)[0]


@pytest.mark.parametrize("board, overlay, reason", [
    ("nrf5340dk_nrf5340_cpuapp", OWN_PINS, "the QSPI pins of an nRF5340 are SCK P0.17, CSN P0.18"),
    ("nrf52840dk_nrf52840", CHOSEN + "&mx25r64 { sck-frequency = <1000000>; };", "sck-frequency: the QSPI controller does not run so slowly"),
    ("nrf52840dk_nrf52840", ON_SPI.replace("SPEED", "500000"), "spi-max-frequency: SPI controllers here run at 1, 2, 4 or 8 MHz"),
    ("nrf52840dk_nrf52840", ON_SPI.replace("SPEED", "8000000").replace("spi2", "spi3"), "SPIM3 of the nRF52840 may corrupt what it sends"),
    ("nrf52840dk_nrf52840", ON_SPI.replace("SPEED", "8000000").replace("12 GPIO_ACTIVE_LOW", "12 GPIO_ACTIVE_HIGH"), "a flash chip is selected by a low level"),
    ("nrf52840dk_nrf52840", ON_SPI.replace("SPEED", "8000000").replace("reg = <1>", "reg = <2>"), "cs-gpios has no entry for the reg of the chip"),
], ids=["pins", "slow qspi", "slow spi", "spim3", "active high", "chip select"])
def test_what_the_hardware_cannot_do_is_refused_when_building(project, board, overlay, reason):
    built, output = build(project, board, overlay)
    assert not built and reason in output, output


def test_properties_of_zephyrs_bindings_are_no_mistakes(project):
    """Of what console, slots and clock hang on, so that nothing is passed over. A hog is: nobody here drives its pin."""
    project.write("app.overlay", """
&timer0 { prescaler = <4>; cc-num = <6>; max-bit-width = <32>; max-frequency = <16000000>; zli; };
&uart0 { data-bits = <8>; stop-bits = "1"; timer = <&timer2>; frame-timeout-supported; endtx-stoptx-supported; memory-regions = <&sram0>; };
&gpio0 { gpio-reserved-ranges = <0 2>; gpio-line-names = "XL1"; power { gpio-hog; gpios = <5 0>; output-high; }; };
&flash0 { max-erase-time = <100>; };
&sram0 { zephyr,memory-attr = <1>; };
&qspi { status = "disabled"; };
&spi3 {
    status = "okay";
    cs-gpios = <&gpio0 17 GPIO_ACTIVE_LOW>;
    chip: chip@0 {
        compatible = "jedec,spi-nor"; reg = <0>; size = <DT_SIZE_M(64)>; jedec-id = [c2 28 17]; spi-max-frequency = <8000000>;
        duplex = <0>; frame-format = <0>; spi-cpol; spi-cpha; spi-interframe-delay-ns = <0>;
    };
};
/ { chosen { nordic,pm-ext-flash = &chip; }; };
""")
    project.write("prj.conf", "")
    output = project.configure("-DBOARD=nrf52840dk_nrf52840")
    assert "passed over, nothing here uses it: /soc/gpio@50000000/power (gpio-hog: its pin is left as it is)" in output
    project.write("app.overlay", (project.source / "app.overlay").read_text().replace("spi-cpol;", "spi-cs-high;"))
    assert "spi-cs-high: is not supported: a flash chip is selected by a low level" in project.refuse("-DBOARD=nrf52840dk_nrf52840")


@pytest.mark.parametrize("text, error", [
    ("&flash0 { partitions {\nslot0_partition: partition@20000 { reg = <0x20000 0x1000>; }; }; };",
     ":2:34: error: the label slot0_partition is on /soc/flash-controller@4001e000/flash@0/partitions/partition@20000 and "
     "/soc/flash-controller@4001e000/flash@0/partitions/partition@c000; remove what the board has of it first: /delete-node/ &slot0_partition;"),
    ("&qspi {\nx { };\nstatus = \"okay\"; reg = <nothing>; };", ":3:25: error: not devicetree"),
    ("&qspi {\nx { };\nstatus = \"okay\"; };\n&none { };", ":4:1: error: no node of nrf52840dk_nrf52840 has the label none"),
    ("/ { x = <1>", ": error: ends within a node; a `;` or brace is missing there"),
    ("/ { };\n/include/ \"none.dtsi\"", ":2: error: none.dtsi: No such file or directory"),
    ("/ { a = <(1/0)>; };", ":1:11: error: Division by zero"),
])
def test_mistake_in_an_overlay_is_told_at_its_place(project, text, error):
    path = project.write("app.overlay", text + "\n")
    project.write("prj.conf", "")
    assert f"{path}{error}" in project.refuse(board="nrf52840dk_nrf52840")


def test_properties_may_stand_behind_child_nodes(project):
    """As Zephyr takes them; dtc alone does not."""
    project.write("prj.conf", "")
    project.write("app.overlay", """
&uart1 { a { x = "};"; b { }; y = <1>; }; c { }; /delete-property/ status;
#if 1
    status =
        "okay";
#endif
    current-speed = <9600>; /delete-node/ a; };
/ { chosen { zephyr,console = &uart1; }; };
""")
    project.configure("-DBOARD=nrf52840dk_nrf52840")
    nodes = json.loads((project.build_dir / "devicetree.json").read_text())["nodes"]
    uart = next(node for node in nodes if "uart1" in node["labels"])
    assert (uart["okay"], uart["properties"]["current-speed"]) == (True, 9600)


@pytest.mark.parametrize("text, error", [
    ('&qspi { status = "okay"; };\n&mx25r64 { status = "okay"; size = "abc"; };', ':3:29: error: /soc/qspi@40029000/mx25r6435f@0: size: must be one number: <1>'),
    ('&qspi { status = "okay"; };\n&mx25r64 { status = "okay"; jedec-id = "ab"; };', ":3:29: error: /soc/qspi@40029000/mx25r6435f@0: jedec-id: must be bytes"),
    ('&qspi { status = "okay"; };\n&mx25r64 { status = "okay"; readoc = <0x70703400>; };', ':3:29: error: /soc/qspi@40029000/mx25r6435f@0: readoc: must be one "text"'),
])
def test_text_is_no_number_although_it_has_as_many_bytes(project, text, error):
    path = project.write("app.overlay", CHOSEN + text + "\n")
    project.write("prj.conf", "")
    assert f"{path}{error}" in project.refuse(board="nrf52840dk_nrf52840")


def test_console_that_is_no_uart_is_told(project):
    path = project.write("app.overlay", "/ { chosen {\nzephyr,console = &gpio0; }; };\n")
    project.write("prj.conf", "")
    message = f"{path}:2:1: warning: /chosen: zephyr,console: /soc/gpio@50000000 (nordic,nrf-gpio) is no UART that is driven here"
    assert message in project.configure("-DBOARD=nrf52840dk_nrf52840")
