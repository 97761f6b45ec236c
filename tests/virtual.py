# SPDX-License-Identifier: Apache-2.0
"""`outboard board` for tests: the binaries of a build folder on a virtual board."""

import json
import os
import subprocess
from pathlib import Path

OUTBOARD = Path(os.environ.get("OUTBOARD_TOOL", Path(__file__).resolve().parents[1] / "build/host/tools/outboard/outboard"))


def board(*arguments: str | Path, status: int = 0) -> subprocess.CompletedProcess:
    """Run it; it must end with this status."""
    result = subprocess.run([OUTBOARD, "board", *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == status, f"status {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result


def run(*arguments: str | Path, status: int = 0) -> dict:
    """One run: how it ended, and what the board said."""
    return json.loads(board("run", *arguments, "--json", status=status).stdout)
