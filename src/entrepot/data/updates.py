"""New trade, output and GDP from tables, put on the structure of a base (`entrepot.economy.updating`)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from entrepot.data.row_checks import positions
from entrepot.data.stated_amounts import StatedAmounts
from entrepot.data.tariffs import tariff_array
from entrepot.data.tidy_tables import in_order, read_table, read_trade, refuse_overlapping_countries
from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.geography import find_place, labels_by_code
from entrepot.economy.updating import Moved, Structure, Totals, fit, moved
from entrepot.errors import InputError, TableError, UnknownNameError
from entrepot.words import and_list, counted, dollars, few

#: What a column of GDP, and one of output, may be called.
GDP_NAMES = ("gdp", "gdp_usd_m", "value")
#: What series of national accounts name beside GDP itself: its parts, its growth, and what it is divided by.
NOT_GDP = re.compile(
    r"imports?|exports?|consumption|capital formation|investment|savings?|population|growth|deflator|"
    r"per (capita|head|person)|% of gdp|\(% |annual %",
    re.IGNORECASE,
)
OUTPUT_NAMES = ("output", "gross_output")
#: A country whose cost shares moved by more than this part of cost is named in the report.
NAMED_ABOVE = 0.1


@dataclass(frozen=True)
class Updated:
    """An Economy brought up to new totals, and how far it moved.

    economy    the new Economy; its notes and provenance say that it was updated, from what and how far
    countries  by country: structure_of, cost_shares_moved, final_shares_moved, trade_moved (parts of one, see `Moved`);
               trade_moved is NaN where the trade table has names of its own: all trade is then new
    cells      country, input, output, before, now: the cost shares that moved most, by value
    notes      sentences: what was read, what was left out, what was not known
    """

    economy: Economy
    countries: pd.DataFrame
    cells: pd.DataFrame
    notes: tuple[str, ...]

    def __str__(self) -> str:
        """The notes, a line each."""
        return "\n".join(self.notes)


def update_economy(
    base: Economy,
    *,
    trade: Any = None,
    output: Any = None,
    gdp: Any = None,
    tariffs: Any = None,
    year: int | None = None,
    countries: Any = None,
    sectors: Any = None,
    absent: Literal["base", "zero"] | None = None,
    name: str | None = None,
    source: str = "",
) -> Updated:
    """Bring a base up to new trade, output and GDP, as many as are known, on its own structure.

    trade     table (importer, exporter, sector, value): sales at the exporter's price, in millions of US dollars, own
              sales too where they are known; or part of it, such as one importer's purchases of one sector
    output    table (country, sector, output): sales to all countries, its own too
    gdp       table (country, gdp[, year]) or a mapping: value added, profits, duties and other revenue
    tariffs   any table of tariffs (see `Economy.from_mrio`); the base's rates stay where it is not given
    year      of the new data; it also chooses the rows of a table that has a year
    countries, sectors   for names that the base lacks: mapping, or table (country, base_country) or (sector,
              base_sector), of the country or sector whose structure they take. Several new sectors may have one of the
              base's; a new sector with several of the base's is split among them as the base's trade is
    absent    what a flow is that the trade table does not have: "base", scaled with the rest, or "zero". By default
              "base", and "zero" where the table has countries or sectors of its own

    What is known is met exactly; all other cells are the base's, scaled (see `entrepot.economy.updating`). Raises
    `TableError` for a bad row, `UnknownNameError` for a name without a structure, `InputError` for totals that
    contradict each other, `ConvergenceError` where no scaling meets them together.
    """
    if not isinstance(base, Economy):
        raise InputError(f"base: an Economy is needed (load_economy({base!r})?)")
    if absent not in (None, "base", "zero"):
        raise InputError(f"absent={absent!r}: 'base' or 'zero'")
    if trade is None and output is None and gdp is None and tariffs is None:
        raise InputError("update: nothing new is given: trade, output, gdp or tariffs")
    if trade is None:
        _refuse_without_trade(absent, countries, sectors)
    notes: list[str] = []
    flows = None if trade is None else _read_trade(trade, year, notes)
    structures = _mapping(countries, "country"), _mapping(sectors, "sector")
    labels = _Labels.of(base, flows, *structures)
    if flows is not None:
        notes += _unused(base, flows, *structures)
    known = np.full((len(labels.sectors), len(labels.countries), len(labels.countries)), np.nan)
    if flows is not None:
        known = _flows(base, flows, labels, absent, notes)
    totals = Totals(known, _read_output(output, labels, year, notes), _read_gdp(gdp, labels.countries, year, notes))
    bought = np.where(np.isfinite(known), known, 0.0).sum(axis=2) if labels.is_new else None
    structure = Structure.of(base, labels.countries, labels.sectors, bought)
    if tariffs is not None:
        flows_now = np.where(np.isfinite(known), known, structure.value)
        rates, stated = tariff_array(
            tariffs, tuple(labels.countries), tuple(labels.sectors), year=year, trade=flows_now
        )
        structure = replace(structure, tariff=rates)
        notes += stated
    new = fit(structure, totals, name=name or f"{base.name}_updated", source=source or base.source, year=year)
    how_far = moved(structure, new)
    notes += _report(base, new, labels, totals, how_far)
    kept = tuple(note for note in base.notes if tariffs is None or not note.startswith("Tariffs:"))
    stamp = {"updated_from": {"name": base.name, "year": base.year, "fingerprint": base.fingerprint}}
    new = replace(new, notes=(*kept, *notes), provenance={**base.provenance, **stamp})
    return Updated(new, _by_country(base, labels, how_far), _cells(how_far), tuple(notes))


# ---- names ----


def _refuse_without_trade(absent: str | None, countries: Any, sectors: Any) -> None:
    """Raise `InputError` for what is about a table of trade, where none is given."""
    if absent is not None:
        raise InputError(f"absent={absent!r}: no trade table is given, whose missing flows it would be about")
    for name, given in (("countries", countries), ("sectors", sectors)):
        if given is not None:
            raise InputError(f"{name}: no trade table is given, whose own names would take a structure: give trade too")


@dataclass(frozen=True)
class _Labels:
    """New names, each with the country of the base, or the sectors, whose structure it takes.

    split  names of the trade table that stand for several sectors of the base
    """

    countries: dict[str, str]
    sectors: dict[str, str]
    split: dict[str, list[str]]
    renamed: dict[str, str]
    is_new: bool

    @classmethod
    def of(
        cls,
        base: Economy,
        flows: pd.DataFrame | None,
        countries: Mapping[str, list[str]],
        sectors: Mapping[str, list[str]],
    ) -> _Labels:
        same_countries, same_sectors = {c: c for c in base.countries}, {s: s for s in base.sectors}
        if flows is None:
            return cls(same_countries, same_sectors, {}, {}, False)
        given = in_order(flows["importer"], flows["exporter"])
        renamed = {label: _code(label, base.countries) for label in given}
        places = {renamed[c]: _one(countries, c, renamed[c], base.countries, "country") for c in given}
        split: dict[str, list[str]] = {}
        parts: dict[str, str] = {}
        for sector in in_order(flows["sector"]):
            olds = sectors.get(sector, [sector])
            for old in olds:
                if old not in base.sectors:
                    raise UnknownNameError("sector", old, base.sectors, f"update: structure of sector {sector!r}")
            if len(olds) > 1:
                split[sector] = olds
            new = {old: old for old in olds} if len(olds) > 1 else {sector: olds[0]}
            _refuse_two_values(sector, split, [name for name in new if name in parts])
            parts |= new
        is_new = not set(places) <= set(base.countries) or not set(parts) <= set(base.sectors)
        if is_new:
            lost = [s for s in base.sectors if s not in parts.values()]
            if lost:
                raise InputError(
                    f"update: the trade table has sectors of its own and none for {and_list(lost[:5])} of the base: "
                    f"give each a row in sectors (sector, base_sector)"
                )
            return cls(places, parts, split, renamed, True)
        _refuse_own_structure("countries", places)
        _refuse_own_structure("sectors", parts)
        return cls(same_countries, same_sectors, split, renamed, False)


def _refuse_two_values(sector: str, split: Mapping[str, list[str]], twice: Sequence[str]) -> None:
    """Raise `InputError` where a sector of the trade table, or a part of it, has trade under another name too."""
    if not twice:
        return
    whole = sector if sector in split else next(name for name, olds in split.items() if twice[0] in olds)
    other = next((name for name, olds in split.items() if name != whole and twice[0] in olds), twice[0])
    raise InputError(
        f"update: the trade table has {other!r} and {whole!r}, which is split among {and_list(split[whole])}, so that "
        f"{twice[0]} has two values; leave one of them out"
    )


def _refuse_own_structure(what: str, structures: Mapping[str, str]) -> None:
    """Raise `InputError` for a name of the base that would take another's structure (`structures`: name, base's)."""
    for new, old in structures.items():
        if new != old:
            raise InputError(
                f"update: {what}: the base has {new!r} itself, which keeps its structure where the trade table has no "
                f"names of its own; leave out its row"
            )


def _unused(
    base: Economy, flows: pd.DataFrame, countries: Mapping[str, list[str]], sectors: Mapping[str, list[str]]
) -> list[str]:
    """Notes on names with a structure that the trade table does not have."""
    labels = in_order(flows["importer"], flows["exporter"])
    used = {*labels, *(_code(label, base.countries) for label in labels)}, set(in_order(flows["sector"]))
    lost = {
        "countries": [name for name in countries if name not in used[0]],
        "sectors": [name for name in sectors if name not in used[1]],
    }
    return [
        f"Structure by {what}: {counted(len(names), 'row')} for names that the trade table does not have "
        f"{'was' if len(names) == 1 else 'were'} not used: {few(names)}."
        for what, names in lost.items()
        if names
    ]


def _code(label: str, known: Sequence[str]) -> str:
    """The base's own name of a country, where it has one."""
    if label in known:
        return label
    place = find_place(label)
    if place is None:
        return label
    return place.code if place.code in known else labels_by_code(tuple(known)).get(place.code, label)


