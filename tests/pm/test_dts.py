# SPDX-License-Identifier: Apache-2.0
"""Layouts move into a devicetree and back without a byte of them changing; what cannot be said there is refused.

Not compared: `placement` and the like in partitions.yml, which a layout with fixed places does not need.
"""

import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from devicetree import edtlib

from layout_case import flash, region_options, resolve
from test_cases import texts
from test_output import MCUBOOT, ROOT, make_layout

REPO = Path(__file__).resolve().parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
# What a devicetree has no words for, and how the refusal says so.
UNSPEAKABLE = ["nodes have no affiliation", "it has no bytes", "it does not lie within its container",
               "and neither holds the other", "is no node"]


def number(value) -> int:
    return int(str(value), 0)


def run(tool: Path, folder: Path, *words) -> subprocess.CompletedProcess:
    return subprocess.run([str(Path(tool).resolve()), "pm", *map(str, words)], cwd=folder, capture_output=True, text=True, timeout=60)


def leaves(partitions: dict, names: list[str]) -> set[str]:
    return {leaf for name in names for leaf in (leaves(partitions, texts(partitions[name]["span"])) if "span" in partitions[name]
                                                else {name})}


def base_tree(regions: dict) -> str:
    """A board with a flash device for each region that has one, and RAM."""
    nodes, ram = "", ""
    for index, (name, region) in enumerate(regions.items()):
        start, size = number(region.get("base", 0)), number(region["size"])
        if name == "sram_primary":
            nodes += f"ram: memory@{start:x} {{ reg = <{start:#x} {size:#x}>; }};\n"
            ram = "zephyr,sram = &ram;"
        else:
            nodes += f"r_{name}: flash-{index} {{ compatible = \"test,flash\"; partitions {{ boot_partition: partition@0 {{ }}; }}; }};\n" \
                if index == 0 else f"r_{name}: flash-{index} {{ compatible = \"test,flash\"; }};\n"
    return f"/dts-v1/;\n/ {{ #address-cells = <1>; #size-cells = <1>; chosen {{ {ram} }};\n{nodes} }};\n"


class Move:
    """From partitions.yml in a folder to an overlay, and from that to a static configuration."""

    def __init__(self, tool: Path, folder: Path, regions: dict):
        self.tool, self.folder, self.regions = tool, folder, regions
        flashes = {name: region for name, region in regions.items() if name != "sram_primary"}
        self.nodes = [f"{name}=r_{name}" for name in flashes]
        self.options = [word for name, region in flashes.items() for word in (
            "--node", f"{name}=r_{name}", "--base", f"{name}={region.get('base', 0)}", "--size", f"{name}={region['size']}")]

    def out(self) -> subprocess.CompletedProcess:
        return run(self.tool, self.folder, "output", "--input-partitions", "partitions.yml", "--input-regions", "regions.yml",
                   "--dts", "layout.overlay", *(["--node", *self.nodes] if self.nodes else []))

    def back(self) -> subprocess.CompletedProcess:
        (self.folder / "board.dts").write_text(base_tree(self.regions) + (self.folder / "layout.overlay").read_text())
        return run(self.tool, self.folder, "from-dts", "board.dts", *self.options, "--output", "moved.yml")

    def facts(self) -> tuple:
        """All that is made from the layout; what a container covers in any order, containers in it flattened."""
        headers = [] if "sram" in self.regions else ["--header-files", "app.h", "--images", "app"]  # PM_SRAM_SIZE is twice
        done = run(self.tool, self.folder, "output", "--input-partitions", "partitions.yml", "--input-regions", "regions.yml",
                   *headers, "--config-file", "pm.config")
        assert done.returncode == 0, done.stderr
        partitions = yaml.safe_load((self.folder / "partitions.yml").read_text())
        config = re.sub(r'(_SPAN=)"(.*)"', lambda found: found[1] + " ".join(sorted(leaves(partitions, found[2].split()))),
                        (self.folder / "pm.config").read_text())
        regions = re.sub(r"  unfixed_order: .*\n", "", (self.folder / "regions.yml").read_text())  # fixed places fix the order
        return (self.folder / "app.h").read_text() if headers else "", config, regions


