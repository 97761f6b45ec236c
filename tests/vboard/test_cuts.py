# SPDX-License-Identifier: Apache-2.0
"""`outboard board cuts`: the power cut on the very binaries. What is cut is a sample; scripts/proof.sh cuts everywhere."""

import json
import re
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parent / "emu")]

import firmware  # noqa: E402
from test_run import DK, binary, build  # noqa: E402
from virtual import OUTBOARD, board  # noqa: E402

DKS = ["nrf52840dk_nrf52840", "nrf5340dk_nrf5340_cpuapp"]
SLOT, STAGE, REQUEST = 0x10000, 0x20000, 0x30000
ENDS = {"damaged": "old", "empty": "old", "older": "new"}  # what lies in the update slot: who runs


def cuts(*arguments, status: int = 0) -> dict:
    return json.loads(board("cuts", *arguments, "--json", status=status).stdout)


# ---- outboard's own bootloader, its slot in the chip on QSPI ----


@pytest.mark.parametrize("board_name", DKS)
def test_old_or_new_runs_whole_after_each_cut_of_an_update(builds, board_name):
    build_folder, update = builds(board_name)
    before = [(build_folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]
    result = cuts(build_folder, "--update", update, "--permanent", "--every", "33")
    assert result["failures"] == 0 and result["first_failure"] is None
    assert result["cuts"] >= 300 and result["old"] + result["new"] == result["cuts"]
    assert result["compared"] > 0, "some results that are used again are executed all the same"
    assert before == [(build_folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]


def test_what_is_known_of_a_state_saves_time_and_changes_nothing(builds):
    build_folder, update = builds(DK)
    sample = [build_folder, "--update", update, "--every", "300", "--tear", "all", "--jobs", "1"]
    foreseen, executed = cuts(*sample), cuts(*sample, "--execute-all")
    assert [foreseen[key] for key in ("cuts", "failures", "old", "new")] == [executed[key] for key in ("cuts", "failures", "old", "new")]
    assert foreseen["known"] > foreseen["cuts"] / 3 and foreseen["lived_through"] > 0 == executed["known"]


def test_two_build_folders_give_the_same_bootloader(builds, outboard, tmp_path):
    build_folder, _ = builds(DK)
    other = firmware.build(tmp_path / "some where/else", firmware.OLD, f"-DOUTBOARD_TOOL={outboard}", "-Dmcuboot_CONFIG_LOG=n",
                           board=DK, target="mcuboot")
    assert other.bootloader.read_bytes() == (build_folder / "mcuboot/mcuboot.bin").read_bytes()


@pytest.mark.parametrize("scenario, end", ENDS.items())
def test_what_lies_in_the_slot_decides_who_runs(builds, scenario, end):
    build_folder, update = builds(DK)
    permanent = ["--permanent"] if scenario == "older" else []
    result = cuts(build_folder, "--update", update, "--scenario", scenario, *permanent, "--every", "400", "--instructions", "4")
    assert result["failures"] == 0 and result[end] == result["cuts"] > 0


def test_trial_that_nobody_confirms_goes_back_whatever_was_cut(builds):
    build_folder, update = builds(DK)
    result = cuts(build_folder, "--update", update, "--every", "600", "--tear", "bits", "--again", "3", "--instructions", "2")
    assert result["failures"] == 0 and result["old"] == result["cuts"] >= 20


def test_word_is_lived_through_again(builds):
    build_folder, update = builds(DK)
    result = board("run", build_folder, "--update", update, "--permanent", "--cut", "c100b1")
    assert "the power is cut in operation 100" in result.stderr
    assert result.stderr.strip().endswith("nothing changes any more; the new image runs")


@pytest.mark.parametrize("scenario, end", ENDS.items())
def test_scenario_is_lived_through_and_the_folder_stays(builds, scenario, end):
    build_folder, update = builds(DK)
    before = [(build_folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]
    permanent = ["--permanent"] if scenario == "older" else []
    result = board("run", build_folder, "--update", update, "--scenario", scenario, *permanent)
    assert result.stderr.strip().endswith(f"nothing changes any more; the {end} image runs")
    assert before == [(build_folder / name).read_bytes() for name in ("internal_flash.bin", "external_flash.bin")]


def test_image_for_another_key_is_told_before_anything_is_cut(builds, tmp_path):
    build_folder, update = builds(DK)
    unsigned = tmp_path / "unsigned.bin"
    unsigned.write_bytes(firmware.Firmware(build_folder, firmware.NEW).sign())
    assert "not installed, although nothing was cut; is it for this board" in board("cuts", build_folder, "--update", unsigned, status=1).stderr


@pytest.mark.parametrize("wrong", (["--absent"], ["--stall", "external:1:100000"]))
def test_board_that_installs_nothing_is_told_before_anything_is_cut(builds, wrong):
    build_folder, update = builds(DK)
    told = board("cuts", build_folder, "--update", update, *wrong, status=1).stderr
    assert "what is wrong with the board keeps it out" in told
    assert "has in its primary slot" in board("cuts", build_folder, "--update", build_folder / "app_update.bin", status=2).stderr


# ---- somebody else's bootloader ----


def small_image(name: str) -> bytes:
    words = [0x20008000, SLOT + 4 * 4 + 1, 4 + 200, 0, 0xE7FEE7FE]
    words += [hash_word(name, i) for i in range(len(words), words[2])]
    total = 0
    for i, word in enumerate(words):
        total = ((total << 5 | total >> 27) & 0xFFFFFFFF) ^ (0 if i == 3 else word)
    words[3] = total
    return struct.pack(f"<{len(words)}I", *words)


def hash_word(name: str, i: int) -> int:
    return (i * 2654435761 + sum(name.encode())) & 0xFFFFFFFF


@pytest.fixture
def small(tmp_path):
    """Arguments for a campaign with the small bootloader."""

    def make(*flags: str) -> list:
        elf = build(tmp_path, HERE / "programs/small_bootloader.c", DK, "small", *flags)
        files = {"old": small_image("old"), "new": small_image("new"), "request": struct.pack("<I", 0x600DC0DE)}
        for name, data in files.items():
            (tmp_path / f"{name}.bin").write_bytes(data)
        internal = [elf, f"{tmp_path}/old.bin@{SLOT:#x}", f"{tmp_path}/new.bin@{STAGE:#x}", f"{tmp_path}/request.bin@{REQUEST:#x}"]
        chips = [word for file in internal for word in ("--internal", file)]
        images = ["--old", tmp_path / "old.bin", "--new", tmp_path / "new.bin", "--slot", hex(SLOT), "--vectors", hex(SLOT)]
        return ["--board", DK, *chips, *images]

    return make


def test_any_bootloader_can_be_cut_everywhere(small, tmp_path):
    page = tmp_path / "report.html"
    result = cuts(*small(), "--tear", "all", "--report", page)
    assert result["operations"] == 2 + 204 + 1 and result["failures"] == 0 and result["cuts"] > 2500
    assert result["old"] + result["new"] == result["cuts"]
    text = page.read_text()
    assert "power cuts, 0 failures" in text and "<svg" in text and not re.search(r"(src|href)=", text), "nothing beside it"


def test_campaign_that_would_prove_nothing_is_refused(small, tmp_path):
    arguments = small()
    other = tmp_path / "other.bin"
    other.write_bytes((tmp_path / "new.bin").read_bytes()[:-4] + bytes(4))
    told = board("cuts", *[other if word == arguments[arguments.index("--new") + 1] else word for word in arguments], status=1).stderr
    assert "without any cut: start 1: enters an image that is neither the old nor the new one: like the new one to byte 812 of 816" in told
    (tmp_path / "request.bin").write_bytes(b"\xff" * 4)
    assert "nothing is written to flash, so there is nothing to cut" in board("cuts", *arguments, status=1).stderr
    (tmp_path / "new.bin").write_bytes((tmp_path / "old.bin").read_bytes())
    assert "is the image that runs already" in board("cuts", *arguments, status=2).stderr


def test_campaigns_that_cannot_be_are_refused_before_they_begin(small, tmp_path):
    arguments = small()

    def told(option: str, value) -> str:
        words = list(arguments)
        words[words.index(option) + 1] = value
        return board("cuts", *words, status=2).stderr

    (tmp_path / "empty").write_bytes(b"")
    assert "is empty" in told("--new", tmp_path / "empty")
    assert "is an ELF, HEX or UF2 file; give the image's bytes" in told("--new", tmp_path / "small.elf")
    assert "--vectors 0x10000 lies before --slot" in told("--slot", "0x10004")
    assert "lies before --slot" in told("--vectors", "0x8000")
    assert "there is no vector table at 0xfffffffc" in told("--vectors", "0xfffffffc")
    del arguments[arguments.index("--vectors") :]
    assert "--slot 0x100000 lies outside the internal flash" in told("--slot", "0x100000")
    for page in (tmp_path, tmp_path / "missing/page.html"):
        assert "no page can be written there" in board("cuts", *arguments, "--report", page, status=2).stderr


@pytest.mark.parametrize("flag, reason", [("-DFORGETS_EARLY", "nothing will wake it"), ("-DRUNS_ANYTHING", "")])
def test_faults_that_are_planted_are_found_and_repeated(small, flag, reason):
    arguments = small("-DFORGETS_EARLY", flag)
    result = cuts(*arguments, "--tear", "none,bits", status=1)
    assert result["failures"] > 100 and reason in result["first_reason"]
    again = board("run", *arguments, "--cut", result["first_failure"], status=1)
    assert again.stderr.strip().endswith(result["first_reason"].partition(": ")[2] or result["first_reason"])


def test_shards_and_jobs_make_the_same_cuts(small):
    arguments = [*small(), "--tear", "none,prefix", "--every", "3"]
    whole = cuts(*arguments, "--jobs", "1")
    parts = [cuts(*arguments, "--jobs", "2", "--shard", f"{i}/3") for i in (1, 2, 3)]
    assert sum(part["cuts"] for part in parts) == whole["cuts"]
    assert sum(part["new"] for part in parts) == whole["new"]


def test_two_cuts_in_a_row_are_searched(small):
    result = cuts(*small(), "--tear", "bits", "--every", "40", "--depth", "2", "--instructions", "0")
    assert result["failures"] == 0 and result["cuts"] > 6 + 6 * 5


def test_pairs_are_cut_once_where_they_lead_through_the_same_state(small):
    sample = [*small(), "--tear", "none", "--depth", "2", "--instructions", "0", "--jobs", "1"]
    foreseen, executed = cuts(*sample), cuts(*sample, "--execute-all")
    assert foreseen["failures"] == executed["failures"] == 0
    assert 2 * 207 < foreseen["cuts"] < executed["cuts"] / 3


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_with_what_was_found_until_then(small, jobs):
    arguments = [OUTBOARD, "board", "cuts", *small(), "--depth", "3", "--tear", "all", "--jobs", str(jobs), "--json"]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # as timeout(1) does
    said, told = process.communicate(timeout=30)
    report = json.loads(said)
    assert process.returncode == 130 and report["complete"] is False and report["cuts"] > 0 and report["failures"] == 0
    assert told == "outboard: note: board: stopped; this is what was found until then\n"


def test_the_line_for_a_replay_has_what_was_wrong_with_the_board(small):
    faults = ["--chip-fault", "fails:3", "--worn", "external:0x1000:1", "--stall", "external:9:2", "--low", "P1.05", "--random", "7"]
    said = board("cuts", *small("-DFORGETS_EARLY"), *faults, "--tear", "none", "--every", "7", status=1).stdout
    assert " ".join(faults) in said and "outboard board run --board" in said


def test_a_history_is_json_as_well_and_has_no_options_of_one_start(small):
    arguments = small()
    result = json.loads(board("run", *arguments, "--cut", "5", "--json").stdout)
    assert result["runs"] == "new" and result["cuts"] == 1 and result["starts"] > 1 and result["operations"] > 200
    errors = json.loads(board("run", *arguments, "--cut", "9999", "--json", status=1).stdout)["errors"]
    assert "the cut did not come" in errors[0]["message"]
    for option in ("--until", "--limit", "--ram"):
        assert "are of one start: leave out --update" in board("run", *arguments, option, "1", status=2).stderr
