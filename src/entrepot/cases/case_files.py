"""The files that a case reads: its own, and those that it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.documents import beside, compiled_document, with_and_without_name

if TYPE_CHECKING:
    from entrepot.cases.case import Case


def files_of(case: Case) -> list[Path]:
    """Return the file of a case, and every file that a text in it names: Economy, products, draws, elasticities ..."""
    document = (compiled_document(case.text) if case.text else None) or case.written
    named = [case.path, *_texts(document), case.economy, *_texts([case.theta, case.closure.labour_share])]
    if case.market is not None:
        named += _texts(case.market.products)
    places = {beside(case.path, part) for text in named if text for part in with_and_without_name(text)}
    return sorted(place for place in places if os.path.isfile(place))


def _texts(node: Any) -> Iterator[str]:
    """Yield every text among the values of a document."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _texts(value)
