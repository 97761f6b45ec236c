# SPDX-License-Identifier: Apache-2.0
"""pyOCD's flash algorithm for the nRF52840 erases and programs the virtual one: flash_algorithm.c."""

import ast
import subprocess
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
TARGET = REPO / "build/deps/pyocd/target/builtin/target_nRF52840_xxAA.py"
RUNNER = REPO / "build/host/tests/vboard/flash_algorithm"


def algorithm():
    """The table in the file, without importing pyOCD."""
    for node in ast.parse(TARGET.read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "FLASH_ALGO":
            return ast.literal_eval(node.value)
    raise AssertionError(f"{TARGET} has no FLASH_ALGO")


def test_pyocds_flash_algorithm_works_the_flash(tmp_path):
    algo = algorithm()
    lines = [f"{name} {value:x}" for name, value in algo.items() if isinstance(value, int)]
    lines += [f"word {value:x}" for value in algo["instructions"]]
    file = tmp_path / "algorithm"
    file.write_text("\n".join(lines) + "\n")
    result = subprocess.run([RUNNER, file], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
