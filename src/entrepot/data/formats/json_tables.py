"""JSON files as tables: records, lists of rows, replies of APIs that contain them, and SDMX-JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.formats.grid import Recognises
from entrepot.errors import DocumentError

#: Names of the list of records in replies of APIs.
_HOLDS = ("data", "dataset", "records", "rows", "results", "result", "value", "values", "items", "observations")


def read_json(path: Path, part: str | None, recognises: Recognises) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table of a JSON file, and a note on other lists that are left out.

    The file is a list of records, a list of rows under a row of names (the Census Bureau's API), a record with such a
    list (UN Comtrade's "data" or "dataset"), one record a line, columns by name (as pandas and R write them), or
    SDMX-JSON (WITS). Nested lists and records become JSON text.

    part  the name of one of several lists ("imports", "result.imports")
    Raises `DocumentError` for any other file, and for several lists of the same kind if `part` does not choose one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        document = _parsed(text)
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 text (byte {error.start}), as JSON is", path=str(path)) from error
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise DocumentError(f"cannot be read as JSON: {str(error)[:120]}", path=str(path), line=line) from error
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror}", path=str(path)) from error
    if isinstance(document, Mapping) and "dataSets" in document:
        return _from_sdmx(document, path), ()
    rows = _by_column(document)
    notes: tuple[str, ...] = ()
    if not rows:
        rows, notes = _chosen(dict(_lists(document)), part, recognises, path)
    if isinstance(rows[0], list):
        width = len(rows[0])
        if any(not isinstance(row, list) or len(row) != width for row in rows):
            raise DocumentError(
                "some rows have more or fewer cells than the first row, which has the names", path=str(path)
            )
        frame = pd.DataFrame(rows[1:], columns=[str(name) for name in rows[0]])
    else:
        odd = next((k for k, row in enumerate(rows, start=1) if not isinstance(row, Mapping)), None)
        if odd is not None:
            raise DocumentError(
                f"entry {odd} of its list is not a record ({str(rows[odd - 1])[:40]!r})", path=str(path)
            )
        frame = pd.DataFrame(rows)
    if frame.empty:
        raise DocumentError("holds no list of records", path=str(path))
    with np.errstate(invalid="ignore"):  # infinities raise an error later, where the column is read
        return frame.map(_plain).convert_dtypes(convert_string=False, convert_boolean=False), notes


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_record)
    except json.JSONDecodeError:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if len(lines) > 1 and all(line.lstrip().startswith("{") for _, line in lines):
            return [_parsed_line(number, line) for number, line in lines]
        raise


def _parsed_line(number: int, line: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_record)
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(error.msg, "\n" * (number - 1) + line, number - 1 + error.pos) from None


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a record. Raises `ValueError` for a repeated name, of which one value would be lost."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is repeated in one record")
    return record


def _by_column(document: Any) -> list[Any]:
    """Row of names and rows from {name: [cells]}, {name: {row: cell}} or {"columns": names, "data": rows}; else [].

    Names that are numbers are rows, not columns: {"0": {name: cell}}.
    """
    if not isinstance(document, Mapping) or not document:
        return []
    if isinstance(document.get("columns"), list) and isinstance(document.get("data"), list):
        return [document["columns"], *document["data"]]
    columns = list(document.values())
    if all(isinstance(column, Mapping) for column in columns):
        if all(name.isdigit() for name in document):
            return columns
        if any(column.keys() != columns[0].keys() for column in columns):
            return []
        columns = [list(column.values()) for column in columns]
    if not all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns) or any(
        isinstance(cell, list | Mapping) for column in columns for cell in column
    ):
        return []
    return [list(document), *map(list, zip(*columns, strict=True))]


def _lists(document: Any, name: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list of records or rows in a document, with its path: "result.data"."""
    if isinstance(document, Mapping):
        for key, part in document.items():
            yield from _lists(part, f"{name}.{key}" if name else str(key))
    elif isinstance(document, list) and document and isinstance(document[0], list | dict):
        inside = [found for k, part in enumerate(document) if isinstance(part, list) for found in _lists(part, f"{k}")]
        if inside and not all(isinstance(part, list) for part in document):  # metadata before the list of records
            yield from inside
        else:
            yield name, document


