# SPDX-License-Identifier: Apache-2.0
"""The host program as a person meets it: help, slips of the pen, man pages, completion, installation."""

import json
import os
import re
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


LEAVES = [words.split() for words in ("pm resolve|pm output|pm check|pm lock|pm report|pm from-dts|image info|image verify|image decrypt|image key|"
                                      "flash inspect|sim cuts|sim replay|sim bench|sim windows|dt|dt link|dt arrange|"
                                      "board run|board cuts|board glitch|board count|board registers").split("|")]


@pytest.mark.parametrize("words", LEAVES, ids="-".join)
def test_help_has_an_example_on_lines_of_its_own_and_the_exit_status(outboard, words):
    text = run(outboard, *words, "--help").stdout
    example = re.search(rf"^  outboard {' '.join(words)} .*[^\\](?:\\\n    .*)*\n\n", text, re.MULTILINE)
    assert example and "Exit status: " in text


def test_pages_name_options_that_there_are(outboard, repo):
    wrong = set()
    for page in [repo / "README.md", *repo.glob("docs/*.md")]:
        for words, rest in re.findall(r"outboard ((?:pm|image|flash|sim|board) [a-z-]+)\b([^`|\n]*)", page.read_text()):
            text = run(outboard, *words.split(), "--help").stdout
            wrong |= {f"{page.name}: {words} {option}" for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", rest) if option not in text}
    assert not wrong


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
    ("sim cuts --depht 2", "outboard sim cuts has no option '--depht'; did you mean '--depth'?"),
    ("sim bench --tin", "outboard sim bench has no option '--tin'; did you mean '--tiny'?"),
    ("image info -x", "outboard image info has no option '-x'; see 'outboard image info --help'"),
    ("image info", "outboard image info: the image file is missing; see 'outboard image info --help'"),
    ("image key --pem", "outboard image key: option '--pem' needs its argument: --pem PEM"),
    ("image info --json=1 x", "outboard image info: option '--json' takes no argument"),
    ("pm check more", "outboard pm check: 'more' is one word too many; see 'outboard pm check --help'"),
    ("dt link --nodes x", "outboard dt link: the command of the linker is missing; see 'outboard dt link --help'"),
    ("board run", "outboard board run: say which build folder, or --board NAME and --internal FILE; see 'outboard board run --help'"),
    ("pm check", "outboard pm check without --build needs --partitions and --regions"),
])
def test_mistyped_option_is_told(outboard, words, says):
    result = run(outboard, *words.split())
    assert (result.returncode, result.stderr) == (2, f"outboard: error: {says}\n")


@pytest.mark.parametrize("words, status, error", [
    ("image info no/such --json", 2, {"file": "no/such", "message": "cannot be opened: No such file or directory"}),
    ("pm check --json --nothing", 2, {"message": "outboard pm check has no option '--nothing'; see 'outboard pm check --help'"}),
    ("sim bench --json --depth", 2, {"message": "outboard sim bench has no option '--depth'; see 'outboard sim bench --help'"}),
    ("board cuts no/such --json", 2, {"message": "board: cuts: say which image"}),
])
def test_error_is_json_where_json_was_asked_for(outboard, words, status, error):
    result = run(outboard, *words.split())
    (told,) = json.loads(result.stdout)["errors"]
    assert result.returncode == status and told["message"].startswith(error["message"]) and told.get("file") == error.get("file")
    assert error["message"] in result.stderr


def test_error_in_a_file_has_its_line_in_json_too(outboard, tmp_path):
    (tmp_path / "regions.yml").write_text("flash_primary:\n  size: [\n")
    result = run(outboard, "pm", "check", "--json", "--partitions", tmp_path / "regions.yml", "--regions", tmp_path / "regions.yml")
    told = json.loads(result.stdout)["errors"][0]
    assert result.returncode == 2 and f"{told['file']}:{told['line']}:{told['column']}: error: {told['message']}" in result.stderr


@pytest.mark.parametrize("words", ["--help", "pm --help", "pm check --help", "board run --usage", "image info -?", "board registers nRF52840"])
def test_output_that_does_not_arrive_is_an_error(outboard, words):
    """As on a full disk: a script would go on with half a file."""
    with open("/dev/full", "w") as full:
        result = subprocess.run([outboard, *words.split()], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (result.returncode, result.stderr) == (2, "outboard: error: standard output cannot be written: No space left on device\n")


def test_a_file_that_holds_more_than_it_says_is_not_read_in_part(outboard):
    """Files of /proc have no size; others grow while they are written."""
    result = run(outboard, "image", "info", "/proc/self/status")
    assert result.returncode == 2 and "has another size than it says" in result.stderr


def write_keys(outboard, repo, path):
    return run(outboard, "image", "key", "--pem", repo / "keys/demo-p256.pem", "--c", path)


def test_a_pipe_is_written_into_and_stays_one(outboard, repo, tmp_path):
    """So is a device: /dev/null with a file in its place would be in everybody's way."""
    plain, pipe = tmp_path / "plain.c", tmp_path / "pipe"
    assert write_keys(outboard, repo, plain).returncode == 0
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE, text=True) as reader:
        assert write_keys(outboard, repo, pipe).returncode == 0
        assert reader.stdout.read() == plain.read_text()
    assert pipe.is_fifo() and sorted(tmp_path.iterdir()) == [pipe, plain]


def test_a_file_that_is_written_again_keeps_its_mode_and_links_to_it(outboard, repo, tmp_path):
    kept, link = tmp_path / "kept.c", tmp_path / "link.c"
    kept.write_text("old")
    kept.chmod(0o600)
    link.symlink_to(kept.name)
    assert write_keys(outboard, repo, link).returncode == 0
    assert link.is_symlink() and "old" != kept.read_text() and kept.stat().st_mode & 0o777 == 0o600


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
