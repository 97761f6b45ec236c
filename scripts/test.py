#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run the tests and add them up: the C programs by ctest (with sanitizers), the rest by pytest.

Each folder of `tests/` is a process of its own: what tests share (builds of the same firmware) lies within a folder. In tests/build
it lies within a file, so that folder is two processes; of tests/emu some files build for themselves. One more runs at a time than
there are processors, since those that wait for a board leave theirs idle. Variants of a kind that a shorter test covers are marked
`proof`, and run with --proof only, alone: that is part of `make proof`. Ends with `N passed, N failed`; exit status 0 only if nothing
failed, nothing was skipped and something ran.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent
LONG = ["vboard", "modules", "docs"]  # begun before the others: a long part that begins last keeps the others waiting
APART = ["encrypted", "network_core", "signature_types", "virtual_dks"]  # of tests/emu, the longest of all: what builds for itself


def count(report: Path) -> tuple[int, int]:
    """Passed and failed of a JUnit report. A skipped test proved nothing: it counts as failed."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    bad = ("failure", "error", "skipped")
    failed = sum(any(case.find(tag) is not None for tag in bad) or case.get("status") == "fail" for case in cases)
    return len(cases) - failed, failed


def environment() -> dict[str, str]:
    """Many tests build firmware, in folders of their own, mostly from the same files with the same settings: what was compiled
    once is taken from a cache of this tree."""
    if shutil.which("ccache") is None or "CMAKE_C_COMPILER_LAUNCHER" in os.environ:
        return dict(os.environ)
    return os.environ | {"CCACHE_DIR": str(REPO / "build/ccache"), "CMAKE_C_COMPILER_LAUNCHER": str(REPO / "scripts/ccache.sh")}


def run(title: str, command: list[str], report: Path) -> tuple[int, int]:
    begin = time.monotonic()
    done = subprocess.run(command, cwd=REPO, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    passed, failed = count(report) if report.exists() else (0, 0)
    print(f"== {title}, {time.monotonic() - begin:.0f} s\n{done.stdout}", flush=True)
    if done.returncode != 0 and failed == 0:
        print(f"error: {command[0]} ended with status {done.returncode}", flush=True)
        failed = 1
    return passed, failed


def programs(folder: Path, jobs: int) -> tuple[int, int]:
    report = folder / "ctest.xml"
    command = ["ctest", "--test-dir", "build/host-sanitize", "--output-on-failure", "-j", str(jobs), "--output-junit", str(report)]
    return run("C programs, with sanitizers", command, report)


def scripts(folder: Path, title: str, paths: list[str], marked: str = "not proof") -> tuple[int, int]:
    report = folder / f"{title.replace('/', '-')}.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--durations=5", "-m", marked, f"--junitxml={report}", *paths]
    return run(title, command, report)


def parts() -> list[tuple[str, list[str]]]:
    """What is a process of its own: title and paths."""
    tests = REPO / "tests"
    apart = [f"tests/emu/test_{name}.py" for name in APART]
    files = sorted(str(path.relative_to(REPO)) for path in (tests / "build").glob("test_*.py"))
    folders = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")} - {"build", "emu"}
    order = sorted(folders, key=lambda part: (LONG.index(part) if part in LONG else len(LONG), part))
    return [
        ("tests/emu", ["tests/emu", *(f"--ignore={path}" for path in apart)]),
        ("tests/emu, builds of their own", apart),
        *((f"tests/build, {half + 1} of 2", files[half::2]) for half in range(2)),
        *((f"tests/{part}", [f"tests/{part}"]) for part in order),
    ]


def main() -> int:
    options = argparse.ArgumentParser(description="Run the tests and add them up.")
    options.add_argument("--proof", action="store_true", help="the variants that `make test` leaves to `make proof`, and nothing else")
    proof = options.parse_args().proof
    jobs = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(jobs + 1) as pool:
        folder = Path(name)
        if proof:
            results = [scripts(folder, "tests left to the proof", ["tests"], "proof")]
        else:
            results = [programs(folder, jobs), *pool.map(lambda part: scripts(folder, *part), parts())]
    passed = sum(result[0] for result in results)
    failed = sum(result[1] for result in results)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(f"\n{Path(sys.argv[0]).name}: interrupted")
