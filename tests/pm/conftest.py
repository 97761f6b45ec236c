# SPDX-License-Identifier: Apache-2.0
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def sanitized_outboard(repo: Path) -> Path:
    """The host program with the address and undefined-behaviour sanitizers in it."""
    default = repo / "build/host-sanitize/tools/outboard/outboard"
    path = Path(os.environ.get("OUTBOARD_SANITIZED_TOOL", default))
    assert path.is_file(), f"{path} is missing: run `make host-sanitize`, or name it with OUTBOARD_SANITIZED_TOOL"
    return path
