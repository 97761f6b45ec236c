# SPDX-License-Identifier: Apache-2.0
"""All Kconfig symbols as a page: what each is for, its default and range, and where it is defined."""

import os
import sys
from pathlib import Path

import kconfiglib
from kconfiglib import TYPE_TO_STR, expr_str

ROOTS = {"Kconfig": "application", "bootloader/Kconfig": "bootloader", "cmake/sysbuild/share/sysbuild/Kconfig": "sysbuild"}


def prefix_of(root: str) -> str:
    return "SB_CONFIG_" if "sysbuild" in root else "CONFIG_"


def load(repo: Path, root: str, board: str) -> kconfiglib.Kconfig:
    sys.path.insert(0, str(repo / "cmake/kconfig"))  # functions that these files call; they ask the board's devicetree
    sys.modules.pop("kconfigfunctions", None)
    nothing = repo / "build/site/Kconfig.modules"
    nothing.parent.mkdir(parents=True, exist_ok=True)
    nothing.write_text("")
    os.environ.update(srctree=str(repo), OUTBOARD_BASE=str(repo), BOARD=board, BOARD_DIR=str(repo / "boards" / board), OB_MODULES_KCONFIG=str(nothing),
                      APP_VERSION_TWEAK_STRING="of the file VERSION, or 0.0.0+0", OB_SB_BOARD_KCONFIG=str(nothing),
                      ZEPHYR_BASE=str(repo / "cmake/sysbuild"), CONFIG_=prefix_of(root),
                      OB_DT_JSON=str(repo / f"build/host/tools/outboard/boards/{board}.json"), KCONFIG_CONFIG=os.devnull)
    return kconfiglib.Kconfig(str(repo / root), warn=False)


def condition(expression, kconf) -> str:
    return "" if expression is kconf.y else f" if `{expr_str(expression)}`"


def places(symbol, repo: Path) -> list[str]:
    return sorted({f"{os.path.relpath(repo / node.filename, repo)}:{node.linenr}" for node in symbol.nodes})


def entry(symbol, image: str, kconf, repo: Path) -> dict:
    node = next((node for node in symbol.nodes if node.prompt), symbol.nodes[0])
    texts = [node.help for node in symbol.nodes if node.help]
    return {
        "type": TYPE_TO_STR[symbol.orig_type], "prompt": node.prompt[0] if node.prompt else "", "help": texts[0].strip() if texts else "",
        "images": {image}, "places": places(symbol, repo),
        "depends": "" if symbol.direct_dep is kconf.y else expr_str(symbol.direct_dep),
        "defaults": [f"`{expr_str(value)}`{condition(when, kconf)}" for value, when in symbol.orig_defaults],
        "ranges": [f"`{low.name}` to `{high.name}`{condition(when, kconf)}" for low, high, when in symbol.orig_ranges],
    }


def symbols(repo: Path) -> dict[str, dict]:
    found = {}
    for root, image in ROOTS.items():
        for board in sorted(path.name for path in (repo / "boards").iterdir() if (path / "Kconfig").exists()):
            kconf = load(repo, root, board)
            for symbol in kconf.unique_defined_syms:
                new = entry(symbol, image, kconf, repo)
                old = found.setdefault(prefix_of(root) + symbol.name, new)
                old["images"].add(image)
                old["places"] = sorted({*old["places"], *new["places"]})
                for key in ("defaults", "ranges"):
                    old[key] += [value for value in new[key] if value not in old[key]]
    return found


def row(what: str, values) -> list[str]:
    return [f"- {what}: {values if isinstance(values, str) else ', '.join(values)}"] if values else []


def describe(name: str, fact: dict) -> str:
    lines = [f"### `{name}`", "", (fact["prompt"] or "Follows from other symbols.").replace("<", "&lt;"), ""]
    if fact["help"]:
        lines += [fact["help"].replace("<", "&lt;"), ""]
    lines += row("type", f"{fact['type']}, of the {' and the '.join(sorted(fact['images']))}")
    lines += row("default", fact["defaults"]) + row("range", fact["ranges"])
    lines += row("depends on", f"`{fact['depends']}`" if fact["depends"] else "") + row("defined in", [f"`{place}`" for place in fact["places"]])
    return "\n".join([*lines, ""])


def page(repo: Path) -> str:
    found = symbols(repo)
    settable = [name for name in sorted(found) if found[name]["prompt"]]
    others = [name for name in sorted(found) if not found[name]["prompt"]]
    intro = ("# Kconfig symbols\n\nMade from the Kconfig files, for all boards. Symbols of the SDK that are known beyond these, and what becomes of them: "
             "`cmake/kconfig/sdk-symbols.txt`.\n")
    return "\n".join([intro, "## To be set\n", *(describe(name, found[name]) for name in settable),
                      "## Set by the build\n", *(describe(name, found[name]) for name in others)])
