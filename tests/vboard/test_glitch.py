# SPDX-License-Identifier: Apache-2.0
"""`outboard board glitch`: one fault in a start of the very binaries. What is tried is a sample; scripts/proof-glitch.sh tries all."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "emu"), str(HERE.parent / "modules/mcuboot/external_flash")]

import firmware  # noqa: E402
import network_core  # noqa: E402
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
            subprocess.run([*sign, *sizes, payload, newer], check=True, capture_output=True)
            made[key] = (old.folder, newer)
        return made[key]

    return get


def glitch(build: Path, *arguments) -> dict:
    command = [OUTBOARD, "board", "glitch", build, *arguments, "--json", "--jobs", "2"]
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    facts = json.loads(result.stdout) if result.stdout else pytest.fail(result.stderr)
    assert result.returncode == (1 if facts["bypasses"] else 0)
    return facts


def orderly(result: dict) -> list:
    """Bypasses that came to the reset vector; the others are wild jumps into the slot."""
    return [place for place in result["places"] if not place["wild"]]


@pytest.mark.parametrize("board_name", [DKS[0], pytest.param(DKS[1], marks=pytest.mark.proof)])
def test_no_branch_and_no_result_starts_an_unsigned_image(builds, board_name):
    build, _ = builds(board_name)
    result = glitch(build, "--goal", "unsigned", "--model", "branch,r0", "--visits", "1", "--sample", "10")
    assert result["places"] == [] and result["trials"] >= 1000
    assert result["ends"]["halted"] > 0 and result["null_faults"] > 0


def test_campaign_adds_up_and_leaves_the_build_alone(builds):
    build, newer = builds(DKS[0])
    before = [(build / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]
    options = ["--visits", "1", "--every", "61", "--sample", "10", "--pairs", "10"]
    result = glitch(build, "--goal", "downgrade", "--update", newer, *options)
    assert result["places"] == [] and result["ends"]["bypass"] == 0
    assert sum(result["ends"].values()) == result["trials"] == sum(result["models"].values())
    assert all(count > 0 for count in result["models"].values()), "each model is tried"
    assert result["executions"] >= 25 and result["inside_cryptography"] == 10 and result["pairs"] == 10
    assert result["ends"]["started"] > 0
    assert before == [(build / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]


def test_functions_can_be_chosen(builds):
    build, _ = builds(DKS[0])
    options = ["--goal", "unsigned", "--model", "skip1", "--visits", "1", "--sample", "0"]
    result = glitch(build, *options, "--in", "ob_verdict_compare,verify")
    assert result["places"] == [] and 30 < result["trials"] == result["executions"] < 300
    assert "no function whose name begins so is executed" in board("glitch", build, *options, "--in", "nobody", status=1).stderr


def test_device_that_has_been_started_states_nothing_and_refuses_the_older_image(builds):
    build, newer = builds(DKS[0])
    options = ["--goal", "downgrade", "--update", newer, "--model", "skip1", "--visits", "1", "--every", "301", "--sample", "0"]
    factory, field = glitch(build, *options), glitch(build, *options, "--started")
    assert field["instructions"] < factory["instructions"], "the floor was stated before"
    assert field["ends"]["started"] > 0


def test_campaign_finds_what_is_not_protected_and_repeats_it(builds):
    build, _ = builds(DKS[0], "-Dmcuboot_CONFIG_BOOT_FIH_PROFILE_OFF=y")
    result = glitch(build, "--goal", "unsigned", "--model", "branch,r0", "--visits", "1", "--sample", "0")
    assert len(orderly(result)) >= 3 and result["bypasses"] == sum(place["bypasses"] for place in result["places"])
    place = orderly(result)[0]
    assert re.fullmatch(r"[a-z0-9_.-]+\.[chS]:\d+", place["line"]), "the line of the source"
    again = board("glitch", build, "--goal", "unsigned", "--replay", place["word"], status=1)
    assert again.stdout.startswith("bypass, at ")


@pytest.mark.proof
def test_network_core_gets_no_unsigned_image_and_the_campaign_would_notice(builds):
    two = ["UPDATEABLE_IMAGE_NUMBER=2", "PCD_APP=y", "BOOT_UPGRADE_ONLY=y"]
    build, _ = builds(DKS[1], *(f"-Dmcuboot_CONFIG_{option}" for option in two))
    (build / "network_flash.bin").write_bytes(network_core.flash(network_core.application(1)))
    payload, update = build / "network.bin", build / "network_update.bin"
    payload.write_bytes(network_core.application(2))
    sign = [firmware.IMGTOOL, "sign", "--version", "2.0.0", "--align", "4", "--pad-header", "--header-size", "0x200",
            "--slot-size", "0x40000", "--key", firmware.KEY, payload, update]
    subprocess.run(sign, check=True, capture_output=True)
    goal = ["--goal", "unsigned", "--network-update", update, "--every", "2001", "--visits", "1", "--sample", "2"]
    result = glitch(build, *goal, "--model", "skip1,r0,branch")
    assert result["places"] == [] and result["ends"]["started"] > 0 and result["trials"] >= 200
    image = bytearray(update.read_bytes())
    image[-1] ^= 1  # what the campaign makes wrong is right then
    update.write_bytes(image)
    assert "it runs even without a fault what it should refuse" in board("glitch", build, *goal, status=1).stderr


def test_word_of_another_build_is_told(builds):
    build, _ = builds(DKS[0])
    result = board("glitch", build, "--goal", "unsigned", "--replay", "g0:0x0:null", status=2)
    assert "another instruction is executed there" in result.stderr


def test_what_is_missing_is_said(builds):
    build, _ = builds(DKS[0])
    assert "--goal unsigned or" in board("glitch", build, status=2).stderr
    assert "--update FILE" in board("glitch", build, "--goal", "downgrade", status=2).stderr
    assert "--model skip3" in board("glitch", build, "--goal", "unsigned", "--model", "skip3", status=2).stderr


@pytest.mark.proof
def test_delays_move_the_verdict_and_change_nothing_else(builds):
    build, _ = builds(DKS[0], "-Dmcuboot_CONFIG_BOOT_FIH_PROFILE_HIGH=y")
    starts = {}
    for seed in ("1", "2", "3", "1", "none"):
        start = json.loads(board("count", build, "--random", seed, "--json").stdout)["starts"][-1]
        again = starts.setdefault(seed, start)
        assert (start["seconds"], start["instructions"]) == (again["seconds"], again["instructions"])
    assert len({start["seconds"] for start in starts.values()}) == len(starts)
    assert all(start["internal"]["programs"] == 0 for start in starts.values())
    assert starts["none"]["seconds"] - starts["1"]["seconds"] < 0.03, "a generator that never answers is not waited for"
    for seed in ("1", "none"):
        result = glitch(build, "--goal", "unsigned", "--every", "499", "--visits", "1", "--sample", "10", "--random", seed)
        assert result["places"] == [] and result["ends"]["halted"] > 0 and result["null_faults"] > 0


def test_a_downgrade_that_is_none_is_told_what_it_takes(builds, tmp_path):
    """FILE is older than the build's image, which is rightly installed over it."""
    build, _ = builds(DKS[0])
    older = tmp_path / "older.bin"
    sign = [firmware.IMGTOOL, "sign", "--version", "0.0.1", "--align", "4", "--pad-header", "--key", firmware.KEY, "--header-size", "0x200"]
    subprocess.run([*sign, "--slot-size", "0x80000", build / "app_to_sign.bin", older], check=True, capture_output=True)
    told = board("glitch", build, "--goal", "downgrade", "--update", older, status=1).stderr
    assert "CONFIG_MCUBOOT_DOWNGRADE_PREVENTION=y, and FILE has to be of a higher version" in told
