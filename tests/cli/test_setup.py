# SPDX-License-Identifier: Apache-2.0
"""scripts/setup.sh says what it will install before it does, takes up where it was interrupted, and asks the next source if one is silent.

Its tools are stand-ins here: nothing is installed. The real ones run in every fresh clone.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]


class Machine:
    """A tree with the set-up in it, and a PATH whose first folder holds stand-ins that write down their calls."""

    def __init__(self, folder: Path):
        self.tree, self.bin, self.calls = folder / "tree", folder / "bin", folder / "calls"
        (self.tree / "scripts").mkdir(parents=True)
        (self.tree / "third_party").mkdir()
        self.bin.mkdir()
        shutil.copy(REPO / "scripts/setup.sh", self.tree / "scripts")
        self.lists(packages=[], requirements=[])
        self.lock("")
        self.tool("dpkg-query", 'echo "install ok installed"')
        for done in (".requirements", ".requirements-test"):
            (self.tree / "build/deps/venv").mkdir(parents=True, exist_ok=True)
            name = self.tree / "scripts" / (done[1:] + ".txt")
            if name.exists():
                (self.tree / "build/deps/venv" / done).write_text(hashlib.sha256(name.read_bytes()).hexdigest() + "  -")

    def lists(self, **lists):
        for name, lines in lists.items():
            (self.tree / "scripts" / f"{name}.txt").write_text("# a list\n" + "".join(f"{line}\n" for line in lines))

    def lock(self, text: str):
        (self.tree / "third_party/lock").write_text(text)

    def tool(self, name: str, script: str):
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.calls}"\n{script}\n')
        path.chmod(0o755)

    def start(self, *parts) -> subprocess.Popen:
        env = os.environ | {"PATH": f"{self.bin}:{os.environ['PATH']}", "CARGO_HOME": str(self.tree / "cargo")}
        command = ["env", "--default-signal=INT", self.tree / "scripts/setup.sh", *parts]  # who tests in the background ignores it
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True, start_new_session=True)

    def run(self, *parts) -> tuple[int, str]:
        process = self.start(*parts)
        return process.wait(), process.stdout.read()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def archive(folder: Path) -> tuple[Path, str]:
    (folder / "thing-1").mkdir()
    (folder / "thing-1/thing.c").write_text("int thing;\n")
    path = folder / "thing-1.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.add(folder / "thing-1", "thing-1")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_is_installed_is_said_before(machine):
    machine.lists(packages=["small", "large"])
    machine.tool("dpkg-query", 'case $* in *large*) echo unknown ok not-installed;; *) echo "install ok installed";; esac')
    machine.tool("apt-get", 'case $* in indextargets*) echo http://mirror.example/debian;;'
                 ' *--assume-no*) echo "Need to get 7 MB of archives."; echo "After this operation, 30 MB of additional disk space will be used."; exit 1;; esac')
    machine.tool("sudo", '"$@"')
    status, said = machine.run()
    assert status == 0, said
    assert "setup: Debian packages: large\nsetup: from http://mirror.example/debian\nsetup: Need to get 7 MB of archives.\nsetup: After this operation, 30 MB" in said
    calls = [call.split()[:2] for call in machine.calls.read_text().splitlines() if call.startswith("apt-get")]
    assert [call[1] for call in calls] == ["update", "indextargets", "--assume-no", "install"]


def test_tests_bring_packages_of_their_own(machine):
    machine.lists(**{"packages": ["compiler"], "packages-test": ["browser"]})
    assert machine.run()[0] == 0 and "browser" not in machine.calls.read_text()
    assert machine.run("test")[0] == 0 and "browser" in machine.calls.read_text()
    status, said = machine.run("tset")
    assert status == 1 and "tset is no part of the set-up; there are: test" in said


def test_interrupted_run_goes_on_where_it_was(machine, tmp_path):
    path, digest = archive(tmp_path)
    machine.lock(f"thing 1 MIT crate {path.name} {digest} 1\n")
    machine.tool("cargo", "sleep 60")
    process = machine.start()
    for _ in range(600):
        if machine.calls.exists() and "cargo" in machine.calls.read_text():
            break
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[0]
    assert process.returncode == 130 and "setup: interrupted; run it again" in said and "Traceback" not in said
    assert not list((machine.tree / "build/deps").glob("fetch.*"))

    machine.tool("cargo", f'mkdir -p "$CARGO_HOME/registry/cache/x" && cp {path} "$CARGO_HOME/registry/cache/x"')
    status, said = machine.run()
    assert status == 0 and (machine.tree / "build/deps/thing/thing.c").exists(), said
    assert machine.run() == (0, "")


def test_upstream_is_asked_where_there_is_no_debian(machine, tmp_path):
    path, digest = archive(tmp_path)
    machine.tool("apt-get", "true")  # names no archive, as on Ubuntu
    machine.tool("sudo", '"$@"')
    machine.lock(f"thing 1 MIT trixie {path.name} {digest} 1 file://{path}\n")
    status, said = machine.run()
    assert status == 0 and (machine.tree / "build/deps/thing/thing.c").exists(), said
    assert f"1 KB, from Debian trixie or file://{path}" in said


def test_another_file_than_the_lock_names_is_refused(machine, tmp_path):
    path, _ = archive(tmp_path)
    machine.tool("apt-get", "true")
    machine.tool("sudo", '"$@"')
    machine.lock(f"thing 1 MIT trixie {path.name} {'0' * 64} 1 file://{path}\n")
    status, said = machine.run()
    assert status != 0 and "is not the file that third_party/lock names: its SHA-256 differs" in said
    assert not (machine.tree / "build/deps/thing").exists()


def test_container_is_what_set_up_makes():
    """Docker is on no machine that runs this: what can be known without it."""
    lines = (REPO / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1].rstrip("/") for line in lines if line.startswith("COPY")]
    run = [line for line in lines if line.startswith("RUN")]
    read_by_setup = set(re.findall(r"\$repo/(\w+)", (REPO / "scripts/setup.sh").read_text())) - {"build"}
    assert read_by_setup == set(copied)
    assert any("/opt/outboard/scripts/setup.sh $PARTS" in line for line in run)
    by_apt = set(run[0].partition("--no-install-recommends ")[2].split())
    named = set((REPO / "scripts/packages.txt").read_text().split())
    assert by_apt - named <= {"bash", "ca-certificates", "git"}, "what set-up needs it installs itself"
    container = json.loads("".join(line for line in (REPO / ".devcontainer/devcontainer.json").read_text().splitlines() if not line.startswith("//")))
    assert (REPO / ".devcontainer" / container["build"]["dockerfile"]).exists()
    assert all((REPO / f"scripts/packages-{part}.txt").exists() for part in container["build"]["args"]["PARTS"].split())
