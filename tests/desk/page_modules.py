"""Run the page's modules in Node, as scripts/build_page.py finds it."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


def page_builder() -> ModuleType:
    """scripts/build_page.py as a module."""
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "scripts" / "build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_module(script: str, *arguments: str) -> str:
    """What a script prints that imports the page's modules from ./source."""
    node = page_builder().node()
    command = [*node, "--input-type=module", "--eval", script, *arguments]
    done = subprocess.run(command, cwd=ROOT / "page", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
