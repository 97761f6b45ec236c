#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run every test and add them up: the C programs by ctest (with sanitizers), the rest by pytest.

Ends with `N passed, N failed`; exit status 0 only if nothing failed, nothing was skipped and something ran.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent


def count(report: Path) -> tuple[int, int]:
    """Passed and failed of a JUnit report. A skipped test proved nothing: it counts as failed."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    bad = ("failure", "error", "skipped")
    failed = sum(any(case.find(tag) is not None for tag in bad) or case.get("status") == "fail" for case in cases)
    return len(cases) - failed, failed


def run(title: str, command: list[str], report: Path) -> tuple[int, int]:
    print(f"== {title}", flush=True)
    status = subprocess.run(command, cwd=REPO).returncode
    passed, failed = count(report) if report.exists() else (0, 0)
    if status != 0 and failed == 0:
        print(f"error: {command[0]} ended with status {status}")
        failed = 1
    return passed, failed


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        ctest_report = Path(folder) / "ctest.xml"
        pytest_report = Path(folder) / "pytest.xml"
        jobs = str(os.cpu_count() or 1)
        results = [
            run(
                "C programs, with sanitizers",
                ["ctest", "--test-dir", "build/host-sanitize", "--output-on-failure", "-j", jobs]
                + ["--output-junit", str(ctest_report)],
                ctest_report,
            ),
            run(
                "tools, images, boards",
                [sys.executable, "-m", "pytest", "-q", "--durations=10", f"--junitxml={pytest_report}", "tests"],
                pytest_report,
            ),
        ]
    passed = sum(result[0] for result in results)
    failed = sum(result[1] for result in results)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
