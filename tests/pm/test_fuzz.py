# SPDX-License-Identifier: Apache-2.0
"""Broken input gets an answer: a result, or an error with a place; never a crash, a hang or half an output.

OUTBOARD_FUZZ_SECONDS (default 10) is the time spent, OUTBOARD_SEED repeats a run.
"""

import os
import random
import re
import time
from pathlib import Path

import pytest
import yaml

from layout_case import flash, resolve

SEED = int(os.environ.get("OUTBOARD_SEED", "20260101"))
SECONDS = float(os.environ.get("OUTBOARD_FUZZ_SECONDS", "10"))
CASES = sorted((Path(__file__).parent / "cases").glob("*.yml"))
REGIONS = {
    "sram_primary": {"size": 0x40000, "base": 0x20000000, "strategy": "complex", "dynamic": "sram_primary"},
    **flash(0x100000),
    "external_flash": {"size": 0x800000, "device": "chip"},
}
TOKENS = [
    "app", "start", "end", "size", "span", "inside", "placement", "before", "after", "align", "align_next", "one_of",
    "share_size", "region", "address", "external_flash", "sram_primary", "EMPTY_0", "0", "-1", "0x100000000", "1e9",
    "99999999999999999999", "0x1000", "4", "{", "}", "[", "]", ":", ",", "&a", "*a", "\t", "\n", "  ", "- ", "? ", "'",
    '"', "|", ">", "!!int", "%YAML 1.1", "---", "...", "#", "<<", "~", "null", "\x00", "\x1b[2J", "\ufeff", "ß", "\r\n",
]


def corpus() -> list[tuple[list[str], str | None]]:
    cases = [yaml.safe_load(path.read_text()) for path in CASES]
    return [(case.get("inputs", []), case.get("static")) for case in cases]


def mutate(rng: random.Random, text: str) -> str:
    pieces = re.split(r"(\W)", text)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(pieces))
        kind = rng.randrange(5)
        if kind == 0:
            pieces[at] = rng.choice(TOKENS)
        elif kind == 1:
            pieces.insert(at, rng.choice(TOKENS))
        elif kind == 2:
            pieces[at] = ""
        elif kind == 3:
            pieces[at] = pieces[rng.randrange(len(pieces))]
        else:
            pieces[at:at] = pieces[at:at + rng.randrange(1, 12)]
    return "".join(pieces)


def check(result):
    assert result.status in (0, 1, 2), result.stderr
    assert "Sanitizer" not in result.stderr and "runtime error" not in result.stderr, result.stderr
    written = (result.partitions is not None, result.regions is not None)
    assert written == ((True, True) if result.status == 0 else (False, False))
    if result.status != 0:
        assert re.search(r"^(.+:\d+:\d+|\S+\.yml|outboard): error: .{8}", result.stderr, re.M), result.stderr


def test_mutated_inputs_get_an_answer(sanitized_outboard: Path, tmp_path: Path):
    rng = random.Random(SEED)
    seeds = corpus()
    end = time.monotonic() + SECONDS
    count = 0
    while time.monotonic() < end:
        inputs, static = rng.choice(seeds)
        folder = tmp_path / str(count)
        folder.mkdir()
        inputs = [mutate(rng, text) for text in inputs]
        static = mutate(rng, static) if static is not None else None
        check(resolve(sanitized_outboard, folder, REGIONS, inputs, static, timeout=10))
        count += 1
    print(f"{count} inputs, seed {SEED}")


HOSTILE = {
    "random_bytes": bytes(random.Random(1).randrange(256) for _ in range(4096)),
    "nul_bytes": b"\0" * 100,
    "utf16": "A: {size: 1}".encode("utf-16"),
    "latin1": b"A: {size: \xe4}",
    "nul_in_text": b'A: {size: "a\\0b"}',
    "open_brackets": b"[" * 100000,
    "open_braces": b"{" * 100000,
    "long_line": b"A: {size: " + b"9" * 1000000 + b"}",
    "long_name": b"A" * 1000000 + b": {size: 1}",
    "many_anchors": b"".join(b"a%d: &a%d 1\n" % (i, i) for i in range(5000)),
    "directive": b"%TAG ! tag:x,2000:\n---\nA: !x {size: 1}",
    "many_parts": b"".join(b"a%d: {size: 1, placement: {before: [app]}}\n" % i for i in range(17000)),
    "deep_containers": b"".join(b"c%d: {span: [c%d]}\n" % (i, i + 1) for i in range(5000)) + b"c5000: {span: [app]}",
    "long_share_chain": b"s0: {size: 1, placement: {before: [app]}}\n" + b"".join(
        b"s%d: {share_size: [s%d], placement: {before: [app]}}\n" % (i, i - 1) for i in range(5000, 0, -1)),
    "doubling_shares": b"".join(
        b"c%d: {span: [app%s]}\ns%d: {share_size: [c%d], placement: {before: [end]}}\n"
        % (i, b"".join(b", s%d" % j for j in range(i)), i, i) for i in range(60)),
    "control_characters_in_messages": b'"\x1b[31mred\x1b[0m\x07": {size: 1}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_a_place(name: str, sanitized_outboard: Path, tmp_path: Path):
    (tmp_path / "1.yml").write_bytes(HOSTILE[name])
    result = resolve(sanitized_outboard, tmp_path, REGIONS, [], static=None, timeout=20, extra=["--input-files", "1.yml"])
    assert result.status in (1, 2), result.stderr
    assert "1.yml" in result.stderr and "\x1b" not in result.stderr
    check(result)


def test_file_of_100_megabytes_is_refused_unread(sanitized_outboard: Path, tmp_path: Path):
    with open(tmp_path / "1.yml", "wb") as file:
        file.truncate(100 * 1024 * 1024)
    result = resolve(sanitized_outboard, tmp_path, REGIONS, [], extra=["--input-files", "1.yml"])
    assert result.status == 2 and "1.yml: error: has 104857600 bytes" in result.stderr


@pytest.mark.parametrize("path", ["missing.yml", "folder", "/dev/zero", "pipe"])
def test_what_is_no_file_is_refused(path: str, outboard: Path, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # nobody writes to it
    result = resolve(outboard, tmp_path, REGIONS, [], extra=["--input-files", path])
    assert result.status == 2 and f"{path}: error: " in result.stderr


def test_one_file_for_both_outputs_is_refused(outboard: Path, tmp_path: Path):
    result = resolve(outboard, tmp_path, REGIONS, [], extra=["--output-regions", "partitions.yml"])
    assert result.status == 2 and "partitions.yml: error: would be written twice" in result.stderr
    assert not list(tmp_path.glob("*.yml*"))
