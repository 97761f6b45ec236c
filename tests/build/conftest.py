# SPDX-License-Identifier: Apache-2.0
import pytest

from build_project import Project


@pytest.fixture
def project(tmp_path, repo, outboard) -> Project:
    return Project(tmp_path, repo, outboard)
