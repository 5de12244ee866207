"""The files of `Exchange`: header arrays of GEMPACK, GDX of GAMS, .dta of Stata and CSV, written and read."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from entrepot.data.duckdb_store import unreadable
from entrepot.data.exchange import ARRAYS, KEYS, Exchange, in_order_of
from entrepot.data.formats.gdx import GdxSymbol, read_gdx, write_gdx
from entrepot.data.frames import as_numbers
from entrepot.data.layouts import fold_name
from entrepot.data.sources.header_array import Header, read_header_arrays, read_text_headers, write_header_arrays
from entrepot.documents import whole_file
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import DocumentError, InputError, TableError

Format = Literal["har", "gdx", "dta", "folder"]

#: Characters of an element's name in a header array file, and of a line of its text.
LABEL, LINE = 12, 80
#: The header with what the file says about itself.
META = "META"
#: Tables with a row for every key; others have rows where a number is not zero.
DENSE = ("cells", "sectors", "countries")
_SETS = {"sector": "COMM", "input": "COMM", "output": "COMM", "exporter": "REG", "importer": "REG", "country": "REG"}
_GDX_SETS = {"COMM": "sectors", "REG": "countries"}


# ---- header arrays ----


def write_har(path: Path, exchange: Exchange) -> list[Path]:
    """Write a header array file, in single precision. Elements have at most 12 characters; META has the full names."""
    labels = {"COMM": short_labels(exchange.sectors), "REG": short_labels(exchange.countries)}
    headers = {
        ARRAYS[name].header: Header(
            np.asarray(array),
            tuple(labels[_SETS[key]] for key in KEYS[ARRAYS[name].table]),
            tuple(_SETS[key] for key in KEYS[ARRAYS[name].table]),
            f"{ARRAYS[name].says}, {ARRAYS[name].unit}",
        )
        for name, array in exchange.arrays.items()
    }
    texts = {**{name: list(ones) for name, ones in labels.items()}, META: _lines(exchange.text, LINE)}
    with whole_file(path) as temporary:
        write_header_arrays(temporary, headers, texts)
    return [path]


def read_har(path: Path) -> Exchange:
    """Read a header array file that `write_har` wrote, or one with the same headers. Raises `DocumentError`."""
    headers, texts = read_header_arrays(path), read_text_headers(path)
    of = {one.header: one.name for one in ARRAYS.values()}
    if "VALU" not in headers:
        raise DocumentError(
            f"has no header VALU; its headers are {', '.join(headers) or 'none'}. Is it of GTAP? Then the source is "
            "gtap",
            path=str(path),
        )
    about = _about("".join(texts.get(META, ())), path)
    goods, places = headers["VALU"].elements[0], headers["VALU"].elements[-1]
    full = tuple(about.pop("sectors", goods)), tuple(about.pop("countries", places))
    if (len(full[0]), len(full[1])) != (len(goods), len(places)):
        raise DocumentError(f"{META} names other numbers of sectors and countries than VALU has", path=str(path))
    labels = tuple(map(short_labels, full)) if about else (goods, places)
    names = dict(zip(("COMM", "REG"), labels, strict=True))
    arrays = {of[name]: _in_order(name, header, names, path) for name, header in headers.items() if name in of}
    unread = [name for name in headers if name not in of]
    says = (f"Headers that are not read: {', '.join(unread)}.",) if unread else ()
    return Exchange(*full, arrays, about, exact=False, unread=says)


def _in_order(name: str, header: Header, names: Mapping[str, tuple[str, ...]], path: Path) -> Array:
    """Return the array of a header with its elements in the order of `names`, by set. Raises `DocumentError`."""
    keys = KEYS[next(one.table for one in ARRAYS.values() if one.header == name)]
    array = header.array
    if array.shape != tuple(len(names[_SETS[key]]) for key in keys):
        raise DocumentError(f"{name} has the shape {array.shape}; it is over {', '.join(keys)}", path=str(path))
    for axis, (key, elements) in enumerate(zip(keys, header.elements, strict=True)):
        at = {label.casefold(): k for k, label in enumerate(elements)}
        wanted = [label.casefold() for label in names[_SETS[key]]]
        strange = next((label for label in elements if label.casefold() not in wanted), None)
        if strange is not None:
            raise DocumentError(
                f"{name} has the element {strange!r}, which {META} does not name: without the header {META} the names "
                f"are those of VALU",
                path=str(path),
            )
        if elements and len(at) < len(elements):
            raise DocumentError(f"{name} has an element twice: {', '.join(elements[:6])}", path=str(path))
        if elements:
            array = array.take([at[label] for label in wanted], axis)
    return array


def short_labels(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of at most 12 characters (ASCII letters, digits, underscores), each once whatever the case."""
    out: list[str] = []
    for name in names:
        plain = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name) or "_"
        plain = plain if plain[0].isalpha() else f"x{plain}"
        label, k = plain[:LABEL], 1
        while label.casefold() in {one.casefold() for one in out}:
            k += 1
            label = f"{plain[: LABEL - len(str(k))]}{k}"
        out.append(label)
    return tuple(out)


