"""Make what the package needs beside its sources when it is built: compiled documents, map shapes, the desk's page."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileDocuments(BuildHookInterface):
    """The build hook; it writes compiled.json and the page's files, also for an editable installation."""

    def dependencies(self) -> list[str]:
        """Return what the build needs beside build-system.requires: Node, unless the page is built already."""
        page = self._page_builder()
        return [] if page.is_current() else [page.NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write compiled.json, because JSON loads faster than YAML, and build the page if it is missing or older."""
        page = self._page_builder()
        if not page.is_current():
            self.app.display_waiting("Building the page of the desk")
            page.build()
        if self.target_name == "sdist":
            return
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        from entrepot.documents import COMPILED, compile_documents

        package = source / "entrepot"
        text = json.dumps(compile_documents(package), indent=0)
        (package / COMPILED).write_text(text, encoding="utf-8")

    def _page_builder(self) -> ModuleType:
        """Return scripts/build_page.py as a module."""
        spec = importlib.util.spec_from_file_location("build_page", Path(self.root) / "scripts" / "build_page.py")
        if spec is None or spec.loader is None:
            raise FileNotFoundError("scripts/build_page.py is missing")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
