# SPDX-License-Identifier: Apache-2.0
"""pm_config.h and pm.config: names, order and values that existing sources and scripts rely on."""

import subprocess
from pathlib import Path

import pytest
import yaml

from layout_case import region_options

FLASH = {"size": "0x100000", "strategy": "complex", "device": "flash_controller",
         "driver": "CONFIG_SOC_FLASH_NRF"}
CHIP = {"size": "0x800000", "device": "DT_CHOSEN(nordic_pm_ext_flash)",
        "driver": "CONFIG_PM_EXTERNAL_FLASH_HAS_DRIVER"}
RAM = {"size": "0x40000", "base": "0x20000000", "strategy": "complex", "dynamic": "sram_primary"}
ROOT = {"sram_primary": RAM, "flash_primary": FLASH, "external_flash": CHIP}
MCUBOOT = """
mcuboot: {size: 0xc000, placement: {before: [mcuboot_primary]}}
mcuboot_primary_app: {span: [app]}
mcuboot_primary: {span: [mcuboot_pad, mcuboot_primary_app]}
mcuboot_pad: {size: 0x200, placement: {before: [mcuboot_primary_app]}}
mcuboot_secondary: {region: external_flash, share_size: [mcuboot_primary], placement: {align: {start: 4}}}
"""
NET = {"sram_primary": {**RAM, "base": "0x21000000", "size": "0x10000"},
       "flash_primary": {**FLASH, "size": "0x40000", "base": "0x1000000", "dynamic": "hci_ipc"}}


def run(tool: Path, folder: Path, *words) -> subprocess.CompletedProcess:
    return subprocess.run([str(Path(tool).resolve()), "pm", *map(str, words)], cwd=folder, capture_output=True, text=True,
                          timeout=60)


def make_layout(tool: Path, folder: Path, regions: dict, text: str, domain: str = "", extra: list[str] | None = None):
    suffix = f"_{domain}" if domain else ""
    (folder / f"pm{suffix}.yml").write_text(text)
    done = run(tool, folder, "resolve", *region_options(regions), "--input-files", f"pm{suffix}.yml",
               "--output-partitions", f"partitions{suffix}.yml", "--output-regions", f"regions{suffix}.yml", *(extra or []))
    assert done.returncode == 0, done.stderr


def output(tool: Path, folder: Path, images: list[str], domains: list[str] = [""], configs: list[str] = ["pm.config"]):
    suffixes = [f"_{domain}" if domain else "" for domain in domains]
    return run(tool, folder, "output",
               "--input-partitions", *(f"partitions{suffix}.yml" for suffix in suffixes),
               "--input-regions", *(f"regions{suffix}.yml" for suffix in suffixes),
               "--header-files", *(f"{number}.h" for number in range(len(images))), "--images", *images,
               "--config-file", *configs)


def macros(path: Path) -> dict[str, str]:
    lines = [line.split(" ", 2) for line in path.read_text().splitlines() if line.startswith("#define")]
    return {words[1]: words[2] for words in lines if len(words) == 3}