def solved_cases() -> list[Path]:
    return [path for path in CASES if "app" in yaml.safe_load(path.read_text()).get("layout", {})]


@pytest.mark.parametrize("path", solved_cases(), ids=lambda path: path.stem)
def test_layout_moves_to_a_devicetree_and_back_or_is_refused(path: Path, outboard: Path, tmp_path: Path):
    case = yaml.safe_load(path.read_text())
    regions = case["regions"] if "regions" in case else flash(case["flash"])
    assert resolve(outboard, tmp_path, regions, case.get("inputs", []), case.get("static")).status == 0
    move = Move(outboard, tmp_path, regions)
    before = move.facts()
    done = move.out()
    if done.returncode != 0:
        assert done.returncode == 1 and any(text in done.stderr for text in UNSPEAKABLE), done.stderr
        assert not (tmp_path / "layout.overlay").exists()
        return
    overlay = (tmp_path / "layout.overlay").read_text()
    done = move.back()
    assert done.returncode == 0, done.stderr + overlay
    again = resolve(outboard, tmp_path, regions, [], (tmp_path / "moved.yml").read_text())
    assert again.status == 0, again.stderr + overlay
    assert move.facts() == before
    assert move.out().returncode == 0
    assert (tmp_path / "layout.overlay").read_text() == overlay


def test_most_layouts_can_be_said_in_a_devicetree(outboard: Path, tmp_path: Path):
    refused = 0
    for path in solved_cases():
        case = yaml.safe_load(path.read_text())
        regions = case["regions"] if "regions" in case else flash(case["flash"])
        resolve(outboard, tmp_path, regions, case.get("inputs", []), case.get("static"))
        refused += Move(outboard, tmp_path, regions).out().returncode != 0
    assert refused <= len(solved_cases()) / 10


def test_partitions_are_what_zephyrs_own_reader_finds(outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, MCUBOOT + "pcd_sram: {size: 0x2000, region: sram_primary, placement: {after: [start]}}\n")
    move = Move(outboard, tmp_path, ROOT)
    assert move.out().returncode == 0 and move.back().returncode == 0
    tree = edtlib.EDT(str(tmp_path / "board.dts"), [])
    found = {label: (node.path.rsplit("/", 2)[0], node.regs[0].addr, node.regs[0].size)
             for label, node in tree.label2node.items() if node.regs}
    partitions = yaml.safe_load((tmp_path / "partitions.yml").read_text())
    for name, label in {"mcuboot": "boot_partition", "mcuboot_primary": "slot0_partition", "mcuboot_secondary": "slot1_partition",
                        "pcd_sram": "pcd_sram"}.items():
        assert found[label][1:] == (partitions[name]["address"], partitions[name]["size"]), name
    assert found["slot0_partition"][0] == "/flash-1" and found["slot1_partition"][0] == "/flash-2"
    assert tree.chosen_node("zephyr,code-partition") is tree.label2node["slot0_partition"]


TFM = """
mcuboot: {address: 0x0, size: 0xc000}
mcuboot_pad: {address: 0xc000, size: 0x200}
tfm: {address: 0xc200, size: 0x7e00}
tfm_secure: {address: 0xc000, size: 0x8000, span: [mcuboot_pad, tfm]}
app: {address: 0x14000, size: 0x67000}
tfm_nonsecure: {address: 0x14000, size: 0x67000, span: [app]}
mcuboot_primary_app: {address: 0xc200, size: 0x6ee00, span: [tfm, app]}
mcuboot_primary: {address: 0xc000, size: 0x6f000, span: [mcuboot_pad, tfm, app]}
mcuboot_secondary: {address: 0x7b000, size: 0x85000}
"""


