"""JSON as the API sends it."""

from __future__ import annotations

import json
from typing import Any


def encoded(document: Any) -> bytes:
    """Return strict JSON in UTF-8, with null for NaN and infinity."""
    return json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        errors="replace"
    )


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    return _plain(value.item()) if hasattr(value, "item") else str(value)
