# SPDX-License-Identifier: Apache-2.0
"""`outboard dt`: what a devicetree may say, and what C sees of it."""

import json
import subprocess

import pytest

BINDINGS = {
    "bus.yaml": 'compatible: "v,bus"\nbus: spi\ndriver: CONFIG_BUS\nproperties:\n  reg: {type: array, required: true}\n',
    "base.yaml": "properties:\n  size: {type: int, required: true}\n",
    "chip.yaml": """
compatible: "v,chip"
include: base.yaml
on-bus: spi
properties:
  id: {type: uint8-array}
  quad: {type: boolean}
  lanes: {type: int, enum: [1, 2, 4], default: 1}
  mode: {type: string, const: "fast"}
  names: {type: string-array}
  cells: {type: array}
  power: {type: phandle}
  friends: {type: phandles}
  cs-gpios: {type: phandle-array}
  old: {refused: "nobody knows what it means; remove it"}
""",
    "port.yaml": 'compatible: "v,port"\nproperties:\n  "#gpio-cells": {type: int, const: 2}\n',
    "pins.yaml": """
compatible: "v,pins"
child-binding:
  child-binding:
    properties:
      psels: {type: array, required: true}
      pull: {type: boolean}
""",
}

TREE = """
/dts-v1/;
/ {
    #address-cells = <1>;
    #size-cells = <1>;
    chosen { v,main-chip = &chip0; };
    aliases { first-chip = &chip0; };
    bus0: bus@1000 {
        compatible = "v,bus";
        reg = <0x1000 0x10>, <0x80000000 0x100>;
        #address-cells = <1>;
        #size-cells = <0>;
        chip0: chip@3 {
            compatible = "v,chip";
            reg = <3>;
            size = <4096>;
            id = [c2 20 19];
            names = "a", "b";
            cells = <7 8>;
            mode = "fast";
            power = <&supply>;
            cs-gpios = <&port 5 1 &port 6 0>;
            EXTRA
        };
        chip1: chip@4 { compatible = "v,chip"; reg = <4>; status = "disabled"; };
    };
    supply: supply { friends; };
    port: port { compatible = "v,port"; #gpio-cells = <2>; };
    pins: pins {
        compatible = "v,pins";
        state: state { one { psels = <1 2>; }; two { psels = <4>; pull; }; };
    };
};
"""