def config(path: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


@pytest.fixture
def external(outboard: Path, tmp_path: Path) -> Path:
    make_layout(outboard, tmp_path, ROOT, MCUBOOT)
    done = output(outboard, tmp_path, [":app", "mcuboot"])
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_header_of_the_external_slot_layout_is_as_documented(external: Path):
    expected = Path(__file__).with_name("external_slot_pm_config.h").read_text()
    assert (external / "0.h").read_text() == expected


def test_headers_of_two_images_differ_only_in_their_own_place(external: Path):
    app, boot = macros(external / "0.h"), macros(external / "1.h")
    different = {name for name in app if app[name] != boot[name]}
    assert different == {"PM_ADDRESS", "PM_SIZE", "PM_NAME"}
    assert (boot["PM_ADDRESS"], boot["PM_SIZE"], boot["PM_NAME"]) == ("0x0", "0xc000", "mcuboot")


FACTS = {"regions": ROOT, "text": MCUBOOT + "store: {region: external_flash, size: 0x1000}\n"}
SAME_FACTS = [
    FACTS | {"text": "store: {region: external_flash, size: 0x1000, affiliation: disk}\n" + MCUBOOT,
             "static": "mcuboot_secondary: {address: 0, size: 0xf4000, region: external_flash}\n"},
    FACTS | {"regions": ROOT | {"sram_primary": RAM | {"size": "0x20000"}}},
    FACTS | {"regions": ROOT | {"flash_primary": FLASH | {"driver": "CONFIG_OTHER"}}},
]
OTHER_FACTS = [
    FACTS | {"text": FACTS["text"].replace("0x1000}", "0x2000}")},
    FACTS | {"text": FACTS["text"].replace("store", "stock")},
    FACTS | {"text": FACTS["text"].replace("0xc000", "0xd000")},
    FACTS | {"text": "store: {region: external_flash, size: 0x1000}\n" + MCUBOOT},
    FACTS | {"regions": ROOT | {"external_flash": CHIP | {"device": "chip"}}},
    FACTS | {"regions": {name.replace("external", "other"): region for name, region in ROOT.items()},
             "text": FACTS["text"].replace("external", "other")},
]


def layout_hash(tool: Path, folder: Path, regions: dict, text: str, static: str | None = None) -> str:
    (folder / "static.yml").write_text(static or "")
    make_layout(tool, folder, regions, text, extra=["--static-config", "static.yml"])
    assert output(tool, folder, [":app", "mcuboot"]).returncode == 0
    found = {macros(folder / "0.h")["PM_LAYOUT_HASH"], macros(folder / "1.h")["PM_LAYOUT_HASH"],
             config(folder / "pm.config")["PM_LAYOUT_HASH"]}
    assert len(found) == 1
    return found.pop()


def test_hash_is_computed_as_documented(external: Path):
    """FNV-1a over one line for each partition in flash, by name."""
    parts, regions = (yaml.safe_load((external / f"{name}.yml").read_text()) for name in ("partitions", "regions"))
    value = 0x811C9DC5
    for name, part in sorted(parts.items()):
        device = regions[part["region"]]["device"]
        line = f"{name} {part['region']} {device} {part['address']:#x} {part['size']:#x}\n" if device else ""
        for byte in line.encode():
            value = (value ^ byte) * 0x01000193 % (1 << 32)
    assert macros(external / "0.h")["PM_LAYOUT_HASH"] == f"{value:#010x}"


@pytest.mark.parametrize("facts", SAME_FACTS, ids=["order of files", "RAM", "driver's symbol"])
def test_hash_says_that_flash_is_the_same(facts: dict, outboard: Path, tmp_path: Path):
    assert layout_hash(outboard, tmp_path, **facts) == layout_hash(outboard, tmp_path, **FACTS)


@pytest.mark.parametrize("facts", OTHER_FACTS, ids=["size", "name", "internal", "order", "device", "region"])
def test_hash_says_that_flash_differs(facts: dict, outboard: Path, tmp_path: Path):
    assert layout_hash(outboard, tmp_path, **facts) != layout_hash(outboard, tmp_path, **FACTS)


def test_header_compiles_and_its_ids_are_numbers(external: Path):
    source = '#include "0.h"\n#include "0.h"\nint ids[] = {PM_mcuboot_secondary_ID, PM_NUM}; char all[] = PM_ALL_BY_SIZE;\n' \
             "_Static_assert(PM_mcuboot_secondary_ID == 1 && PM_app_IS_ENABLED && PM_SIZE == PM_APP_SIZE, \"\");\n"
    (external / "a.c").write_text(source)
    subprocess.run(["cc", "-Wall", "-Werror", "-c", "a.c", "-o", "a.o"], cwd=external, check=True)


NAMES = """
#include <outboard/fixed_partition.h>
_Static_assert(FIXED_PARTITION_EXISTS(mcuboot_secondary) && FIXED_PARTITION_EXISTS(slot1_partition), "");
_Static_assert(!FIXED_PARTITION_EXISTS(slot3_partition) && !FIXED_PARTITION_EXISTS(nothing), "");
_Static_assert(FIXED_PARTITION_ID(slot0_partition) == PM_MCUBOOT_PRIMARY_ID && FIXED_PARTITION_ID(image_1) == 1, "");
_Static_assert(FIXED_PARTITION_OFFSET(slot0_partition) == 0xc000 && FIXED_PARTITION_SIZE(image_0) == 0xf4000, "");
"""


@pytest.mark.parametrize("storage", ["", "zms", "zms nvs", "nvs littlefs", "littlefs settings", "settings plain"])
def test_partitions_have_the_names_of_the_flash_map_api(storage: str, repo: Path, outboard: Path, tmp_path: Path):
    """The last one given is the storage."""
    names = [f"{name}_storage" if name != "plain" else "storage" for name in storage.split()]
    make_layout(outboard, tmp_path, ROOT, MCUBOOT + "".join(f"{name}: {{region: external_flash, size: 64}}\n" for name in names))
    assert output(outboard, tmp_path, [":app"]).returncode == 0
    (tmp_path / "0.h").rename(tmp_path / "pm_config.h")
    expected = f"FIXED_PARTITION_ID(storage_partition) == PM_{names[-1].upper()}_ID" if names else "!FIXED_PARTITION_EXISTS(storage)"
    (tmp_path / "a.c").write_text(NAMES + f'_Static_assert({expected}, "");\n')
    subprocess.run(["cc", "-Wall", "-Werror", "-I.", f"-I{repo}/include", "-c", "a.c", "-o", "a.o"], cwd=tmp_path, check=True)


def test_config_has_what_the_header_has_but_devices_and_has_spans(external: Path):
    header, lines = macros(external / "0.h"), config(external / "pm.config")
    image = {"PM_ADDRESS", "PM_SIZE", "PM_NAME", "PM_SRAM_ADDRESS", "PM_SRAM_SIZE"}
    devices = {name for name in header if name.endswith(("_DEV", "_DEFAULT_DRIVER_KCONFIG"))}
    assert header.keys() - lines.keys() == image | devices
    assert {name: value for name, value in lines.items() if name not in header} == {
        "PM_MCUBOOT_PRIMARY_SPAN": '"app mcuboot_pad"', "PM_MCUBOOT_PRIMARY_APP_SPAN": '"app"'}


def test_domains_are_prefixed_and_ids_go_on(outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, MCUBOOT)
    make_layout(outboard, tmp_path, NET, "b0n: {size: 0x8000, placement: {before: [app]}}", "CPUNET")
    done = output(outboard, tmp_path, [":app", "CPUNET:hci_ipc"], ["", "CPUNET"], ["pm.config", "pm_CPUNET.config"])
    assert done.returncode == 0, done.stderr
    app, net = macros(tmp_path / "0.h"), macros(tmp_path / "1.h")
    assert app["PM_CPUNET_LAYOUT_HASH"] == net["PM_LAYOUT_HASH"] != app["PM_LAYOUT_HASH"] == net["PM__LAYOUT_HASH"]
    assert app["PM_NUM"] == "7" and app["PM_CPUNET_NUM"] == "10"
    assert app["PM_CPUNET_APP_ADDRESS"] == "0x1008000" and app["PM_CPUNET_app_ID"] == "PM_CPUNET_APP_ID"
    assert app["PM_7_LABEL"] == "CPUNET_B0N" and app["PM_CPUNET_B0N_OFFSET"] == "0x0"
    assert net["PM_7_LABEL"] == "B0N" and net["PM_B0N_ADDRESS"] == "0x1000000"
    assert net["PM_ADDRESS"] == "0x1008000" and net["PM_SRAM_ADDRESS"] == "0x21000000"
    assert "PM_MCUBOOT_ADDRESS" not in net and net["PM__MCUBOOT_ADDRESS"] == "0x0"  # the root domain has no name
    assert config(tmp_path / "pm.config")["PM_CPUNET_APP_SPAN"] == '"hci_ipc"'
    assert config(tmp_path / "pm_CPUNET.config")["PM_APP_SPAN"] == '"hci_ipc"'


def test_labels_and_parameters_become_macros(outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, """
fat: {region: external_flash, size: 0x1000, affiliation: disk, extra_params: {disk_name: '"SD"', disk_sector_size: 512}}
raw: {region: external_flash, size: 0x1000, affiliation: [disk, other]}
""")
    assert output(outboard, tmp_path, [":app"]).returncode == 0
    header = macros(tmp_path / "0.h")
    assert header["PM_FOREACH_AFFILIATED_TO_disk(fn)"] == "fn(FAT) fn(RAW)"
    assert header["PM_FOREACH_AFFILIATED_TO_other(fn)"] == "fn(RAW)"
    assert header["PM_FAT_EXTRA_PARAM_disk_name"] == '"SD"' and header["PM_FAT_EXTRA_PARAM_disk_sector_size"] == "512"


def test_ram_of_an_image_is_its_own_partition_if_it_has_one(outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, """
mcuboot: {size: 0xc000, placement: {before: [app]}}
mcuboot_sram: {size: 0x1000, placement: {before: [end]}}
""")
    assert output(outboard, tmp_path, ["app", "mcuboot"]).returncode == 0
    assert macros(tmp_path / "0.h")["PM_SRAM_SIZE"] == "0x3f000"
    assert macros(tmp_path / "1.h")["PM_SRAM_ADDRESS"] == "0x2003f000"


@pytest.mark.parametrize("text, image, message", [
    ("net: {span: [app]}", ":net", "'net' is the name of an image and of a container"),
    ("", ":net", "image 'net' has no partition of its name"),
    ("x: {size: 16, placement: {before: [app]}}\nX: {size: 16, placement: {before: [x]}}", ":app", "the same macro PM_X_"),
    ("x: {size: 16, placement: {before: [app]}}\nx_end: {size: 16, placement: {before: [app]}}", ":app",
     "the same macro PM_X_END_ADDRESS"),
    ("sram: {size: 16, placement: {before: [app]}}", ":app", "the same macro PM_SRAM_ADDRESS"),
])
def test_names_that_would_clash_are_refused(text: str, image: str, message: str, outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, text)
    done = output(outboard, tmp_path, [image])
    assert done.returncode == 1 and message in done.stderr
    assert not (tmp_path / "0.h").exists() and not (tmp_path / "pm.config").exists()


def test_more_partitions_than_ids_are_refused(outboard: Path, tmp_path: Path):
    names = [f"x{number}" for number in range(255)]
    for extra, status in (([], 0), (["y"], 1)):
        text = "".join(f"{name}: {{region: external_flash, size: 16}}\n" for name in [*names[:254], *extra])
        make_layout(outboard, tmp_path, {**ROOT, "external_flash": CHIP}, text)
        done = output(outboard, tmp_path, [":app"])
        assert done.returncode == status, done.stderr  # app and the leftover take two ids
    assert "one partition too many: ids have 8 bits" in done.stderr


def test_deprecated_image_partition_is_used_with_a_warning(outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, "net: {span: [net_image]}\nnet_image: {size: 0x100, placement: {before: [app]}}")
    done = output(outboard, tmp_path, [":net"])
    assert done.returncode == 0 and "deprecated" in done.stderr
    assert macros(tmp_path / "0.h")["PM_SIZE"] == "0x100"


@pytest.mark.parametrize("words", [
    ["output"],
    ["output", "--input-partitions", "partitions.yml"],
    ["output", "--input-partitions", "partitions.yml", "--input-regions", "regions.yml", "--images", "app"],
    ["output", "--input-partitions", "partitions.yml", "--input-regions", "regions.yml", "--header-files", "a.h",
     "--images", "CPUNET:app"],
    ["output", "--input-part", "partitions.yml", "--input-regions", "regions.yml"],
    ["resolve"],
    ["resolve", "--regions", "a"],
    ["resolve", "--regions", "a", "--a-size", "0", "--output-partitions", "p", "--output-regions", "r"],
    ["resolve", "--regions", "a", "--a-size", "x", "--output-partitions", "p", "--output-regions", "r"],
    ["resolve", "--regions", "a", "--a-siz", "10", "--output-partitions", "p", "--output-regions", "r"],
    ["resolve", "--regions", "a", "a", "--a-size", "10", "--output-partitions", "p", "--output-regions", "r"],
    ["resolve", "--regions", "a", "--a-size", "0x100000001", "--output-partitions", "p", "--output-regions", "r"],
    ["resolve", "--regions", "a", "--a-size", "10", "--a-base-address", "0xffffffff", "--output-partitions", "p",
     "--output-regions", "r"],
    ["resolve", "--regions", "a", "--a-size", "10", "--a-placement-strategy", "best", "--output-partitions", "p",
     "--output-regions", "r"],
    ["resolve", "--regions", "a", "b", "--a-size", "10", "--b-size", "10", "--a-placement-strategy", "complex",
     "--b-placement-strategy", "complex", "--output-partitions", "p", "--output-regions", "r"],
    ["nonsense"],
    [],
])
def test_wrong_usage_has_exit_status_2(words: list[str], outboard: Path, tmp_path: Path):
    make_layout(outboard, tmp_path, ROOT, "")
    done = run(outboard, tmp_path, *words)
    assert done.returncode == 2 and done.stderr
    assert not (tmp_path / "p").exists() and not (tmp_path / "a.h").exists()


def test_regions_with_dashes_become_underscores(outboard: Path, tmp_path: Path):
    done = run(outboard, tmp_path, "resolve", "--regions", "ext-flash", "--ext-flash-size", "16",
               "--output-partitions", "p.yml", "--output-regions", "r.yml")
    assert done.returncode == 0 and "name: ext_flash" in (tmp_path / "r.yml").read_text()


def test_options_with_equal_signs_are_the_same(outboard: Path, tmp_path: Path):
    done = run(outboard, tmp_path, "resolve", "--regions=a", "--a-size=0x10", "--output-partitions=p.yml",
               "--output-regions=r.yml")
    assert done.returncode == 0, done.stderr


def test_unwritable_output_leaves_nothing_behind(outboard: Path, tmp_path: Path):
    done = run(outboard, tmp_path, "resolve", "--regions", "a", "--a-size", "16", "--output-partitions", "p.yml",
               "--output-regions", "missing/r.yml")
    assert done.returncode == 2 and list(tmp_path.iterdir()) == []
