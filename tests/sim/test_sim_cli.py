# SPDX-License-Identifier: Apache-2.0
"""`outboard sim`: what it answers, and that it answers the same twice."""

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

TINY = ["--primary", "3K:512:4:64", "--secondary", "4K:512:1"]
HISTORIES = (Path(__file__).parent / "histories.txt").read_text()


def assert_holds(report):
    assert report["failures"] == 0, f"outboard sim replay {report['first_failure']}: {report['first_reason']}"


@pytest.fixture(scope="session")
def sim(outboard):
    def run(*arguments, status=0):
        done = subprocess.run([outboard, "sim", *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout if status != 2 else done.stderr

    return run


@pytest.fixture(scope="session")
def cuts(sim):
    def run(*arguments, status=0):
        return json.loads(sim("cuts", *arguments, "--json", status=status))

    return run


def test_cuts_reports_what_it_did(cuts):
    report = cuts("--mode", "slide", *TINY, "--scenario", "confirm")
    assert report["failures"] == 0
    assert report["first_failure"] is None
    assert report["complete"] is True
    assert report["runs"] > report["cuts"] > 500
    assert report["states"] > 500
    assert report["seconds"] > 0


def test_the_same_search_twice_finds_the_same(cuts):
    def once():
        report = cuts("--mode", "dual", *TINY, "--scenario", "twice", "--jobs", "1")
        return {key: report[key] for key in ("runs", "cuts", "states", "failures")}

    assert once() == once()


@pytest.mark.parametrize("depth", [1, 3])
def test_shards_together_are_the_whole(cuts, depth):
    options = ["--mode", "slide", *TINY, "--scenario", "confirm", "--depth", depth, "--histories", "301"]
    whole = cuts(*options, "--jobs", "1")
    parts = [cuts(*options, "--jobs", "1", "--shard", f"{part}/3") for part in (1, 2, 3)]
    assert sum(part["cuts"] for part in parts) == whole["cuts"]
    assert cuts(*options, "--jobs", "3")["cuts"] == whole["cuts"]


def test_a_seed_decides_what_is_random(cuts):
    options = ["--mode", "slide", *TINY, "--scenario", "revert", "--depth", "3", "--histories", "200", "--jobs", "1"]
    first = cuts(*options, "--seed", "1")
    assert first["cuts"] == cuts(*options, "--seed", "1")["cuts"]
    assert first["cuts"] != cuts(*options, "--seed", "2")["cuts"]


def test_a_budget_stops_the_search_and_it_says_so(cuts):
    report = cuts("--mode", "slide", "--primary", "24K:4K:4", "--secondary", "32K:4K:1", "--scenario", "confirm",
                  "--depth", "2", "--budget", "1")
    assert report["complete"] is False


def test_interrupt_ends_the_search_with_what_was_found_until_then(outboard):
    options = ["--mode", "slide", "--primary", "24K:4K:4", "--secondary", "32K:4K:1", "--scenario", "confirm", "--depth", "2"]
    terminal, stderr = pty.openpty()
    command = [outboard, "sim", "cuts", *options, "--jobs", "2", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    assert os.read(terminal, 100).startswith(b"\r["), "it has begun: the bar is drawn"
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # as timeout(1) does
    said, _ = process.communicate()
    report = json.loads(said)
    assert process.returncode == 130 and report["complete"] is False and report["failures"] == 0 and report["runs"] > 0


def test_depth_zero_cuts_nothing(cuts):
    report = cuts("--mode", "slide", *TINY, "--scenario", "confirm", "--depth", "0")
    assert report["cuts"] == 0
    assert report["failures"] == 0


def test_each_kind_of_tear_can_be_chosen(cuts):
    options = ["--mode", "overwrite", *TINY, "--scenario", "permanent"]
    kinds = ["none", "prefix", "bits", "metastable", "brownout"]
    each = [cuts(*options, "--tear", kind)["cuts"] for kind in kinds]
    assert all(each)
    assert sum(each) == cuts(*options, "--tear", "all")["cuts"]


def test_sizes_may_be_written_in_hex_or_kib(cuts):
    options = ["--mode", "slide", "--scenario", "confirm", "--tear", "none"]
    hexadecimal = cuts(*options, "--primary", "0xc00:512:4:64", "--secondary", "0x1000:0x200:1")
    assert hexadecimal["cuts"] == cuts(*options, *TINY)["cuts"]


def test_replay_repeats_a_history_exactly(sim):
    history = "slide/3K:512:4:64/4K:512:1/revert/grow/1/c30m2+c41b1"
    first = sim("replay", history)
    assert first == sim("replay", history)
    assert first.count("power fails") == 2
    assert "ok: it comes to rest" in first


def test_replay_tells_which_event_never_came(outboard):
    command = [outboard, "sim", "replay", "--quiet", "slide/3K:512:4:64/4K:512:1/confirm/small/1/c20b1+c9000b1"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0
    assert "warning: event 2 of 2 never came" in done.stderr


def test_replay_logs_operations_and_draws_the_chips(sim):
    log = sim("replay", "slide/3K:512:4:64/4K:512:1/confirm/grow/1/-", "--trace")
    assert "erase" in log and "program" in log and "Swap type: test" in log
    operations = sum(line.split()[1:2] in (["erase"], ["program"]) for line in log.splitlines())
    assert log.count("internal |") > operations > 50


@pytest.mark.parametrize("arguments", [
    ["cuts", "--mode", "sideways"],
    ["cuts", "--scenario", "nothing"],
    ["cuts", "--tear", "gently"],
    ["cuts", "--primary", "3K:512:4"],
    ["cuts", "--primary", "3K:511:4", "--secondary", "4K:512:1"],
    ["cuts", "--primary", "1K:512:4", "--secondary", "1K:512:1"],
    ["cuts", "--shard", "3/2"],
    ["cuts", "--jobs", "0"],
    ["cuts", "--updateable", "0"],
    ["cuts", "--updateable", "4"],
    ["cuts", "--old", "/nonexistent"],
    ["cuts", "--old", "/nonexistent", "--new", "/nonexistent", "--key", "/nonexistent"],
    ["cuts", "something"],
    ["replay"],
    ["replay", "nonsense"],
    ["bench", "--profile", "abacus"],
    ["bench", "--build", "huge"],
    ["windows", "--build", "huge"],
    ["windows", "--on", "0"],
    ["bench", "--old-size", "1"],
    ["nothing"],
    [],
])
def test_wrong_usage_is_said_and_ends_with_2(sim, arguments):
    assert sim(*arguments, status=2) != ""


# ---- bench ----


@pytest.fixture(scope="session")
def bench(sim):
    def run(*arguments):
        return json.loads(sim("bench", *arguments, "--json"))

    return run


SLOTS = ["--primary", "0x84000:4K:4", "--secondary", "0x84000:4K:1"]


def test_bench_counts_a_slide(bench):
    report = bench("--mode", "slide", *SLOTS)
    for part in ("upgrade", "revert"):
        cost = report[part]
        assert cost["primary"]["erases"] <= 126
        assert cost["secondary"]["erases"] <= 126
        assert cost["primary"]["programmed_bytes"] <= 502_000
        assert cost["primary"]["max_wear"] == 1
        assert cost["secondary"]["max_wear"] == 1
        assert cost["seconds"] <= 16.6
        assert cost["primary"]["erased_bytes"] == 4096 * cost["primary"]["erases"]


def test_bench_counts_a_dual_install(bench):
    report = bench("--mode", "dual", *SLOTS)
    for part in ("upgrade", "revert"):
        assert report[part]["secondary"]["erases"] <= 2
        assert report[part]["secondary"]["max_wear"] == 0
        assert report[part]["seconds"] <= 16.5


def test_bench_counts_the_one_copy_of_a_factory_image(bench):
    assert bench("--mode", "dual", "--factory", *SLOTS)["upgrade"]["secondary"]["erases"] > 100


def test_a_start_with_nothing_to_do_reads_the_image_once_and_writes_nothing(bench):
    idle = bench("--mode", "slide", *SLOTS)["idle"]
    for chip in ("primary", "secondary"):
        assert idle[chip]["erases"] == 0
        assert idle[chip]["programmed_bytes"] == 0
    assert 480_662 <= idle["primary"]["read_bytes"] < 480_662 + 4096  # and the ledger, and the window


def test_overwrite_has_no_revert(bench):
    assert bench("--mode", "overwrite", *SLOTS)["revert"] is None


def test_bench_counts_a_page_as_the_part_does(bench):
    cost = bench("--mode", "overwrite", "--scenario", "confirm", *SLOTS)
    assert cost["untimed"] is False
    slide = bench("--mode", "slide", *SLOTS)["upgrade"]["secondary"]
    pages = slide["programmed_bytes"] / 256
    assert slide["busy_seconds"] == pytest.approx(slide["erases"] * 48e-3 + pages * 896e-6, rel=0.01)


def test_bench_gives_no_time_where_a_part_has_none(bench, sim):
    report = bench("--mode", "overwrite", "--primary", "0x84000:2K:8", "--secondary", "0x84000:4K:1")
    assert report["untimed"] is True
    assert "seconds" not in report["upgrade"] and "busy_seconds" not in report["upgrade"]["primary"]
    assert "upgrade: time unknown" in sim("bench", "--mode", "overwrite", "--primary", "0x84000:2K:8", "--secondary",
                                          "0x84000:4K:1")


def test_bench_knows_a_part_with_small_pages_and_wide_words(bench):
    report = bench("--mode", "slide", "--profile", "stm32l4+w25q128")
    assert report["untimed"] is False
    assert report["upgrade"]["primary"]["busy_seconds"] == pytest.approx(
        report["upgrade"]["primary"]["erases"] * 22.02e-3 + report["upgrade"]["primary"]["programmed_bytes"] / 8 * 81.69e-6,
        rel=0.01)


def test_bench_adds_computing_and_the_bus_to_the_downtime(bench):
    def downtime(*options):
        return bench("--mode", "slide", *SLOTS, *options)["upgrade"]["downtime_seconds"]

    only_flash = bench("--mode", "slide", *SLOTS)["upgrade"]
    assert "downtime_seconds" not in only_flash
    fast = downtime("--build", "fast", "--bus", "quad32")
    assert only_flash["seconds"] < fast < downtime("--build", "small", "--bus", "quad32") < downtime("--build", "small")


# ---- crumbs of power ----

WINDOWS = ["--primary", "64K:4K:4", "--secondary", "80K:4K:1", "--old-size", "20000", "--new-size", "24000"]


def test_windows_that_are_long_enough_end_and_short_ones_do_not(sim):
    found = json.loads(sim("windows", *WINDOWS, "--json"))
    assert found["ends"] and 400 < found["window_ms"] < 5000 and 2 < found["starts"] <= 150
    longer = json.loads(sim("windows", *WINDOWS, "--json", "--on", round(2 * found["window_ms"])))
    assert longer["ends"] and longer["starts"] < found["starts"]
    shorter = json.loads(sim("windows", *WINDOWS, "--json", "--on", round(found["window_ms"] / 2), status=1))
    assert not shorter["ends"] and shorter["why"]


def test_windows_are_tried_in_more_phases(sim):
    assert json.loads(sim("windows", *WINDOWS, "--json", "--on", "5000", "--all-phases"))["phases"] == 32


def test_scenarios_can_be_listed(sim):
    lines = sim("cuts", "--scenario", "list").splitlines()
    assert len(lines) >= 11
    assert any(line.startswith("revert ") for line in lines)


def test_bench_counts_the_longer_of_what_runs_side_by_side(bench):
    cost = bench("--mode", "slide", *SLOTS)["upgrade"]
    primary = cost["primary"]["erases"] * 87.5e-3 + cost["primary"]["programmed_bytes"] / 4 * 43e-6
    assert cost["primary"]["busy_seconds"] == pytest.approx(primary, rel=0.01)
    assert cost["primary"]["busy_seconds"] <= cost["seconds"]
    assert cost["seconds"] < cost["primary"]["busy_seconds"] + cost["secondary"]["busy_seconds"] / 10
    blocking = bench("--mode", "slide", "--primary", "0x84000:4K:4", "--secondary", "0x84000:4K:1:256b")["upgrade"]
    assert blocking["seconds"] == pytest.approx(blocking["primary"]["busy_seconds"] +
                                                blocking["secondary"]["busy_seconds"])


# ---- images made by imgtool ----


@pytest.fixture(scope="session")
def signed(tmp_path_factory, imgtool):
    folder = tmp_path_factory.mktemp("images")
    key = folder / "key.pem"
    subprocess.run([imgtool, "keygen", "-k", key, "-t", "ecdsa-p256"], check=True, capture_output=True)

    def sign(name, version, size):
        raw = folder / f"{name}.raw"
        raw.write_bytes(bytes((i * i >> 3) * size & 0xFF for i in range(size)))
        subprocess.run([imgtool, "sign", "-k", key, "--align", "4", "-v", version, "-H", "0x20", "--pad-header",
                        "-S", "0x6000", raw, folder / name], check=True, capture_output=True)
        return folder / name

    return {"key": key, "old": sign("old.bin", "1.0.0", 700), "new": sign("new.bin", "1.1.0", 900)}


def test_images_of_imgtool_survive_all_cuts(cuts, signed):
    report = cuts("--mode", "slide", *TINY, "--old", signed["old"], "--new", signed["new"], "--key", signed["key"],
                  "--scenario", "revert")
    assert report["failures"] == 0
    assert report["cuts"] > 500


def test_a_history_with_files_is_replayed_with_files(sim, signed):
    files = ["--old", signed["old"], "--new", signed["new"], "--key", signed["key"]]
    history = "slide/3K:512:4:64/4K:512:1/confirm/files/1/c30m2"
    assert "ok: it comes to rest" in sim("replay", history, *files)
    sim("replay", history, status=2)


def test_an_image_that_no_device_runs_is_no_input(sim, signed, tmp_path):
    damaged = bytearray(signed["new"].read_bytes())
    damaged[100] ^= 1
    (tmp_path / "damaged.bin").write_bytes(damaged)
    sim("cuts", *TINY, "--old", signed["old"], "--new", tmp_path / "damaged.bin", "--key", signed["key"], status=2)


def test_images_are_put_only_into_slots_that_hold_them(cuts, sim, signed, tmp_path, imgtool):
    def sign(version, size):
        (tmp_path / "raw").write_bytes(b"\x5a" * size)
        subprocess.run([imgtool, "sign", "-k", signed["key"], "--align", "4", "-v", version, "-H", "0x20", "--pad-header",
                        "-S", "0x100000", tmp_path / "raw", tmp_path / version], check=True, capture_output=True)
        return tmp_path / version

    files = ["--old", sign("1.0.0", 1800), "--new", sign("1.1.0", 1900), "--key", signed["key"], "--tiny",
             "--scenario", "confirm"]
    report = cuts(*files, "--mode", "slide", "--depth", "0")
    [skipped] = report["not_applicable"]
    assert skipped["reason"] == "an image is too large for these slots"
    assert report["cases"] > 0 and report["cases"] + skipped["cases"] == 4
    files[3] = sign("1.2.0", 9_000)
    assert "too large for these slots; --primary and --secondary choose other slots" in sim("cuts", *files, status=2)


def test_the_roles_of_two_files_follow_their_versions(cuts, signed):
    for old, new in (("old", "new"), ("new", "old")):
        report = cuts("--mode", "all", *TINY, "--old", signed[old], "--new", signed[new], "--key", signed["key"],
                      "--scenario", "all")
        assert report["failures"] == 0
        assert report["cases"] == 34
        assert {skipped["scenario"] for skipped in report["not_applicable"]} == {"revert", "rude", "counter", "counted"}


def test_a_downgrade_between_equal_versions_does_not_apply(sim, signed):
    files = ["--old", signed["old"], "--new", signed["old"], "--key", signed["key"]]
    assert "downgrade: does not apply: neither" in sim("cuts", *TINY, *files, "--depth", "0")
    assert "neither of the images is older" in sim("cuts", *TINY, *files, "--scenario", "downgrade", status=2)


# ---- the bounded part of the proof ----


@pytest.mark.parametrize("history", [line for line in HISTORIES.splitlines() if line and not line.startswith("#")])
def test_a_history_that_failed_once(sim, history):
    assert "ok: it comes to rest" in sim("replay", history)


@pytest.mark.parametrize("mode", ["slide", "overwrite", "dual"])
def test_every_cut_in_every_scenario_on_small_flash(cuts, mode):
    report = cuts("--tiny", "--mode", mode, "--images", "grow", "--jobs", os.cpu_count() or 1)
    assert_holds(report)
    assert report["complete"]


@pytest.mark.parametrize("images", ["small", "shrink", "units", "same", "byte", pytest.param("full", marks=pytest.mark.proof)])
def test_every_cut_with_other_images(cuts, images):
    report = cuts(*TINY, "--images", images)
    assert_holds(report)


def test_every_cut_on_every_pair_of_chips(cuts):
    """The clean cuts of all built-in geometries; the torn ones are in `make proof`."""
    report = cuts("--scenario", "revert", "--images", "small", "--mode", "all")
    assert report["cases"] >= 2 * 12
    assert_holds(report)


@pytest.mark.parametrize("updateable", [2, pytest.param(3, marks=pytest.mark.proof)])
def test_every_cut_in_a_transaction_of_several_images(cuts, updateable):
    report = cuts(*TINY, "--mode", "all", "--updateable", updateable, "--images", "grow")
    assert_holds(report)
    assert report["cases"] == 40


def test_every_cut_in_a_transaction_with_an_image_that_is_handed_over(cuts):
    report = cuts("--tiny", "--mode", "all", "--updateable", 2, "--handover", "--scenario", "permanent")
    assert_holds(report)
    assert report["cuts"] > 40_000


def test_no_cut_shows_a_block_of_an_encrypted_image(cuts):
    report = cuts(*TINY, "--mode", "all", "--encrypted", "--scenario", "revert")
    assert_holds(report)
    assert report["cuts"] > 2_000


def test_no_failing_access_costs_more_than_it_does_without_encryption(cuts):
    assert_holds(cuts(*TINY, "--mode", "dual", "--encrypted", "--images", "small", "--faults", "--scenario", "guarded"))


def test_encrypted_images_are_made_up(sim):
    assert "--encrypted makes up its images" in sim("cuts", "--encrypted", "--old", "a", "--new", "b", "--key", "c", status=2)


def test_handover_is_for_several_images(sim):
    assert "--handover goes with --updateable 2 or 3" in sim("cuts", "--handover", status=2)


def test_every_failing_access_in_a_transaction_of_two_images(cuts):
    report = cuts(*TINY, "--mode", "all", "--updateable", "2", "--images", "small", "--faults")
    assert_holds(report)
    assert report["cuts"] > 100_000


def test_a_replay_of_a_transaction_draws_each_image(sim):
    log = sim("replay", "slide.2/3K:512:4:64/4K:512:1/confirm/grow/1/c90b1")
    assert "primary 2" in log and "secondary trailer 2" in log
    assert "ok: it comes to rest" in log


def test_every_failure_of_the_external_chip(cuts):
    report = cuts(*TINY, "--faults")
    assert_holds(report)


def test_every_failing_access_after_every_cut(cuts):
    report = cuts("--mode", "slide", *TINY, "--images", "small", "--scenario", "permanent", "--faults", "--depth", "2",
                  "--jobs", os.cpu_count() or 1)
    assert_holds(report)
    assert report["cuts"] > 100_000


def test_random_histories_of_many_cuts(cuts):
    report = cuts("--mode", "all", *TINY, "--depth", "5", "--histories", "300", "--tear", "none,prefix,bits")
    assert_holds(report)


# ---- the world: updaters, attackers, worn cells, crumbs of power ----


@pytest.mark.parametrize("mode, tear", [("slide", "all"), ("overwrite", "all"), ("dual", "none,prefix,bits,brownout")])
def test_every_cut_in_every_updater(cuts, mode, tear):
    report = cuts("--mode", mode, *TINY, "--scenario", "updaters", "--tear", tear, "--jobs", os.cpu_count() or 1)
    assert_holds(report)
    assert report["cases"] == 8 and report["cuts"] > 15_000


def test_updaters_do_anything_in_any_order(cuts):
    """Random acts with up to three clean cuts in them; `make proof` draws more, with all tears."""
    assert_holds(cuts("--mode", "all", *TINY, "--scenario", "mixed", "--depth", "3", "--histories", "300", "--tear",
                      "none"))


def test_images_beyond_what_can_be_installed_end_no_device_s_updates(cuts):
    report = cuts("--tiny", "--mode", "all", "--scenario", "updaters", "--images", "beyond", "--tear", "none")
    assert_holds(report)
    assert report["cases"] > 150


def test_nobody_who_writes_to_the_external_chip_gets_anything(cuts):
    report = cuts("--mode", "all", *TINY, "--hostile", "--tear", "none", "--images", "small")
    assert_holds(report)
    assert report["cuts"] > 40_000


def test_every_pair_of_cuts_in_one_scenario(cuts):
    """All the others: make proof."""
    assert_holds(cuts("--mode", "slide", *TINY, "--images", "small", "--scenario", "permanent", "--depth", "2"))


def test_pairs_of_cuts_in_a_transaction(cuts):
    assert_holds(cuts("--mode", "slide", *TINY, "--images", "small", "--scenario", "revert", "--depth", "2",
                      "--updateable", "2", "--shard", "1/16"))


def test_operations_that_go_astray_run_nothing_wrong(cuts):
    assert_holds(cuts("--mode", "all", *TINY, "--tear", "astray,neighbour"))


def test_every_cut_with_the_secondary_slot_inside(cuts):
    inside = ["--primary", "3K:512:4:64", "--secondary", "4K:512:4:64i"]
    assert_holds(cuts("--mode", "all", *inside))
    assert_holds(cuts("--mode", "slide", *inside, "--scenario", "own"))  # a client that programs a magic again that was cut


def test_every_cut_with_a_driver_that_only_blocks(cuts):
    assert_holds(cuts("--mode", "all", "--primary", "3K:512:4:64", "--secondary", "4K:512:1:256b"))


@pytest.mark.parametrize("on, build, bus", [(1500, "fast", "quad32"), (3000, "small", "spi8")])
@pytest.mark.parametrize("profile", ["nrf5340+mx25r6435f", "nrf5340+mx25r6435f-4k"])
def test_half_a_megabyte_goes_in_on_crumbs_of_power(sim, on, build, bus, profile):
    result = json.loads(sim("windows", "--profile", profile, "--on", on, "--build", build, "--bus", bus, "--json"))
    assert result["ends"] and result["starts"] <= 150
