#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Does the simulator find faults? Plant one at a time in a copy of the engine; `outboard sim cuts` must fail each time.

    tests/sim/mutants.py [NAME...]       exit status 1 if a fault survives or can no longer be planted
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
FOLDER = REPO / "build/mutants"
TINY = ["--primary", "3K:512:4:64", "--secondary", "4K:512:1"]
PAIRS = ("--depth", "2", "--images", "small", "--mode", "slide", "--scenario", "permanent", "--jobs", "1", *TINY)
TRANSACTION = ("--updateable", "2", "--scenario", "revert", *TINY)
COPIED = ["core", "app"]


@dataclass
class Mutant:
    name: str
    file: str
    old: str  # exactly once in the file, however it is broken into lines
    new: str
    options: tuple = ()  # where to look; every scenario and mode on small chips if empty

    def source(self) -> str:
        return (REPO / self.file).read_text()

    def sites(self) -> list:
        return list(re.finditer(r"\s+".join(map(re.escape, self.old.split())), self.source()))

    def planted(self) -> str:
        (site,) = self.sites()
        return self.source()[: site.start()] + self.new.strip() + self.source()[site.end() :]


MUTANTS = [
    Mutant("a record before its step", "core/upgrade.c",
           "            err = first ? resume(run, &step, &progress) : execute(run, &step);\n",
           "            err = ob_journal_append(journal, bank, &progress, k + 1);\n"
           "            err = err != OB_OK ? err : first ? resume(run, &step, &progress) : execute(run, &step);\n"),
    Mutant("the last record is not programmed again", "core/upgrade.c",
           "        err = ob_journal_repeat(journal, bank, &progress);\n", "        err = OB_OK;\n",
           PAIRS),
    Mutant("a slide without its spare unit", "core/slide.c", "uint32_t above = at + job->unit;", "uint32_t above = at;"),
    Mutant("going back walks down", "core/slide.c", "back ? k / 2 : units(job) - 1 - k / 2", "units(job) - 1 - k / 2"),
    Mutant("the spare unit is not counted", "core/layout.c", "mode == OB_MODE_SLIDE ? unit : 0", "0",
           ("--images", "full", "--mode", "slide", "--primary", "3K:512:4:64", "--secondary", "3K:512:1")),
    Mutant("a copy is not compared", "core/upgrade.c", "err == OB_OK && !equal ? OB_ERR_VERIFY : err", "err"),
    Mutant("one mark is enough", "core/trailer.c", "marks.count < units &&", "marks.count + 1 < units &&",
           PAIRS),
    Mutant("the request survives its installation", "core/finish.c",
           "err = ob_trailer_clear_magic(state.ctx.journal.slot);", "err = OB_OK;"),
    Mutant("the end of a job is not recorded", "core/boot.c", "err = ob_journal_end(&finished->journal, finished->bank);", "err = OB_OK;"),
    Mutant("a step that was cut is not erased again", "core/upgrade.c",
           "err == OB_OK ? rewrite(run, step) : err", "err == OB_OK ? rewrite_changed(run, step) : err"),
    Mutant("the trailer is not erased before it is written", "core/upgrade.c",
           "erase(run, primary, limit, primary->size - limit);", "limit == 0 ? OB_ERR_RANGE : OB_OK;"),
    Mutant("what was finished late is taken back at once", "core/boot.c",
           "if (err == OB_OK && group.set == 0 &&\n        finished->swap == OB_SWAP_NONE) {",
           "if (err == OB_OK && group.set == 0) {"),
    Mutant("an unconfirmed image stays", "core/jobs.c", "ctx->job.kind == OB_JOB_TEST && !state->confirmed", "false"),
    Mutant("a confirmed image is taken back", "core/jobs.c", "ctx->job.kind == OB_JOB_TEST && !state->confirmed",
           "ctx->job.kind == OB_JOB_TEST"),
    Mutant("what one goes back to is not verified", "core/jobs.c",
           "enum ob_err err = verify(boot, &area, area.size, &previous);\n\n    if (err == OB_OK && memcmp(previous.digest",
           "enum ob_err err = verify(boot, &area, area.size, &previous) != OB_ERR_RANGE ? OB_OK : OB_ERR_RANGE;\n\n"
           "    if (err != OB_OK && memcmp(previous.digest", ("--scenario", "rude", *TINY)),
    Mutant("a complete job hides the one that runs", "core/state.c", "found.phase < out->phase", "false"),
    Mutant("a refused request stays", "core/jobs.c",
           "    return err == OB_OK ? ob_trailer_clear_magic(ctx->journal.slot) : err;\n", "    return err;\n"),
    Mutant("downgrades are not refused", "core/jobs.c", "boot->downgrade_prevention &&", "false &&"),
    Mutant("the first image is on trial", "core/jobs.c", "job->kind = OB_JOB_PERMANENT; /* there is nothing",
           "job->kind = job->kind; /* there is nothing"),
    Mutant("a request before its image_ok", "app/update.c",
           "        err = ob_trailer_set_image_ok(secondary, layout.align);\n", "        err = OB_OK;\n"),
    Mutant("a request is withdrawn once, and not looked at", "core/trailer.c",
           "err == OB_OK ? ob_area_write_checked(slot, slot->size - OB_MAGIC_SIZE, cleared, sizeof(cleared)) : err",
           "err"),
    Mutant("a member of a transaction goes on without its leader", "core/finish.c",
           "*out = (begun >> leader & 1) != 0; if (*out) {", "*out = true; if (begun == UINT8_MAX) {", TRANSACTION),
    Mutant("the leader of a transaction is begun first", "core/boot.c",
           "for (uint32_t image = ob_jobs_images(boot); image-- > 0 && err == OB_OK;) {\n        const struct ob_slots *slots",
           "for (uint32_t image = 0; image < ob_jobs_images(boot) && err == OB_OK; image++) {\n"
           "        const struct ob_slots *slots", TRANSACTION),
    Mutant("a transaction that was never begun is not withdrawn", "core/withdraw.c",
           "!needed && progress.next == 0;", "!needed && progress.next == UINT32_MAX;",
           ("--updateable", "2", "--depth", "2", "--images", "small", "--mode", "overwrite", "--scenario", "permanent",
            *TINY)),
    Mutant("nobody minds that a job is not begun after it was marked", "core/boot.c",
           "if (err == OB_OK && finished->swap == OB_SWAP_NONE) {", "if (false) {",
           ("--depth", "2", "--images", "small", "--mode", "slide", "--scenario", "absent", "--primary", "24K:4K:32",
            "--secondary", "32K:4K:8")),
    Mutant("the unit of a torn record is used again", "core/upgrade.c", "if (err == OB_OK && complete) {", "if (false) {",
           PAIRS),
]


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def prepare() -> Path:
    """A tree in which the engine is a copy and everything else the original."""
    tree = FOLDER / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    for entry in REPO.iterdir():
        target = tree / entry.name
        if entry.name in COPIED:
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(entry, target, copy_function=shutil.copyfile)  # new times: what changed is built
        elif not entry.name.startswith(".") and not target.is_symlink():
            target.symlink_to(entry)
    done = run("cmake", "-S", tree, "-B", FOLDER / "build", "-G", "Ninja", f"-DMBEDTLS_ROOT={REPO}/build/deps/mbedtls")
    assert done.returncode == 0, done.stderr
    return tree


