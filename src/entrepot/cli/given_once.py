"""A command whose options may be given once each, unless they are lists."""

from __future__ import annotations

from collections import Counter
from typing import Any

from typer.core import TyperCommand

from entrepot.cli.console import fail


class GivenOnce(TyperCommand):
    """A command that refuses an option given twice, and --yes beside --no: the last would hold without a word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments as any command does. Exits with 2 for an option that is repeated."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        counts = Counter(id(param) for param in order)
        for param in self.params:
            if counts[id(param)] > 1 and not getattr(param, "multiple", False) and param.param_type_name == "option":
                names = [*param.opts, *param.secondary_opts]
                fail(f"{' and '.join(names)}: given {counts[id(param)]} times; give it once", 2)
        return super().parse_args(ctx, args)