def _one(mapping: Mapping[str, list[str]], label: str, code: str, known: Sequence[str], kind: str) -> str:
    olds = mapping.get(label) or mapping.get(code) or [code]
    if len(olds) > 1:
        raise TableError(f"update: {kind} {label!r} has {len(olds)} structures ({', '.join(olds)}); give one")
    if olds[0] not in known:
        where = f"update: the base has no {label!r}; give the {kind} whose structure it takes"
        raise UnknownNameError(kind, olds[0], known, where)
    return olds[0]


def _mapping(given: Any, kind: str) -> dict[str, list[str]]:
    """New name -> names of the base, from a mapping or a table."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return {str(new): [old] if isinstance(old, str) else [str(o) for o in old] for new, old in given.items()}
    table = read_table(f"structure by {kind}", given, [kind, f"base_{kind}"], [], [], [])
    return {str(new): list(rows[f"base_{kind}"]) for new, rows in table.groupby(kind, sort=False)}


# ---- tables ----


def _read_trade(trade: Any, year: int | None, notes: list[str]) -> pd.DataFrame:
    flows, _ = read_trade(trade, notes, year=year, convertible=False, alone=True)
    refuse_overlapping_countries(in_order(flows["importer"], flows["exporter"]), "trade")
    return flows


def _flows(
    base: Economy, flows: pd.DataFrame, labels: _Labels, absent: Literal["base", "zero"] | None, notes: list[str]
) -> Array:
    """Known flows [j,n,i], NaN where the base's are to be scaled."""
    if labels.is_new and absent == "base":
        raise InputError("absent='base': the base has no such flows, since the trade table has names of its own")
    zero = absent == "zero" or labels.is_new
    shape = (len(labels.sectors), len(labels.countries), len(labels.countries))
    known = np.full(shape, 0.0 if zero else np.nan)
    n = pd.Index(labels.countries).get_indexer(flows["importer"].map(labels.renamed))
    i = pd.Index(labels.countries).get_indexer(flows["exporter"].map(labels.renamed))
    names, values = flows["sector"].to_numpy(), flows["value"].to_numpy()
    whole = ~np.isin(names, list(labels.split))
    j = pd.Index(labels.sectors).get_indexer(names[whole])
    known[j, n[whole], i[whole]] = values[whole]
    for sector, olds in labels.split.items():
        rows = names == sector
        total = np.full(shape[1:], 0.0 if zero else np.nan)
        total[n[rows], i[rows]] = values[rows]
        into = pd.Index(labels.sectors).get_indexer(olds)
        known[into] = _shares(base, olds, labels) * total
        notes.append(f"Trade of {sector} is split among {and_list(olds)} as in {base.name}.")
    empty = shape[0] * shape[1] * shape[2] - int(np.isfinite(known).sum() if not zero else np.count_nonzero(known))
    if empty:
        what = "are zero" if zero else f"are those of {base.name}, scaled"
        notes.append(f"Trade: {counted(len(flows), 'flow')} read; {empty:,} that the table lacks {what}.")
    return known


