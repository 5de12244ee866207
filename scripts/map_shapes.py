"""Bring the borders of the world map into the package: Natural Earth (public domain) as in the npm package world-atlas.

python scripts/map_shapes.py     (the build of the package runs it too)

The version and its checksum are in src/entrepot/report/figures/shapes/package-lock.json; npm installs and checks it.
Without npm the map is drawn as tiles.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "src" / "entrepot" / "report" / "figures" / "shapes"
FILE = "countries-110m.json"


def bring(folder: Path = FOLDER) -> str:
    """Install the npm package aside and copy its file; return "" or why the map has no shapes."""
    if (folder / FILE).exists():
        return ""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is not installed, so the world map is drawn as tiles"
    with tempfile.TemporaryDirectory() as aside:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, aside)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        done = subprocess.run(command, cwd=aside, capture_output=True, text=True)
        made = Path(aside) / "node_modules" / "world-atlas" / FILE
        if done.returncode or not made.exists():
            return f"npm could not install world-atlas, so the world map is drawn as tiles: {done.stderr.strip()[:200]}"
        shutil.copy(made, folder / FILE)
    return ""


if __name__ == "__main__":
    fault = bring()
    print(fault or f"{FOLDER / FILE} is there", file=sys.stderr if fault else sys.stdout)
    sys.exit(bool(fault))
