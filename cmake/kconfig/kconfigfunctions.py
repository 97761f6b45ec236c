# SPDX-License-Identifier: Apache-2.0
"""Functions that Kconfig files call with $(name,arguments); they read the devicetree of the image. Names as in Zephyr."""

import json
import os

def read_devicetree():
    if "OB_DT_JSON" not in os.environ:  # settings above the images have none
        return {"chosen": {}, "aliases": {}, "nodes": []}
    with open(os.environ["OB_DT_JSON"], encoding="utf-8") as file:
        return json.load(file)


DEVICETREE = read_devicetree()

NODES = {node["path"]: node for node in DEVICETREE["nodes"]}
SCALES = {"": 0, "k": 10, "m": 20, "kb": 13, "mb": 23}  # kb, mb: from bits


def bool_text(value):
    return "y" if value else "n"


def chosen_node(chosen):
    return NODES.get(DEVICETREE["chosen"].get(chosen))


def dt_chosen_enabled(kconf, _, chosen):
    node = chosen_node(chosen)
    return bool_text(node is not None and node["okay"])


def dt_chosen_has_compat(kconf, _, chosen, compatible):
    node = chosen_node(chosen)
    return bool_text(node is not None and compatible in node["compatible"])


def dt_alias_enabled(kconf, _, alias):
    node = NODES.get(DEVICETREE["aliases"].get(alias))
    return bool_text(node is not None and node["okay"])


def dt_chosen_path(kconf, _, chosen):
    return DEVICETREE["chosen"].get(chosen, "")


def reg_field(node, index, field):
    """Address (0) or size (1) of an entry of reg; 0 if there is none: Kconfig evaluates what other SoCs ask for, too."""
    regs = node["reg"] if node else []
    return regs[int(index)][field] if int(index) < len(regs) else 0


def dt_chosen_reg_addr_hex(kconf, _, chosen):
    return hex(reg_field(chosen_node(chosen), 0, 0))


def dt_chosen_reg_size_hex(kconf, _, chosen):
    return hex(reg_field(chosen_node(chosen), 0, 1))


def dt_chosen_reg_size_int(kconf, _, chosen, index="0", unit=""):
    return str(reg_field(chosen_node(chosen), index, 1) >> SCALES[unit.lower()])


def dt_compat_enabled(kconf, _, compatible):
    return bool_text(any(node["okay"] and compatible in node["compatible"] for node in NODES.values()))


def dt_nodelabel_path(kconf, _, label):
    return next((node["path"] for node in NODES.values() if label in node["labels"]), "")


def dt_node_parent(kconf, _, path):
    return NODES[path]["parent"] if path in NODES else ""


def dt_node_reg_addr_hex(kconf, _, path, index="0"):
    return hex(reg_field(NODES.get(path), index, 0))


def dt_node_int_prop_int(kconf, _, path, prop, unit=""):
    value = NODES[path]["properties"].get(prop, 0) if path in NODES else 0
    return str(value >> SCALES[unit.lower()])


functions = {
    "dt_alias_enabled": (dt_alias_enabled, 1, 1),
    "dt_chosen_enabled": (dt_chosen_enabled, 1, 1),
    "dt_chosen_has_compat": (dt_chosen_has_compat, 2, 2),
    "dt_chosen_path": (dt_chosen_path, 1, 1),
    "dt_chosen_reg_addr_hex": (dt_chosen_reg_addr_hex, 1, 1),
    "dt_chosen_reg_size_hex": (dt_chosen_reg_size_hex, 1, 1),
    "dt_chosen_reg_size_int": (dt_chosen_reg_size_int, 1, 3),
    "dt_compat_enabled": (dt_compat_enabled, 1, 1),
    "dt_nodelabel_path": (dt_nodelabel_path, 1, 1),
    "dt_node_parent": (dt_node_parent, 1, 1),
    "dt_node_reg_addr_hex": (dt_node_reg_addr_hex, 1, 2),
    "dt_node_int_prop_int": (dt_node_int_prop_int, 2, 3),
}
