"""Replies as tables: CSV and Parquet in place of JSON, by the header Accept and the parameter `table`."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from entrepot.documents import harmless
from entrepot.sql_quoting import sql_text

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
MEDIA = {"csv": CSV, "parquet": PARQUET}
#: The name of the only table of a reply that is a list.
ROWS = "rows"
#: A step of a path that stands for every key of an object.
EACH = "*"

Schema = Mapping[str, Any]
#: The columns of a table by name, with their JSON types.
Columns = dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table of a reply: its name, its rows, and the types of the columns that the OpenAPI document names."""

    name: str
    rows: list[dict[str, Any]]
    columns: Columns

    @property
    def head(self) -> list[str]:
        """The columns in the order of the rows; without rows those that are described."""
        found = dict.fromkeys(self.columns) if not self.rows else {}
        for row in self.rows:
            found |= dict.fromkeys(row)
        return list(found)


def described_tables(schema: Schema, parts: Mapping[str, Schema]) -> dict[tuple[str, ...], Columns]:
    """Return the tables of a response by their path in it, from its schema: arrays of objects."""
    return dict(_walk(schema, parts, (), 0))


def _walk(
    schema: Schema, parts: Mapping[str, Schema], path: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], Columns]]:
    if depth > 8:
        return
    for one in _alternatives(schema, parts):
        if one.get("type") == "array":
            rows = _alternatives(one.get("items", {}), parts)
            if rows and all(row.get("type") == "object" for row in rows):
                yield path, {key: _type(part, parts) for row in rows for key, part in row.get("properties", {}).items()}
        elif one.get("type") == "object":
            for key, part in one.get("properties", {}).items():
                yield from _walk(part, parts, (*path, key), depth + 1)
            if isinstance(one.get("additionalProperties"), Mapping):
                yield from _walk(one["additionalProperties"], parts, (*path, EACH), depth + 1)


def _alternatives(schema: Schema, parts: Mapping[str, Schema]) -> list[Schema]:
    """Return the schemas that a value may have, references resolved, apart from null."""
    if "$ref" in schema:
        return _alternatives(parts[schema["$ref"].rpartition("/")[2]], parts)
    several = schema.get("anyOf") or schema.get("oneOf")
    if several is not None:
        return [found for one in several for found in _alternatives(one, parts)]
    return [] if schema.get("type") == "null" else [schema]


def _type(schema: Schema, parts: Mapping[str, Schema]) -> str:
    types = {
        one.get("type", "string" if "enum" in one or "const" in one else "any") for one in _alternatives(schema, parts)
    }
    return types.pop() if len(types) == 1 else "any"


def names_of(paths: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the paths by the names of their tables: the last key, or all keys with dots where two would be alike."""
    paths = list(paths)
    last = [path[-1] if path else ROWS for path in paths]
    return {name if last.count(name) == 1 else ".".join(path): path for name, path in zip(last, paths, strict=True)}


def found_tables(document: Any, described: Mapping[tuple[str, ...], Columns]) -> dict[str, Table]:
    """Return the tables that a reply has, by name."""
    found: dict[tuple[str, ...], tuple[list[dict[str, Any]], Columns]] = {}
    for path, columns in described.items():
        for where, rows in _at(document, path, ()):
            found[where] = rows, columns
    return {name: Table(name, *found[path]) for name, path in names_of(found).items()}


def _at(
    node: Any, path: tuple[str, ...], where: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[dict[str, Any]]]]:
    if not path:
        if isinstance(node, list):
            yield where, node
    elif isinstance(node, Mapping):
        for key in list(node) if path[0] == EACH else [path[0]] if path[0] in node else []:
            yield from _at(node[key], path[1:], (*where, key))


def encode_table(table: Table, form: str, about: Mapping[str, str] | None = None) -> bytes:
    """Return a table as the bytes of a file: form is csv or parquet; `about` goes into the metadata of Parquet."""
    return _csv(table).encode() if form == "csv" else _parquet(table, about or {})


def _csv(table: Table) -> str:
    out, head = io.StringIO(), table.head
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in head])
    writer.writerows([[_csv_cell(row.get(name)) for name in head] for row in table.rows])
    return out.getvalue()


def _csv_cell(value: Any) -> str:
    """Return a value as a cell: numbers in full, truth as in JSON, nothing where there is none, other parts as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else harmless(_json(value))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _parquet(table: Table, about: Mapping[str, str]) -> bytes:
    import duckdb
    import pandas as pd

    frame = pd.DataFrame({name: _column(table, name) for name in table.head})
    with tempfile.TemporaryDirectory(prefix="entrepot-") as folder, duckdb.connect() as db:
        path = Path(folder) / "table.parquet"
        db.register("frame", frame)
        facts = ", ".join(f"{sql_text(key)}: {sql_text(text)}" for key, text in about.items())
        metadata = f", KV_METADATA {{{facts}}}" if facts else ""
        db.execute(f"COPY frame TO {sql_text(path)} (FORMAT parquet, COMPRESSION zstd{metadata})")
        return path.read_bytes()


def _column(table: Table, name: str) -> Any:
    """Return a column with the type that is described, or that its values have."""
    import pandas as pd

    values = [row.get(name) for row in table.rows]
    kind = table.columns.get(name, "any")
    if kind not in ("number", "integer", "boolean", "string"):
        kinds = {"boolean" if isinstance(v, bool) else type(v).__name__ for v in values if v is not None}
        known = {"boolean": "boolean", "int": "integer", "float": "number"}
        kind = (
            "number" if kinds == {"int", "float"} else known.get(next(iter(kinds)), "string") if len(kinds) == 1 else ""
        )
        kind = kind or ("string" if kinds else "number")
    if kind == "string":
        values = [v if v is None or isinstance(v, str) else _json(v) for v in values]
    types = {"number": "float64", "integer": "Int64", "boolean": "boolean", "string": "string"}
    return pd.Series(values, dtype=types[kind])
