"""What the readers of trade flows share: one pass over a large file, and an Economy from the flows it gives."""

from __future__ import annotations

import contextlib
import csv
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from entrepot.economy.economy import Economy, check_labels
from entrepot.economy.equations import Array
from entrepot.economy.sources.catalogue import Ask, Imported, Tell
from entrepot.economy.sources.own_sales import with_own_sales
from entrepot.errors import DocumentError, InputError, TableError

#: Room for labels in one pass, above what any such database has; and bytes read at a time.
COUNTRIES, PRODUCTS, BLOCK = 320, 8192, 16 << 20

#: The sector of a product, None where it has none.
SectorOf = Callable[[str], str | None]


@dataclass
class Findings:
    """The lines of an `Imported`, gathered while reading."""

    found: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Columns:
    """Names of a flow file's columns; `group` is one more that depends on the product alone, such as a broad sector."""

    year: str
    exporter: str
    importer: str
    product: str
    value: str
    group: str | None = None


# ---- one pass over a large file ----


@dataclass
class Labels:
    """Numbers 0, 1, 2, ... for labels in the order they are met, at most `room` of them."""

    room: int
    what: str
    path: Path
    number: dict[str, int] = field(default_factory=dict)

    def of(self, column: Any) -> NDArray[np.intp]:
        """Numbers of an Arrow column's labels, spaces around them aside."""
        encoded = column.dictionary_encode()
        numbers = [
            self.number.setdefault(str(label).strip(), len(self.number)) for label in encoded.dictionary.to_pylist()
        ]
        if len(self.number) > self.room:
            raise DocumentError(
                f"more than {self.room:,} different {self.what}: not the file expected", path=str(self.path)
            )
        if "" in self.number:
            raise DocumentError(f"an empty one among the {self.what}", path=str(self.path))
        return np.array(numbers, dtype=np.intp)[encoded.indices.to_numpy(zero_copy_only=False)]

    def names(self) -> list[str]:
        return list(self.number)


