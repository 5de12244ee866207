"""The intervals of a sweep as tables: cells for people, tidy frames for files."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from entrepot.errors import InputError
from entrepot.languages import in_quotation_marks, localised, translated
from entrepot.studies.bargain_tables import Section, table_section
from entrepot.studies.sweep_sentences import gains_in_money, number_in_words, offer_title, share
from entrepot.studies.titles import case_title
from entrepot.sweeping.market_members import EVERY
from entrepot.sweeping.path_members import PATH_KEYS
from entrepot.sweeping.plan import needed
from entrepot.sweeping.sweep_result import Sweep
from entrepot.words import NOISE, MoneyUnit, chance, figure, money_unit, short, signed_percent

if TYPE_CHECKING:
    import pandas as pd


#: The columns of an interval.
_ENDS = ("centre", "low", "high")


def sections(s: Sweep, level: float = 0.9) -> list[Section]:
    """Every table of the page."""
    if s.plan.grid:
        over = [_grid(s, level)] if "welfare" in s.tables and moved(s) else []
        return [*over, *path_grid(s, level)]
    if not s.drawn:
        return [section for section in [_drivers(s)] if section is not None]
    made = [_welfare(s, level), _chances(s, level), _industry(s, level), *_market(s, level), *_path(s, level)]
    made += [_offers(s), _drivers(s)]
    return [section for section in made if section is not None]


def tables(s: Sweep, level: float = 0.9) -> dict[str, pd.DataFrame]:
    """Tidy: the intervals of every table, the probabilities of a signature, and what one number at a time does."""
    made = {f"intervals_{name}": s.intervals(name, level) for name in s.tables if s.plan.method != "morris"}
    with contextlib.suppress(InputError):
        made["indices"] = all_indices(s)
    with contextlib.suppress(InputError):
        made["signatures"] = s.probabilities()
    if s.plan.grid and not s.plan.draws:  # points are not draws, and have no intervals
        made |= {f"points_{name}": _at_points(s, name) for name in s.tables if name in ("welfare", *PATH_KEYS)}
    made["draws"] = s.table("draws")
    return made


def _at_points(s: Sweep, table: str) -> pd.DataFrame:
    """The rows of a table with the levels of the grid in front."""
    levels = s.table("draws")[["member", *(axis.name for axis in s.plan.grid)]]
    return levels.merge(s.table(table), on="member").drop(columns="member")


def _between(unit: MoneyUnit, row: pd.Series, middle: str = "centre") -> str:
    return _within(_cell(unit, row[middle]), unit.cell(row["low"]), unit.cell(row["high"]))


def _within(middle: str, low: str, high: str) -> str:
    """Return the centre of an interval with its ends in brackets."""
    return translated("{middle} ({low} to {high})", middle=middle, low=low, high=high)


def _cell(unit: MoneyUnit, amount: float) -> str:
    return translated("none") if math.isnan(amount) else unit.cell(amount)


def _by_scenario(
    s: Sweep, found: pd.DataFrame, columns: Iterable[str], cell: Callable[[str, pd.Series], str]
) -> list[list[str]]:
    """Return a row for each scenario, its cells from the rows of (scenario, column); "" where there is none."""
    return [
        [
            case_title(s.plan.case, name),
            *(cell(column, found.loc[(name, column)]) if (name, column) in found.index else "" for column in columns),
        ]
        for name in s.plan.scenarios
    ]


def _money(s: Sweep, level: float) -> pd.DataFrame:
    """Return the intervals of the equivalent variation by scenario and party."""
    return gains_in_money(s.intervals("welfare", level)).set_index(["scenario", "party"])


def _welfare(s: Sweep, level: float) -> Section | None:
    if "welfare" not in s.tables:
        return None
    money = _money(s, level)
    parties = s.plan.case.with_world
    party = money.index.get_level_values("party")
    amounts = {p: money.loc[party == p, ["low", "high"]].to_numpy().ravel() for p in parties}
    largest = money_unit(amount for p in parties for amount in amounts[p])
    units = {p: money_unit(amounts[p]) if amounts[p].any() else largest for p in parties}
    alike = len(set(units.values())) == 1
    head = [
        short(p) if alike else translated("{party}, {unit}", party=short(p), unit=translated(units[p].name))
        for p in parties
    ]
    rows = _by_scenario(s, money, parties, lambda p, row: _between(units[p], row))
    note = translated(
        "Equivalent variation, {unit} a year, at the centre; in brackets, where {share} of the draws lie."
        if alike
        else "Equivalent variation a year, at the centre; in brackets, where {share} of the draws lie.",
        unit=translated(units[parties[0]].name),
        share=share(level),
    )
    return table_section("Who gains and who loses, and how sure", ["scenario", *head], rows, note)


def _chances(s: Sweep, level: float) -> Section | None:
    if "welfare" not in s.tables:
        return None
    parties = list(s.plan.case.parties)
    rows = _by_scenario(s, _money(s, level), parties, lambda _, row: chance(float(row["above_zero"])))
    head = ["scenario", *map(short, parties)]
    return table_section("How often each gains", head, rows, "Part of the draws with a gain.")


def _industry(s: Sweep, level: float) -> Section | None:
    if "industry" not in s.tables:
        return None
    found = s.intervals("industry", level).set_index(["scenario", "number"])
    shown = {"output_volume_pct": "output", "real_price_pct": "buyers pay"}
    rows = _by_scenario(s, found, shown, lambda _, row: _percents(row))
    note = "Buyers pay: all sources together, against consumer prices where they are."
    return table_section("The protected industry, and how sure", ["scenario", *shown.values()], rows, note)


def _market(s: Sweep, level: float) -> list[Section | None]:
    """Makers' profits, the mean price of cars and the price of licences, where the case has a market."""
    if "makers" not in s.tables:
        return []
    return [_makers(s, level), _licences(s, level)]