def test_containers_that_cut_across_each_other_move_as_groups(outboard: Path, tmp_path: Path):
    """As every layout with TF-M has them."""
    assert resolve(outboard, tmp_path, ROOT, [], TFM).status == 0
    move = Move(outboard, tmp_path, ROOT)
    before = move.facts()
    assert move.out().returncode == 0 and move.back().returncode == 0
    assert "partitions = <&mcuboot_pad_partition>, <&tfm_partition>;" in (tmp_path / "layout.overlay").read_text()
    tree = edtlib.EDT(str(tmp_path / "board.dts"), [str(REPO / "dts/bindings")])
    assert tree.label2node["tfm_secure_partition"].props["partitions"].val == [
        tree.label2node[label] for label in ("mcuboot_pad_partition", "tfm_partition")]
    assert resolve(outboard, tmp_path, ROOT, [], (tmp_path / "moved.yml").read_text()).status == 0
    assert move.facts() == before


TFM_RAM = TFM + """
tfm_sram: {address: 0x20000000, size: 0x8000, region: sram_primary}
modem_ctrl: {address: 0x20008000, size: 0x4e8, region: sram_primary}
modem_rx: {address: 0x200084e8, size: 0x2000, region: sram_primary}
modem_sram: {address: 0x20008000, size: 0x24e8, region: sram_primary, span: [modem_ctrl, modem_rx]}
sram_secure: {address: 0x20000000, size: 0x8000, region: sram_primary, span: [tfm_sram]}
sram_nonsecure: {address: 0x20008000, size: 0x38000, region: sram_primary, span: [modem_ctrl, modem_rx, sram_primary]}
"""


@pytest.mark.parametrize("ram", ["ram: memory@20000000 { compatible = \"mmio-sram\"; reg = <0x20000000 0x40000>; };",
                                 "all: memory@20000000 { compatible = \"mmio-sram\"; reg = <0x20000000 0x40000>; };\n"
                                 "ram: memory@20008000 { reg = <0x20008000 0x38000>; };"])
def test_containers_in_ram_move_as_groups(ram: str, outboard: Path, tmp_path: Path):
    """As in every layout with TF-M or a modem; beside a secure image the other one has a part of RAM chosen."""
    regions = {**ROOT, "sram_primary": {"base": 0x20000000, "size": 0x40000, "dynamic": "sram_primary", "strategy": "complex"}}
    assert resolve(outboard, tmp_path, regions, [], TFM_RAM).status == 0
    move = Move(outboard, tmp_path, regions)
    before = move.facts()
    assert move.out().returncode == 0
    overlay = (tmp_path / "layout.overlay").read_text()
    board = re.sub(r"ram: memory@.*", ram, base_tree(regions))
    (tmp_path / "board.dts").write_text(board + overlay)
    done = run(outboard, tmp_path, "from-dts", "board.dts", *move.options, "--output", "moved.yml")
    assert done.returncode == 0, done.stderr
    (tmp_path / "bindings").mkdir()
    shutil.copy(REPO / "dts/bindings/outboard,partition-group.yaml", tmp_path / "bindings")
    tree = edtlib.EDT(str(tmp_path / "board.dts"), [str(tmp_path / "bindings")])
    assert tree.label2node["sram_nonsecure_partition"].props["partitions"].val == [
        tree.label2node[label] for label in ("modem_ctrl", "modem_rx", "sram_primary")]
    assert resolve(outboard, tmp_path, regions, [], (tmp_path / "moved.yml").read_text()).status == 0
    assert move.facts() == before and move.out().returncode == 0
    assert (tmp_path / "layout.overlay").read_text() == overlay


@pytest.mark.parametrize("partitions, says", [
    ("A: {span: [B], address: 0, size: 8}\nB: {span: [A], address: 0, size: 8}\nC: {address: 8, size: 8}\n", "it covers itself"),
    ("A: {span: [B], address: 0, size: 8}\n", "it covers a partition that does not exist"),
])
def test_layout_that_nobody_resolved_is_refused(partitions: str, says: str, outboard: Path, tmp_path: Path):
    assert resolve(outboard, tmp_path, flash(0x1000), []).status == 0
    (tmp_path / "partitions.yml").write_text(partitions)
    done = Move(outboard, tmp_path, flash(0x1000)).out()
    assert done.returncode == 1 and says in done.stderr, done.stderr