def _shares(base: Economy, olds: list[str], labels: _Labels) -> Array:
    """Parts [old, n, i] that sectors have of trade between the countries whose structure n and i take.

    Two countries with one structure trade as that country does with all others.
    """
    j = np.array([base.sectors.index(old) for old in olds])
    place = np.array([base.countries.index(old) for old in labels.countries.values()])
    value = base.value[j]
    imports, own = value.sum(axis=2), np.einsum("jnn->jn", value)
    of_pair = value[:, place][:, :, place]
    same = (place[:, None] == place) & ~np.eye(place.size, dtype=bool)
    of_pair = np.where(same, (imports - own)[:, place][:, :, None], of_pair)
    total = of_pair.sum(axis=0)
    of_all = value.sum(axis=(1, 2)) / value.sum()
    return np.where(total > 0, of_pair / np.where(total > 0, total, 1.0), of_all[:, None, None])


def _read_output(output: Any, labels: _Labels, year: int | None, notes: list[str]) -> Array:
    """Output [j,i], NaN where it is not known."""
    known = np.full((len(labels.sectors), len(labels.countries)), np.nan)
    if output is None:
        return known
    amounts = StatedAmounts("output", OUTPUT_NAMES, year, convertible=False)
    table = read_table("output", output, ["country", "sector"], ["output"], [], notes, amounts=amounts)
    names = list(labels.countries)
    coded = table.assign(country=[_code(label, names) for label in table["country"]])
    countries = positions("output", coded, "country", names)
    sectors = positions("output", coded, "sector", list(labels.sectors))
    twice = coded.duplicated(["country", "sector"])
    if twice.any():
        row = int(np.argmax(twice))
        label, (code, sector) = table.loc[row, "country"], coded.loc[row, ["country", "sector"]]
        raise TableError(f"output, row {row + 1}: {label!r} is {code}, which has a row for {sector} already")
    known[sectors, countries] = table["output"]
    without = _without(np.isfinite(known), labels)
    if without:
        notes.append(f"Output is not known for {few(without)}: it follows from trade and structure.")
    return known


