# SPDX-License-Identifier: Apache-2.0
"""The command line of `outboard pm resolve`: the SDK's options, taken as a whole."""

import subprocess
from pathlib import Path

import pytest
import yaml

SIZE = ["--flash-size", "0x1000"]
OUT = ["--output-partitions", "p.yml", "--output-regions", "r.yml"]


def run(tool: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(Path(tool).resolve()), "pm", "resolve", *words], cwd=folder, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("words", [
    ["--regions", "external-flash", "--external-flash-size", "4096"],
    ["--regions=external-flash", "--external-flash-size=0x1000"],
    ["--external-flash-size", "0x1000", "--regions", "external-flash"],
])
def test_dashes_in_names_of_regions_become_underscores(words: list[str], outboard: Path, tmp_path: Path):
    done = run(outboard, tmp_path, *words, *OUT)
    assert done.returncode == 0, done.stderr
    assert yaml.safe_load((tmp_path / "r.yml").read_text())["external_flash"]["size"] == 4096


@pytest.mark.parametrize("words, message", [
    (["--regions", "flash", "--flash-siz", "1", *OUT], "flash-siz"),
    (["--region", "flash", *SIZE, *OUT], "--region"),
    (["--regions", "flash", *SIZE, "--output-partition", "p.yml", "--output-regions", "r.yml"], "--output-partition"),
    (["--regions", "flash", *OUT], "region 'flash' has no size; give --flash-size"),
    (["--regions", "flash", "flash", *SIZE, *OUT], "'flash' is no region name, or given twice"),
    (["--regions", "9", "--9-size", "1", *OUT], "'9' is no region name"),
    (["--regions", "flash", "--flash-size", "0", *OUT], "'0' is no size"),
    (["--regions", "flash", "--flash-size", "-1", *OUT], "'-1' is no size"),
    (["--regions", "flash", "--flash-size", "0x100000001", *OUT], "is no size"),
    (["--regions", "flash", *SIZE, "--flash-base-address", "0xfffff001", *OUT], "region 'flash' ends above 4 GiB"),
    (["--regions", "flash", *SIZE, "--flash-placement-strategy", "best", *OUT], "'best' is none of"),
    (["--regions", "flash", *SIZE, "--flash-dynamic-partition", "a-b", *OUT], "'a-b' is no partition name"),
    (["--regions", "flash", *SIZE], "needs --regions, --output-partitions and --output-regions"),
    ([*OUT], "needs --regions"),
    (["stray", "--regions", "flash", *SIZE, *OUT], "'stray' belongs to no option"),
])
def test_wrong_usage_is_exit_status_2_and_writes_nothing(words: list[str], message: str, outboard: Path, tmp_path: Path):
    done = run(outboard, tmp_path, *words)
    assert done.returncode == 2 and message in done.stderr, done.stderr
    assert list(tmp_path.iterdir()) == []
