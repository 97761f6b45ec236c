# SPDX-License-Identifier: Apache-2.0
"""Merge Kconfig fragments, later ones winning, into .config and autoconf.h. All checks come before the first output."""

import argparse
import glob
import difflib
import fnmatch
import os
import re
import sys

import kconfiglib

PREFIX = os.environ.get("CONFIG_", "CONFIG_")  # kconfiglib's way to change it: SB_CONFIG_ above the images
ASSIGNMENT = re.compile(rf"^\s*(?:{PREFIX}(?P<set>\w+)=(?P<value>.*)|# {PREFIX}(?P<unset>\w+) is not set)\s*$")
COMMENTED = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^"#]*?)\s*#.*')
# Symbols whose loss reaches the field unnoticed: another layout than the one asked for, images that travel in the clear, no
# protection, no way back to life.
NEVER_LOST = ("BOOTLOADER_MCUBOOT", "PM_", "BOOT_ENCRYPT", "BOOT_SIGNATURE_", "BOOT_IMAGE_ACCESS_HOOKS", "BOOT_FIH_PROFILE_", "FPROTECT",
              "NRF_APPROTECT_", "NRF_SECURE_APPROTECT_",
              "MCUBOOT_DOWNGRADE_", "MCUBOOT_HW_DOWNGRADE_", "MCUBOOT_HARDWARE_DOWNGRADE_", "MCUBOOT_UUID_", "MCUBOOT_SERIAL",
              "BOOT_SERIAL_BOOT_MODE", "BOOT_SERIAL_ENTRANCE_", "BOOT_SERIAL_NO_APPLICATION", "BOOT_SERIAL_PIN_RESET", "BOOT_SERIAL_WAIT_FOR_DFU",
              "BOOT_WATCHDOG_START", "NRF53_UPGRADE_", "NRF53_MULTI_IMAGE_")


class Unset(str):
    """`# <symbol> is not set`: n for a bool; a number or a text has its default then."""


class Finding(Exception):
    """A message for the user: file, line, what and the cure. Several: a line each."""


class Findings:
    """Collects what is wrong, so that one run tells all of it."""

    def __init__(self):
        self.lines = []

    def gather(self, act, *arguments):
        try:
            return act(*arguments)
        except Finding as finding:
            self.lines.append(str(finding))
            return None

    def raise_all(self):
        if self.lines:
            raise Finding("\n".join(self.lines))


def parse_arguments():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--kconfig", required=True, help="root Kconfig file")
    parser.add_argument("--config", required=True, help="merged configuration to write")
    parser.add_argument("--header", required=True, help="C header to write")
    parser.add_argument("--depends", required=True, help="list of the files read, to write")
    parser.add_argument("--sdk-symbols", required=True, help="symbols that are accepted although they mean nothing here")
    parser.add_argument("--assign", action="append", default=[], metavar="CONFIG_X=VALUE")
    parser.add_argument("--force", nargs="+", default=[], metavar="CONFIG_X=VALUE PLACE", help="pairs: what wins over everything, and where that was written")
    parser.add_argument("--without-devicetree", action="store_true", help="the image's own was refused: say nothing that may follow from that")
    parser.add_argument("fragments", nargs="*")
    return parser.parse_args()


def read_lines(path):
    with open(path, encoding="utf-8-sig") as file:  # some editors of Windows begin a file with a mark
        return file.read().splitlines()


def read_sdk_symbols(path):
    """The three lists of sdk-symbols.txt: symbol -> (its list: "=", "-" or "!"; the rest of the line)."""
    words = (line.split(None, 2) for line in read_lines(path) if line and not line.startswith("#"))
    return {symbol: (kind, rest) for kind, symbol, rest in words}


def without_comment(value):
    """`y # why` is y: Kconfig looks at no more of it."""
    match = COMMENTED.fullmatch(value)
    return match[1] if match else value


def assignments(path):
    """Yield (line number, symbol, value) of a fragment; a line that is none has no symbol, and itself as the value."""
    for number, line in enumerate(read_lines(path), 1):
        match = ASSIGNMENT.match(line)
        if match:
            yield number, match["set"] or match["unset"], Unset("n") if match["unset"] else without_comment(match["value"]) or "n"
        elif line.strip() and not line.lstrip().startswith("#"):
            yield number, None, line.strip()