def _without(known: NDArray[np.bool_], labels: _Labels) -> list[str]:
    """Names of the countries that nothing is known [j,i] of, and of each other sector that it is not known for."""
    out: list[str] = []
    for i, country in enumerate(labels.countries):
        unknown = [sector for sector, there in zip(labels.sectors, known[:, i], strict=True) if not there]
        whole = len(unknown) == len(labels.sectors)
        out += [country] if whole else [f"{sector} of {country}" for sector in unknown]
    return out


def _read_gdp(gdp: Any, countries: Mapping[str, str], year: int | None, notes: list[str]) -> Array:
    """GDP [n], NaN where it is not known; rows for other countries are counted."""
    known = np.full(len(countries), np.nan)
    if gdp is None:
        return known
    if isinstance(gdp, Mapping | pd.Series):
        gdp = pd.Series(gdp, name="gdp").rename_axis("country").reset_index()
    amounts = StatedAmounts("gdp", GDP_NAMES, year, convertible=False, others=NOT_GDP)
    table = read_table("gdp", gdp, ["country"], ["gdp"], [], notes, amounts=amounts)
    names, others = list(countries), list[str]()
    for row, (label, amount) in enumerate(zip(table["country"], table["gdp"], strict=True)):
        code = _code(label, names)
        if code not in countries:
            others.append(str(label))
            continue
        at = names.index(code)
        if np.isfinite(known[at]):
            raise TableError(f"gdp, row {row + 1}: {label!r} is {code}, which has a row already")
        if amount == 0:
            raise TableError(f"gdp, row {row + 1}: the GDP of {label!r} is zero; leave out what is not known")
        known[at] = amount
    if others:
        rows = counted(len(others), "row")
        notes.append(f"GDP: {rows} for countries that the Economy does not have were not used: {few(others)}.")
    without = [name for name, amount in zip(names, known, strict=True) if not np.isfinite(amount)]
    if len(without) == len(names):
        raise TableError(
            "gdp: no row is for a country of the Economy; its countries are " + ", ".join(names[:8]) + " ..."
        )
    if without:
        notes.append(f"GDP is not known for {few(without)}: it follows from trade and structure.")
    return known


