"""The build hook: YAML that ships with the package becomes JSON, so that a start does not wait for its parsing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileDocuments(BuildHookInterface):
    """Writes entrepot/compiled.json, for an installation in place too."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        from entrepot.documents import COMPILED, compile_documents

        package = source / "entrepot"
        text = json.dumps(compile_documents(package), indent=0)
        (package / COMPILED).write_text(text, encoding="utf-8")
