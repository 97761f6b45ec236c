# SPDX-License-Identifier: Apache-2.0
"""Runs `outboard pm resolve` the way the build system does: regions as options, inputs as files."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

REGION_OPTIONS = {
    "size": "size",
    "base": "base-address",
    "strategy": "placement-strategy",
    "device": "device",
    "driver": "default-driver-kconfig",
    "dynamic": "dynamic-partition",
}


@dataclass
class Result:
    status: int
    stderr: str
    partitions: dict | None
    regions: dict | None
    seconds: float


def flash(size: int) -> dict:
    """One internal flash at address 0."""
    return {"flash_primary": {"size": size, "strategy": "complex"}}


def region_options(regions: dict) -> list[str]:
    options = ["--regions", *regions]
    for name, region in regions.items():
        for key, option in REGION_OPTIONS.items():
            if key in region:
                options += [f"--{name}-{option}", str(region[key])]
    return options


def _load(path: Path) -> dict | None:
    return yaml.safe_load(path.read_text()) or {} if path.exists() else None


def resolve(tool: Path, folder: Path, regions: dict, inputs: list[str], static: str | None = None,
            timeout: float = 60, extra: list[str] | None = None) -> Result:
    """Inputs become 1.yml, 2.yml, ..., the static configuration static.yml; messages name them like that."""
    names = []
    for number, text in enumerate(inputs, 1):
        names.append(f"{number}.yml")
        (folder / names[-1]).write_text(text)
    command = [Path(tool).resolve(), "pm", "resolve", *region_options(regions),
               "--output-partitions", "partitions.yml", "--output-regions", "regions.yml"]
    if names:
        command += ["--input-files", *names]
    if static is not None:
        (folder / "static.yml").write_text(static)
        command += ["--static-config", "static.yml"]
    command += extra or []
    begin = time.monotonic()
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True,
                          errors="replace", timeout=timeout)
    seconds = time.monotonic() - begin
    return Result(done.returncode, done.stderr, _load(folder / "partitions.yml"), _load(folder / "regions.yml"),
                  seconds)
