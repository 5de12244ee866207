"""Check every name of a case on an Economy, before anything is solved."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from entrepot.cases.bargaining_table import BargainingTable
from entrepot.cases.base_economy import base_economy, with_theta
from entrepot.cases.case import Case
from entrepot.cases.load import as_shipped
from entrepot.cases.market_spec import MarketSpec
from entrepot.cases.objective import party_codes, split_party
from entrepot.cases.shared_measures import SharedMeasures
from entrepot.economy import Economy
from entrepot.economy.geography import outdated, resolve_countries, resolve_sectors
from entrepot.equilibrium import Closure
from entrepot.equilibrium.factors import Factors
from entrepot.equilibrium.problem import Problem, with_competition
from entrepot.errors import InputError
from entrepot.measures import Measure, Scenario
from entrepot.measures.duty_notes import duty_notes
from entrepot.measures.scenario import together
from entrepot.rules.retaliation import Retaliation
from entrepot.words import and_list, each_once


def check_case(case: Case, economy: Economy) -> tuple[str, ...]:
    """Check every name of `case` on `economy`, solving only its base scenario; return notes.

    Raises `DocumentError` with line and key for a name that the Economy does not have, for a path on which goods would
    be stored ahead of a quota, so that it has no answer, and for uncertain numbers that a sweep would refuse.
    """
    base = base_economy(case, economy)
    notes = check_on(case, base)
    with case.at("path"):
        _check_stored(case, base)
    if case.uncertainty:
        from entrepot.cases.uncertainty import uncertainty  # it loads pandas for sets of elasticities

        uncertainty(case.without_timeline(), with_theta(case, economy))
    return notes


def _on_market(case: Case, economy: Economy, measure: Measure) -> bool:
    """Whether a measure is on sales of the case's market."""
    assert case.market is not None
    (importer,), _ = resolve_countries(case.market.importer, economy.countries)
    (sector,) = resolve_sectors(case.market.sector, economy.sectors)
    j, n, _i = np.unravel_index(measure.flows(economy), economy.value.shape)
    return bool(((j == economy.sectors.index(sector)) & (n == economy.countries.index(importer))).any())


def check_on(case: Case, economy: Economy) -> tuple[str, ...]:
    """Check every name of `case` on its base economy, as `check_case` does; return notes."""
    today = case.day or datetime.date.today()
    in_force = case.base.scenario.measures if case.base is not None else ()
    measures = [*in_force, *(m for name, spec in case.scenarios.items() for m in spec.build(name))]
    named = [*case.parties, *(name for measure in measures for name in measure.names)]
    notes = outdated(named, today, economy.year)

    def countries(place: str, names: str | tuple[str, ...], one: bool = False) -> tuple[str, ...]:
        with case.at(place):
            codes, read_as = resolve_countries(names, economy.countries)
            if one and len(codes) != 1:
                raise InputError(f"{names} is not one country")
        notes.extend(read_as)
        return codes

    for name, spec in case.scenarios.items():
        for k, measure in enumerate(spec.measures):
            with case.at(case.place_of(name, k)):
                if isinstance(measure, Retaliation):
                    notes.extend(measure.check(economy))
                else:
                    measure.flows(economy)
        with case.at(f"scenarios.{name}"):
            problem = Problem.of(economy, spec.build(name).matched(_any_volume(economy)), Closure())
            notes.extend([*problem.notes, *(f"{name}: {note}" for note in duty_notes(problem.policy))])
    for k, party in enumerate(case.parties):
        countries(f"parties.{k}", party)
    _check_objectives(case, economy)
    if case.table is not None:
        notes.extend(_check_table(case, case.table, economy))
    with case.at("law"):
        case.law.check(economy)
    with case.at("closure"):
        with_markups = with_competition(economy, case.closure)
        Factors.of(with_markups, case.closure)
    for party, objective in case.objectives.items():
        with case.at(f"objectives.{party}"):
            objective.check_profit(with_markups)
    _check_path(case, economy)
    if case.closure.unit_of[1] != "WORLD":
        countries("closure.numeraire", case.closure.unit_of[1], one=True)
    if case.report.protected is not None:
        countries("report.protected.country", case.report.protected.country)
        with case.at("report.protected.sector"):
            sectors = resolve_sectors(case.report.protected.sector, economy.sectors)
            if len(sectors) != 1:
                raise InputError(
                    f"{case.report.protected.sector} is {and_list(list(sectors[:6]))} here; name one of them"
                )
    if case.market is not None:
        countries("market.importer", case.market.importer, one=True)
        with case.at("market.sector"):
            if len(resolve_sectors(case.market.sector, economy.sectors)) != 1:
                raise InputError(f"{case.market.sector} is several sectors here; name one")
        with case.at("market"):
            if not _market_as_shipped(case, case.market):
                case.market.build(case.path)
        _check_makers(case, economy)
        if not any(_on_market(case, economy, measure) for measure in measures):
            notes.append(
                f"market: no measure falls on {case.market.sector} sold in {case.market.importer}: only costs change"
            )
    for k, watch in enumerate(case.report.markets):
        place = f"report.markets.{k}"
        importers = countries(f"{place}.importer", watch.importer)
        with case.at(f"{place}.sectors"):
            resolve_sectors(watch.sectors, economy.sectors)
        taken: dict[str, str] = {}
        for source in watch.exporters:
            codes = [c for c in countries(f"{place}.exporters", source) if c not in importers]
            with case.at(f"{place}.exporters"):
                if not codes:
                    raise InputError(f"{source} is the importer itself; name another exporter")
                for code in codes:
                    if code in taken:
                        raise InputError(f"{code} is in both {taken[code]} and {source}; name each exporter once")
                    taken[code] = source
    return tuple(dict.fromkeys(notes))


