# SPDX-License-Identifier: Apache-2.0
"""What the Python tests share: where the repository and the host programs are."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


def pytest_configure(config):
    config.addinivalue_line("markers", "proof: a variant of a kind that a shorter test covers; `make proof` runs it, `make test` does not")


@pytest.fixture(scope="session")
def repo() -> Path:
    return REPO


def _tool(variable: str, default: Path) -> Path:
    path = Path(os.environ.get(variable, default))
    assert path.is_file(), f"{path} is missing: run `make host`, or name it with {variable}"
    return path


@pytest.fixture(scope="session")
def outboard() -> Path:
    """The host program."""
    return _tool("OUTBOARD_TOOL", REPO / "build/host/tools/outboard/outboard")


@pytest.fixture(scope="session")
def imgtool() -> Path:
    """The unmodified public imgtool."""
    return _tool("IMGTOOL", REPO / "build/deps/venv/bin/imgtool")
