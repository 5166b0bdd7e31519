"""Bundle the console's editor: ``python3 deploy/editor/build.py`` with node and npm; the bundle is in the repository,
so that neither a build nor the service needs the network. Versions are pinned by ``package-lock.json``: the same bytes
come out again.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE.parent.parent / "voicegw" / "web" / "static" / "vendor"
FLAGS = ("--bundle", "--minify", "--format=iife", "--global-name=voicegwEditor", "--target=es2020", "--charset=utf8")


def main() -> None:
    """Install what is pinned, bundle it, and put its licences beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json", "editor.js"):
            shutil.copy(HERE / file, folder)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True)
        target = VENDOR / "editor.min.js"
        esbuild = folder / "node_modules" / ".bin" / "esbuild"
        subprocess.run([str(esbuild), "editor.js", *FLAGS, f"--outfile={target}"], cwd=folder, check=True)
        VENDOR.joinpath("editor.LICENSE").write_text(_licences(folder / "node_modules"), encoding="utf-8")


def _licences(modules: Path) -> str:
    """Of every package that is bundled."""
    files = sorted(file for file in modules.rglob("LICENSE*") if "esbuild" not in file.parts)
    return "\n".join(
        f"== {file.parent.relative_to(modules)} ==\n\n{file.read_text(encoding='utf-8')}" for file in files
    )


if __name__ == "__main__":
    main()
