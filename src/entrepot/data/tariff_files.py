"""Tables of tariffs as they are published, and the rows of them that count."""

from __future__ import annotations

import csv
import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.data.concordances import read_concordance
from entrepot.data.tables import LARGEST_TARIFF
from entrepot.documents import as_path
from entrepot.economy.equations import Array
from entrepot.economy.geography import ALL, WORLD, groups, is_group, resolve_countries
from entrepot.errors import DocumentError, InputError, TableError, UnknownNameError

IntArray = np.ndarray[Any, np.dtype[np.intp]]

#: Rows read at a time: MAcMap-HS6 has 144 million a year.
CHUNK = 2_000_000


@dataclass(frozen=True, slots=True)
class Layout:
    """How a published table names its columns. A name here is lower-case letters and digits alone.

    Each of importer, exporter, item, rate, year, weight and duty lists the names that the column goes by: of `importer`
    and `exporter` the first that can be resolved is used row by row, of the others the first that is there.
    products    item is a product of the Harmonized System (or of the concordance), else a sector
    unit        what one in the rate column is, as a fraction
    """

    name: str
    title: str
    importer: tuple[str, ...]
    exporter: tuple[str, ...]
    item: tuple[str, ...]
    rate: tuple[str, ...]
    year: tuple[str, ...] = ("year",)
    weight: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()
    products: bool = True
    unit: float = 1.0
    exporter_needed: bool = True

    def fits(self, columns: set[str]) -> bool:
        needed = [self.importer, self.item, self.rate, *([self.exporter] if self.exporter_needed else [])]
        return all(columns.intersection(names) for names in needed)

    @property
    def names(self) -> set[str]:
        """Every column that is used."""
        roles = (self.importer, self.exporter, self.item, self.rate, self.year, self.weight, self.duty)
        return {name for names in roles for name in names}

    def __str__(self) -> str:
        return f"{self.title}: {', '.join('/'.join(n) for n in (self.importer, self.exporter, self.item, self.rate))}"


#: WITS: column names and percentage points as in the online help of WITS ("Tariff and Trade Analysis, result"), spelt
#: as in public programs that read such exports. TRAINS: the bulk files AVEMFN and AVEPref, likewise. MAcMap-HS6: the
#: yearly files mmhs6_YEAR.csv (importer, exporter, hs6_2007, year, adv). CEPII's page calls the measure an ad valorem
#: equivalent in percent; programs that use the files read fractions (0.05 is 5%), as here; percents are refused.
LAYOUTS = (
    Layout("plain", "plain", ("importer",), ("exporter",), ("sector",), ("tariff",), products=False),
    Layout("products", "plain by product", ("importer",), ("exporter",), ("product",), ("tariff",), weight=("value",)),
    Layout(
        "wits",
        "WITS",
        ("reporter", "reportername"),
        ("partner", "partnername"),
        ("product",),
        ("simpleaverage", "weightedaverage"),
        year=("tariffyear",),
        weight=("importsvaluein1000usd",),
        duty=("dutytype",),
        unit=0.01,
    ),
    Layout(
        "trains",
        "TRAINS bulk",
        ("reporterison",),
        ("partner",),
        ("productcode",),
        ("simpleaverage",),
        unit=0.01,
        exporter_needed=False,
    ),
    Layout("macmap", "MAcMap-HS6", ("importer",), ("exporter",), ("hs62007", "hs6"), ("adv",)),
)

#: Of two duties on the same flow and product, the one that is levied: effectively applied, preferential, MFN.
DUTIES = {"AHS": 0, "PRF": 1, "MFN": 2}
NOT_LEVIED = ("BND",)

#: How many countries WORLD covers, in comparisons of reach.
EVERY = 10_000

#: Names that stand for every partner without a row of its own, and for the European Union.
EVERYONE = {"world", "wld", "mfn", "0", "all countries", "erga omnes"}
UNION = {"eun", "eu", "918", "european union"}


