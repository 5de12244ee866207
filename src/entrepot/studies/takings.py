"""What the governments that act take in or pay under a scenario: duties, export taxes, and subsidies on output."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.cases import SolvedCase
from entrepot.economy import Economy
from entrepot.economy.geography import WORLD, customs_unions, groups, resolve_countries
from entrepot.equilibrium import Outcome
from entrepot.languages import translated
from entrepot.measures import Measure
from entrepot.measures.acts import Act, Cap, Duty, ExportDuty, PriceRule, Subsidy
from entrepot.words import dollars

#: Amounts smaller than this (US$ million) are not mentioned.
LEAST_TAKING = 1e-3
#: Nor are those that are a smaller part than this of the rent of the scenario.
LEAST_OF_RENT = 1e-3
#: A sentence names so many governments and instruments, those of the largest amounts.
NAMED = 3
#: The argument of a measure that names who levies what.
LEVIED_BY = {"duties": "importer", "export_tax": "exporter", "subsidies": "country"}
#: What they collect or pay, among `Ledger.proceeds`.
PROCEEDS = {"duties": "tariff_revenue", "export_tax": "export_tax", "subsidies": "subsidies"}
#: The words for more of it than in the base, and for less.
MORE = {
    "duties": "{country} collects {money} more in duties",
    "export_tax": "{country} collects {money} more in export taxes",
    "export_subsidies": "export subsidies cost {country} {money} more",
    "subsidies": "the subsidies on output cost {country} {money} more",
    "output_taxes": "{country} collects {money} more in taxes on output",
}
LESS = {
    "duties": "{country} collects {money} less in duties",
    "export_tax": "{country} collects {money} less in export taxes",
    "export_subsidies": "export subsidies cost {country} {money} less",
    "subsidies": "the subsidies on output cost {country} {money} less",
    "output_taxes": "{country} collects {money} less in taxes on output",
}
#: What it is where they have none of it, or less than none, in the base and under the scenario: the opposite.
OPPOSITE = {"export_tax": "export_subsidies", "subsidies": "output_taxes"}


@dataclass(frozen=True)
class Taking:
    """What a government takes in more than in the base by an instrument of a scenario, in US$ million a year.

    who     a country, or a group whose members act together
    kind    "duties", "export_tax" or "output_taxes", which are collected, or "subsidies" or "export_subsidies", which
            are paid
    change  from the base
    """

    who: str
    kind: str
    change: float

    def in_words_of(self, country: str) -> str:
        """Return the change as a sentence without a full stop, of a country so named."""
        money = dollars(self.change)
        return translated(MORE[self.kind] if self.change > 0 else LESS[self.kind], country=country, money=money)


def takings(outcome: Outcome, taxes_only: bool = False) -> list[Taking]:
    """Return what those who act collect or pay, in the order of the measures.

    taxes_only  leave out what follows from measures that neither tax nor subsidise
    Who imposes a duty, a cost or a limit on imports, or is the market of an export that is limited, is named with all
    duties that it collects; who taxes exports or subsidises output with the cost of that. No country is counted twice.
    """
    e = outcome.economy
    proceeds = outcome.accounts.proceeds
    changes = {kind: proceeds[f"{name}_change"] for kind, name in PROCEEDS.items()}
    before = {"duties": e.tariff_revenue, "export_tax": e.export_tax_revenue, "subsidies": e.subsidies}
    counted: dict[str, set[str]] = {kind: set() for kind in changes}
    found = []
    for position, measure in enumerate(outcome.scenario):
        for kind, codes in _levied(outcome, position, taxes_only):
            for who, members in _named(measure, kind, codes, e):
                fresh = members - counted[kind]
                counted[kind] |= fresh
                mine = np.isin(e.countries, sorted(fresh))
                change, base = float(changes[kind][mine].sum()), float(before[kind][mine].sum())
                if abs(change) <= LEAST_TAKING:
                    continue
                if kind in OPPOSITE and max(base, base + change) <= LEAST_TAKING:
                    found.append(Taking(who, OPPOSITE[kind], -change))
                else:
                    found.append(Taking(who, kind, change))
    return found


def beside_rent(found: Sequence[Taking], rent: float) -> list[Taking]:
    """Return those that are to be mentioned beside a rent in US$ million."""
    return [one for one in found if abs(one.change) >= LEAST_OF_RENT * rent]


def takings_of(study: SolvedCase, name: str, taxes_only: bool = False, *, rent: float = 0.0) -> str:
    """Return what those who act under a scenario collect or pay, without a full stop; "" for nothing.

    rent  of the scenario in US$ million, beside which small amounts are left out
    """
    every = beside_rent(takings(study.outcomes[name], taxes_only), rent)
    largest = sorted(every, key=lambda one: -abs(one.change))[:NAMED]
    found = [one for one in every if one in largest]
    return translated("; ").join(one.in_words_of(study.spoken(one.who)) for one in found)


def _levied(outcome: Outcome, position: int, taxes_only: bool) -> Iterator[tuple[str, set[str]]]:
    """Yield what a measure changes the revenue of, and the codes of the countries that have that revenue."""
    e, size = outcome.economy, len(outcome.economy.countries)
    for act in outcome.problem.policy.each(Act, position):
        if taxes_only and not _taxes(act):
            continue
        kind = {ExportDuty: "export_tax", Subsidy: "subsidies"}.get(type(act), "duties")
        place = act.at // size % size if kind == "duties" else act.at % size
        yield kind, {e.countries[k] for k in np.unique(place)}


def _taxes(act: Act) -> bool:
    """Return whether an act taxes or subsidises, and does not only follow from a limit or a price that others keep."""
    if isinstance(act, Cap):
        return not act.hard  # what is beyond a tariff-rate quota pays a duty
    if isinstance(act, PriceRule):
        return bool(act.amount.any()) or not act.exporter_holds
    return isinstance(act, Duty | ExportDuty | Subsidy)


def _named(measure: Measure, kind: str, codes: set[str], economy: Economy) -> Iterator[tuple[str, set[str]]]:
    """Yield those who act under the names that the measure has for them, then the rest by code.

    A group is named with all of its members, as in the tables. Where those who act under the name of the world are in
    one customs union (a quota of the EU that is lifted), they are named by it.
    """
    left = set(codes)
    for name in measure.written(LEVIED_BY[kind]):
        members = set(resolve_countries(name, economy.countries, measure.title)[0])
        acting = left & members
        if name == WORLD and len(acting) > 1 and (union := customs_union_of(acting, economy)):
            name, members = union, set(resolve_countries(union, economy.countries)[0])
        elif name == WORLD and len(acting) <= NAMED:
            continue  # a few are named by themselves
        left -= acting
        if acting:
            yield (name, members) if len(acting) > 1 else (next(iter(acting)), acting)
    for code in sorted(left):
        yield code, {code}


def customs_union_of(codes: set[str], economy: Economy) -> str:
    """Return the customs union, in the year of the data, that all of the countries are in; empty for none."""
    day = datetime.date(economy.year or datetime.date.today().year, 7, 1)
    return next((name for name in customs_unions(day) if codes <= set(groups()[name]["members"])), "")