def _market_as_shipped(case: Case, market: MarketSpec) -> bool:
    """Whether the market is that of a bundled case as it ships: a test builds those, and it takes a while."""
    return as_shipped(case) and MarketSpec.model_validate(case.document["market"]) == market


def _check_path(case: Case, economy: Economy) -> None:
    """Check the names on the case's path, and that its closure has room for what the path remembers."""
    spec = case.in_time
    if spec is None:
        return
    parts = spec.built()
    if "inventories" in parts:
        with case.at("path.inventories.sectors"):
            resolve_sectors(parts["inventories"].sectors, economy.sectors)
    if "mobility" in parts:
        with case.at("path.mobility.country"):
            parts["mobility"].position(economy)
    if "closure" in case.given:  # another one may have no room for the path, and has an answer without it
        return
    if "capital" in parts:
        with case.at("path.capital"):
            Factors.of(economy, replace(parts["capital"].closure(case.closure), capital=2.0))
    if "mobility" in parts:
        with case.at("path.mobility"):
            parts["mobility"].closure(economy, case.closure)


def _check_stored(case: Case, economy: Economy) -> None:
    """Check that nothing is stored on the case's path ahead of a limit on quantities."""
    from entrepot.paths.solve_path import check_stored  # with all that a path needs

    plan, path = case.path_plan(), case.in_time
    if plan is None or path is None or (inventories := path.built().get("inventories")) is None:
        return
    volume = _any_volume(economy)
    entries = [
        entry.dated(spec.build(entry.scenario).matched(volume), spec.title)
        for _, entry in plan.in_force
        for spec in (case.scenarios[entry.scenario],)
    ]
    check_stored(economy, entries, path.expectations, plan.since, plan.until, inventories)


def _check_objectives(case: Case, economy: Economy) -> None:
    """Check every name of the objectives on the Economy, and that no party has two."""
    seen: dict[tuple[str, ...], str] = {}
    for party, objective in case.objectives.items():
        with case.at(f"objectives.{party}"):
            first = seen.setdefault(party_codes(party, economy), party)
            if first != party:
                raise InputError(f"{first} is the same party; state one objective for it")
            objective.on(economy, party)
            if objective.weighs_makers and case.market is None:
                raise InputError("profit: makers earn in the case's market, and it has none; add the key market")


def _check_makers(case: Case, economy: Economy) -> None:
    """Check the makers that objectives name in the case's market."""
    if case.weighs_makers:
        from entrepot.cases.market_at_costs import MarketAtCosts  # it loads pandas

        market = MarketAtCosts.of(case, economy)
        for party, objective in case.objectives.items():
            with case.at(f"objectives.{party}"):
                market.weights(objective)


def _any_volume(economy: Economy) -> Callable[[str, Measure], float]:
    """Return the base volume of a measure, in place of a cap that is not solved yet."""
    return lambda _, measure: float(economy.value.ravel()[measure.flows(economy)].sum())


def _check_table(case: Case, table: BargainingTable, economy: Economy) -> list[str]:
    """Check every name of the bargaining table on the Economy, with all its measures in force together."""
    notes: list[str] = []
    seen: dict[str, str] = {}
    for k, party in enumerate(table.between):
        with case.at(f"table.between.{k}"):
            codes, read_as = resolve_countries(split_party(party), economy.countries)
            notes.extend(read_as)
            for code in codes:
                if code in seen:
                    raise InputError(f"{code} is in both {seen[code]} and {party}")
                seen[code] = party
    lower, upper = ({name: issue.range[end] for name, issue in table.issues.items()} for end in (0, 1))
    for k, template in enumerate(table.measures):
        with case.at(f"table.measures.{k}"):
            table.filled_in(template, upper).flows(economy)
    entries = SharedMeasures(case)
    beside = [m for name in table.beside for m in entries.of(name, case.scenarios[name].build(name))]
    with case.at("table.measures"):
        for levels in (lower, upper):
            deal = [table.filled_in(template, levels) for template in table.measures]
            in_force = Scenario(together([*beside, *deal]))
            Problem.of(economy, in_force.matched(_any_volume(economy)), Closure())
        moved = Scenario(together([*beside, *table.deal(table.all_in_force())]))
        notes.extend(Problem.of(economy, moved.matched(_any_volume(economy)), Closure()).notes)
    if table.threat.war is not None:
        with case.at("table.threat.war.sectors"):
            resolve_sectors(table.threat.war.sectors, economy.sectors)
    return notes


def notes_on(case: Case, economy: Economy) -> tuple[str, ...]:
    """Return the notes on a case and its base economy that hold before any scenario is solved."""
    return each_once(*case.notes, *check_on(case, economy), *economy.notes)