def refuse_percent(levied: Array, where: str, largest: float = np.inf) -> None:
    """Raises `TableError` where rates look like percentages: the median above one, or any above `largest`."""
    if not len(levied):
        return
    median, highest = float(np.median(levied)), float(levied.max())
    if median > 1 or highest > largest:
        which, rate = ("the median tariff levied", median) if median > 1 else ("the highest tariff", highest)
        raise TableError(
            f"{where}: {which} is {rate:g}, that is {100 * rate:,.0f}%. Rates are fractions (0.25 for 25%): "
            f"divide by 100"
        )


# ---- from a table to rows ----


#: Of the rows kept: 29 bytes each, so that a year of MAcMap-HS6 fits in memory.
COMPACT = {"importer": "int16", "exporter": "int16", "item": "int32", "duty": "int8"}


@dataclass(slots=True)
class _Labels:
    """Names of countries in a table, each looked up once: the positions it stands for and how many it may cover."""

    countries: tuple[str, ...]
    union: str = "EU27"
    positions: list[IntArray] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def id(self, name: str) -> int:
        """Position in `positions` and `widths`; -1 for a name that stands for no country here."""
        if name not in self.ids:
            self.ids[name] = self._add(name)
        return self.ids[name]

    def _add(self, name: str) -> int:
        folded = name.strip().casefold()
        own = {code.casefold() for code in self.countries}
        if folded not in own:
            number = folded.removesuffix(".0")  # ISO 3166 numbers, as text or as a spreadsheet has them
            folded = (number.lstrip("0") or "0") if number.isdigit() else folded
            folded = WORLD if folded in EVERYONE else self.union if folded in UNION else folded
        try:
            found, _ = resolve_countries(folded, self.countries)
        except InputError:
            return -1
        single = folded in own or not (is_group(folded) or folded == WORLD)
        self.positions.append(np.array([self.countries.index(code) for code in found], dtype=np.intp))
        self.widths.append(1 if single else EVERY if folded == WORLD else len(groups()[folded.upper()]["members"]))
        return len(self.positions) - 1


@dataclass(slots=True)
class Rows:
    """A table as arrays, one entry a row: ids of the labels, position of the item, rate, weight, rank of the duty."""

    where: str
    layout: Layout
    labels: _Labels
    importer: IntArray
    exporter: IntArray
    item: IntArray
    duty: IntArray
    rate: Array
    weight: Array
    row: IntArray
    year: int | None
    items: tuple[str, ...]
    item_sector: IntArray
    notes: list[str]


def read_rows(
    tariffs: Any, countries: tuple[str, ...], sectors: tuple[str, ...], year: int | None, concordance: Any
) -> Rows:
    where = f"tariffs ({Path(tariffs).name})" if isinstance(tariffs, str | os.PathLike) else "tariffs"
    reader = _Reader(where, _Labels(countries), year)
    rows = pd.concat([reader.reduce(chunk) for chunk in _chunks(tariffs, where, year)] or [pd.DataFrame()])
    if not reader.read:
        raise TableError(f"{where}: the table has no rows")
    layout, labels, names = reader.layout, reader.labels, reader.names
    notes = list(reader.notes(Path(tariffs).name if isinstance(tariffs, str | os.PathLike) else "a table", len(rows)))
    items, codes = _items(rows, list(names), layout, sectors, concordance, where, notes)
    if (codes < 0).any():
        rows, codes = rows[codes >= 0], codes[codes >= 0]
    if layout.unit == 1.0:
        refuse_percent(
            rows.loc[rows["rate"] > 0, "rate"].to_numpy(), where, np.inf if layout.products else LARGEST_TARIFF
        )
    rows, codes = _every_sector(rows, codes, items[0])
    return Rows(
        where=where,
        layout=layout,
        labels=labels,
        importer=rows["importer"].to_numpy(dtype=np.intp),
        exporter=rows["exporter"].to_numpy(dtype=np.intp),
        item=codes.astype(np.intp),
        duty=rows["duty"].to_numpy(dtype=np.intp),
        rate=rows["rate"].to_numpy(dtype=float) * layout.unit,
        weight=rows["weight"].to_numpy(dtype=float),
        row=rows.index.to_numpy(dtype=np.intp),
        year=reader.year_used,
        items=items[0],
        item_sector=items[1],
        notes=notes,
    )