def is_defined(kconf, name):
    """A file that gives a default to a symbol of the SDK does not define it: that has no type."""
    return name in kconf.syms and bool(kconf.syms[name].nodes) and kconf.syms[name].orig_type != kconfiglib.UNKNOWN


def is_of_bootloader(name):
    files = glob.glob(os.path.join(os.environ["OUTBOARD_BASE"], "bootloader/**/Kconfig"), recursive=True)
    return any({f"config {name}", f"menuconfig {name}"} & set(read_lines(file)) for file in files)


def reject_unknown(kconf, where, name):
    settable = [symbol.name for symbol in kconf.unique_defined_syms if any(node.prompt for node in symbol.nodes)]
    near = difflib.get_close_matches(name, settable, 1, 0.6)
    cure = f"did you mean {PREFIX}{near[0]}?" if near else "it is no symbol of this tree or of the SDK that is known here; correct the name, or remove the line if nothing is lost without it"
    raise Finding(f"{where}: error: {PREFIX}{name} is unknown; {cure}")


def family(sdk_symbols, name):
    """What the lists say of all symbols that a pattern names, or None."""
    return next((entry for pattern, entry in sdk_symbols.items() if "*" in pattern and fnmatch.fnmatchcase(name, pattern)), None)


def settle(kconf, sdk_symbols, of_bootloader, where, name, value):
    """Return the symbol that the assignment is for, or None if it changes nothing here; raise if it cannot be followed. What is the
    bootloader's goes into of_bootloader."""
    if is_defined(kconf, name):
        return name
    if is_of_bootloader(name) and PREFIX == "CONFIG_":
        of_bootloader[name] = (where, plain(value))
        return None
    if is_of_bootloader(name):
        raise Finding(f"{where}: error: {PREFIX}{name} belongs to the bootloader; set CONFIG_{name} in sysbuild/mcuboot.conf")
    kind, rest = sdk_symbols.get(name) or family(sdk_symbols, name) or reject_unknown(kconf, where, name)
    if kind == "!" and value not in ("n", '""'):
        raise Finding(f"{where}: error: {PREFIX}{name} is not supported: {rest}")
    if kind == "=" and value == "y":
        target, reason = rest.split(None, 1)
        if is_defined(kconf, target):
            print(f"{where}: note: {PREFIX}{name} is {PREFIX}{target} here: {reason}")
            return target
    reason = "it is off anyway" if kind != "-" else rest
    print(f"{where}: note: {PREFIX}{name} has no meaning here and is ignored: {reason}")
    return None


def plain(value):
    """A value as Kconfig stores it: without the quotes of a string."""
    value = value.strip()
    if len(value) >= 2 and value[0] == '"' and value[-1] == '"':
        return kconfiglib.unescape(value[1:-1])
    return value


def assign(kconf, where, name, value):
    symbol = kconf.syms[name]
    if symbol.type == kconfiglib.STRING and not value.strip().startswith('"') and where != "command line":
        raise Finding(f"{where}: error: {PREFIX}{name} is a string; write {PREFIX}{name}=\"{value.strip()}\"")
    if not symbol.set_value(plain(value)):
        kind = kconfiglib.TYPE_TO_STR[symbol.type]
        raise Finding(f"{where}: error: {PREFIX}{name}: \"{value}\" is no value of type {kind}")


def all_assignments(args):
    for path in args.fragments:
        for number, name, value in assignments(path):
            yield f"{path}:{number}", name, value
    for text in args.assign:
        yield "command line", *split(text)


def split(text):
    name, value = text.removeprefix(PREFIX).split("=", 1)
    return name, value


def met(defaults):
    """The values of defaults whose condition holds."""
    return [value for value, condition in defaults if kconfiglib.expr_value(condition)]


def defaults_of_the_sdks(kconf):
    """Yield (where, symbol, value) of the defaults that Kconfig files give to symbols which nobody here defines, and to members of
    a choice, which Kconfig would pass over."""
    for symbol in kconf.unique_defined_syms:
        values = met(symbol.defaults)
        if values and (symbol.orig_type == kconfiglib.UNKNOWN or symbol.choice is not None):
            yield f"{symbol.nodes[0].filename}:{symbol.nodes[0].linenr}", symbol.name, values[0].str_value
    for choice in kconf.unique_choices:
        chosen = [(node, value) for node in choice.nodes for value in met(node.defaults)]
        if chosen and chosen[0][1] not in choice.syms:
            node, value = chosen[0]
            yield f"{node.filename}:{node.linenr}", value.name, "y"


