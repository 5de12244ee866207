"""When the package is built: compile its YAML files to JSON, which loads faster, and bring the shapes of the map."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileDocuments(BuildHookInterface):
    """The build hook; it writes entrepot/compiled.json, also for an editable installation."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write compiled.json before the build."""
        source = Path(self.root) / "src"
        sys.path.insert(0, str(source))
        from entrepot.documents import COMPILED, compile_documents

        package = source / "entrepot"
        text = json.dumps(compile_documents(package), indent=0)
        (package / COMPILED).write_text(text, encoding="utf-8")
        sys.path.insert(0, str(Path(self.root) / "scripts"))
        from map_shapes import bring

        if fault := bring():
            self.app.display_warning(fault)