def _chunks(tariffs: Any, where: str, year: int | None) -> Iterator[pd.DataFrame]:
    """The table piece by piece, every column as it is written."""
    if isinstance(tariffs, pd.DataFrame):
        yield tariffs.reset_index(drop=True)
        return
    if not isinstance(tariffs, str | os.PathLike):
        raise TableError(
            f"tariffs: an array, a DataFrame or the path of a CSV, Parquet or zip file is needed, "
            f"not {type(tariffs).__name__}"
        )
    path = as_path(tariffs)
    try:
        if path.suffix.lower() == ".parquet":
            yield pd.read_parquet(path)
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive, archive.open(_member(archive, path, year)) as file:
                yield from _csv_chunks(file, where)
        else:
            with path.open("rb") as file:
                yield from _csv_chunks(file, where)
    except ImportError:
        raise DocumentError("reading Parquet needs pyarrow: pip install 'entrepot[parquet]'", path=str(path)) from None
    except InputError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DocumentError(f"the tariff table cannot be read: {error}", path=str(path)) from error


def _csv_chunks(file: Any, where: str) -> Iterator[pd.DataFrame]:
    """The columns that a layout uses (all, where none fits), as text. A row longer than the header is an error."""
    header = file.readline().decode("utf-8-sig", errors="replace")
    separator = max((",", ";", "\t"), key=header.count)
    columns = next(csv.reader([header], delimiter=separator), [])
    folded = [fold_name(name) for name in columns]
    used = next((layout.names for layout in LAYOUTS if layout.fits(set(folded))), set(folded))
    kept = [k for k, name in enumerate(folded) if name in used]
    beyond = len(columns)
    file.seek(0)
    for chunk in pd.read_csv(
        file,
        sep=separator,
        header=None,
        skiprows=1,
        names=list(range(beyond + 1)),
        index_col=False,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        chunksize=CHUNK,
        encoding_errors="replace",
    ):
        longer = chunk[beyond].notna().to_numpy()
        if longer.any():
            raise TableError(f"{where}, row {chunk.index[int(np.argmax(longer))] + 1}: more fields than the header has")
        yield chunk[kept].set_axis([columns[k] for k in kept], axis=1)


def _member(archive: zipfile.ZipFile, path: Path, year: int | None) -> str:
    tables = [
        n for n in archive.namelist() if n.lower().endswith((".csv", ".txt")) and not Path(n).name.startswith(".")
    ]
    of_year = [n for n in tables if year is not None and str(year) in Path(n).name]
    for found in (tables, of_year):
        if len(found) == 1:
            return found[0]
    raise DocumentError(
        f"one CSV is needed in the zip, or one with the year in its name; it has {len(tables)}: "
        f"{', '.join(tables[:5])}{' ...' if len(tables) > 5 else ''}",
        path=str(path),
    )


def fold_name(name: Any) -> str:
    return re.sub(r"[^a-z0-9]", "", str(name).casefold())


def _recognise(columns: Any, where: str) -> tuple[Layout, dict[str, list[str]]]:
    """The layout whose columns are there, and the table's own names of them by role."""
    by_name: dict[str, str] = {}
    for column in columns:
        if fold_name(column) in by_name:
            raise TableError(f"{where}: the column {str(column)!r} is there twice")
        by_name[fold_name(column)] = column
    for layout in LAYOUTS:
        if layout.fits(set(by_name)):
            roles = ("importer", "exporter", "item", "rate", "year", "weight", "duty")
            return layout, {role: [by_name[n] for n in getattr(layout, role) if n in by_name] for role in roles}
    raise TableError(
        f"{where}: these columns are of no layout known: {', '.join(map(repr, map(str, columns)))}. "
        f"Known: {'; '.join(map(str, LAYOUTS))}"
    )