CHECKS = """
#include <outboard/devicetree.h>
#include <string.h>
#define COUNT(node) +1
#define CHIP DT_NODELABEL(chip0)
_Static_assert(DT_NODE_EXISTS(CHIP) == 1 && DT_NODE_EXISTS(DT_NODELABEL(none)) == 0, "");
_Static_assert(DT_NODE_HAS_STATUS_OKAY(CHIP) == 1 && DT_NODE_HAS_STATUS_OKAY(DT_NODELABEL(chip1)) == 0, "");
_Static_assert(DT_NODE_HAS_STATUS_OKAY(DT_CHOSEN(v_other)) == 0 && DT_HAS_CHOSEN(v_main_chip) == 1, "");
_Static_assert(DT_DEP_ORD(DT_CHOSEN(v_main_chip)) == DT_DEP_ORD(CHIP), "");
_Static_assert(DT_DEP_ORD(DT_ALIAS(first_chip)) == DT_DEP_ORD(CHIP), "");
_Static_assert(DT_DEP_ORD(DT_BUS(CHIP)) < DT_DEP_ORD(CHIP), "bus first");
_Static_assert(DT_DEP_ORD(DT_PHANDLE(CHIP, power)) < DT_DEP_ORD(CHIP), "supply first");
_Static_assert(DT_PROP(CHIP, size) == 4096 && DT_PROP(CHIP, quad) == 0 && DT_PROP(CHIP, lanes) == 1, "");
_Static_assert(DT_ENUM_IDX(CHIP, lanes) == 0 && DT_ENUM_IDX_OR(CHIP, friends, 7) == 7, "");
_Static_assert(DT_PROP_OR(CHIP, size, 5) == 4096 && DT_PROP_OR(CHIP, friends, 5) == 5, "");
_Static_assert(DT_NODE_HAS_PROP(CHIP, id) == 1 && DT_NODE_HAS_PROP(CHIP, friends) == 0, "");
_Static_assert(DT_PROP_LEN(CHIP, id) == 3 && DT_PROP_BY_IDX(CHIP, id, 1) == 0x20 && DT_PROP_LEN(CHIP, names) == 2, "");
_Static_assert(DT_REG_ADDR(CHIP) == 3 && DT_REG_ADDR_BY_IDX(DT_BUS(CHIP), 1) == 0x80000000, "");
_Static_assert(DT_REG_SIZE(DT_NODELABEL(bus0)) == 0x10 && DT_NUM_REGS(DT_NODELABEL(bus0)) == 2, "");
_Static_assert(DT_HAS_COMPAT_STATUS_OKAY(v_chip) == 1 && DT_HAS_COMPAT_STATUS_OKAY(v_none) == 0, "");
_Static_assert((0 DT_FOREACH_STATUS_OKAY(v_chip, COUNT)) == 1 && (0 DT_FOREACH_STATUS_OKAY(v_none, COUNT)) == 0, "");
_Static_assert(DT_NODE_HAS_COMPAT(CHIP, v_chip) == 1 && DT_NODE_HAS_COMPAT(CHIP, v_bus) == 0, "");
_Static_assert(DT_DEP_ORD(DT_PHANDLE(CHIP, cs_gpios)) < DT_DEP_ORD(CHIP) && DT_PROP_LEN(CHIP, cs_gpios) == 2, "");
_Static_assert(DT_GPIO_PIN(CHIP, cs_gpios) == 5 && DT_GPIO_FLAGS(CHIP, cs_gpios) == 1, "");
#define CELL(node, prop, index) + DT_PHA_CELL_BY_IDX(node, prop, index, 0) * DT_DEP_ORD(DT_PHANDLE_BY_IDX(node, prop, index))
_Static_assert((0 DT_FOREACH_PROP_ELEM(CHIP, cs_gpios, CELL)) == 11 * DT_DEP_ORD(DT_NODELABEL(port)), "");
#define GROUP(node) DT_FOREACH_PROP_ELEM(node, psels, PIN)
#define PIN(node, prop, index) + DT_PROP_BY_IDX(node, prop, index) * (DT_PROP(node, pull) ? 16 : 1)
_Static_assert((0 DT_FOREACH_CHILD(DT_NODELABEL(state), GROUP)) == 1 + 2 + 4 * 16, "each element of each child");
_Static_assert((0 DT_FOREACH_CHILD(CHIP, COUNT)) == 0, "");
static const unsigned char id[] = DT_PROP(CHIP, id);
static const unsigned cells[] = DT_PROP(CHIP, cells);
static const char *const names[] = DT_PROP(CHIP, names);
int main(void)
{
    return id[0] != 0xc2 || id[2] != 0x19 || cells[1] != 8 || strcmp(names[1], "b") != 0 ||
           strcmp(DT_NODE_FULL_NAME(CHIP), "chip@3") != 0 || strcmp(DT_PROP(CHIP, mode), "fast") != 0;
}
"""


class Tree:
    def __init__(self, folder, outboard):
        self.folder = folder
        self.outboard = outboard
        (folder / "bindings").mkdir()
        for name, text in BINDINGS.items():
            (folder / "bindings" / name).write_text(text)

    def compile(self, text: str):
        source = self.folder / "board.dts"
        source.write_text(text)
        for options in (["-@", "-O", "dtb", "-o", "t.dtb"], ["-T", "-T", "-O", "dts", "-o", "t.places"]):
            subprocess.run(["dtc", "-q", "-I", "dts", *options, source], cwd=self.folder, check=True)

    def generate(self, *options):
        return subprocess.run(
            [self.outboard, "dt", "--dtb", self.folder / "t.dtb", "--source", "board.dts", "--bindings", self.folder / "bindings",
             "--header", self.folder / "devicetree_generated.h", "--json", self.folder / "t.json", *options],
            capture_output=True, text=True, check=False,
        )

    def refuse(self, text: str) -> str:
        self.compile(text)
        result = self.generate()
        assert result.returncode == 1, result.stderr
        assert not (self.folder / "devicetree_generated.h").exists()
        return result.stderr

    def read_json(self) -> dict:
        return json.loads((self.folder / "t.json").read_text())


@pytest.fixture
def tree(tmp_path, outboard):
    return Tree(tmp_path, outboard)