def build() -> str:
    done = run("ninja", "-C", FOLDER / "build", "outboard")
    return "" if done.returncode == 0 else done.stdout


def search(options, *more) -> dict:
    tool = FOLDER / "build/tools/outboard/outboard"
    where = options or ("--tiny",)
    if options and "--primary" not in options:
        where = (*options, *TINY)
    done = run(tool, "sim", "cuts", "--json", *where, *more)
    if done.returncode not in (0, 1):
        raise SystemExit(f"sim cuts {' '.join(where)}: {done.stderr}")
    return json.loads(done.stdout)


def failures(options, cache={}) -> int:
    """How often the unchanged engine fails in this search. (Called before the first fault is planted.)"""
    if options not in cache:
        cache[options] = search(options)["failures"]
    return cache[options]


def try_mutant(tree: Path, mutant: Mutant) -> bool:
    path = tree / mutant.file
    if len(mutant.sites()) != 1:
        print(f"  CANNOT BE PLANTED  {mutant.name}: {mutant.file} has {len(mutant.sites())} times: {mutant.old!r}")
        return False
    started = time.monotonic()
    path.write_text(mutant.planted())
    broken = build()
    known = failures(mutant.options)
    report = None if broken else search(mutant.options, *([] if known else ["--first"]))
    path.write_text(mutant.source())
    if report is None:
        print(f"  DOES NOT COMPILE   {mutant.name}: {broken[-400:]}")
        return False
    seconds = time.monotonic() - started
    if report["failures"] <= known:
        print(f"  SURVIVES           {mutant.name} ({report['cuts']} cuts, {seconds:.0f} s)")
        return False
    print(f"  found              {mutant.name}: {report['first_reason']}\n{'':21}{report['first_failure']} ({seconds:.0f} s)")
    return True


def main() -> int:
    chosen = [mutant for mutant in MUTANTS if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    tree = prepare()
    assert build() == "", "the unchanged engine does not build"
    for mutant in chosen:
        if failures(mutant.options):
            print(f"  the unchanged engine fails as well, {failures(mutant.options)} times: {' '.join(mutant.options)}")
    found = sum([try_mutant(tree, mutant) for mutant in chosen])
    print(f"{found} of {len(chosen)} planted faults found")
    return 0 if found == len(chosen) else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