SDK_TREE = """/dts-v1/;
/ {
    #address-cells = <1>;
    #size-cells = <1>;
    chosen { zephyr,flash = &flash0; zephyr,sram = &sram0; zephyr,code-partition = &slot0_partition; };
    soc {
        #address-cells = <1>;
        #size-cells = <1>;
        ranges;
        flash-controller@50039000 {
            reg = <0x50039000 0x1000>;
            #address-cells = <1>;
            #size-cells = <1>;
            ranges;
            flash0: flash@%(start)x {
                compatible = "soc-nv-flash";
                reg = <0x%(start)x 0x100000>;
                ranges%(ranges)s;
                #address-cells = <1>;
                #size-cells = <1>;
                partitions {
                    ranges;
                    #address-cells = <1>;
                    #size-cells = <1>;
                    boot_partition: partition@%(first)x { compatible = "zephyr,mapped-partition"; reg = <0x%(first)x 0xc000>; };
                    slot0_partition: partition@%(slot)x {
                        compatible = "zephyr,mapped-partition";
                        reg = <0x%(slot)x 0xf4000>;
                    };
                };
            };
        };
        sram0: memory@20000000 { compatible = "mmio-sram"; reg = <0x20000000 0x80000>; };
        spi@1 {
            reg = <1 1>;
            #address-cells = <1>;
            #size-cells = <0>;
            chip: chip@0 {
                reg = <0>;
                size = <0x4000000>;
                partitions {
                    compatible = "fixed-partitions";
                    #address-cells = <1>;
                    #size-cells = <1>;
                    slot1_partition: partition@0 { label = "image-1"; reg = <0x0 0xf4000>; };
                };
            };
        };
    };
};
"""


def sdk_tree(start: int = 0, ranges: str = "", first: int = 0) -> str:
    return SDK_TREE % {"start": start, "ranges": ranges, "first": first, "slot": first + 0xc000}


def from_dts(outboard: Path, folder: Path, text: str, *options: str) -> dict:
    (folder / "zephyr.dts").write_text(text)
    done = run(outboard, folder, "from-dts", "zephyr.dts", *options)
    assert done.returncode == 0, done.stderr
    return {name: (part["region"], part["address"], part["size"]) for name, part in yaml.safe_load(done.stdout).items()}


LAYOUT = {
    "mcuboot": ("flash_primary", 0, 0xc000), "mcuboot_primary": ("flash_primary", 0xc000, 0xf4000),
    "mcuboot_pad": ("flash_primary", 0xc000, 0x200), "app": ("flash_primary", 0xc200, 0xf3e00),
    "mcuboot_primary_app": ("flash_primary", 0xc200, 0xf3e00), "mcuboot_secondary": ("external_flash", 0, 0xf4000),
}


def at(layout: dict, base: int) -> dict:
    return {name: (region, address + (base if region == "flash_primary" else 0), size) for name, (region, address, size) in layout.items()}


@pytest.mark.parametrize("start, ranges, first", [
    (0, "", 0), (0, " = <0x0 0x0 0x100000>", 0),
    (0x8000000, " = <0x0 0x8000000 0x100000>", 0),  # partitions count from the start of their memory
    (0x8000000, "", 0x8000000),  # they have the CPU's addresses
])
def test_mapped_partitions_are_followed_through_ranges(start: int, ranges: str, first: int, outboard: Path, tmp_path: Path):
    assert from_dts(outboard, tmp_path, sdk_tree(start, ranges, first)) == at(LAYOUT, start)