def conditions(node):
    """The expressions in which a definition names other symbols."""
    yield node.dep
    for values in (node.defaults, node.selects, node.implies):
        yield from (condition for _, condition in values)


def tell_unknown_conditions(kconf):
    """A name that no file defines counts as n: what hangs on it is lost. Boards and SoCs that are not this one are no mistake."""
    told = set()
    for node in kconf.node_iter():
        own = os.path.join(kconf.srctree or "", node.filename)
        if os.path.abspath(own).startswith(os.environ["OUTBOARD_BASE"] + os.sep) or not isinstance(node.item, (kconfiglib.Symbol, kconfiglib.Choice)):
            continue
        for item in (item for condition in conditions(node) for item in kconfiglib.expr_items(condition)):
            if isinstance(item, kconfiglib.Symbol) and not item.nodes and not item.is_constant and item.name not in told \
                    and not item.name.startswith(("BOARD_", "SOC_")) and not re.fullmatch(r"0x[0-9a-fA-F]+|\d+", item.name):
                told.add(item.name)
                print(f"{node.filename}:{node.linenr}: warning: {PREFIX}{item.name} is asked for and is unknown here, which counts as n; correct the name, or remove the condition", file=sys.stderr)


def forced_by(args):
    """Yield (where, symbol, value) of what is forced."""
    for text, where in zip(args.force[::2], args.force[1::2]):
        yield where, *split(text)


def merge(kconf, args, findings):
    """Assign everything; return the last (where, value) of each symbol, the user's if there is one."""
    sdk_symbols = read_sdk_symbols(args.sdk_symbols)
    last, of_bootloader = {}, {}

    def take(where, name, value):
        if name is None:
            raise Finding(f"{where}: error: \"{value}\" is no assignment; write {PREFIX}<symbol>=<value>")
        symbol = settle(kconf, sdk_symbols, of_bootloader, where, name, value)
        if symbol is not None and isinstance(value, Unset) and kconf.syms[symbol].type not in (kconfiglib.BOOL, kconfiglib.TRISTATE):
            kconf.syms[symbol].unset_value()
            last.pop(symbol, None)
        elif symbol is not None:
            assign(kconf, where, symbol, value)
            last[symbol] = (where, plain(value))

    def take_or_tell(where, name, value):
        try:
            take(where, name, value)
        except Finding as finding:  # of a word that is left out the next time
            raise Finding(f"{finding}; cmake remembers what it was told: -U'*{PREFIX}{name}' takes it back" if where == "command line" else str(finding))

    for assignment in [*defaults_of_the_sdks(kconf), *all_assignments(args)]:
        findings.gather(take_or_tell, *assignment)
    for where, name, value in forced_by(args):
        assign(kconf, where, name, value)
        last.setdefault(name, (where, plain(value)))
    for path in args.fragments:
        print(f"Merged configuration '{path}'")
    lines = [f"{PREFIX}{name}={value}\t{where}\n" for name, (where, value) in of_bootloader.items()]
    write_if_changed(args.config + ".of_bootloader", "".join(lines))
    return last


def describe(part):
    """A dependency; the help of a symbol that no user can set tells what decides it."""
    symbols = [item for item in kconfiglib.expr_items(part) if isinstance(item, kconfiglib.Symbol)]
    nodes = [node for symbol in symbols for node in symbol.nodes if node.help and not any(n.prompt for n in symbol.nodes)]
    helps = sorted(f"{node.item.name}: {' '.join(node.help.split())}" for node in nodes)
    text = kconfiglib.expr_str(part)
    return f"{text} ({'; '.join(helps)})" if helps else text


def unmet_parts(dependency):
    """Nobody can set a choice: what it needs itself is what its members lack."""
    for part in kconfiglib.split_expr(dependency, kconfiglib.AND):
        if kconfiglib.expr_value(part) == 0:
            inner = list(unmet_parts(part.direct_dep)) if isinstance(part, kconfiglib.Choice) else []
            yield from inner or [part]


def unmet(symbol):
    """What keeps a symbol from taking its value, as text."""
    parts = list(dict.fromkeys(unmet_parts(symbol.direct_dep)))
    node = "a devicetree node that is not there or not okay"  # what $(dt_...) found: the symbol table has no more than its answer
    return " and ".join(node if kconfiglib.expr_str(part) == "n" else describe(part) for part in parts)