@dataclass(slots=True)
class _Reader:
    """Takes from a table, piece by piece, the rows that count, and counts the rest.

    In the frames that it passes on the index is the row of the table, from 1.
    """

    where: str
    labels: _Labels
    year: int | None
    layout: Layout = LAYOUTS[0]
    roles: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    read: int = 0
    years: Counter[int] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    text: Counter[str] = field(default_factory=Counter)
    blank: int = 0
    unlevied: Counter[str] = field(default_factory=Counter)

    def reduce(self, chunk: pd.DataFrame) -> pd.DataFrame:
        """Columns importer, exporter, item (ids), duty (rank), rate (in the unit of the layout), weight."""
        if not self.roles:
            self.layout, self.roles = _recognise(chunk.columns, self.where)
        chunk = chunk.set_axis(range(self.read + 1, self.read + len(chunk) + 1))
        self.read += len(chunk)
        chunk = self.levied(self.of_year(chunk))
        ids: dict[str, IntArray] = {}
        for role in ("importer", "exporter"):
            chunk, ids = self.known(chunk, role, ids)
        rate, right = self.rates(chunk[self.roles["rate"][0]])
        chunk, rate = chunk[right], rate[right]
        rows = pd.DataFrame({role: found[right] for role, found in ids.items()}, index=chunk.index)
        rows["item"] = self.items(chunk[self.roles["item"][0]])
        rows["duty"] = chunk["duty rank"] if self.roles["duty"] else 0
        rows["rate"] = rate
        rows["weight"] = self.weights(chunk)
        return rows.astype(COMPACT)

    def at(self, rows: pd.DataFrame | pd.Series, wrong: np.ndarray[Any, Any]) -> str:
        return f"{self.where}, row {rows.index[int(np.argmax(wrong))]}"

    def of_year(self, chunk: pd.DataFrame) -> pd.DataFrame:
        if not self.roles["year"]:
            return chunk
        column = chunk[self.roles["year"][0]]
        codes, written = pd.factorize(column)
        years = pd.to_numeric(pd.Series(written, dtype=object), errors="coerce").fillna(-1).astype(int)
        of_row = np.append(years.to_numpy(), -1)[codes]
        if (of_row < 0).any():
            shown = column.iloc[int(np.argmax(of_row < 0))]
            raise TableError(f"{self.at(column, of_row < 0)}: {column.name} is {shown!r}, not a year")
        self.years.update(dict(zip(*(u.tolist() for u in np.unique(of_row, return_counts=True)), strict=True)))
        return chunk if self.year is None else chunk[of_row == self.year]

    @property
    def year_used(self) -> int | None:
        return self.year if self.year is not None else next(iter(self.years), None)

    def levied(self, chunk: pd.DataFrame) -> pd.DataFrame:
        """Without bound rates; with a column that ranks the duties."""
        if not self.roles["duty"]:
            return chunk
        duty = chunk[self.roles["duty"][0]].astype(str).str.strip().str.upper()
        strange = ~duty.isin([*DUTIES, *NOT_LEVIED]).to_numpy()
        if strange.any():
            raise TableError(
                f"{self.at(chunk, strange)}: unknown duty type {duty[strange].iloc[0]!r}; "
                f"known: {', '.join((*DUTIES, *NOT_LEVIED))}"
            )
        levied = duty.isin(DUTIES).to_numpy()
        self.unlevied.update(duty[~levied])
        return chunk[levied].assign(**{"duty rank": duty[levied].map(DUTIES)})

    def known(
        self, chunk: pd.DataFrame, role: str, ids: dict[str, IntArray]
    ) -> tuple[pd.DataFrame, dict[str, IntArray]]:
        """Rows whose importer or exporter is here, and its id; a name beside a code is asked where the code fails."""
        self.labels.union = "EU28" if self.year_used is not None and self.year_used < 2020 else "EU27"
        columns = self.roles[role]
        if not columns:
            return chunk, {**ids, role: np.full(len(chunk), self.labels.id(WORLD), dtype=np.intp)}
        found, blank = np.full(len(chunk), -1, dtype=np.intp), np.ones(len(chunk), dtype=bool)
        for column in columns:
            codes, names = pd.factorize(chunk[column])
            known = np.array([*(self.labels.id(str(name)) for name in names), -1], dtype=np.intp)
            found = np.where(found < 0, known[codes], found)
            blank &= codes < 0
        if blank.any():
            raise TableError(f"{self.at(chunk, blank)}: {columns[0]} is empty")
        here = found >= 0
        self.unknown.update(chunk.loc[~here, columns[-1]].astype(str).value_counts().to_dict())
        return chunk[here], {**{k: v[here] for k, v in ids.items()}, role: found[here]}

    def rates(self, column: pd.Series) -> tuple[Array, np.ndarray[Any, Any]]:
        """Numbers, and True where there is one; "12.5%" is one, "5 USD/kg" is not."""
        if column.dtype.kind in "bcmM":
            raise TableError(f"{self.where}: the column {column.name!r} holds {column.dtype}, not numbers")
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, copy=True)
        blank = column.isna().to_numpy()
        text = np.isnan(numbers) & ~blank
        if text.any():
            shares = column[text].astype(str).str.extract(r"^\s*(-?\d+\.?\d*|-?\.\d+)\s*%\s*$", expand=False)
            numbers[text] = shares.astype(float) * 0.01 / self.layout.unit
            text &= np.isnan(numbers)
        self.blank += int(blank.sum())
        self.text.update(column[text].astype(str).value_counts().to_dict())
        right = ~(blank | text)
        wrong = right & ~(np.isfinite(numbers) & (numbers * self.layout.unit > -1))
        if wrong.any():
            rate = numbers[int(np.argmax(wrong))]
            raise TableError(f"{self.at(column, wrong)}: a tariff of {rate:g}; a number above -100% is needed")
        return numbers, right

    def items(self, column: pd.Series) -> IntArray:
        codes, found = pd.factorize(column)
        if (codes < 0).any():
            raise TableError(f"{self.at(column, codes < 0)}: {column.name} is empty")
        ids = [self.names.setdefault(str(name).strip(), len(self.names)) for name in found]
        return np.array(ids, dtype=np.intp)[codes]

    def weights(self, chunk: pd.DataFrame) -> Any:
        if not self.roles["weight"]:
            return np.nan
        return pd.to_numeric(chunk[self.roles["weight"][0]], errors="coerce").astype(float).clip(lower=0.0)

    def notes(self, name: str, kept: int) -> Iterator[str]:
        """What was read and what was left out. Raises `TableError` where nothing is left."""
        years = listed(map(str, sorted(self.years)))
        if self.years and self.year is not None and self.year not in self.years:
            raise TableError(f"{self.where}: no row of {self.year}; the years are {years}")
        if len(self.years) > 1 and self.year is None:
            raise TableError(f"{self.where}: rows of several years ({years}); say which one")
        if not kept:
            reasons = " ".join(note.removeprefix("Tariffs: ") for note in self.left_out())
            raise TableError(f"{self.where}: no row is left that counts. {reasons}")
        yield f"Tariffs: {name} ({self.layout.title} layout), {counted(self.read, 'row')} read."
        if self.years:
            other = sum(n for year, n in self.years.items() if year != self.year_used)
            unused = f"; {counted(other, 'row')} of other years not used" if other else ""
            yield f"Tariffs: year {self.year_used}{unused}."
        if self.layout.name == "wits":
            yield f"Tariffs: rates are the column {self.roles['rate'][0]!r}, in percent."
        if any(label.strip().casefold() in UNION for label in self.labels.ids):
            yield f"Tariffs: the European Union is read as {self.labels.union}."
        yield from self.left_out()

    def left_out(self) -> Iterator[str]:
        if self.unknown:
            names = listed([f"{name} ({n:,})" for name, n in self.unknown.most_common()])
            yield (
                f"Tariffs: {counted(self.unknown.total(), 'row')} left out, of names with no data of their own here "
                f"({len(self.unknown):,}): {names}."
            )
        if self.text:
            rows = counted(self.text.total(), "row")
            yield f"Tariffs: {rows} with duties that are not ad valorem left out: {listed(self.text)}."
        if self.blank:
            yield f"Tariffs: {counted(self.blank, 'row')} without a rate left out."
        if self.unlevied:
            rows = counted(self.unlevied.total(), "row")
            yield f"Tariffs: {rows} of duties not levied left out: {listed(self.unlevied)}."


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Any, limit: int = 5) -> str:
    names = list(names)
    return ", ".join(names[:limit]) + (" ..." if len(names) > limit else "")