@pytest.mark.parametrize("style", ['ranges = <0x0 0xc000 0xf4000>;', 'compatible = "fixed-subpartitions";'])
def test_sub_partitions_make_a_container(style: str, outboard: Path, tmp_path: Path):
    kind = 'compatible = "zephyr,mapped-partition";' if "ranges" in style else ""
    inner = f"""{style} #address-cells = <1>; #size-cells = <1>;
        tfm_partition: partition@200 {{ {kind} reg = <0x200 0x8000>; }};
        data_partition: partition@f0000 {{ {kind} reg = <0xf0000 0x4000>; }};"""
    found = from_dts(outboard, tmp_path, sdk_tree() + f"&slot0_partition {{ {inner} }};\n")
    assert found["mcuboot_pad"] == ("flash_primary", 0xc000, 0x200)
    assert found["tfm"] == ("flash_primary", 0xc200, 0x8000)
    assert found["data"] == ("flash_primary", 0xfc000, 0x4000)
    assert found["app"] == ("flash_primary", 0x14200, 0xe7e00)


def test_the_slot_may_lie_in_a_container_and_be_chosen_for_code(outboard: Path, tmp_path: Path):
    kind = 'compatible = "zephyr,mapped-partition";'
    container = f"""/delete-node/ &slot0_partition;
        &flash0 {{ partitions {{ partition@c000 {{ {kind} label = "images"; reg = <0xc000 0xf4000>; ranges = <0x0 0xc000 0xf4000>;
            #address-cells = <1>; #size-cells = <1>; slot0_partition: partition@0 {{ {kind} reg = <0x0 0xf0000>; }};
            data_partition: partition@f0000 {{ {kind} reg = <0xf0000 0x4000>; }}; }}; }}; }};
        / {{ chosen {{ zephyr,code-partition = &slot0_partition; }}; }};"""
    found = from_dts(outboard, tmp_path, sdk_tree() + container)
    assert found["mcuboot_primary"] == ("flash_primary", 0xc000, 0xf0000) and found["app"] == ("flash_primary", 0xc200, 0xefe00)


def test_pad_is_as_large_as_the_header_of_the_board(outboard: Path, tmp_path: Path):
    found = from_dts(outboard, tmp_path, sdk_tree(), "--pad", "0x800")
    assert found["mcuboot_pad"][2] == 0x800 and found["app"] == ("flash_primary", 0xc800, 0xf3800)


def test_deleted_partition_is_gone_and_its_place_has_a_name(outboard: Path, tmp_path: Path):
    found = from_dts(outboard, tmp_path, sdk_tree() + "/delete-node/ &boot_partition;\n")
    assert "mcuboot" not in found and found["EMPTY_0"] == ("flash_primary", 0, 0xc000)


def test_disabled_partition_takes_no_part(outboard: Path, tmp_path: Path):
    found = from_dts(outboard, tmp_path, sdk_tree() + '&slot1_partition { status = "disabled"; };\n')
    assert "mcuboot_secondary" not in found


@pytest.mark.parametrize("words, text", [
    (["--pad", "-1"], "--pad: '-1' is no number of bytes"), (["--pad", "0x10000000000000000"], "is no number of bytes"),
    (["--base", "flash_primary=-1"], "'flash_primary=-1': no number of at most 32 bits"), (["--size", "flash_primary="], "give it as REGION=VALUE"),
    (["--agree", "mcuboot"], "--agree mcuboot: give it as IMAGE=FILE"), (["zephyr.dts"], "one FILE, not also 'zephyr.dts'"),
    (["--node", "external_flash=a b"], "'a b' is neither the label nor the path of a node"),
])
def test_a_word_that_cannot_be_used_is_told_once(words: list, text: str, outboard: Path, tmp_path: Path):
    (tmp_path / "zephyr.dts").write_text(sdk_tree())
    done = run(outboard, tmp_path, "from-dts", "zephyr.dts", *words)
    assert done.returncode == 2 and text in done.stderr and done.stderr.count("error: ") == 1