def range_of(symbol):
    for low, high, condition in symbol.ranges:
        if kconfiglib.expr_value(condition):
            reason = f" because of {describe(condition)}" if kconfiglib.expr_str(condition) != "y" else ""
            return f"{low.str_value} to {high.str_value}{reason}"
    return ""


def same(symbol, value):
    if symbol.type in (kconfiglib.INT, kconfiglib.HEX) and symbol.str_value:
        return int(symbol.str_value, 0) == int(value, 0 if symbol.type == kconfiglib.INT else 16)
    return symbol.str_value == value


def report_no_effect(symbol, where, value, reason):
    name = symbol.name
    outvoted = symbol.choice is not None and symbol.choice.user_selection not in (None, symbol)  # by a later line of the user's
    if name.startswith(NEVER_LOST) and name != "PM_OVERRIDE_EXTERNAL_DRIVER_CHECK" and value != "n" and not outvoted:
        cure = f"set {PREFIX}{name}=n if the device can do without" if symbol.type == kconfiglib.BOOL else "remove the line"
        raise Finding(f"{where}: error: {PREFIX}{name}={value} cannot be had: {reason}; change that, or {cure}")
    print(f"{where}: warning: {PREFIX}{name}={value} has no effect: {reason}", file=sys.stderr)


def check_taken(kconf, name, where, value, forced):
    """An assignment that has no effect is a mistake that shows up on the device only: say so now."""
    symbol = kconf.syms[name]
    if same(symbol, value) or (symbol.visibility == 0 and value == "n"):
        return
    needs, limits = unmet(symbol), range_of(symbol)
    if forced.get(name, (value, where))[0] != value:
        report_no_effect(symbol, where, value, "sysbuild forces it to {} ({})".format(*forced[name]))
    elif needs:
        report_no_effect(symbol, where, value, f"it needs {needs}")
    elif limits:
        raise Finding(f"{where}: error: {PREFIX}{name}={value} is out of range; use {limits}")
    elif not any(node.prompt for node in symbol.nodes):
        raise Finding(f"{where}: error: {PREFIX}{name} cannot be set: it follows from other symbols; remove the line")
    else:
        report_no_effect(symbol, where, value, f"other symbols make it {symbol.str_value}")


def write_if_changed(path, text):
    if not os.path.exists(path) or "".join(f"{line}\n" for line in read_lines(path)) != text:
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new", path)


def write_places(kconf, last, path):
    """Later checks name the line that somebody wrote; what menuconfig saved since has none."""
    places = [f"{PREFIX}{name} {where}" for name, (where, value) in last.items() if same(kconf.syms[name], value)]
    write_if_changed(path, "".join(f"{place}\n" for place in places))


def merge_and_check(kconf, args):
    findings = Findings()
    last = merge(kconf, args, findings)
    forced = {name: (plain(value), where) for where, name, value in forced_by(args)}
    for name, (where, value) in last.items() if not args.without_devicetree else ():
        findings.gather(check_taken, kconf, name, where, value, forced)
    if findings.lines or args.without_devicetree:  # the build goes on as far as it finds further mistakes
        kconf.write_config(args.config + ".refused", save_old=False)
        write_places(kconf, last, args.config + ".refused.places")
    findings.raise_all()
    return last


def run(args):
    kconf = kconfiglib.Kconfig(args.kconfig, warn_to_stderr=False)
    kconf.warn = False
    tell_unknown_conditions(kconf)
    last = merge_and_check(kconf, args)
    if args.without_devicetree:
        return
    # What menuconfig saved in .config stays as long as files, command line, devicetree and Kconfig's defaults give what they gave then.
    merged, now = args.config + ".merged", args.config + ".merged.new"
    kconf.write_config(now, save_old=False)
    if os.path.exists(args.config) and os.path.exists(merged) and read_lines(now) == read_lines(merged):
        kconf.load_config(args.config)
    kconf.write_config(args.config, save_old=False)
    kconf.write_autoconf(args.header)
    write_places(kconf, last, args.config + ".places")
    root = os.environ["srctree"]
    files = [os.path.normpath(os.path.join(root, name)) for name in kconf.kconfig_filenames]
    write_if_changed(args.depends, "\n".join(files + args.fragments + [args.config]) + "\n")
    os.replace(now, merged)


def main():
    try:
        run(parse_arguments())
    except Finding as finding:
        sys.exit(str(finding))
    except (kconfiglib.KconfigError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
