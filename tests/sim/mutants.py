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
COPIED = ["core", "app", "drivers"]


@dataclass
class Mutant:
    name: str
    file: str
    old: str  # exactly once in the file, however it is broken into lines
    new: str
    options: tuple = ()  # where to look; every scenario and mode on small chips if empty
    test: str = ""  # instead of that, a unit test that must fail: what the simulator's images and chips do not have

    def source(self) -> str:
        return (REPO / self.file).read_text()

    def sites(self) -> list:
        return list(re.finditer(r"\s+".join(map(re.escape, self.old.split())), self.source()))

    def planted(self) -> str:
        (site,) = self.sites()
        return self.source()[: site.start()] + self.new.strip() + self.source()[site.end() :]


UPDATER = ("--scenario", "img_mgmt", *TINY)
# What is on trial is no second measure of what is too old: the floor alone refuses then.
GUARDED = ("--images", "small", "--scenario", "guarded", "--mode", "slide", *TINY)
COUNTED = ("--scenario", "counted", "--mode", "slide", *TINY)
ENCRYPTED = ("--encrypted", "--images", "grow", "--mode", "slide", "--scenario", "revert", *TINY)
FACES = ("--hostile", "--depth", "2", "--tear", "none", "--mode", "slide", "--scenario", "downgrade", "--images", "small", *TINY)
DROPPED = ("--depth", "2", "--images", "small", "--scenario", "guarded", "--tear", "brownout", *TINY)
LEDGER_WORN = ("--worn", "--stride", "13", "--mode", "slide", "--scenario", "permanent", "--images", "small", *TINY)
WORN = ("--worn", "--stride", "61", "--mode", "slide", "--scenario", "confirm", *TINY)

