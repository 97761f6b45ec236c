# SPDX-License-Identifier: Apache-2.0
"""Pack an update with a manifest.json, as the nRF Connect SDK's tools and apps for phones take it."""

import argparse
import json
import zipfile
from pathlib import Path


def parse_arguments():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--output", required=True, type=Path)
    parser.add_argument("--file", required=True, type=Path, help="the signed update")
    parser.add_argument("facts", nargs="*", metavar="name=value", help="what the manifest says about it; 0x... becomes a number")
    return parser.parse_args()


def value_of(text):
    return int(text, 16) if text.startswith("0x") else text


def manifest(update, facts):
    modified = int(update.stat().st_mtime)
    entry = {name: value_of(text) for name, text in (fact.split("=", 1) for fact in facts)}
    entry |= {"size": update.stat().st_size, "file": update.name, "modtime": modified}
    return {"format-version": 0, "time": modified, "files": [entry]}


def main():
    args = parse_arguments()
    new = args.output.with_suffix(".new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(args.file, args.file.name)
        package.writestr("manifest.json", json.dumps(manifest(args.file, args.facts), indent=4))
    new.replace(args.output)


if __name__ == "__main__":
    main()