def test_macros_have_zephyrs_names_and_meaning(tree, repo):
    tree.compile(TREE.replace("EXTRA", ""))
    assert tree.generate().returncode == 0
    (tree.folder / "checks.c").write_text(CHECKS)
    subprocess.run(["gcc", "-Wall", "-Werror", "-I", tree.folder, "-I", repo / "include", tree.folder / "checks.c",
                    "-o", tree.folder / "checks"], check=True)
    subprocess.run([tree.folder / "checks"], check=True)


def test_json_has_chosen_ordinals_and_drivers(tree):
    tree.compile(TREE.replace("EXTRA", ""))
    assert tree.generate().returncode == 0
    facts = tree.read_json()
    assert facts["chosen"] == {"v,main-chip": "/bus@1000/chip@3"}
    assert [node["ordinal"] for node in facts["nodes"]] == list(range(len(facts["nodes"])))
    bus = next(node for node in facts["nodes"] if node["path"] == "/bus@1000")
    assert bus["driver"] == "CONFIG_BUS" and bus["labels"] == ["bus0"]
    chip = next(node for node in facts["nodes"] if node["path"] == "/bus@1000/chip@3")
    assert chip["properties"]["cs-gpios"] == [["/port", 5, 1], ["/port", 6, 0]]


@pytest.mark.parametrize("change, message", [
    (("size = <4096>;", ""), "size: is missing; "),
    (("size = <4096>;", 'size = "bigger";'), "size: must be one number: <1>"),
    (("EXTRA", "sise = <1>;"), 'sise: is not a property of "v,chip"; correct its name'),
    (("<&port 5 1 &port 6 0>", "<&port 5 1 &port 6>"), "cs-gpios: must be references to nodes, each with as many cells as its node says"),
    (("<&port 5 1 &port 6 0>", "<&supply 5 1>"), "cs-gpios: must be references to nodes, each with as many cells as its node says"),
    (("<&port 5 1 &port 6 0>", "<99 5 1>"), "cs-gpios: must be references to nodes, each with as many cells as its node says"),
    (("EXTRA", "old;"), "old: is not supported: nobody knows what it means; remove it"),
    (("EXTRA", "ranges = <0 1 2 3>;"), "ranges: translates addresses, which is not supported; write 'ranges;' and full addresses"),
    (("EXTRA", "lanes = <3>;"), "lanes: has a value that"),
    (('mode = "fast";', 'mode = "slow";'), "mode: must be fast"),
    (("EXTRA", "quad = <1>;"), "quad: is a boolean: present or absent; write it without a value"),
    (("power = <&supply>;", "power = <99>;"), "power: must be one reference to a node: <&label>"),
    (("reg = <3>;", "reg = [03];"), "reg: must have a multiple of 1 cells"),
    (("names = ", "names = <1>, "), "names: must be a list of"),
])
def test_violations_name_node_property_and_cure(tree, change, message):
    errors = tree.refuse(TREE.replace(*change).replace("EXTRA", ""))
    assert errors.startswith(f"board.dts: error: /bus@1000/chip@3: {message}")


@pytest.mark.parametrize("change, message", [
    (("pull;", "push;"), '/pins/state/two: push: is not a property of "v,pins"'),
    (("psels = <1 2>;", ""), "/pins/state/one: psels: is missing; "),
])
def test_nodes_below_a_node_follow_its_child_binding(tree, change, message):
    assert message in tree.refuse(TREE.replace(*change).replace("EXTRA", ""))