# ---- what to say ----


def _report(base: Economy, new: Economy, labels: _Labels, totals: Totals, how_far: Moved) -> list[str]:
    """How far the update moved, and whose structure stands in for whose."""
    began = f"{base.name}{f' ({base.year})' if base.year else ''}"
    met = [
        what
        for what, known in (("trade", totals.trade), ("output", totals.output), ("GDP", totals.gdp))
        if np.isfinite(known).any()
    ]
    weight = new.cost.sum(axis=0)
    sentences = [
        f"Updated from {began}: {and_list(met or ['tariffs'])} as given, all else the base's, scaled by producer and "
        f"user. Cost shares moved by {100 * float(np.average(how_far.inputs, weights=weight)):.2g}% of cost."
    ]
    others = ~_is_given(totals)
    if not others.all() and not labels.is_new:
        before, now = (float((w.value_added + w.profits + w.revenue)[others].sum()) for w in (base, new))
        if others.any() and abs(now / before - 1) > 1e-4:
            change = f"{100 * (now / before - 1):+.2g}%"
            if int(others.sum()) == 1:
                sentences.append(
                    f"GDP of {new.countries[int(others.argmax())]}, which is not given, changes by {change}, from "
                    f"{dollars(before)} to {dollars(now)}: give it where that is wrong."
                )
            else:
                sentences.append(
                    f"GDP of the {int(others.sum())} others, which is not given, changes by {change} in all, from "
                    f"{dollars(before)} to {dollars(now)}: give it where that is wrong."
                )
    far = [n for n in np.argsort(-how_far.inputs) if how_far.inputs[n] > NAMED_ABOVE][:5]
    if far:
        names = and_list([f"{new.countries[n]} ({100 * float(how_far.inputs[n]):.0f}%)" for n in far])
        sentences.append(f"Cost shares moved most in {names}.")
    borrowed: dict[str, list[str]] = {}
    for country, old in labels.countries.items():
        if country != old:
            borrowed.setdefault(old, []).append(country)
    sentences += [f"The structure of {old} stands in for {and_list(news)}." for old, news in borrowed.items()]
    return sentences


def _is_given(totals: Totals) -> NDArray[np.bool_]:
    """Whether the size of each country [n] is given: its GDP, or, without any GDP, all its output or all its sales."""
    known = np.isfinite(totals.gdp)
    if known.any():
        return known
    return np.asarray(np.isfinite(totals.output).all(axis=0) | np.isfinite(totals.trade).all(axis=(0, 1)))


def _by_country(base: Economy, labels: _Labels, how_far: Moved) -> pd.DataFrame:
    borrowed = base.provenance.get("structure_of", {})
    columns = {
        "structure_of": [borrowed.get(old, old) for old in labels.countries.values()],
        "cost_shares_moved": how_far.inputs,
        "final_shares_moved": how_far.final,
        "trade_moved": np.full(len(labels.countries), np.nan) if labels.is_new else how_far.trade,
    }
    return pd.DataFrame(columns, index=pd.Index(list(labels.countries), name="country"))


def _cells(how_far: Moved) -> pd.DataFrame:
    return pd.DataFrame(list(how_far.cells), columns=["country", "input", "output", "before", "now"])
