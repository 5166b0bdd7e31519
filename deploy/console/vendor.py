"""Puts the console's front-end parts in place: fetched by npm at the versions of package.json, checked by hash.

    python deploy/console/vendor.py            fetches, and compares with what lies in voicegw/web/static/vendor
    python deploy/console/vendor.py --write    puts it there

The service needs none of this: what is fetched is part of the repository.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent.parent / "voicegw" / "web" / "static" / "vendor"
PARTS = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "uPlot.LICENSE": "uplot/LICENSE",
}
"""File of ours: file of the package."""


def fetch(folder: Path) -> Path:
    """The packages, unpacked in ``folder``; nothing of theirs is run."""
    shutil.copy(HERE / "package.json", folder)
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--silent"]
    subprocess.run(command, cwd=folder, check=True, timeout=300)
    for name, version in json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"].items():
        package = json.loads((folder / "node_modules" / name / "package.json").read_text(encoding="utf-8"))
        if package["version"] != version:
            sys.exit(f"{name}: asked for {version}, got {package['version']}")
    return folder / "node_modules"


def main() -> int:
    """1: what lies in the repository is not what npm has at these versions."""
    parser = argparse.ArgumentParser(description="Put the console's front-end parts in place.")
    parser.add_argument("--write", action="store_true", help="replace what is there")
    write = parser.parse_args().write
    with tempfile.TemporaryDirectory(prefix="voicegw-vendor-") as folder:
        packages = fetch(Path(folder))
        others = []
        for ours, theirs in PARTS.items():
            target, source = VENDOR / ours, packages / theirs
            if not target.is_file() or target.read_bytes() != source.read_bytes():
                others.append(ours)
                if write:
                    shutil.copy(source, target)
    print("\n".join(f"{'wrote' if write else 'differs'}: {name}" for name in others) or "all as it should be")
    return 0 if write or not others else 1


if __name__ == "__main__":
    sys.exit(main())