# ---- products and sectors ----


def _items(
    rows: pd.DataFrame,
    names: list[str],
    layout: Layout,
    sectors: tuple[str, ...],
    concordance: Any,
    where: str,
    notes: list[str],
) -> tuple[tuple[tuple[str, ...], IntArray], IntArray]:
    """Names and sectors of the items of the table, and the item of each row (-1: none, len(items): every sector)."""
    codes = rows["item"].to_numpy()
    by_folded = {s.casefold(): j for j, s in enumerate(sectors)} | {ALL.casefold(): len(sectors)}
    place = np.array([by_folded.get(name.casefold(), -1) for name in names], dtype=np.intp)
    if not layout.products or (concordance is None and (place >= 0).all()):
        if (place[codes] < 0).any():
            at = int(np.argmax(place[codes] < 0))
            raise UnknownNameError("sector", names[codes[at]], sectors, f"{where}, row {rows.index[at]}")
        return (sectors, np.arange(len(sectors))), place[codes]
    if concordance is None:
        raise TableError(
            f"{where}: it has products ({listed(names, 3)}), not sectors; give a concordance: a table (product, sector)"
        )
    sector = read_concordance(concordance, sectors=sectors).positions(names, sectors)
    lost = (sector < 0)[codes]
    if lost.all():
        raise TableError(f"{where}: the concordance has no sector for any product ({listed(names, 3)})")
    if lost.any():
        without = [names[k] for k in np.unique(codes[lost])]
        notes.append(
            f"Tariffs: {counted(int(lost.sum()), 'row')} of {counted(len(without), 'product')} that the concordance "
            f"does not have left out: {listed(without)}."
        )
    kept = np.flatnonzero(sector >= 0)
    renumber = np.full(len(names), -1, dtype=np.intp)
    renumber[kept] = np.arange(len(kept))
    return (tuple(names[k] for k in kept), sector[kept]), renumber[codes]


def _every_sector(rows: pd.DataFrame, codes: IntArray, items: tuple[str, ...]) -> tuple[pd.DataFrame, IntArray]:
    """Rows for ALL sectors, written out; `duty` ranks them behind a row that names the sector."""
    every = codes == len(items)
    if not every.any():
        return rows, codes
    wide = rows.iloc[np.flatnonzero(every).repeat(len(items))].assign(duty=lambda r: r["duty"] + len(DUTIES))
    codes = np.concatenate([codes[~every], np.tile(np.arange(len(items)), int(every.sum()))])
    return pd.concat([rows[~every], wide]), codes