def _makers(s: Sweep, level: float) -> Section:
    found = s.intervals("makers", level)
    profit = found[found["number"] == "profit_pct"].set_index(["scenario", "owner"])
    prices = s.intervals("buyers_prices", level)
    price = prices[(prices["number"] == "price_pct") & (prices["plant"] == EVERY)].set_index("scenario")
    owners = list(dict.fromkeys(found["owner"]))
    means = [_percents(price.loc[name]) if name in price.index else "" for name in s.plan.scenarios]
    by_owner = _by_scenario(s, profit, owners, lambda _, row: _percents(row))
    rows = [[*row, mean] for row, mean in zip(by_owner, means, strict=True)]
    note = (
        "Profit by owner of the makers, and the mean price to buyers of all products, each against the base. Makers' "
        "costs follow the world economy of each draw, which does not take their answer: one way."
    )
    head = ["scenario", *(translated("makers of {country}", country=short(o)) for o in owners), "buyers' mean price"]
    return table_section("Makers' profits in the market, and how sure", head, rows, note)


def _percents(row: pd.Series) -> str:
    """Return an interval of percentages with one decimal, or with two significant digits of its largest number."""
    if math.isnan(row["centre"]):
        return translated("none")
    size = max(abs(row[end]) for end in _ENDS)
    digits = 1 - math.floor(math.log10(size)) if NOISE <= size < 0.05 else 1
    return _within(*(signed_percent(row[end], digits) for end in _ENDS))


def _licences(s: Sweep, level: float) -> Section | None:
    if "licences" not in s.tables:
        return None
    found = s.intervals("licences", level)
    rows = []
    for (scenario, quota), group in found.groupby(["scenario", "quota"], sort=False):
        by = group.set_index("number")
        key = "licence_price" if "licence_price" in by.index else "place_pct"
        centre, low, high = (
            localised(f"{by.loc[key, at]:,.0f}" if key == "licence_price" else f"{by.loc[key, at]:.1f}%")
            for at in _ENDS
        )
        rows.append([case_title(s.plan.case, str(scenario)), str(quota), _within(centre, low, high)])
    note = (
        "Money a unit; of a tariff-rate quota, the price of a place in it in percent of the duty-paid price. Zero "
        "where the quota does not bind."
    )
    return table_section("The price of a licence, and how sure", ["scenario", "quota", "price"], rows, note, 2)


def _offers(s: Sweep) -> Section | None:
    try:
        found = s.probabilities()
    except InputError:
        return None
    parties = list(dict.fromkeys(found["party"]))
    rows = []
    for offer, group in found.groupby("offer", sort=False):
        by = group.set_index("party")
        rows.append(
            [offer_title(s, str(offer)), *(chance(by.loc[p, "signs"]) for p in parties), chance(by["signed"].iloc[0])]
        )
    note = (
        "Part of the draws in which it is worth more than the threat, by what each side wants (breaches not counted)."
    )
    return table_section("Who would sign", ["offer", *map(short, parties), "all"], rows, note)