def _lines(text: str, width: int) -> list[str]:
    """Return a text in pieces of at most `width`, none of which ends or begins with a blank."""
    out = []
    while text:
        end = min(width, len(text))
        while end < len(text) and " " in (text[end - 1], text[end]):
            end -= 1
        out.append(text[:end])
        text = text[end:]
    return out


def _about(text: str, path: Path) -> dict[str, Any]:
    try:
        about = json.loads(text or "{}")
    except ValueError as error:
        raise DocumentError(f"what it says about itself ({META}) is damaged: {error}", path=str(path)) from error
    return dict(about)


# ---- GDX ----


def write_gdx_file(path: Path, exchange: Exchange) -> list[Path]:
    """Write a GDX file: the sets sectors and countries, a parameter for each array, and what the file is about."""
    sets = {"sectors": exchange.sectors, "countries": exchange.countries}
    symbols = [
        GdxSymbol(name, (), f"the {name}", [((one,), "") for one in elements]) for name, elements in sets.items()
    ]
    lines = _lines(exchange.text.replace("'", "\\u0027"), 250)  # a text of GAMS has one kind of quotation mark
    symbols.append(
        GdxSymbol("about", ("*",), "about this file, JSON", [((f"line{k}",), t) for k, t in enumerate(lines)])
    )
    for name, array in exchange.arrays.items():
        one = ARRAYS[name]
        domain = tuple(_GDX_SETS[_SETS[key]] for key in KEYS[one.table])
        records = list(_records(array, exchange.elements(one.table)))
        symbols.append(GdxSymbol(name, domain, f"{one.says}, {one.unit}", records))
    with whole_file(path) as temporary:
        write_gdx(temporary, symbols)
    return [path]


def _records(array: Array, elements: list[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], float]]:
    """The keys and values of an array that are not zero."""
    for at in np.argwhere(array != 0):
        yield tuple(names[k] for names, k in zip(elements, at, strict=True)), float(array[tuple(at)])


def read_gdx_file(path: Path) -> Exchange:
    """Read a GDX file that `write_gdx_file` wrote, or one with the same symbols. Raises `DocumentError`."""
    found = read_gdx(path)
    about = _about("".join(text for _, text in found.get("about", ())), path)
    if not {"sectors", "countries"} <= set(found):
        raise DocumentError(f"has no sets sectors and countries; its symbols are {', '.join(found)}", path=str(path))
    sectors = tuple(about.pop("sectors", None) or [keys[0] for keys, _ in found["sectors"]])
    countries = tuple(about.pop("countries", None) or [keys[0] for keys, _ in found["countries"]])
    empty = Exchange(sectors, countries, {})
    arrays = {}
    for name, one in ARRAYS.items():
        if name in found:
            elements = empty.elements(one.table)
            arrays[name] = np.zeros([len(names) for names in elements])
            keys = list(zip(*(keys for keys, _ in found[name]), strict=True))
            if keys:
                at = tuple(in_order_of(names, key) for names, key in zip(elements, keys, strict=True))
                arrays[name][at] = [value for _, value in found[name]]
    return Exchange(sectors, countries, arrays, about)


# ---- tables ----


def frames(exchange: Exchange) -> dict[str, pd.DataFrame]:
    """Return the tables of `KEYS` with a column for each array, and the table `about` (key, text)."""
    out = {}
    for table, keys in KEYS.items():
        arrays, elements = exchange.of(table), exchange.elements(table)
        shape = tuple(len(names) for names in elements)
        columns = {name: np.ascontiguousarray(array).ravel() for name, array in arrays.items()}
        kept = np.ones(int(np.prod(shape)), dtype=bool)
        if table not in DENSE:
            kept = np.any([column != 0 for column in columns.values()], axis=0)
        at = np.unravel_index(np.flatnonzero(kept), shape)
        named = {key: np.array(names, dtype=object)[k] for key, names, k in zip(keys, elements, at, strict=True)}
        out[table] = pd.DataFrame({**named, **{name: column[kept] for name, column in columns.items()}})
    about = {
        key: text if isinstance(text, str) else json.dumps(text, default=str) for key, text in exchange.about.items()
    }
    out["about"] = pd.DataFrame({"key": list(about), "text": list(about.values())}, dtype=object)
    return out


