"""The mean duty of the United States through time, by partner, by sector or by chapter: the function `duty_path`."""

from __future__ import annotations

import datetime
import math
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.documents import records
from entrepot.errors import InputError
from entrepot.exposures.duty_answer import Laws, oldest_review
from entrepot.exposures.duty_inputs import BOOK, read_day, read_exporter, read_preference, refuse_importer
from entrepot.exposures.levies import DutyConditions, LawOfDay
from entrepot.exposures.places import within
from entrepot.exposures.stacking import Authority, Ceiling, Exemption, ListedRate, Stacking, load_stacking
from entrepot.exposures.tariff_lines import TariffLine, TariffLines, bundled_lines, read_lines
from entrepot.languages import localised, plural, translated
from entrepot.types import Progress, no_progress
from entrepot.words import and_list, percent_size, short

if TYPE_CHECKING:
    import pandas as pd

By = Literal["partner", "sector", "chapter"]
#: The share of a USMCA car's value that is made in the United States, where goods claim the USMCA: about 0.4 in the
#: files of the Budget Lab at Yale (tariff-rate-tracker, May 2026).
US_CONTENT = 0.4
#: What an authority does on a day, in words.
HAPPENS = {
    "starts": "{authority}: starts",
    "changes": "{authority}: changes",
    "ends": "{authority}: ends",
    "ends in law": "{authority}: ends in law",
    "is no longer collected": "{authority}: is no longer collected",
}