def place(text: str, words: str) -> str:
    """Line and column of a text, as editors count."""
    before = text[: text.index(words)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.mark.parametrize("change, where", [
    (("size = <4096>;", 'size = "bigger";'), 'size = "bigger"'),
    (("EXTRA", "sise = <1>;"), "sise"),
    (('names = "a", "b";', 'names = " { /* ", "};";\n sise = <1>;'), "sise"),
    (("size = <4096>;", ""), "{\n            compatible = \"v,chip\";\n            reg = <3>;"),  # what is missing: where the node begins
])
def test_violations_name_line_and_column(tree, change, where):
    text = TREE.replace(*change).replace("EXTRA", "")
    tree.compile(text)
    result = tree.generate("--places", tree.folder / "t.places")
    assert result.returncode == 1
    assert result.stderr.startswith(f"{tree.folder}/board.dts:{place(text, where)}: error: /bus@1000/chip@3: "), result.stderr


def test_each_kind_of_violation_has_a_place(tree):
    text = TREE.replace("EXTRA", "friends = <&chip1>;").replace(
        'reg = <4>; status = "disabled";', "reg = <4>; size = <1>; friends = <&chip0>;")
    tree.compile(text)
    node = place(text, '{\n            compatible = "v,chip";\n            reg = <3>;')
    errors = tree.generate("--places", tree.folder / "t.places").stderr
    assert f"board.dts:{node}: error: /bus@1000/chip@3: takes part in a circle" in errors
    text = TREE.replace("EXTRA", "").replace("v,main-chip = &chip0;", 'v,main-chip = "/nowhere";')
    tree.compile(text)
    errors = tree.generate("--places", tree.folder / "t.places").stderr
    assert f"board.dts:{place(text, 'v,main-chip')}: error: /chosen: v,main-chip" in errors


def test_overlay_with_the_last_word_is_named(project):
    overlay = project.write("app.overlay", "\n&mx25l256 {\n\tsize = <0x10000000>;\n\tjedec = [c2];\n};\n")
    assert f'{overlay}:4:2: error: /soc/spi@7e630000/flash@0: jedec: is not a property of "jedec,spi-nor"' in project.refuse()
    overlay.write_text("&mx25l256 { /delete-property/ size; };\n")
    assert f"{overlay}:1:11: error: /soc/spi@7e630000/flash@0: size: is missing" in project.refuse()
    included = project.write("parts/common.dtsi", '&mx25l256 { has-dpd = "yes"; };\n')
    overlay.write_text('#include "parts/common.dtsi"\n')
    assert f"{included}:1:13: error: /soc/spi@7e630000/flash@0: has-dpd: is a boolean" in project.refuse()


@pytest.mark.parametrize("pin", ["reset", "wp", "hold"])
def test_pins_of_a_chip_that_nobody_drives_are_refused(project, pin):
    """Accepted and ignored, the chip could be held in reset by a board that builds."""
    for name in ("app.overlay", "child_image/mcuboot.overlay"):
        project.write(name, f"/ {{ port: port {{ #gpio-cells = <2>; gpio-controller; }}; }};\n&mx25l256 {{ {pin}-gpios = <&port 1 0>; }};\n")
    project.configure()
    built = project.build()
    assert built.returncode != 0 and "wp-gpios, hold-gpios, reset-gpios: no driver moves a pin of this SoC" in built.stdout + built.stderr


APPLICATION_OVERLAY = """
#include <zephyr/dt-bindings/gpio/gpio.h>
#include <dt-bindings/pinctrl/nrf-pinctrl.h>
#include <zephyr/dt-bindings/input/input-event-codes.h>
/ {
    chosen { nordic,pm-ext-flash = &mx25r64; zephyr,bt-hci = &bt_hci_controller; zephyr,entropy = &rng; };
    buttons { button_9 { gpios = <&gpio0 11 (GPIO_PULL_UP | GPIO_ACTIVE_LOW)>; zephyr,code = <INPUT_KEY_0>; }; };
    zephyr,user { io-channels = <&adc 0>; };
};
&led0 { gpios = <&gpio1 10 GPIO_ACTIVE_HIGH>; };
&pinctrl { i2c1_default: i2c1_default { group1 { psels = <NRF_PSEL(TWIM_SDA, 0, 30)>, <NRF_PSEL(TWIM_SCL, 0, 31)>; bias-pull-up; }; }; };
&i2c1 {
    compatible = "nordic,nrf-twim";
    status = "okay";
    pinctrl-0 = <&i2c1_default>;
    pinctrl-names = "default";
    clock-frequency = <I2C_BITRATE_FAST>;
    zephyr,pm-device-runtime-auto;
    bme680@76 { compatible = "bosch,bme680"; reg = <0x76>; int-gpios = <&gpio1 5 GPIO_ACTIVE_LOW>; };
};
&adc {
    status = "okay";
    channel@0 { reg = <0>; zephyr,acquisition-time = <ADC_ACQ_TIME(ADC_ACQ_TIME_MICROSECONDS, 10)>; zephyr,input-positive = <NRF_SAADC_AIN1>; };
};
&pwm0 { status = "okay"; };
&pwm_led0 { pwms = <&pwm0 0 PWM_MSEC(20) PWM_POLARITY_INVERTED>; };
&timer2 { status = "okay"; prescaler = <0>; };
&arduino_spi { status = "okay"; display@0 { compatible = "ilitek,ili9340"; reg = <0>; spi-max-frequency = <DT_FREQ_M(8)>; }; };
&uart1 { status = "okay"; hw-flow-control; wakeup-source; };
&zephyr_udc0 { status = "okay"; cdc_acm_uart0: cdc_acm_uart0 { compatible = "zephyr,cdc-acm-uart"; }; };
&gpiote { status = "disabled"; };
"""

NEW_PROPERTIES = """
&mx25r64 {
    /delete-property/ size;
    size-in-bytes = <DT_SIZE_M(8)>;
    use-4b-addr-opcodes;
    use-fast-read;
    use-flag-status-register;
    dpd-wakeup-sequence = <30000>, <20>, <30000>;
    initial-soft-reset;
    wakeup-source;
    zephyr,pm-device-runtime-auto;
};
"""


def test_overlay_of_an_application_passes_with_one_line(project):
    """What an application says of devices that no driver here knows stops nothing and is not silent either."""
    project.write("app.overlay", APPLICATION_OVERLAY)
    project.write("child_image/mcuboot.overlay", "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n")
    result = project.cmake(board="nrf52840dk_nrf52840")
    assert result.returncode == 0, result.stderr
    notes = [line for line in result.stderr.splitlines() if "passed over" in line]
    assert len(notes) == 1, result.stderr
    for node in ("bme680@76 (bosch,bme680)", "display@0 (ilitek,ili9340)", "cdc_acm_uart0 (zephyr,cdc-acm-uart)", "uart@40028000 (hw-flow-control"):
        assert node in notes[0]


def test_newer_properties_of_a_chip_are_accepted(project):
    project.write("app.overlay", '#include <mem.h>\n/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n' + NEW_PROPERTIES)
    project.write("child_image/mcuboot.overlay", '/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n' + NEW_PROPERTIES)
    result = project.cmake(board="nrf52840dk_nrf52840")
    assert result.returncode == 0, result.stderr
    assert project.config("PM_EXTERNAL_FLASH_SIZE_BITS") == str(8 * 8 << 20)


def test_size_in_bytes_is_noticed_by_the_id(project):
    """Without a table nothing else would tell before the device does."""
    overlay = project.write("app.overlay", "&mx25l256 {\n    jedec-id = [c2 20 19];\n    /delete-property/ sfdp-bfp;\n    size = <0x2000000>;\n};\n")
    errors = project.refuse()
    assert f"{overlay}:4:5: error: /soc/spi@7e630000/flash@0: size: 0x2000000 counts bits" in errors
    assert "write size = <0x10000000>, or size-in-bytes = <0x2000000>" in errors


def test_size_in_bits_and_in_bytes_is_refused(project):
    overlay = project.write("app.overlay", "&mx25l256 {\n    size-in-bytes = <0x2000000>;\n};\n")
    assert f"{overlay}:2:5: error: /soc/spi@7e630000/flash@0: size-in-bytes: there is a 'size' too; keep one" in project.refuse()


CHIP_ON_THE_HEADER = """
&arduino_spi {
    status = "okay";
    click: w25q64@0 { compatible = "jedec,spi-nor"; reg = <0>; size = <DT_SIZE_M(64)>; jedec-id = [ef 40 17]; spi-max-frequency = <8000000>; };
};
/ { chosen { nordic,pm-ext-flash = &click; }; };
"""


def test_chip_select_on_a_header_is_the_pin_behind_it(project):
    project.write("app.overlay", CHIP_ON_THE_HEADER)
    project.write("child_image/mcuboot.overlay", CHIP_ON_THE_HEADER)
    result = project.cmake(board="nrf52840dk_nrf52840")
    assert result.returncode == 0, result.stderr
    header = project.header("devicetree_generated.h", "mcuboot")
    assert "DT_N_S_soc_S_spi_4002f000_P_cs_gpios_IDX_0_VAL_0 0xc\n" in header, "D10 is P1.12"
    assert "DT_N_S_soc_S_spi_4002f000_P_cs_gpios_IDX_0_PH DT_N_S_soc_S_gpio_50000300" in header


def test_chosen_chip_that_is_disabled_is_told(project):
    overlay = project.write("app.overlay", "/ { chosen { nordic,pm-ext-flash = &mx25r64; }; };\n&qspi {\n    status = \"disabled\";\n};\n")
    result = project.cmake(board="nrf52840dk_nrf52840")
    assert f"{overlay}:1:14: warning: /chosen: nordic,pm-ext-flash: /soc/qspi@40029000/mx25r6435f@0 is disabled ({overlay}:3), so" in result.stderr


def test_console_that_nothing_drives_is_told(project):
    overlay = project.write("app.overlay", '/ {\n    chosen { zephyr,console = &usb; };\n    usb: usb { compatible = "zephyr,cdc-acm-uart"; };\n};\n')
    result = project.cmake(board="nrf52840dk_nrf52840")
    assert f"{overlay}:2:14: warning: /chosen: zephyr,console: /usb (zephyr,cdc-acm-uart) is no UART that is driven here, so nothing is printed" in result.stderr


def test_what_the_devicetree_compiler_says_has_a_line_and_a_cure(project):
    overlay = project.write("app.overlay", "&mx25l256 {\n    size = <MY_SIZE>;\n};\n")
    assert f"{overlay}:2:13: error: not devicetree: a name in <> that no header defines" in project.refuse()
    overlay.write_text("\n&mx25r46 { };\n")
    assert f"{overlay}:2:1: error: no node of qemu_ast1030 has the label mx25r46; correct it" in project.refuse()
    overlay.write_text("\n\n/ { chosen { nordic,pm-ext-flash = &mx25r46; }; };\n")
    assert f"{overlay}:3: error: no node of qemu_ast1030 has the label mx25r46; correct it" in project.refuse()


def test_chip_on_the_wrong_bus_is_refused(tree):
    text = TREE.replace("EXTRA", "").replace('supply: supply { friends; };',
                        'supply: supply { };  lost@5 { compatible = "v,chip"; reg = <5 1>; size = <1>; };')
    assert '/lost@5: compatible: "v,chip" belongs on a bus of kind spi' in tree.refuse(text)


def test_chosen_must_be_a_node(tree):
    text = TREE.replace("EXTRA", "").replace("v,main-chip = &chip0;", 'v,main-chip = "/nowhere";')
    assert "/chosen: v,main-chip: names no node" in tree.refuse(text)


def test_circle_of_references_is_refused(tree):
    text = TREE.replace("EXTRA", "friends = <&chip1>;").replace(
        'reg = <4>; status = "disabled";', "reg = <4>; size = <1>; friends = <&chip0>;")
    assert "takes part in a circle of references" in tree.refuse(text)


def test_what_is_on_a_disabled_bus_is_disabled(tree):
    tree.compile(TREE.replace("EXTRA", "").replace("reg = <0x1000 0x10>", 'status = "disabled"; reg = <0x1000 0x10>'))
    assert tree.generate().returncode == 0
    assert not any(node["okay"] for node in tree.read_json()["nodes"] if node["path"].startswith("/bus@1000"))


def test_disabled_node_is_not_checked(tree):
    tree.compile(TREE.replace("EXTRA", ""))  # chip1 lacks its size
    assert tree.generate().returncode == 0


@pytest.mark.parametrize("size", [0, 3, 40, 100, 400])
def test_cut_blob_is_refused(tree, size):
    tree.compile(TREE.replace("EXTRA", ""))
    blob = tree.folder / "t.dtb"
    blob.write_bytes(blob.read_bytes()[:size])
    result = tree.generate()
    assert result.returncode == 2 and "error: " in result.stderr


def test_wrong_bindings_are_refused(tree):
    (tree.folder / "bindings/chip.yaml").write_text('compatible: "v,chip"\nproperties:\n  size: {type: number}\n')
    tree.compile(TREE.replace("EXTRA", ""))
    result = tree.generate()
    assert result.returncode == 2 and "chip.yaml:3" in result.stderr and "type is missing or unknown" in result.stderr


def test_bindings_that_include_each_other_end(tree):
    (tree.folder / "bindings/base.yaml").write_text("include: base.yaml\n")
    tree.compile(TREE.replace("EXTRA", ""))
    result = tree.generate()
    assert result.returncode == 2 and "include each other" in result.stderr
