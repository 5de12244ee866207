"""Options that are given more than once, which only lists may be."""

from __future__ import annotations

from collections import Counter
from typing import Any

from entrepot.cli.console import fail


def refuse_repeated(verb: Any, context: Any, arguments: list[str]) -> None:
    """Exit with 2 for an option given twice, or --yes beside --no: the last would hold without a word."""
    _, _, order = verb.make_parser(context).parse_args(args=list(arguments))
    counts = Counter(id(param) for param in order)
    for param in verb.params:
        if counts[id(param)] > 1 and not getattr(param, "multiple", False) and param.param_type_name == "option":
            names = [*param.opts, *param.secondary_opts]
            fail(f"{' and '.join(names)}: given {counts[id(param)]} times; give it once", 2)