class Seen:
    """One bit for every (exporter, importer, product): has this flow been met? 1 KB a country pair, if touched."""

    def __init__(self) -> None:
        self._bits = np.zeros(COUNTRIES * COUNTRIES * PRODUCTS // 8, dtype=np.uint8)

    def twice(self, flow: NDArray[np.intp]) -> int | None:
        """Add flows; the position of one that was there already, if there is one."""
        order = np.argsort(flow, kind="stable")
        ordered = flow[order]
        byte, bit = ordered >> 3, np.left_shift(1, ordered & 7).astype(np.uint8)
        again = (self._bits[byte] & bit) != 0
        again[1:] |= ordered[1:] == ordered[:-1]
        np.bitwise_or.at(self._bits, byte, bit)
        return int(order[int(again.argmax())]) if again.any() else None


def stream(path: Path, columns: Columns, year: int | None, tell: Tell, pad: int = 0, sector: SectorOf = str) -> Sums:
    """Sums of a CSV file of flows by sector, in one pass and bounded memory. See `Sums`.

    sector  the sector of a product, None where it has none; by default each product is a sector
    pad     digits that product codes have, where leading zeros may have been lost
    Raises `DocumentError` for a line that cannot be read, a value that is absent, negative or not finite, a flow that
    stands twice, and for years that are not the one asked for or more than one.
    """
    pa = needs("pyarrow", f"reading {path.name}")
    years, countries = Labels(10_000, "years", path), Labels(COUNTRIES, "countries", path)
    products = Labels(10**7, "product codes", path)
    found = _Gathered(path, columns, pad, sector)
    expected, rows = _rows_expected(path), 0
    wanted = None if year is None else years.number.setdefault(str(year), 0)
    for batch in _batches(path, columns):
        which = years.of(batch[columns.year])
        wanted = int(which[0]) if wanted is None and len(which) else wanted
        mask = pa.array(which == wanted)
        found.add(batch.filter(mask), countries, products)
        rows += len(which)
        tell(f"reading {path.name}", min(rows, expected), max(rows, expected))
    tell(f"reading {path.name}", max(rows, 1), max(rows, 1))
    names = years.names() if found.rows or year is None else years.names()[1:]
    if not found.rows or (year is None and len(names) > 1):
        asked = "" if year is None else f"no rows of {year}; "
        raise DocumentError(
            f"{asked}years found: {', '.join(sorted(names)) or 'none'}; choose one with year=", path=str(path)
        )
    return found.sums(countries, _as_year(years.names()[wanted or 0], path))


@dataclass(frozen=True)
class Sums:
    """Sums of one year's flows.

    frame     exporter, importer, sector, value, and rows: how many flows are in it
    unplaced  value and rows by product that has no sector
    total     value of all flows
    groups    the group of each sector, where the file has one
    """

    frame: pd.DataFrame
    unplaced: pd.DataFrame
    total: float
    year: int
    rows: int
    groups: Mapping[str, str]


class _Gathered:
    """What `stream` adds up: values and counts by (sector, exporter, importer)."""

    def __init__(self, path: Path, columns: Columns, pad: int, sector: SectorOf) -> None:
        self._path, self._columns, self._pad, self._sector = path, columns, pad, sector
        self._products: dict[str, int] = {}  # padded code: its number
        self._sectors: dict[str | None, int] = {None: 0}
        self._sector_of: list[int] = []
        self._groups: dict[str, str] = {}
        self._seen = Seen()
        self._value = np.zeros((0, COUNTRIES * COUNTRIES))
        self._count = np.zeros((0, COUNTRIES * COUNTRIES), dtype=np.int64)
        self._unplaced = np.zeros((2, PRODUCTS))
        self.rows = 0

    def add(self, batch: Any, countries: Labels, codes: Labels) -> None:
        """Add one batch of rows of the year wanted."""
        if not batch.num_rows:
            return
        exporter, importer = countries.of(batch[self._columns.exporter]), countries.of(batch[self._columns.importer])
        code = codes.of(batch[self._columns.product])
        product = self._numbered(codes.names())[code]
        value = batch[self._columns.value].to_numpy(zero_copy_only=False).astype(float)
        bad = ~(np.isfinite(value) & (value >= 0))
        if bad.any():
            self._refuse("the value is absent, negative or not a number", batch, int(bad.argmax()))
        pair = exporter * COUNTRIES + importer
        twice = self._seen.twice(pair * PRODUCTS + product)
        if twice is not None:
            self._refuse("this flow stands twice in the same year", batch, twice)
        sector = np.array(self._sector_of)[product]
        self._grow(len(self._sectors))
        np.add.at(self._value, (sector, pair), value)
        np.add.at(self._count, (sector, pair), 1)
        lost = sector == 0
        if lost.any():
            self._unplaced[0] += np.bincount(product[lost], value[lost], PRODUCTS)
            self._unplaced[1] += np.bincount(product[lost], minlength=PRODUCTS)
        if self._columns.group is not None:
            labels, first = np.unique(code, return_index=True)
            names = batch[self._columns.group].take(first).to_pylist()
            known = codes.names()
            self._groups.update(
                (known[k].zfill(self._pad), str(name).strip()) for k, name in zip(labels, names, strict=True)
            )
        self.rows += len(value)

    def _numbered(self, codes: Sequence[str]) -> NDArray[np.intp]:
        """The product's number by the number of its code; codes that differ by leading zeros are one product."""
        numbers = np.empty(len(codes), dtype=np.intp)
        for k, code in enumerate(codes):
            padded = code.zfill(self._pad)
            if padded not in self._products:
                self._products[padded] = len(self._products)
                self._sector_of.append(self._sectors.setdefault(self._sector(padded), len(self._sectors)))
            numbers[k] = self._products[padded]
        if len(self._products) > PRODUCTS:
            raise DocumentError(f"more than {PRODUCTS:,} products: not the file expected", path=str(self._path))
        return numbers

    def _grow(self, sectors: int) -> None:
        more = sectors - len(self._value)
        if more > 0:
            self._value = np.concatenate([self._value, np.zeros((more, self._value.shape[1]))])
            self._count = np.concatenate([self._count, np.zeros((more, self._count.shape[1]), dtype=np.int64)])

    def _refuse(self, fault: str, batch: Any, row: int) -> NoReturn:
        c = self._columns
        exporter, importer, product = (str(batch[name][row]).strip() for name in (c.exporter, c.importer, c.product))
        raise DocumentError(
            f"{fault}: from {exporter} to {importer}, product {product.zfill(self._pad)}", path=str(self._path)
        )

    def sums(self, countries: Labels, year: int) -> Sums:
        labels = np.array(countries.names(), dtype=object)
        sectors = np.array(list(self._sectors), dtype=object)
        j, pair = np.nonzero(self._count)
        placed = j > 0
        frame = pd.DataFrame(
            {
                "exporter": labels[pair // COUNTRIES],
                "importer": labels[pair % COUNTRIES],
                "sector": sectors[j],
                "value": self._value[j, pair],
                "rows": self._count[j, pair],
            }
        )[placed]
        value, rows = self._unplaced[:, : len(self._products)]
        unplaced = pd.DataFrame({"product": list(self._products), "value": value, "rows": rows.astype(int)})
        return Sums(
            frame.reset_index(drop=True),
            unplaced[rows > 0].reset_index(drop=True),
            float(self._value.sum()),
            year,
            self.rows,
            self._groups,
        )


def _batches(path: Path, columns: Columns) -> Iterator[Any]:
    """The file in record batches of some megabytes: all text but the value."""
    pa, arrow_csv = needs("pyarrow", f"reading {path.name}"), needs("pyarrow.csv", f"reading {path.name}")
    names = header(path, columns)
    wanted = [columns.year, columns.exporter, columns.importer, columns.product]
    wanted += [columns.group] if columns.group else []
    types = {name: pa.string() for name in wanted} | {columns.value: pa.float64()}
    try:
        with arrow_csv.open_csv(
            path,
            arrow_csv.ReadOptions(block_size=BLOCK, column_names=names, skip_rows=1),
            arrow_csv.ParseOptions(),
            arrow_csv.ConvertOptions(column_types=types, include_columns=list(types), strings_can_be_null=False),
        ) as reader:
            yield from reader
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise DocumentError(f"cannot be read as CSV: {str(error).splitlines()[0]}", path=str(path)) from error


def _rows_expected(path: Path) -> int:
    """How many lines the file has, guessed from its first million bytes; for progress only."""
    with path.open("rb") as lines:
        start = lines.read(1_000_000)
    return max(1, int(path.stat().st_size * start.count(b"\n") / max(len(start), 1)))


def _as_year(text: str, path: Path) -> int:
    try:
        return int(text)
    except ValueError:
        raise DocumentError(f"the year reads {text!r}", path=str(path)) from None


def header(path: Path, columns: Columns) -> list[str]:
    """The names in the file's first line. Raises `DocumentError` unless the columns are there."""
    try:
        with path.open("rb") as lines:
            first = lines.readline(100_000).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"cannot be read as text: {error}", path=str(path)) from error
    names = next(csv.reader([first]), [])
    names = [name.strip() for name in names]
    wanted = [columns.year, columns.exporter, columns.importer, columns.product, columns.value, columns.group]
    missing = [c for c in wanted if c is not None and c not in names]
    if missing:
        raise DocumentError(
            f"no column {missing[0]!r}: the first line reads {first.strip()[:120]!r}", path=str(path), line=1
        )
    twice = [c for c in wanted if c is not None and names.count(c) > 1]
    if twice:
        raise DocumentError(f"the column {twice[0]!r} is there twice", path=str(path), line=1)
    return names


@contextlib.contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at `path`; damage found while it is used is a `DocumentError`."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DocumentError(f"the zip is damaged or cannot be unpacked: {error}", path=str(path)) from error


def needs(package: str, what: str, name: str = "") -> Any:
    """Import an optional package, or say how to get it (by `name`, where it is not the package's)."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise InputError(f"{what} needs {name or package.split('.')[0]}: pip install 'entrepot[sources]'") from error


def report_unplaced(sums: Sums, findings: Findings) -> None:
    """Say which products have no sector, and how much they are."""
    left = sums.unplaced
    if len(left):
        codes = sorted(left["product"])
        part = 100 * left["value"].sum() / max(sums.total, 1e-300)
        findings.refused.append(
            f"{len(codes):,} products without a sector ({', '.join(codes[:5])}{' ...' if len(codes) > 5 else ''}): "
            f"{int(left['rows'].sum()):,} rows, {part:.3g}% of the value of all trade."
        )


# ---- flows to an Economy ----


def economy_from_flows(trade: pd.DataFrame, ask: Ask, findings: Findings, *, year: int | None, name: str) -> Imported:
    """An Economy without inputs from foreign and own flows: importer, exporter, sector, value in millions.

    Own sales are the data's where there are any, else (or where `ask.own_sales` is given) as in `own_sales`.
    Countries that sell nothing, or buy nothing, cannot be in equilibrium and are left out and counted. Deficits stay.
    """
    if ask.theta is None:
        raise InputError(
            "theta: these data hold no trade elasticities; give a number, a mapping by sector, the name of a "
            "published set or a CSV file (sector, theta)"
        )
    trade = trade[["importer", "exporter", "sector", "value"]]
    trade = trade.groupby(["importer", "exporter", "sector"], sort=False, as_index=False)["value"].sum()
    for kind, labels in zip(("country", "sector"), _labels(trade), strict=True):
        check_labels(kind, labels)
    is_own = trade["importer"] == trade["exporter"]
    if trade.empty or not (trade.loc[~is_own, "value"] > 0).any():
        raise TableError("no trade between countries is left")
    if ask.own_sales is not None or not (trade.loc[is_own, "value"] > 0).any():
        trade, notes = with_own_sales(trade, ask.own_sales)
        findings.mended += notes
    trade = _only_traders(trade, findings)
    trade = _completed(trade, findings)
    countries, sectors = _labels(trade)
    theta, notes = read_theta_of(ask.theta, sectors)
    findings.mended += notes
    if ask.tariffs is not None:
        trade, notes = _with_tariffs(trade, ask.tariffs, countries, sectors, year)
        findings.mended += notes
    economy = Economy.from_tables(trade, theta=theta, name=ask.name or name, year=year)
    findings.found.append(f"{len(countries)} countries, {len(sectors)} sectors, year {year or 'not given'}.")
    return Imported(economy, tuple(findings.found), tuple(findings.mended), tuple(findings.refused))


def _only_traders(trade: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Without the countries that sell nothing or buy nothing, until none is left."""
    before, gone = trade["value"].sum(), set[str]()
    while True:
        positive = trade[trade["value"] > 0]
        idle = {*trade["importer"], *trade["exporter"]} - (set(positive["importer"]) & set(positive["exporter"]))
        if not idle:
            break
        gone |= idle
        trade = trade[~trade["importer"].isin(idle) & ~trade["exporter"].isin(idle)]
    if trade.empty:
        raise TableError("no country both sells and buys")
    if gone:
        part = (before - trade["value"].sum()) / before
        findings.refused.append(
            f"{len(gone)} countries that sell nothing or buy nothing: {', '.join(sorted(gone))} "
            f"({100 * part:.2g}% of the value of all flows)."
        )
    return trade


def _completed(trade: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """With a row of zero for own sales that are absent, counted; sorted by country, sectors in their order."""
    countries, sectors = _labels(trade)
    own = trade[trade["importer"] == trade["exporter"]]
    cells = pd.MultiIndex.from_product([countries, sectors], names=["importer", "sector"])
    absent = cells.difference(pd.MultiIndex.from_frame(own[["importer", "sector"]]), sort=False)
    if len(absent):
        zero = absent.to_frame(index=False)
        zero = zero.assign(exporter=zero["importer"], value=0.0)
        trade = pd.concat([trade, zero[["importer", "exporter", "sector", "value"]]], ignore_index=True)
        first = [f"{country} {sector}" for country, sector in absent[:3]]
        findings.mended.append(
            f"Own sales are absent for {len(absent):,} of {len(cells):,} country-sectors and taken as zero "
            f"({', '.join(first)}{' ...' if len(absent) > 3 else ''})."
        )
    order = pd.Categorical(trade["sector"], categories=sectors)
    return trade.assign(_order=order).sort_values(["_order", "importer", "exporter"]).drop(columns="_order")


def _labels(trade: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Countries by alphabet, sectors by number or alphabet."""
    sectors = sorted(trade["sector"].unique(), key=lambda s: (int(s) if s.isdecimal() else 0, s))
    return tuple(sorted({*trade["importer"], *trade["exporter"]})), tuple(sectors)


def read_theta_of(theta: Any, sectors: tuple[str, ...]) -> tuple[float | Mapping[str, float], list[str]]:
    """Trade elasticities as `Economy.from_tables` takes them; names and files by `entrepot.economy.elasticities`."""
    if not isinstance(theta, str):
        return theta, []
    from entrepot.economy.elasticities import read_elasticities

    values, notes = read_elasticities(theta, sectors)
    return dict(zip(sectors, map(float, values), strict=True)), list(notes)


def _with_tariffs(
    trade: pd.DataFrame, tariffs: Any, countries: tuple[str, ...], sectors: tuple[str, ...], year: int | None
) -> tuple[pd.DataFrame, list[str]]:
    """With the tariff [j,n,i] that n levies on i's goods, by `entrepot.economy.tariffs`."""
    from entrepot.economy.tariffs import tariff_array

    rate, notes = tariff_array(tariffs, countries, sectors, year=year)
    j = pd.Index(sectors).get_indexer(pd.Index(trade["sector"]))
    n = pd.Index(countries).get_indexer(pd.Index(trade["importer"]))
    i = pd.Index(countries).get_indexer(pd.Index(trade["exporter"]))
    return trade.assign(tariff=np.asarray(rate)[j, n, i]), list(notes)


def tidy(names: Sequence[str], labels: Sequence[Sequence[str]], **columns: Array) -> pd.DataFrame:
    """Arrays over the same axes as the columns of one table, a row a cell."""
    index = pd.MultiIndex.from_product(labels, names=names)
    return pd.DataFrame({name: array.ravel() for name, array in columns.items()}, index=index).reset_index()


def with_provenance(imported: Imported, **facts: Any) -> Imported:
    """`imported` whose Economy also remembers `facts`."""
    economy = imported.economy
    return replace(imported, economy=replace(economy, provenance={**economy.provenance, **facts}))
