# SPDX-License-Identifier: Apache-2.0
"""`outboard board glitch`: one fault in a start of the very binaries. What is tried is a sample; scripts/proof-boards.sh tries all."""

import json
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "emu")]

import firmware  # noqa: E402
from virtual import OUTBOARD, board  # noqa: E402

DKS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]


@pytest.fixture(scope="module")
def builds(tmp_path_factory):
    """A build with the older image, and the newer one signed: for each board, made once."""
    made = {}

    def get(board_name: str, *options: str) -> tuple[Path, Path]:
        key = (board_name, *options)
        if key not in made:
            folder = tmp_path_factory.mktemp(board_name)
            default = (f"-DOUTBOARD_TOOL={OUTBOARD}", "-Dmcuboot_CONFIG_LOG=n", "-Dmcuboot_CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y")
            old = firmware.build(
                folder / "build", firmware.OLD, *default, *options, source=HERE / "programs/tiny", board=board_name
            )
            payload = old.folder / "app_to_sign.bin"
            newer = folder / "newer.bin"
            sign = [firmware.IMGTOOL, "sign", "--version", firmware.NEW, "--align", "4", "--pad-header", "--key", firmware.KEY]
            sizes = ["--header-size", hex(old.partition("mcuboot_pad", "size"))]
            sizes += ["--slot-size", hex(old.partition("mcuboot_primary", "size"))]
            firmware.subprocess.run([*sign, *sizes, payload, newer], check=True, capture_output=True)
            made[key] = (old.folder, newer)
        return made[key]

    return get


def glitch(build: Path, *arguments, status: int = 0) -> dict:
    return json.loads(board("glitch", build, *arguments, "--json", "--jobs", "2", status=status).stdout)


def test_campaign_adds_up_and_leaves_the_build_alone(builds):
    build, newer = builds(DKS[0])
    before = [(build / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]
    result = glitch(build, "--goal", "downgrade", "--update", newer, "--every", "2000", "--sample", "20", "--pairs", "20")
    assert sum(result["ends"].values()) == result["trials"] == sum(result["models"].values())
    assert all(count > 0 for model, count in result["models"].items() if model != "r0"), "each model is tried"
    assert result["executions"] >= 100 and result["inside_cryptography"] == 20 and result["pairs"] == 20
    assert result["ends"]["started"] > 0 and result["null_faults"] > 0
    assert before == [(build / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]


def test_trial_is_repeated_by_its_word(builds):
    build, _ = builds(DKS[0])
    result = board("glitch", build, "--goal", "unsigned", "--replay", "g0:0x0:null", status=2)
    assert "another instruction is executed there" in result.stderr


def test_what_is_missing_is_said(builds):
    build, newer = builds(DKS[0])
    assert "--goal unsigned or" in board("glitch", build, status=2).stderr
    assert "--update FILE" in board("glitch", build, "--goal", "downgrade", status=2).stderr
    assert "--model skip3" in board("glitch", build, "--goal", "unsigned", "--model", "skip3", status=2).stderr