def _drivers(s: Sweep) -> Section | None:
    """The ten numbers that move the parties most in the first scenario, or what the design of experiments says."""
    if not s.plan.uncertain.names or "welfare" not in s.tables:
        return None
    scenario, parties = s.plan.scenarios[0], list(s.plan.case.parties[:3])
    if s.plan.method != "draws":
        return _indices(s, scenario, parties[0])
    try:
        found = {
            p: s.tornado("equivalent_variation", scenario=scenario, party=p).set_index("parameter") for p in parties
        }
    except InputError:  # stopped before one number at a time was solved
        return None
    first = list(found[parties[0]].index[:10])
    unit = money_unit(amount for p in parties for end in ("low", "high") for amount in found[p].loc[first, end])
    rows = [
        [
            number_in_words(s, str(name)),
            *(
                translated(
                    "{low} to {high}",
                    low=_cell(unit, found[p].loc[name, "low"]),
                    high=_cell(unit, found[p].loc[name, "high"]),
                )
                for p in parties
            ),
        ]
        for name in first
    ]
    note = translated(
        "{unit} a year with that number at its 5th and its 95th percentile and the others at their centres.",
        unit=translated(unit.name),
    )
    title = translated(
        "What moves the answer under {scenario}", scenario=in_quotation_marks(case_title(s.plan.case, scenario))
    )
    return table_section(title, ["uncertain number", *map(short, parties)], rows, note)


def _indices(s: Sweep, scenario: str, party: str) -> Section:
    title = translated(
        "What moves {party} under {scenario}",
        party=s.spoken(party),
        scenario=in_quotation_marks(case_title(s.plan.case, scenario)),
    )
    try:
        found = s.indices("equivalent_variation", scenario=scenario, party=party)
    except InputError as error:
        return table_section(title, ["number"], [], str(error))
    columns = list(found.columns[1:])
    rows = [
        [number_in_words(s, str(r["parameter"])), *(localised(figure(float(r[c]), 3)) for c in columns)]
        for _, r in found.head(15).iterrows()
    ]
    note = {
        "sobol": "Sobol' indices: the part of the variance that a number explains by itself (first) and with all that "
        "it interacts with (total), with 95% half-widths.",
        "morris": "Elementary effects, US$ million from the 12.5th to the 87.5th percentile of a number: mean, mean "
        "size with its 95% half-width, and spread (interactions and curvature).",
    }[s.plan.method]
    head = ["number", *(c.replace("_95", " ±").replace("_", " ") for c in columns)]
    return table_section(title, head, rows, note)


def all_indices(s: Sweep) -> pd.DataFrame:
    """Of what each party gains in the first scenario: party, parameter and what the design says of it.

    Raises `InputError` where not every member of the design is solved.
    """
    import pandas as pd

    scenario, parts = s.plan.scenarios[0], []
    for party in s.plan.case.parties:
        found = s.indices("equivalent_variation", scenario=scenario, party=party)
        found.insert(0, "party", party)
        found.insert(0, "scenario", scenario)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def _grid(s: Sweep, level: float) -> Section:
    """Every point of the grid, in the scenarios that it moves."""
    found = s.intervals("welfare", level) if s.plan.draws else _points(s)
    axes = [axis.name for axis in s.plan.grid]
    scenarios = moved(s)
    parties = list(s.plan.case.parties)
    money = gains_in_money(found)
    money = money[money["scenario"].isin(scenarios)]
    unit = money_unit(money[money["party"].isin(parties)]["median" if s.plan.draws else "centre"])
    titles = {name: case_title(s.plan.case, name) for name in scenarios}
    several = len(scenarios) > 1
    rows = []
    for levels, group in money.groupby([*axes, "scenario"], sort=False):
        by = group.set_index("party")
        cells = [
            _between(unit, by.loc[p], "median") if s.plan.draws else _cell(unit, by.loc[p, "centre"]) for p in parties
        ]
        named_rows = [titles[levels[-1]]] if several else []
        rows.append([*(localised(f"{level:g}") for level in levels[:-1]), *named_rows, *cells])
    note = translated(
        "Equivalent variation, {unit} a year: the median, and in brackets where {share} of the draws lie."
        if s.plan.draws
        else "Equivalent variation, {unit} a year.",
        unit=translated(unit.name),
        share=share(level),
    )
    title = (
        translated("Over the grid")
        if several
        else translated("Over the grid: {scenario}", scenario=in_quotation_marks(titles[scenarios[0]]))
    )
    head = [*_axes_in_words(s), *([translated("scenario")] if several else []), *map(short, parties)]
    return table_section(title, head, rows, note, len(axes) + several)