def _chosen(
    lists: dict[str, list[Any]], part: str | None, recognises: Recognises, path: Path
) -> tuple[list[Any], tuple[str, ...]]:
    """Select a list: the named one, else the one that a layout recognises, the one called data, or the longest."""
    if not lists:
        raise DocumentError("holds no list of records", path=str(path))
    names = {name: [str(cell) for cell in rows[0]] for name, rows in lists.items()}
    wanted = (
        [name for name in lists if part is not None and part.casefold() in (name.casefold(), _last(name))],
        [name for name in lists if recognises(names[name])],
        [name for name in lists if _last(name) in _HOLDS],
        [max(lists, key=lambda name: len(lists[name]))],
    )
    chosen = wanted[0] if part is not None else next(filter(None, wanted))
    alike = [name for name in lists if chosen and names[name] == names[chosen[0]]]
    if len(chosen) != 1 or (part is None and len(alike) > 1):
        none = f"no list {part!r}" if part is not None else f"{len(alike)} lists of records"
        raise DocumentError(f"{none}; choose one: {path.name}#NAME ({', '.join(list(lists)[:8])})", path=str(path))
    others = [f"{name} ({len(rows):,})" for name, rows in lists.items() if name != chosen[0]]
    note = f"Read from the list {chosen[0]!r}; other lists and their length, left out: {', '.join(others[:5])}."
    return lists[chosen[0]], (note,) if others else ()


def _last(name: str) -> str:
    return name.rsplit(".", 1)[-1].casefold()


def _plain(cell: Any) -> Any:
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False) if cell else None
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 1 << 63:
        return float(cell) if abs(cell) < 1 << 1023 else str(cell)
    return str(cell).lower() if isinstance(cell, bool) else cell


def _from_sdmx(document: Mapping[str, Any], path: Path) -> pd.DataFrame:
    """Return one row per observation: dimensions (codes, and names in NAME columns), value, and attribute codes.

    In SDMX-JSON 1.0 an observation is [value, then the position of each attribute's value or null].
    """
    try:
        structure = document["structure"]
        series = structure["dimensions"]["series"]
        observed = structure["dimensions"]["observation"]
        attributes = structure.get("attributes", {}).get("observation", [])
        rows = list(_observations(document["dataSets"], series, observed, attributes))
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DocumentError(f"is not valid SDMX-JSON ({error!r})", path=str(path)) from error
    if not rows:
        raise DocumentError("holds no observations", path=str(path))
    return pd.DataFrame(rows)


def _observations(data_sets: Any, series: Any, observed: Any, attributes: Any) -> Iterator[dict[str, Any]]:
    for data_set in data_sets:
        in_order = _in_key_order(series, data_set["series"])
        for key, one in data_set["series"].items():
            of_series = _labels(in_order, key.split(":"))
            for place, numbers in one["observations"].items():
                row = {**of_series, **_labels(observed, place.split(":")), "OBS_VALUE": numbers[0]}
                for attribute, position in zip(attributes, numbers[1:], strict=False):
                    if position is not None and position < len(attribute["values"]):
                        value = attribute["values"][position]
                        row[attribute["id"]] = value.get("id", value.get("name"))
                yield row


def _in_key_order(dimensions: Any, keys: Any) -> Any:
    """Return the dimensions in the order of the parts of the series' keys.

    It should be the order of their list; WITS' tariffs swap partner and product there, which shows in positions
    beyond the values of a dimension.
    """
    highest = [max(map(int, part)) for part in zip(*(key.split(":") for key in keys), strict=True)]
    if all(top < len(dimension["values"]) for top, dimension in zip(highest, dimensions, strict=True)):
        return dimensions
    left = list(dimensions)
    order = []
    for top in highest:
        order.append(next((d for d in left if len(d["values"]) == top + 1), left[0]))
        left.remove(order[-1])
    return order


def _labels(dimensions: Any, key: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for dimension, position in zip(dimensions, key, strict=True):
        value = dimension["values"][int(position)]
        found[dimension["id"]] = value["id"]
        found[f"{dimension['id']}_NAME"] = value.get("name")
    return found
