# SPDX-License-Identifier: Apache-2.0
"""The host program as a person meets it: help, slips of the pen, man pages, completion, installation."""

import subprocess
import sys

import pytest

COMMANDS = [(), ("pm",), ("pm", "check"), ("pm", "resolve"), ("pm", "from-dts"), ("image",), ("image", "info"), ("sim",), ("sim", "cuts"), ("dt",), ("flash",), ("flash", "inspect"), ("board",),
            ("board", "run"), ("board", "registers")]


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: "-".join(words) or "outboard")
def test_short_help_is_help(outboard, words):
    short, long = run(outboard, *words, "-h"), run(outboard, *words, "--help")
    assert short.returncode == 0 and short.stdout == long.stdout and short.stdout.startswith("Usage: outboard")


def test_version_is_the_projects(outboard, repo):
    text = (repo / "include/outboard/version.h").read_text()
    assert run(outboard, "--version").stdout.split()[1] in text


@pytest.mark.parametrize("words, meant", [("pm chek", "pm check"), ("pm rpeort", "pm report"), ("image inf", "image info"), ("sim cutz", "sim cuts"),
                                          ("board rum", "board run"), ("imag", "image"), ("pm from_dts", "pm from-dts")])
def test_mistyped_command_is_told_the_nearest(outboard, words, meant):
    result = run(outboard, *words.split())
    assert result.returncode == 2
    assert result.stderr == f"outboard: error: no command 'outboard {words}'; did you mean 'outboard {meant}'?\n"


def test_command_that_resembles_none_is_told_where_they_are(outboard):
    assert run(outboard, "pm", "frobnicate").stderr == "outboard: error: no command 'outboard pm frobnicate'; see 'outboard pm --help'\n"


@pytest.mark.parametrize("words, says", [
    ("pm check --jsn", "outboard pm check has no option '--jsn'; did you mean '--json'?"),
    ("pm check --nothing", "outboard pm check has no option '--nothing'; see 'outboard pm check --help'"),
    ("flash --nothing", "outboard flash has no option '--nothing'; see 'outboard flash --help'"),
    ("pm check", "outboard pm check without --build needs --partitions and --regions"),
])
def test_mistyped_option_is_told(outboard, words, says):
    result = run(outboard, *words.split())
    assert (result.returncode, result.stderr) == (2, f"outboard: error: {says}\n")


@pytest.mark.parametrize("words", ["--help", "pm --help", "board registers nRF52840"])
def test_output_that_does_not_arrive_is_an_error(outboard, words):
    """As on a full disk: a script would go on with half a file."""
    with open("/dev/full", "w") as full:
        result = subprocess.run([outboard, *words.split()], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr) == (2, "outboard: error: standard output cannot be written: No space left on device\n")


@pytest.fixture(scope="module")
def docs(outboard, repo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    result = run(sys.executable, repo / "scripts/make_cli_docs.py", outboard, folder)
    assert result.returncode == 0, result.stderr
    return folder


def test_every_command_has_a_man_page(docs):
    names = {path.stem for path in (docs / "man1").iterdir()}
    assert {"-".join(("outboard", *words)) for words in COMMANDS} <= names
    assert r"\-\-build=FOLDER" in (docs / "man1/outboard-pm-check.1").read_text()


@pytest.mark.parametrize("line, expected", [("outboard p", "pm"), ("outboard pm che", "check"), ("outboard pm check --bu", "--build"), ("outboard sim c", "cuts")])
def test_completion_knows_commands_and_options(docs, line, expected):
    words = line.split()
    script = (f'source {docs}/outboard.bash; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; cd /; _outboard; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    assert expected in run("bash", "-c", script).stdout.split()


def test_program_is_installed_with_pages_and_completion(repo, outboard, tmp_path):
    result = run("cmake", "--install", outboard.parents[2], "--prefix", tmp_path)
    assert result.returncode == 0, result.stderr
    assert run(tmp_path / "bin/outboard", "--version").returncode == 0
    assert (tmp_path / "share/man/man1/outboard-pm-check.1").exists()
    assert (tmp_path / "share/bash-completion/completions/outboard").exists()