def of_frames(found: Mapping[str, pd.DataFrame], path: Path) -> Exchange:
    """Return what the tables of `frames` hold. Raises `DocumentError` where one is missing."""
    for table in ("trade", "sectors", "countries"):
        if table not in found:
            raise DocumentError(f"there is no table {table} in it", path=str(path))
    sectors = tuple(map(str, found["sectors"]["sector"]))
    countries = tuple(map(str, found["countries"]["country"]))
    empty = Exchange(sectors, countries, {})
    arrays: dict[str, Array] = {}
    unread: list[str] = []
    for table, keys in KEYS.items():
        frame = found.get(table)
        if frame is None:
            continue
        absent = [key for key in keys if key not in frame]
        if absent:
            raise DocumentError(f"the table {table} has no column {absent[0]}", path=str(path))
        elements = empty.elements(table)
        try:
            at = tuple(
                in_order_of(names, list(map(str, frame[key]))) for names, key in zip(elements, keys, strict=True)
            )
        except TableError as error:
            raise DocumentError(f"the table {table}: {error}", path=str(path)) from None
        if frame.duplicated(list(keys)).any():
            row = frame[frame.duplicated(list(keys))].iloc[0]
            named = ", ".join(str(row[key]) for key in keys)
            raise DocumentError(f"the table {table} has two rows for {named}; leave one", path=str(path))
        for name, one in ARRAYS.items():
            if one.table == table and name in frame:
                arrays[name] = np.zeros([len(names) for names in elements])
                arrays[name][at] = _numbers(frame[name], f"the table {table}", path)
        strange = [str(name) for name in frame.columns if name not in keys and _table_of(name) != table]
        unread += [f"The table {table}: column {name!r} not used." for name in strange]
    exact = not any((frame.dtypes == np.float32).any() for frame in found.values())
    return Exchange(sectors, countries, arrays, _facts(found.get("about"), path), exact, tuple(unread))


def _table_of(name: str) -> str:
    return ARRAYS[name].table if name in ARRAYS else ""


def _numbers(column: pd.Series, where: str, path: Path) -> Array:
    """Return a column as numbers, to the last digit. Raises `DocumentError` for the first cell that is none."""
    if column.dtype.kind in "iuf" and np.isfinite(column).all():
        return column.to_numpy(dtype=float)
    texts = column.astype(object).where(column.notna(), "").astype(str).str.strip()
    signed = texts.str.endswith("%")
    bare = texts.where(~signed, texts.str.removesuffix("%").str.strip())
    try:
        numbers = bare.map(float).astype(float)
    except ValueError:
        numbers = as_numbers(bare, f"{where}, column {str(column.name)!r}", "rate", None, [])
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        cell = texts.iloc[bad[0]]
        says = "empty" if not cell else repr(cell)
        raise DocumentError(f"{where}, row {bad[0] + 1}: {column.name} is {says}; a number is needed", path=str(path))
    return np.where(signed, numbers / 100, numbers)


def _facts(about: pd.DataFrame | None, path: Path) -> dict[str, Any]:
    """Return what the table `about` says. Raises `DocumentError` for a text that is not JSON where it must be."""
    facts: dict[str, Any] = {}
    rows = [] if about is None else about.itertuples(index=False)
    for row, (key, text) in enumerate(rows, start=1):
        try:
            facts[str(key)] = text if key in ("name", "source", "format") else json.loads(text)
        except ValueError:
            message = f"the table about, row {row} ({key}): {text!r} is not JSON"
            raise DocumentError(message, path=str(path)) from None
    return facts


def write_folder(path: Path, exchange: Exchange) -> list[Path]:
    """Write a folder of CSV files: trade, inputs, cells, sectors, countries and about, whose numbers are exact."""
    path.mkdir(parents=True, exist_ok=True)
    out = []
    for name, frame in frames(exchange).items():
        file = path / f"{name}.csv"
        with whole_file(file) as temporary:
            frame.to_csv(temporary, index=False, lineterminator="\n")
        out.append(file)
    return out


def read_folder(path: Path) -> Exchange:
    """Read a folder that `write_folder` wrote. Raises `DocumentError`."""
    found = {}
    for name in (*KEYS, "about"):
        file = path / f"{name}.csv"
        if file.exists():
            found[name] = _read_csv(file, KEYS.get(name, ("key", "text")))
    return of_frames(found, path)


def _read_csv(file: Path, keys: Sequence[str]) -> pd.DataFrame:
    """Return a table with commas, or semicolons or tabs as spreadsheets write; its columns may be in any case."""
    try:
        header = file.read_text(encoding="utf-8-sig").partition("\n")[0]
        separator = max(",;\t", key=header.count)
        ours = {fold_name(name): name for name in (*keys, *ARRAYS)}
        names = pd.read_csv(file, sep=separator, nrows=0, encoding="utf-8-sig").columns
        spelt = {name: ours.get(fold_name(name), name) for name in names}
        kinds = {name: str for name, our in spelt.items() if our in keys}
        frame = pd.read_csv(
            file,
            sep=separator,
            dtype=kinds,
            keep_default_na=False,
            float_precision="round_trip",
            encoding="utf-8-sig",
        )
    except ValueError as error:  # also of another encoding, or of rows that are longer than the header
        raise unreadable(file, str(error)) from error
    return frame.rename(columns=spelt)