@pytest.mark.parametrize("words, text", [
    ([], "needs a file to write: --header-files, --config-file or --dts"),
    (["--dts", "x", "--node", "external_flahs=chip"], "--node external_flahs=chip: the layout has no such region"),
    (["--dts", "x", "--node", "external_flash=chip; };"], "is neither the label nor the path of a node"),
])
def test_an_output_that_would_not_be_what_was_asked_for_is_refused(words: list, text: str, outboard: Path, tmp_path: Path):
    (tmp_path / "partitions.yml").write_text("app: {address: 0, size: 0x1000, region: flash_primary}\n")
    (tmp_path / "regions.yml").write_text("flash_primary: {base_address: 0, size: 0x1000, placement_strategy: complex}\n")
    done = run(outboard, tmp_path, "output", "--input-partitions", "partitions.yml", "--input-regions", "regions.yml", *words)
    assert done.returncode == 2 and text in done.stderr and not (tmp_path / "x").exists()


REFUSED = {
    "overlaps": ("&slot0_partition { reg = <0xb000 0xf4000>; };",
                 "0xb000..0xff000 overlaps /soc/flash-controller@50039000/flash@0/partitions/partition@0, 0x0..0xc000"),
    "leaves_its_device": ("&slot0_partition { reg = <0xc000 0xf5000>; };", "past the end of /soc/flash-controller@50039000/flash@0"),
    "is_empty": ("&slot0_partition { reg = <0xc000 0>; };", "has no bytes"),
    "is_smaller_than_the_header": ("&slot0_partition { reg = <0xc000 0x100>; };", "is not larger than the image header"),
    "is_twice": ("&chip { partitions { other: partition@f4000 { label = \"mcuboot_secondary\"; reg = <0xf4000 0x1000>; }; }; };",
                 "is partition 'mcuboot_secondary', and so is /soc/spi@1/chip@0/partitions/partition@0"),
    "has_no_name": ("&chip { partitions { partition@f4000 { reg = <0xf4000 0x1000>; }; }; };", "has no label, so it has no name"),
    "is_not_where_code_runs": ("/ { chosen { zephyr,code-partition = &slot1_partition; }; };", "code runs from boot_partition and slot0"),
    "is_not_the_applications": ("/delete-node/ &slot0_partition; / { chosen { zephyr,code-partition = &boot_partition; }; };",
                                "no partition is the application's: label one slot0_partition"),
    "is_around_the_slot_and_called_app": (
        "/delete-node/ &slot0_partition; &flash0 { partitions { partition@c000 { compatible = \"zephyr,mapped-partition\"; label = \"app\"; "
        "reg = <0xc000 0xf0000>; ranges = <0x0 0xc000 0xf0000>; #address-cells = <1>; #size-cells = <1>; "
        "slot0_partition: partition@0 { compatible = \"zephyr,mapped-partition\"; reg = <0x0 0xe0000>; }; }; }; };",
        "is called 'app', which is a part of slot0_partition; give it another label"),
    "is_outside_and_called_app": ("&chip { partitions { app_partition: partition@f4000 { reg = <0xf4000 0x1000>; }; }; };",
                                  "partition@f4000: is called 'app', which is a part of slot0_partition"),
    "is_outside_and_called_the_pad": ("&chip { partitions { mcuboot_pad: partition@f4000 { reg = <0xf4000 0x1000>; }; }; };",
                                      "is called 'mcuboot_pad', which is a part of slot0_partition"),
    "has_no_address": ("&flash0 { ranges = <0x0 0x0 0x8000>; };", "no range of it holds 0xc000"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_partition_is_refused_if_it(reason: str, outboard: Path, tmp_path: Path):
    change, text = REFUSED[reason]
    (tmp_path / "zephyr.dts").write_text(sdk_tree() + change + "\n")
    done = run(outboard, tmp_path, "from-dts", "zephyr.dts", "--output", "pm_static.yml")
    assert done.returncode == 1, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and text in lines[0], done.stderr
    assert re.match(r".*zephyr\.dts(:\d+:\d+)?: error: ", lines[0])
    assert not (tmp_path / "pm_static.yml").exists()


@pytest.mark.parametrize("text", ["&flash0 { };\n", "", "/dts-v1/;\n/ {\n"])
def test_what_is_no_complete_devicetree_is_unreadable(text: str, outboard: Path, tmp_path: Path):
    (tmp_path / "app.overlay").write_text(text)
    done = run(outboard, tmp_path, "from-dts", "app.overlay")
    assert done.returncode == 2 and "give the zephyr.dts or devicetree.dts of a build, not an overlay" in done.stderr


def test_images_with_different_partitions_are_refused(outboard: Path, tmp_path: Path):
    (tmp_path / "zephyr.dts").write_text(sdk_tree())
    (tmp_path / "mcuboot.dts").write_text(sdk_tree() + "&slot1_partition { reg = <0x10000 0xf4000>; };\n")
    done = run(outboard, tmp_path, "from-dts", "zephyr.dts", "--agree", "mcuboot=mcuboot.dts")
    assert done.returncode == 1
    assert "'mcuboot_secondary' is 0xf4000 bytes at 0x0 of /soc/spi@1/chip@0 in the application's devicetree" in done.stderr
    assert "include one overlay in both" in done.stderr


def test_partitions_of_a_board_give_way_to_others(outboard: Path, tmp_path: Path):
    (tmp_path / "board").mkdir()
    (tmp_path / "board/zephyr.dtsi").write_text(sdk_tree().replace("/dts-v1/;\n", ""))
    (tmp_path / "app.dts").write_text("""/dts-v1/;
/include/ "board/zephyr.dtsi"
&flash0 {
    partitions {
        new_partition: partition@80000 { compatible = "zephyr,mapped-partition"; reg = <0x80000 0x80000>; };
    };
};
&chip { partitions { code: partition@200000 { label = "app"; reg = <0x200000 0x1000>; }; }; };
""")
    done = run(outboard, tmp_path, "from-dts", "app.dts", "--default-in", "board")
    assert done.returncode == 0, done.stderr
    found = yaml.safe_load(done.stdout)
    assert "new" in found and "mcuboot_primary" not in found and "mcuboot" in found
    assert run(outboard, tmp_path, "from-dts", "app.dts").returncode == 1


NUMBERS = ["0", "1", "2", "3", "0x200", "0xc000", "0xffffffff", "0x80000000", "0x100000"]
WORDS = ['"app"', '"zephyr,mapped-partition"', '"fixed-partitions"', '"fixed-subpartitions"', '"outboard,partition-group"', '"soc-nv-flash"']
PLACE = re.compile(r'0x[0-9a-f]+|(?<=[< ])\d+(?=[ >])|"[^"]*"')
GROUP = """
&slot0_partition {
    ranges = <0x0 0xc000 0xf4000>;
    #address-cells = <1>;
    #size-cells = <1>;
    sub_partition: partition@200 { compatible = "zephyr,mapped-partition"; reg = <0x200 0x100>; };
};
/ {
    partition-groups {
        #address-cells = <1>;
        #size-cells = <1>;
        group: group@0 { compatible = "outboard,partition-group"; reg = <0 0x1000>; partitions = <&boot_partition &sub_partition>; };
    };
};
"""


def mutate(rng: random.Random, text: str) -> str:
    for _ in range(rng.randrange(1, 5)):
        place = rng.choice(list(PLACE.finditer(text)))
        text = text[:place.start()] + rng.choice(NUMBERS if place[0][0].isdigit() else WORDS) + text[place.end():]
    return text


def test_mutated_trees_get_an_answer(sanitized_outboard: Path, tmp_path: Path):
    rng = random.Random(4711)
    statuses = []
    for _ in range(80):
        (tmp_path / "zephyr.dts").write_text(mutate(rng, sdk_tree() + GROUP))
        done = run(sanitized_outboard, tmp_path, "from-dts", "zephyr.dts")
        assert done.returncode in (0, 1, 2) and "Sanitizer" not in done.stderr and "runtime error" not in done.stderr, done.stderr
        assert done.returncode == 0 or re.search(r"zephyr\.dts(:\d+:\d+)?: error: .{8}", done.stderr), done.stderr
        statuses.append(done.returncode)
    assert statuses.count(0) > 10 and statuses.count(1) > 10