def moved(s: Sweep) -> list[str]:
    """The scenarios that a grid moves, with those that refer to them."""
    axes = [axis for axis in s.plan.grid if axis.place[0] != "path"]
    if any(axis.place[0] != "scenarios" for axis in axes):
        return list(s.plan.scenarios)
    own = {axis.place[1] for axis in axes}
    return [name for name in s.plan.scenarios if own & set(needed(s.plan.case, [name]))]


def _points(s: Sweep, table: str = "welfare", number: str = "equivalent_variation") -> pd.DataFrame:
    """The grid without draws, like intervals."""
    draws, rows = s.table("draws"), s.table(table)
    both = rows.merge(draws[["member", *(axis.name for axis in s.plan.grid)]], on="member")
    return both.rename(columns={number: "centre"}).assign(number=number)


def over_grid(s: Sweep, table: str, number: str, level: float) -> pd.DataFrame:
    """A number of a table at every point of the grid: the column `centre`, or with draws `median`, `low` and `high`."""
    if not s.plan.draws:
        return _points(s, table, number)
    found = s.intervals(table, level)
    return found[found["number"] == number]


def _axes_in_words(s: Sweep) -> list[str]:
    """Return the heads of the columns of levels."""
    return [number_in_words(s, axis.name) for axis in s.plan.grid]


def path_grid(s: Sweep, level: float) -> list[Section]:
    """Every point of the grid on the path: what parties gain over the window, what is bought early, peak and trough."""
    if "path_totals" not in s.tables:
        return []
    axes, parties = [axis.name for axis in s.plan.grid], list(s.plan.case.parties)
    middle = "median" if s.plan.draws else "centre"
    totals = over_grid(s, "path_totals", "equivalent_variation", level)
    unit = money_unit(totals[totals["party"].isin(parties)][middle])
    early = _first(days_early(s, level), axes) if "path_surges" in s.tables else None
    trade = (
        [_first(over_grid(s, "path_trade", key, level), axes) for key in ("peak_pct", "trough_pct")]
        if "path_trade" in s.tables
        else []
    )
    rows = []
    for levels, group in totals.groupby(axes, sort=False):
        by = group.set_index("party")
        cells = [_between(unit, by.loc[p], middle) if s.plan.draws else _cell(unit, by.loc[p, middle]) for p in parties]
        if early is not None:
            days = float(early.at[levels, middle]) if levels in early.index else 0.0
            cells.append(localised(f"{days:.0f}"))
        cells += [signed_percent(float(found.at[levels, middle]), 1) for found in trade]
        rows.append([*(localised(f"{number:g}") for number in levels), *cells])
    head = [*_axes_in_words(s), *map(short, parties)]
    head += [translated("days early")] if early is not None else []
    head += [translated("peak"), translated("trough")] if trade else []
    note = translated(
        "Real income over the window, discounted, {unit}, without what stocks cost to keep; days of imports of what "
        "the measure hits that are bought early; imports of the first market at their peak and trough, against the "
        "base.",
        unit=translated(unit.name),
    )
    return [table_section(translated("The path over the grid"), head, rows, note, len(axes))]


def days_early(s: Sweep, level: float) -> pd.DataFrame:
    """Days of imports that are bought early at every point of the grid, ahead of what most is bought early for."""
    most = over_grid(s, "path_surges", "surge", level)
    entry = most["entry"].loc[most["median" if s.plan.draws else "centre"].idxmax()]
    days = over_grid(s, "path_surges", "surge_days", level)
    return days[days["entry"] == entry]


def _first(found: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """The rows of the first entry or market, by the levels of the grid."""
    key = next(key for key in ("entry", "market") if key in found)
    first = found[found[key] == found[key].iloc[0]] if len(found) else found
    return first.set_index(axes if len(axes) > 1 else first[axes[0]].map(lambda level: (level,)))


def _path(s: Sweep, level: float) -> list[Section]:
    """What parties gain over the window of the path, and how sure."""
    if "path_totals" not in s.tables:
        return []
    found = s.intervals("path_totals", level)
    money = found[found["number"] == "equivalent_variation"].set_index("party")
    parties = [p for p in s.plan.case.with_world if p in money.index]
    unit = money_unit(money.loc[parties, ["low", "high"]].to_numpy().ravel())
    rows = [[translated("real income over the window"), *(_between(unit, money.loc[p]) for p in parties)]]
    note = translated(
        "Discounted to the first day, {unit}; in brackets where {share} of the draws lie.",
        unit=translated(unit.name),
        share=share(level),
    )
    return [table_section(translated("The path, and how sure"), ["", *map(short, parties)], rows, note)]