@dataclass(frozen=True)
class DutyPath:
    """The mean duty by day, a step at each day on which an authority starts, changes or ends.

    table    columns date (the first day of the step), group (a partner, sector or chapter), rate (as collected) and
             rate_in_law, as shares of the value;  weights  how lines are weighted, in words
    changes  the days, and what starts, changes or ends on them
    causes   by day and group, those of them whose own part of the mean moved, as collected or in law; all of the day
             where none did
    """

    table: pd.DataFrame
    by: By
    since: datetime.date
    until: datetime.date
    weights: str
    changes: Mapping[datetime.date, tuple[str, ...]]
    causes: Mapping[tuple[datetime.date, str], tuple[str, ...]]
    law_as_of: datetime.date | None
    notes: tuple[str, ...] = field(default=())

    @property
    def groups(self) -> tuple[str, ...]:
        """The partners, sectors or chapters, in order."""
        return tuple(dict.fromkeys(self.table["group"]))

    def farthest(self, group: str) -> tuple[datetime.date, float] | None:
        """Return the first day and the rate farthest outside the range of a group's first and last rate.

        None where it is at most 0.05 points outside.
        """
        part = self.table[self.table["group"] == group]
        rates = [float(rate) for rate in part["rate"]]
        low, high = sorted((rates[0], rates[-1]))
        outside = [max(rate - high, low - rate) for rate in rates]
        at = outside.index(max(outside))
        return (part["date"].iloc[at], rates[at]) if outside[at] > 0.0005 else None

    def to_dict(self) -> dict[str, Any]:
        """Return the path as plain values, for JSON."""
        return {
            "by": self.by,
            "since": str(self.since),
            "until": str(self.until),
            "weights": self.weights,
            "rows": records(self.table),
            "changes": [{"date": str(day), "what": list(what)} for day, what in self.changes.items()],
            "law_as_of": None if self.law_as_of is None else str(self.law_as_of),
            "causes": [
                {"date": str(row.date), "group": row.group, "what": list(self.causes[row.date, row.group])}
                for row in self.table.itertuples(index=False)
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class _Kind:
    """Statistical lines that the law treats alike: one of them stands for all."""

    line: TariffLine
    ending: str


#: Weights by group, kind, and whether the goods claim the programme of their origin.
_Weights = dict[str, dict[int, list[float]]]


class _Mean:
    """Duties as collected and in law, and what each authority has in them, added up over lines and partners."""

    def __init__(self) -> None:
        self.whole = 0.0
        self.claims = False  # whether goods of Canada or Mexico are among them, which claim the USMCA
        self.totals = [0.0, 0.0]
        self.parts: tuple[dict[str, float], dict[str, float]] = (defaultdict(float), defaultdict(float))

    def add(self, reading: int, weight: float, levied: _Levied) -> None:
        """Add what is levied on a weight, in the first (as collected) or the second reading (in law)."""
        self.totals[reading] += weight * levied.rate
        for authority, part in levied.parts:
            self.parts[reading][authority] += weight * part

    def moved(self, before: _Mean) -> set[str]:
        """Return the authorities whose part of the mean is another than before; "" for the shares of the USMCA."""
        both = [(now, then, name) for now, then in zip(self.parts, before.parts, strict=True) for name in {*now, *then}]
        return ({""} if self.claims else set()) | {
            name
            for now, then, name in both
            if abs(now.get(name, 0.0) / self.whole - then.get(name, 0.0) / before.whole) > 1e-12
        }


@dataclass(frozen=True, slots=True)
class _Levied:
    """The rate of a kind of lines, and what each additional duty has in it."""

    rate: float
    parts: tuple[tuple[str, float], ...]


def duty_path(
    importer: str,
    exporters: str | Sequence[str] = (),
    *,
    since: datetime.date | str = "2025-01-01",
    until: datetime.date | str | None = None,
    by: By = "partner",
    products: str | Sequence[str] = (),
    trade: Any = None,
    year: int | None = None,
    unit: str | None = None,
    economy: Any = DEFAULT_ECONOMY,
    preference: bool | Literal["share"] = "share",
    us_content: float = US_CONTENT,
    metal_share: float | Mapping[str, float] = 1.0,
    rates: str | os.PathLike[str] | None = None,
    law: Stacking | str | os.PathLike[str] = BOOK,
    progress: Progress | None = None,
) -> DutyPath:
    """Return the mean duty on imports into the United States through time, as collected and in law.

    exporters  countries or groups of origin; with a trade table and none given, all of the table
    since, until  the first and the last day; None: the day of the book
    by         "partner", "sector" (of `economy`, by the divisions of ISIC Rev. 4) or "chapter" of the schedule
    products   beginnings of codes to keep; () for all
    trade      any table of imports (see `exposure`): the mean is weighted by it. Without one it is the simple mean over
               the statistical lines of each line of eight digits, and over these lines
    year, unit of the trade table, as in `exposure`
    preference "share": goods of Canada and Mexico claim the USMCA as much as they did in 2025, and from 2026 on in
               February 2026
    us_content the share of United States content in cars and trucks that claim the USMCA
    metal_share the share of the value that is metal, or shares by metal, where a duty falls on that

    Specific duties are left out. Raises `InputError` and `UnknownNameError` as `duty` does.
    """
    rules = load_stacking(law)
    preference = read_preference(preference)
    first = read_day(since, rules, "since")
    last = read_day(until or rules.as_of, rules, "until")
    if last < first:
        raise InputError(f"until: {last} is before since ({first})")
    if by not in ("partner", "sector", "chapter"):
        raise InputError(f"by: {by!r} is not partner, sector or chapter")
    refuse_importer(importer, rules, first)
    schedule = bundled_lines() if rates is None else read_lines(rates)
    chosen = _chosen(schedule, [products] if isinstance(products, str) else products)
    names = [exporters] if isinstance(exporters, str) else list(exporters)
    origins = _origins(names, first)
    if trade is None and not origins:
        raise InputError("exporters: name at least one partner (--from), or give a table of trade (--trade)")
    value, trade_notes = ({}, []) if trade is None else _trade(trade, rules, year, unit, economy, last)
    if not origins:
        origins, left_out = _traded(value, first)
        trade_notes = [*trade_notes, *left_out]
    sector_of = _sectors(chosen, economy) if by == "sector" else {}
    flags = DutyConditions(us_content=us_content, metal_share=metal_share)
    steps = _Steps(rules, origins, first, last, flags, preference)
    rows: list[dict[str, Any]] = []
    tell = progress or no_progress
    used = 0.0
    sums: dict[tuple[str, datetime.date], _Mean] = defaultdict(_Mean)
    for done, who in enumerate(origins):
        tell("days and lines", done, len(origins))
        weight = _line_weights(chosen, who, value) if trade is not None else dict.fromkeys(chosen, 1.0)
        used += math.fsum(weight.values())
        kinds = _Kinds(rules, {code[:8]: chosen[code[:8]] for code in weight}, who)
        steps.add(who, kinds.made, _grouped(weight, chosen, kinds.of, by, who, sector_of), sums)
    causes: dict[tuple[datetime.date, str], tuple[str, ...]] = {}
    before: tuple[str, _Mean] | None = None
    for (group, day), mean in sorted(sums.items()):
        rate, in_law = (total / mean.whole for total in mean.totals)
        rows.append({"date": day, "group": group, "rate": rate, "rate_in_law": in_law})
        moved = mean.moved(before[1]) if before is not None and before[0] == group else set()
        causes[day, group] = steps.causes(day, moved)
        before = group, mean
    if not rows:
        raise InputError("no line of the trade table or of the products given is in the schedule")
    import pandas as pd

    total_value = math.fsum(v for (who, _), v in value.items() if who in origins)
    notes = [*schedule.notes, *trade_notes]
    if trade is not None and used < total_value * (1 - 1e-9):
        left = 100 * (1 - used / total_value)
        lines = translated("the products given") if products else schedule.edition
        share = percent_size(left)
        text = "{share} of the value of trade is in no line of {schedule} and left out."
        notes.append(translated(text, share=share, schedule=lines))
    notes += _claims(preference, bool({"CAN", "MEX"} & set(origins)), us_content)
    text = "Where a duty falls on the metal in a good, that is taken to be {share} of its value."
    notes.append(translated(text, share=_metal_words(flags)))
    text = "Specific duties are left out, and ordinary rates are those of {schedule}."
    notes.append(translated(text, schedule=schedule.edition))
    return DutyPath(
        table=_steps_only(pd.DataFrame(rows)),
        by=by,
        since=first,
        until=last,
        weights=translated("weighted by the trade table")
        if trade is not None
        else plural(
            "simple mean over {number} line of eight digits",
            "simple mean over {number} lines of eight digits",
            len(chosen),
        ),
        changes=steps.changes(),
        causes=causes,
        law_as_of=oldest_review(rules.authorities, last),
        notes=tuple(notes),
    )


def _claims(preference: bool | Literal["share"], usmca: bool, us_content: float) -> list[str]:
    """Return which goods claim the preference of their origin, where that was stated or is known by shares."""
    if not preference:
        return [translated("No goods claim the preference of their origin.")]
    if not usmca:
        return [] if preference == "share" else [translated("All goods claim the preference of their origin.")]
    by_share = (
        "Goods of Canada and Mexico claim the USMCA at its shares of 2025 and, from 2026 on, of February 2026, and "
        "{share} of the value of cars and trucks that do is made in the United States."
    )
    all_of_them = (
        "All goods claim the preference of their origin, and {share} of the value of cars and trucks of Canada and "
        "Mexico is made in the United States."
    )
    text = by_share if preference == "share" else all_of_them
    return [translated(text, share=localised(f"{100 * us_content:g}%"))]


def _metal_words(held: DutyConditions) -> str:
    if isinstance(held.metal_share, Mapping):
        shares = held.metal_share.items()
        return and_list([f"{localised(f'{100 * share:g}%')} {translated(metal)}" for metal, share in shares])
    return localised(f"{100 * held.metal_share:g}%")


def _steps_only(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows at which a rate differs from the one before, and the first of each group."""
    table = table.sort_values(["group", "date"], kind="stable").reset_index(drop=True)
    before = table.groupby("group")[["rate", "rate_in_law"]].shift()
    kept = before["rate"].isna() | ((table[["rate", "rate_in_law"]] - before).abs() > 1e-12).any(axis=1)
    return table[kept].reset_index(drop=True)


def _origins(names: Sequence[str], date: datetime.date) -> list[str]:
    """Return the codes of the origins. Raises `InputError` for one that is named twice or is in a group beside it."""
    found: list[str] = []
    for name in names:
        code = read_exporter(name, date)
        if code in found:
            raise InputError(f"exporters: {short(code)} is named twice")
        found.append(code)
    for code in found:
        whole = next((one for one in found if one != code and within([code], (one,), "exporters", date)), None)
        if whole is not None:
            raise InputError(f"exporters: {short(code)} is a member of {short(whole)}; name one of the two")
    return found


def _traded(value: Mapping[tuple[str, str], float], date: datetime.date) -> tuple[list[str], list[str]]:
    """Return the origins of a trade table, and a note on partners that are not one origin, which are left out."""
    found, others = [], []
    for code in sorted({who for who, _ in value}):
        try:
            found.append(read_exporter(code, date))
        except InputError:
            others.append(code)
    if not others:
        return found, []
    left = math.fsum(v for (who, _), v in value.items() if who in others)
    share = 100 * left / math.fsum(value.values())
    named = f"{and_list([short(code) for code in others])} ({percent_size(share)} of the value of trade)"
    return found, [f"Partners that are not one origin are left out: {named}."]


# ---- lines and their weights ----


def _chosen(schedule: TariffLines, products: Iterable[str]) -> dict[str, TariffLine]:
    wanted: tuple[str, ...] = ()
    for written in products:
        code = "".join(c for c in str(written) if c not in ". -")
        if not (code.isascii() and code.isdigit()):
            raise InputError(f"products: {written!r} is not the beginning of a code, such as 8703")
        wanted += (code,)
    if not wanted:
        return dict(schedule.lines)
    found = {code: line for code, line in schedule.lines.items() if code.startswith(wanted)}
    for beginning in wanted:
        if not any(code.startswith(beginning) for code in found):
            raise InputError(f"products: no line of {schedule.edition} begins with {beginning!r}")
    return found


class _Kinds:
    """The statistical lines that the law treats alike for goods of one origin, each kind with one that stands for it.

    What the law looks at decides the kind: the rates that the origin pays, the lists that it uses, the first digits.
    """

    def __init__(self, rules: Stacking, lines: Mapping[str, TariffLine], who: str) -> None:
        entries: list[ListedRate | Exemption] = []
        for a in rules.authorities:
            entries += [*a.rates, *a.exemptions]
        used = {name for e in entries for name in e.lists}
        longer = {p for e in entries for p in (*e.products, *getattr(e, "unless_products", ())) if len(p) > 2}
        lengths = sorted({len(p) for p in longer})
        column_2 = any(a.applies == "replaces" and who in a.only for a in rules.authorities)
        self.made: list[_Kind] = []
        self.of: dict[str, list[tuple[str, int]]] = {}
        kinds: dict[tuple[Any, ...], int] = {}
        for code, line in lines.items():
            shared = (line.general, line.special.get(who), line.column2 if column_2 else "", code[:2])
            beginning = tuple(code[:n] for n in lengths if code[:n] in longer)
            for ending in (line.statistical or ("",)) if line.split_lists else ("",):
                lists = tuple(name for name in line.lists if name in used and line.on_list(name, ending))
                key = (*shared, beginning, lists)
                if key not in kinds:
                    kinds[key] = len(self.made)
                    self.made.append(_Kind(line, ending))
                self.of.setdefault(code, []).append((ending, kinds[key]))


def _grouped(
    weight: Mapping[str, float],
    lines: Mapping[str, TariffLine],
    index: Mapping[str, list[tuple[str, int]]],
    by: By,
    who: str,
    sector_of: Mapping[str, str],
) -> dict[int, _Weights]:
    """Return weights by year of the USMCA's shares, group and kind: of goods that claim it, and of the others.

    A weight is given for a line (divided equally among its statistical lines) or for one of these.
    """
    years: dict[int, _Weights] = {2025: {}, 2026: {}}
    for code, amount in weight.items():
        line = lines[code[:8]]
        group = who if by == "partner" else sector_of.get(code[:8], "no sector") if by == "sector" else code[:2]
        endings = index[code[:8]]
        if len(code) == 10 and len(endings) > 1:
            endings = [one for one in endings if one[0] == code[8:]] or endings
        for year, groups in years.items():
            share = line.usmca.get((who, year), line.usmca.get((who, 2025), 0.0)) if who in ("CAN", "MEX") else 1.0
            held = groups.setdefault(group, {})
            for _, kind in endings:
                pair = held.setdefault(kind, [0.0, 0.0])
                pair[0] += amount / len(endings) * share
                pair[1] += amount / len(endings) * (1 - share)
    return years


def _line_weights(
    lines: Mapping[str, TariffLine], who: str, value: Mapping[tuple[str, str], float]
) -> dict[str, float]:
    """Return the trade of a partner by line; trade at a shorter code is divided equally among the lines under it."""
    weights: dict[str, float] = defaultdict(float)
    under: dict[str, list[str]] = defaultdict(list)
    for code in lines:
        for n in (2, 4, 6):
            under[code[:n]].append(code)
    for (origin, product), amount in value.items():
        if origin != who:
            continue
        if product[:8] in lines:
            weights[product[:10] if len(product) >= 10 else product[:8]] += amount
        else:
            parts = under.get(product, ())
            for code in parts:
                weights[code] += amount / len(parts)
    return weights


def _trade(
    trade: Any, rules: Stacking, year: int | None, unit: str | None, economy: Any, day: datetime.date
) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Return the value of trade by (exporter, product), and notes."""
    from entrepot.data.duckdb_store import Store
    from entrepot.data.trade import TradeSelection
    from entrepot.economy import load_economy
    from entrepot.exposures.trade_flows import store_trade

    world = load_economy(economy)
    with Store() as store:
        wanted = TradeSelection(known=world.countries, day=day, importer=rules.importers[0], year=year, unit=unit)
        flows = store_trade(store, trade, wanted)
        rows = store.rows("SELECT exporter, product, sum(value) FROM trade GROUP BY ALL ORDER BY ALL")
    return {(flows.units[e], flows.products[p]): float(v) for e, p, v in rows}, list(flows.notes)


def _sectors(lines: Mapping[str, TariffLine], economy: Any) -> dict[str, str]:
    from entrepot.data.hs import hs_to_sectors
    from entrepot.economy import load_economy

    concordance = hs_to_sectors(load_economy(economy).sectors)
    return {code: concordance.sector(code) or "no sector" for code in lines}


# ---- days ----


class _Steps:
    """The steps of the path: mean rates at each day on which anything in the book changes."""

    def __init__(
        self,
        rules: Stacking,
        origins: Sequence[str],
        first: datetime.date,
        last: datetime.date,
        conditions: DutyConditions,
        preference: bool | Literal["share"],
    ) -> None:
        self.rules, self.origins, self.first, self.last = rules, origins, first, last
        self.preference = preference
        self.claimed = conditions
        self.unclaimed = DutyConditions(preference=False, metal_share=conditions.metal_share)
        self.found = self._changes()
        self.days = sorted({first, *self.found})

    def changes(self) -> dict[datetime.date, tuple[str, ...]]:
        """Return the days after the first on which an authority starts, changes or ends, and which."""
        return {day: tuple(what for _, what in found) for day, found in self.found.items()}

    def causes(self, day: datetime.date, moved: set[str]) -> tuple[str, ...]:
        """Return the changes of a day by the authorities that moved; all of them where none did."""
        found = self.found.get(day, [])
        own = [what for authority, what in found if authority in moved]
        return tuple(own or (what for _, what in found))

    def _changes(self) -> dict[datetime.date, list[tuple[str, str]]]:
        """Return the id of an authority, and what it does, by day; "" for the shares of the USMCA."""
        found: dict[datetime.date, list[tuple[str, str]]] = defaultdict(list)
        for a in self.rules.authorities:
            if (a.only and not self._reached(a.only)) or not any(self._reached(rate.partners) for rate in a.rates):
                continue
            for day, what in _days_of(a, self._reached):
                change = a.id, translated(HAPPENS[what], authority=a.title)
                if self.first < day <= self.last and change not in found[day]:
                    found[day].append(change)
        year = datetime.date(2026, 1, 1)
        if self.first < year <= self.last and self.preference == "share" and {"CAN", "MEX"} & set(self.origins):
            found[year].append(("", translated("shares of the USMCA are those of February 2026")))
        return {day: what for day, what in sorted(found.items()) if what}

    def _reached(self, partners: tuple[str, ...]) -> bool:
        return not partners or bool(within(self.origins, partners, f"stacking {self.rules.stacking}", self.first))

    def add(
        self,
        who: str,
        made: Sequence[_Kind],
        years: Mapping[int, _Weights],
        sums: Mapping[tuple[str, datetime.date], _Mean],
    ) -> None:
        """Add the duties on the goods of a partner to the sums by group and day."""
        states: dict[tuple[Any, ...], _Rates] = {}
        # The content is that of cars and trucks of the USMCA: of other goods it would lower the reciprocal duty.
        claimed = self.claimed if who in ("CAN", "MEX") else replace(self.claimed, us_content=0.0)
        for day in self.days:
            laws = Laws(self.rules, who, day)
            both = [states.setdefault(_state(law), _Rates(law, made)) for law in (laws.collected, laws.lawful)]
            groups = years[2026 if day >= datetime.date(2026, 1, 1) else 2025]
            for group, kinds in groups.items():
                whole = math.fsum(a + b for a, b in kinds.values())
                if whole:
                    mean = sums[group, day]
                    mean.whole += whole
                    mean.claims |= who in ("CAN", "MEX")
                    for reading, rates in enumerate(both):
                        self._add(mean, reading, rates, kinds, claimed)

    def _add(
        self, mean: _Mean, reading: int, rates: _Rates, kinds: Mapping[int, list[float]], conditions: DutyConditions
    ) -> None:
        for kind, (claimed, unclaimed) in kinds.items():
            if self.preference != "share":
                claimed, unclaimed = (claimed + unclaimed, 0.0) if self.preference else (0.0, claimed + unclaimed)
            if claimed:
                mean.add(reading, claimed, rates.at(kind, conditions))
            if unclaimed:
                mean.add(reading, unclaimed, rates.at(kind, self.unclaimed))


class _Rates:
    """The rates of a day by kind, each computed when it is first needed."""

    def __init__(self, law: LawOfDay, kinds: Sequence[_Kind]) -> None:
        self.law, self.kinds = law, kinds
        self.known: dict[tuple[int, bool], _Levied] = {}

    def at(self, kind: int, conditions: DutyConditions) -> _Levied:
        """Return what is levied on a kind."""
        key = (kind, bool(conditions.preference))
        if key not in self.known:
            one = self.kinds[kind]
            found = self.law.on(one.line, one.ending, conditions, explain=False)
            parts = tuple((levy.authority.id, levy.adds) for levy in found.levies if levy.adds)
            self.known[key] = _Levied(found.rate, parts)
        return self.known[key]


def _state(law: LawOfDay) -> tuple[Any, ...]:
    """Return what decides the rates of a day: two days with the same state have the same rates."""
    entries = [
        (a, tuple(map(id, law.listed[a])), tuple(map(id, law.exempt[a])), tuple(map(id, law.ceilings[a])))
        for a in sorted(law.live)
    ]
    excluders = [law.excluders[a.id] for a in law.order]
    early = (law.date < datetime.date(2020, 1, 1), law.date < datetime.date(2020, 7, 1), law.date.year < 2022)
    return (*entries, *excluders, tuple(sorted(law.outside)), early, law.date >= datetime.date(2022, 4, 9))


def _days_of(a: Authority, reached: Callable[[tuple[str, ...]], bool]) -> Iterable[tuple[datetime.date, str]]:
    """Yield each day on which an authority or one of its entries starts, changes or ends, and which."""
    since, until = a.days()
    _, collected_until = a.days(collected=True)
    if since:
        yield since, "starts"
    if until:
        yield until, "ends" if collected_until == until else "ends in law"
    if collected_until and collected_until != until:
        yield collected_until, "is no longer collected"
    named: list[ListedRate | Exemption | Ceiling] = [*a.rates, *a.exemptions, *a.ceilings]
    entries = [e for e in named if reached(e.partners)]
    for entry in (*entries, *a.excluded_by):
        days = {*entry.days(), *entry.days(collected=True)} - {None, since, until, collected_until}
        for day in sorted(d for d in days if d is not None):
            if (since is None or day > since) and (collected_until is None or day < collected_until):
                yield day, "changes"