MUTANTS = [
    # steps
    Mutant("a record before its step", "core/job_steps.c", "err = ob_job_try_step(start, &step, &ciphers, first);",
           "err = ob_ledger_state(start->ledger, (uint16_t)(kind | (done + 1)));\n"
           "    err = err == OB_OK ? ob_job_try_step(start, &step, &ciphers, first) : err;"),
    Mutant("the step that was cut is done again only where it differs", "core/job_steps.c",
           "err = ob_job_try_step(start, &step, &ciphers, first);", "err = ob_job_try_step(start, &step, &ciphers, first && false);"),
    Mutant("both chips at once although one half destroys the other's source", "core/slide.c",
           "part->in_at - part->out_at) > 1;", "part->in_at - part->out_at) > 0;",
           ("--images", "full", "--mode", "slide", "--primary", "3K:512:4:64", "--secondary", "3584:512:1")),
    Mutant("sliding up walks down", "core/slide.c", "out->out = leave(task, up ? n - 1 - pair : pair);",
           "out->out = leave(task, pair);"),
    Mutant("going back is not the other way round", "core/slide.c", "part->in_at = part->out_at;\n    part->out_at = at;",
           "(void)at;", ("--mode", "slide", "--scenario", "revert", *TINY)),
    Mutant("the spare unit is not counted", "core/layout.c", "mode == OB_MODE_SLIDE ? unit : 0", "mode == 0 ? unit : 0",
           ("--images", "full", "--mode", "slide", "--primary", "3K:512:4:64", "--secondary", "3K:512:1")),
    Mutant("what came in is not compared", "core/step.c", "return err == OB_OK ? check(&run, &run.step.in) : err;",
           "return err;"),
    Mutant("what replaces an image that is not kept is read once", "core/found_offer.c", "area.twice = !ob_start_revertible(start);",
           ";", test="test_promises"),
    Mutant("what was kept is not compared", "core/step.c", "err = OB_REVERTS ? check(&run, &run.step.out) : OB_OK;", "err = OB_OK;"),
    Mutant("nobody waits for the chip", "core/step.c",
           "return at(run, OB_FAULT_ROOM, to, off, to->flash->ops->finish(to->flash));",
           "return at(run, OB_FAULT_ROOM, to, off, OB_OK);", ("--mode", "slide", "--scenario", "confirm", *TINY)),
    # the ledger
    Mutant("what was found is not stated again", "core/ledger_banks.c",
           "return err == OB_OK ? ob_ledger_settle(ledger, ledger->now.value) : err;", "return err;", PAIRS),
    Mutant("a value is stated once", "core/ledger.c", "units < OB_LEDGER_SETTLED && err == OB_OK;",
           "units < 1 && err == OB_OK;", PAIRS),
    Mutant("nobody says that the other bank is being made", "core/ledger_banks.c",
           "err = ob_ledger_settle(ledger, OB_RECORD_PLANS | ob_ledger_kept(ledger));", "err = OB_OK;", PAIRS),
    Mutant("what lurks in the other bank is left there", "core/ledger_banks.c", "if (ledger->lurking) {", "if (false) {", PAIRS),
    Mutant("the other bank is not erased", "core/ledger_banks.c",
           "enum ob_err err = erase_bank(ledger, bank);", "enum ob_err err = OB_OK;",
           ("--mode", "slide", "--scenario", "twice", *TINY)),
    Mutant("events are left behind in the bank before", "core/ledger_events.c",
           "carried < OB_LEDGER_LOG && err == OB_OK && seen.newest.number != 0;", "carried < 1 && err == OB_OK;"),
    Mutant("nobody remembers what was installed", "core/job.c",
           "ob_start_note_job(start, &ledger->head, OB_EVENT_INSTALLED, OB_OK);", ";"),
    Mutant("an event that was cut is written over", "core/ledger_banks.c", "seen.free += ledger->start == 0;", ";"),
    Mutant("an event is not read back", "core/ledger_events.c",
           "err = ob_area_write_checked(ledger->area, event_off(ledger, bank, count, (*slot)++), event, sizeof(*event));",
           "err = ob_area_write(ledger->area, event_off(ledger, bank, count, (*slot)++), event, sizeof(*event));"),
    # ends
    Mutant("the request survives its installation", "core/job.c",
           "err = err == OB_OK ? ob_withdraw(start, image, part->source) : err;", ";"),
    Mutant("the window is written over the one before", "core/job_end.c", "enum ob_err err = ob_window_erase(start, image); /* Field by",
           "enum ob_err err = OB_OK; /* Field by"),
    Mutant("what was finished late is taken back at once", "core/job.c",
           "start->found.fresh = true; /* also if a start before this one finished the job: it may have been cut then */",
           ";"),
    # trials
    Mutant("an unconfirmed image stays", "core/decide.c", "bool trial = image->trial == OB_TRIAL_OPEN && !found->fresh;",
           "bool trial = false;"),
    Mutant("a confirmed image is taken back", "core/found_primary.c", "speakers.confirming ? OB_TRIAL_CONFIRMED : OB_TRIAL_OPEN",
           "OB_TRIAL_OPEN"),
    Mutant("a member's confirmation that was cut stays", "core/found_primary.c", "own.damaged || torn ||", "own.damaged ||",
           test="test_promises"),
    Mutant("a trailer that flickers is looked at eight times", "core/found_primary.c", "look < OB_WINDOW_LOOKS;", "look < OB_LOOKS;",
           test="test_promises"),
    Mutant("an update waits until a confirmation reads the same", "app/update.c", "err = is_on_trial(slots, &trial);",
           "struct ob_trailer window;\n    err = read_window(slots, &window);\n    trial = ob_trailer_on_trial(&window);",
           test="test_promises"),
    Mutant("what one goes back to is not verified", "core/decide.c",
           "return image->previous == OB_PREVIOUS_WHOLE ? OB_ACT_REVERT : OB_ACT_LOSE;", "return OB_ACT_REVERT;",
           ("--scenario", "rude", *TINY)),
    Mutant("nobody is told that nothing is gone back to", "core/decide.c",
           "return image->stale ? OB_ACT_CLEAR :", "return",
           ("--scenario", "mixed", "--depth", "3", "--histories", "500", *TINY)),
    Mutant("what only states its digest counts as verified", "core/decide.c",
           "return image->primary == OB_PRIMARY_BROKEN || image->primary == OB_PRIMARY_WHOLE;",
           "return image->primary != OB_PRIMARY_UNREAD;", ("--scenario", "refused", "--mode", "slide", *TINY)),
    # requests
    Mutant("a refused request stays", "core/acts.c",
           "return err == OB_OK ? ob_withdraw(start, image, part->source) : err;",
           "return err;", UPDATER),
    Mutant("a refused image stays listed", "core/acts.c",
           "return candidate->reason != OB_ERR_EMPTY && at != candidate->at;", "return candidate->reason != OB_ERR_EMPTY;",
           UPDATER),
    Mutant("an image that another one was found beside stays listed", "core/acts.c",
           "return parked || (in < part->in_size && !consumed);", "return in != 0 || parked || !consumed;",
           ("--scenario", "mixed", "--depth", "3", "--histories", "500", "--images", "small", *TINY)),
    Mutant("an image whose erase was cut is listed again", "core/acts.c", "i < OB_PLACES && err == OB_OK; i++) {",
           "i < 1 && err == OB_OK; i++) {", ("--scenario", "offset", *TINY)),
    Mutant("downgrades are not refused", "core/found_offer.c",
           "enum ob_err err = ob_start_check_floor(start, &part->floor, &start->boot->work->image);",
           "enum ob_err err = OB_OK;", ("--hostile", *GUARDED)),
    Mutant("counters are not compared", "core/floor.c", "(counts && image->counter < floor->counter)",
           "(counts && image->counter > 99)", ("--hostile", *COUNTED)),
    Mutant("the counter does not rise", "core/floor.c", "floor->counter = OB_MAX(floor->counter, counter);",
           "floor->counter = OB_MIN(floor->counter, counter);", ("--hostile", *COUNTED)),
    Mutant("the counter rises before the image is confirmed", "core/floor.c",
           "(ob_ledger_kept(ledger) >> image & 1) != 0", "(ob_ledger_kept(ledger) | 1) != 0", COUNTED),
    Mutant("larger than the capacity is taken", "core/found_offer.c",
           "if (part->in_size > ob_layout_capacity(&task->layout, &task->slots->primary, secondary, mode->id)) {",
           "if (false) {", ("--images", "over", *UPDATER)),
    Mutant("there is a way back to what is too large for it", "core/found_primary.c",
           "next->out_size = is_big(start, image, running->size) ? 0 : running->size;", "next->out_size = running->size;",
           ("--images", "beyond", *UPDATER)),
    Mutant("nobody looks one sector up", "core/found_offer.c", "return i > 0 && (at == 0 || at > PLACE_MAX || at >= limit)",
           "return i > 0", ("--scenario", "offset", *TINY)),
    # transactions
    Mutant("the images of a transaction are installed one by one", "core/decide.c",
           "return (struct ob_decision){order[i], set | others(found, order[i])};",
           "return (struct ob_decision){order[i], set & (uint8_t)-set};", TRANSACTION),
    Mutant("a member does not wait for its leader", "core/found_offer.c", "(image == 0 || led || !member)", "(image < 8 || led)",
           TRANSACTION),
    Mutant("of a transaction only what is at fault is refused", "core/decide.c",
           "return act == OB_ACT_REFUSE ? asking(found) :", "return",
           ("--updateable", "2", "--scenario", "refused", *TINY)),
    Mutant("a part of a transaction goes back", "core/decide.c", "act == OB_ACT_LOSE && is_revertible(found) ? on_trial(found) : 0;", "0;",
           test="test_decide"),
    Mutant("half of a transaction is started", "core/decide.c", "return outgoing == count_of(found) || incoming == count_of(found);",
           "return outgoing + incoming > 0;",
           ("--updateable", "2", "--scenario", "absent", "--mode", "slide", *TINY)),
    # encrypted images
    Mutant("what leaves is not encrypted", "core/step.c",
           "const struct ob_cipher *cipher = enters ? run->ciphers->in : run->ciphers->out;",
           "const struct ob_cipher *cipher = enters ? run->ciphers->in : NULL;", ENCRYPTED),
    Mutant("each unit is encrypted as if it were the first", "core/step.c",
           "(enters ? move->to_off : move->from_off) + done, data, len)", "done, data, len)", ENCRYPTED),
    Mutant("a content key is looked for where it was", "core/ciphers.c", "return k < pieces->done", "return k + 1 == 0", ENCRYPTED),
    Mutant("by what ciphers are recognised is not exchanged", "core/start.c",
           "memcpy(part->in_check, part->out_check, sizeof(part->in_check));", "", ENCRYPTED),
    Mutant("what leaves is encrypted with the key of what comes", "core/job_steps.c",
           "err = ob_job_find_cipher(start, image, OB_SIDE_OUT, pair, &out->out);",
           "err = ob_job_find_cipher(start, image, OB_SIDE_IN, pair, &out->out);", ENCRYPTED),
    Mutant("what is asked for with a key that flickers is put off", "core/acts.c", "err == OB_ERR_UNWRAP && !is_rescue(start)", "false",
           test="test_encrypted"),
    Mutant("a job whose key is lost never ends", "core/job_steps.c", "OB_ENCRYPTS && why == OB_ERR_UNWRAP ? ob_job_skip(start, why) : why;",
           "why;", ("--hostile", "--encrypted", "--tear", "none", "--images", "small", "--mode", "dual", "--scenario", "counted", *TINY)),
    # what a chip shows, and what a cut leaves
    Mutant("what arrived is not compared with what was verified", "core/job_end.c",
           "err = err == OB_OK && !ob_start_saw(start, part->in_digest) ? OB_ERR_DIGEST : err;", "", test="test_promises"),
    Mutant("what did not arrive may be started", "core/job_end.c", "if (err == OB_OK && check_arrived(start, image) != OB_OK) {",
           "if (false) {", test="test_promises"),
    Mutant("what does not last is done again and again", "core/boot.c",
           "return times >= (act == OB_ACT_RESUME ? RESUMES : REPEATS);", "return times == 0;", FACES),
    Mutant("a version that was confirmed is not remembered", "core/floor.c",
           "floor->version = older ? *version : floor->version;", "(void)older;",
           ("--hostile", *GUARDED)),
    Mutant("a request is erased with its magic", "core/acts.c", "enum ob_err err = ob_trailer_spoil(secondary, align);",
           "enum ob_err err = OB_OK;",
           ("--depth", "2", "--images", "small", "--mode", "slide", "--scenario", "permanent", "--tear", "metastable", *TINY)),
    Mutant("a member's magic that was cut is not programmed over", "core/trailer.c",
           "begun && (programmed & (magic[i] ^ erased_value)) == programmed;", "begun && stored[i] == magic[i];", test="test_promises"),
    Mutant("power failed in the mark, and a member's magic is not programmed over", "core/trailer.c",
           "return !whole && ob_filled(mark + MARK_SIZE", "return *at == 0 && ob_filled(mark + MARK_SIZE", test="test_promises"),
    Mutant("a request for a test is erased with its magic", "core/trailer.c", "|| ob_trailer_is_blank(&trailer)) {",
           "|| trailer.image_ok == OB_FLAG_UNSET) {", test="test_promises"),
    Mutant("a controller that writes words erases a request with its magic", "core/trailer.c", "bool may = slot->flash->may_program_again;",
           "bool may = slot->flash->write_size == 1;", test="test_promises"),
    Mutant("what a cut left of a request is left there", "core/found_offer.c",
           "} else if (!blank) {", "} else if (trailer.magic == OB_MAGIC_BAD) {",
           ("--scenario", "mixed", "--depth", "3", "--histories", "500", *TINY)),
    Mutant("the erase of a bank is not done again", "core/ledger_banks.c", "#define ERASE_TRIES 2u", "#define ERASE_TRIES 1u",
           ("--mode", "slide", *DROPPED)),
    Mutant("the erase of a bank is not looked for", "core/ledger_banks.c",
           "err = err == OB_OK ? look_for_remains(ledger, bank, tries == 0 ? 1 : OB_LEDGER_EVENTS) : err;", "",
           ("--mode", "dual", *DROPPED)),
    Mutant("what an erase left where events go is not looked for", "core/ledger_banks.c", "|| events.used > worn)", ")",
           ("--images", "small", "--scenario", "img_mgmt", "--mode", "slide", "--tear", "brownout", "--primary", "6K:1K:32:32",
            "--secondary", "5K:512:4")),
    Mutant("the head that an erase left is not looked for", "core/ledger_banks.c",
           "left.count += err == OB_OK && ob_head_begins_with(magic);", "", ("--mode", "dual", *DROPPED)),
    Mutant("the unit that may have been begun is trusted", "core/job_steps.c", "if (start->found.progress != OB_PROGRESS_MAYBE) {",
           "if (true) {",
           ("--depth", "2", "--images", "small", "--mode", "slide", "--scenario", "rude", "--tear", "metastable", *TINY)),
    Mutant("a magic that was cut stays damaged", "core/decide.c", "image->spoilt ? OB_ACT_TIDY",
           "image->spoilt && false ? OB_ACT_TIDY", UPDATER),
    # what clients are told
    Mutant("what is on trial looks as if it were for good", "core/job_end.c",
           ".copy_done = part->kind != OB_JOB_TEST || ob_start_revertible(start),", ".copy_done = false,", UPDATER),
    # devices that fail
    Mutant("a worn cell costs a request", "core/trailer.c", "return read_fields(secondary, align, 1, out);",
           "return read_fields(secondary, align, 0, out);", test="test_promises"),
    Mutant("a request that is half erased still asks", "core/trailer.c", "return read_fields(secondary, align, 1, out);",
           "return read_fields(secondary, align, 2, out);", test="test_promises"),
    Mutant("what is left of a request by one cell is no remains", "core/found_offer.c",
           "enum ob_err err = ob_trailer_read(secondary, align, out);",
           "enum ob_err err = ob_trailer_read_request(secondary, align, out);", test="test_promises"),
    Mutant("no room outside stops the update", "core/job_steps.c", "ob_job_is_worn(err) && start->fault.place == OB_FAULT_ROOM",
           "ob_job_is_worn(err) && false", WORN),
    Mutant("a member's magic is left where programs are counted", "core/trailer.c",
           "return OB_IMAGES_MAX > 1 && flash->write_size <= 4 && ob_trailer_is_member(trailer);", "return false;",
           ("--updateable", "2", "--scenario", "pending", "--images", "small", "--mode", "dual", "--primary", "6K:1K:32:32",
            "--secondary", "5K:512:4i")),
    Mutant("a head has one place only", "core/ledger.c",
           "for (uint32_t place = 0; place < OB_HEAD_PLACES && err == OB_ERR_VERIFY; place++) {",
           "for (uint32_t place = 0; place < 1 && err == OB_ERR_VERIFY; place++) {", LEDGER_WORN),
    Mutant("a page that could not be turned orders its old job", "core/ledger_banks.c", ".counts = true, .value = value, .sequence",
           ".counts = true, .sequence", test="test_record"),
    Mutant("a record has one unit only", "core/ledger.c", "#define RECORD_TRIES 8u", "#define RECORD_TRIES 1u", LEDGER_WORN),
    Mutant("a worn primary is not turned round from", "core/job_steps.c",
           "ob_job_is_worn(err) && start->fault.place == OB_FAULT_PRIMARY", "ob_job_is_worn(err) && false", WORN),
    # the floor, where nothing is installed
    Mutant("what one goes back to is not held against the floor", "core/found_primary.c",
           "bool old = ob_start_check_floor(start, &ob_start_next(start, image)->floor, previous) != OB_OK;",
           "bool old = false;", test="test_promises"),
    # images that say what they need, and what they were linked for
    Mutant("what an image needs of the others is not asked", "core/acts.c",
           "mine = !ob_version_is_older(there, &candidate->needs[other]);", "mine = there != NULL;", test="test_promises"),
    Mutant("what is needed of an image that is not here is not missed", "core/acts.c", "|| !candidate->needs_unknown;",
           "|| true;", test="test_promises"),
    Mutant("an image that was linked for elsewhere is taken", "core/belongs.c", "return OB_ERR_ADDRESS;", ";",
           test="test_promises"),
    Mutant("a stack outside RAM is taken", "core/belongs.c", "return OB_ERR_STACK;", ";", test="test_promises"),
    Mutant("nobody asks whether what is offered belongs here", "core/found_offer.c",
           "memcpy(part->in_digest, incoming->digest, OB_DIGEST_SIZE); err = ob_start_belongs(start, image);",
           "memcpy(part->in_digest, incoming->digest, OB_DIGEST_SIZE);", test="test_promises"),
    # how long a chip may take
    Mutant("an erase takes as long as the chip says", "drivers/flash/sfdp.c",
           "OB_MIN(erase_max_us(dword(bfp, 10), type), out->erase[type].max_us);", "erase_max_us(dword(bfp, 10), type);",
           test="test_sfdp"),
    Mutant("a program takes as long as the chip says", "drivers/flash/sfdp.c",
           "OB_MIN(program_max_us(dword(bfp, 11)), PROGRAM_MAX_US);", "program_max_us(dword(bfp, 11));", test="test_sfdp"),
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
    done = run("cmake", "-S", tree, "-B", FOLDER / "build", "-G", "Ninja", f"-DMBEDTLS_ROOT={REPO}/build/deps/mbedtls",
               "-DCMAKE_C_FLAGS=-Wno-error=unused-function -Wno-error=unused-variable -Wno-error=unused-parameter")
    assert done.returncode == 0, done.stderr
    return tree


def build(target="outboard") -> str:
    done = run("ninja", "-C", FOLDER / "build", target)
    return "" if done.returncode == 0 else done.stdout


def fails(test) -> str:
    """The line of the test that fails; empty: none does."""
    done = run(FOLDER / "build/tests/unit" / test)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "LINE" in line or "FAILED" in line]
    return "" if done.returncode == 0 else lines[0] if lines else f"{test} ends with {done.returncode}"


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
    if mutant.test:
        broken = build(mutant.test)
        line = "" if broken else fails(mutant.test)
        path.write_text(mutant.source())
        word = "found    " if line else "SURVIVES "
        print(f"  {'DOES NOT COMPILE' if broken else word:18} {mutant.name}: {broken[-400:] or line} ({mutant.test})")
        return line != ""
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
    for test in sorted({mutant.test for mutant in chosen if mutant.test}):
        assert build(test) == "" and fails(test) == "", f"the unchanged engine fails in {test}"
    for mutant in chosen:
        if not mutant.test and failures(mutant.options):
            print(f"  the unchanged engine fails as well, {failures(mutant.options)} times: {' '.join(mutant.options)}")
    found = sum([try_mutant(tree, mutant) for mutant in chosen])
    print(f"{found} of {len(chosen)} planted faults found")
    return 0 if found == len(chosen) else 1


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