def write_dta(path: Path, exchange: Exchange) -> list[Path]:
    """Write the table of trade as a Stata file, and the other tables beside it: FILE_inputs.dta and so on."""
    out = []
    for name, frame in frames(exchange).items():
        file = _beside(path, name)
        labels = {one.name: f"{one.says}, {one.unit}"[:LINE] for one in ARRAYS.values() if one.name in frame}
        title = f"{exchange.about.get('name', 'Economy')}: {name}, written by Entrepot"[:LINE]
        with whole_file(file) as temporary:
            frame.to_stata(
                temporary,
                write_index=False,
                version=118,
                variable_labels=labels,
                data_label=title,
                convert_strl=["text"] if name == "about" else None,
            )
        out.append(file)
    return out


def read_dta(path: Path) -> Exchange:
    """Read the Stata files that `write_dta` wrote, from the one with trade. Raises `DocumentError`."""
    found = {}
    for name in (*KEYS, "about"):
        file = _beside(path, name)
        if file.exists():
            try:
                found[name] = pd.read_stata(file, convert_categoricals=False)
            except (ValueError, struct.error, KeyError, UnicodeDecodeError) as error:
                raise DocumentError(f"is not a Stata file: {error}", path=str(file)) from error
    return of_frames(found, path)


def _beside(path: Path, table: str) -> Path:
    return path if table == "trade" else path.with_name(f"{path.stem}_{table}{path.suffix}")


WRITERS: dict[Format, Callable[[Path, Exchange], list[Path]]] = {
    "har": write_har,
    "gdx": write_gdx_file,
    "dta": write_dta,
    "folder": write_folder,
}
READERS: dict[Format, Callable[[Path], Exchange]] = {
    "har": read_har,
    "gdx": read_gdx_file,
    "dta": read_dta,
    "folder": read_folder,
}


def format_of(path: Path) -> Format:
    """Return the format that a path stands for. Raises `InputError` for another ending."""
    known: dict[str, Format] = {".har": "har", ".gdx": "gdx", ".dta": "dta", "": "folder"}
    if path.is_dir():
        return "folder"
    if path.suffix.lower() not in known:
        raise InputError(f"{path}: give a name that ends in .har, .gdx or .dta, or a folder for tables as CSV")
    return known[path.suffix.lower()]


def export_economy(
    economy: Economy,
    path: str | os.PathLike[str],
    shocks: Mapping[str, Array] | None = None,
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write an Economy, and the shocks of measures if given, to a file or folder; return the files written.

    The ending of `path` chooses the format: .har (GEMPACK), .gdx (GAMS), .dta (Stata; other tables beside it), or
    none, for a folder of CSV files. Files that are there are replaced if an export wrote them, or with `overwrite`.
    Raises `InputError` for another ending, for files of another origin, and what `Exchange.of_economy` raises.
    """
    place = Path(path)
    kind = format_of(place)
    exchange = Exchange.of_economy(economy, shocks)
    if not overwrite:
        _refuse_files_of_others(place, kind)
    return WRITERS[kind](place, exchange)


def _refuse_files_of_others(place: Path, kind: Format) -> None:
    """Raise `InputError` where an export would replace files that no export wrote."""
    tables = (*KEYS, "about")
    files = {
        "folder": [place / f"{table}.csv" for table in tables],
        "dta": [_beside(place, table) for table in tables],
    }.get(kind, [place])
    there = [file for file in files if file.exists()]
    if there and not _is_exported(files, kind):
        names = ", ".join(file.name for file in there)
        where = f"in {place}" if kind == "folder" else f"in {place.resolve().parent}"
        raise InputError(
            f"{names} {where}: no export wrote {'these files' if len(there) > 1 else 'this file'}, which would be "
            f"replaced; give another place, or --replace (overwrite=True)"
        )


def _is_exported(files: list[Path], kind: Format) -> bool:
    """Whether the files say that an export wrote them."""
    try:
        if kind == "folder":
            return "entrepot-exchange" in files[-1].read_text(encoding="utf-8")
        if kind == "dta":
            return b"entrepot-exchange" in files[-1].read_bytes()
        return str(READERS[kind](files[0]).about.get("format", "")).startswith("entrepot-exchange")
    except (OSError, ValueError, InputError):
        return False
