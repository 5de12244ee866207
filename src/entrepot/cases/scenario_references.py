"""How the scenarios of a case refer to each other: retaliations, the base, matched caps, and the solving order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from entrepot.cases.case_section import CaseError
from entrepot.cases.scenario_spec import BaseScenario, ScenarioSpec
from entrepot.errors import UnknownNameError, nearest
from entrepot.languages import ENGLISH, plural, speaking
from entrepot.rules.retaliation import Retaliation
from entrepot.words import and_list, spoken


def with_retaliations(
    scenarios: Mapping[str, ScenarioSpec], retaliations: Sequence[Retaliation]
) -> dict[str, ScenarioSpec]:
    """Return the scenarios with one more for each retaliation: `retaliation`, or `retaliation_JPN` of several."""
    out = dict(scenarios)
    for k, r in enumerate(retaliations):
        place = f"retaliation.{k}"
        if r.equivalent_to is None:
            raise CaseError(place, "the key 'equivalent_to' is missing: name the scenario that it answers")
        check_known(f"{place}.equivalent_to", [r.equivalent_to], scenarios, "unknown scenario {!r}")
        name = "retaliation" if len(retaliations) == 1 else f"retaliation_{'_'.join(r.by)}"
        if name in out:
            raise CaseError(place, f"there is already a scenario {name!r}; rename it")
        answered = scenarios[r.equivalent_to]
        with speaking(ENGLISH):  # the title is part of the case, whatever the language of its reader
            title = r.label or answering_title(answered.title, r)
        out[name] = ScenarioSpec(title=title, measures=(*answered.measures, r), law=answered.law)
    return out


def answering_title(answered: str, retaliation: Retaliation) -> str:
    """Return the title of a retaliation without one of its own, in the language in use."""
    by, against = (and_list([spoken(x) for x in names]) for names in (retaliation.by, retaliation.against))
    return plural(
        "{title}; {by} answers with duties that take as much of {against}",
        "{title}; {by} answer with duties that take as much of {against}",
        len(retaliation.by),
        title=answered,
        by=by,
        against=against,
    )


def take_base(value: Any, scenarios: dict[str, ScenarioSpec], retaliations: Sequence[Retaliation]) -> BaseScenario:
    """Return the scenario that `base` names, and remove it from `scenarios`."""
    if not isinstance(value, str):
        raise CaseError("base", "write the name of a scenario, such as 'base: today'")
    name = value if value in scenarios else value.removeprefix("scenario ").strip()
    check_known("base", [name], scenarios, "unknown scenario {!r}")
    spec = scenarios[name]
    for k, measure in enumerate(spec.measures):
        if isinstance(measure, Retaliation) or measure.match:
            what = "answers" if isinstance(measure, Retaliation) else "has a cap at the volume of"
            raise CaseError(
                f"scenarios.{name}.measures.{k}",
                f"the base {name!r} {what} another scenario, which is measured from it; state numbers instead",
            )
    for k, retaliation in enumerate(retaliations):
        if retaliation.equivalent_to == name:
            raise CaseError(f"retaliation.{k}.equivalent_to", is_the_base(name))
    if len(scenarios) == 1:
        raise CaseError("base", f"{name!r} is the only scenario: add one to measure from it")
    return BaseScenario(name=name, spec=scenarios.pop(name))


def solving_order(scenarios: Mapping[str, ScenarioSpec]) -> list[str]:
    """Return the scenario names, each after those that its caps match and those that it answers.

    Raises `CaseError` where scenarios refer to each other in a circle.
    """
    done: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            what = "scenarios" if any(scenarios[n].retaliations for n in path) else "caps"
            raise CaseError(
                f"scenarios.{name}", f"{what} refer to each other in a circle: {' -> '.join((*path, name))}"
            )
        spec = scenarios[name]
        answered = {r.equivalent_to for r in spec.retaliations if r.equivalent_to}
        for other in sorted(spec.build(name).matches | answered):
            visit(other, (*path, name))
        if name not in done:
            done.append(name)

    for name in scenarios:
        visit(name, ())
    return done


def with_references(scenarios: Mapping[str, ScenarioSpec], wanted: Iterable[str]) -> set[str]:
    """Return the wanted scenarios and those that they refer to. Raises `UnknownNameError`."""
    keep: set[str] = set()

    def visit(name: str) -> None:
        if name not in scenarios:
            raise UnknownNameError("scenario", name, scenarios)
        keep.add(name)
        spec = scenarios[name]
        for other in {*spec.build(name).matches, *(str(r.equivalent_to) for r in spec.retaliations)}:
            visit(other)

    for name in wanted:
        visit(name)
    return keep


def is_the_base(name: str) -> str:
    """Return the message for a reference to the base scenario."""
    return f"{name!r} is the base, which is already in force; name another scenario (volumes of the base are 100%)"


def check_unique(
    place: str, names: Sequence[str], message: str, key: str = "", same: Callable[[str], str] = str
) -> None:
    """Raise `CaseError` for a repeated name; two names are the same where `same` makes them equal."""
    seen: set[str] = set()
    for k, name in enumerate(names):
        if same(name) in seen:
            raise CaseError(f"{place}.{k}{key}", message.format(name))
        seen.add(same(name))


def check_known(place: str, names: Iterable[str], known: Iterable[str], message: str) -> None:
    """Raise `CaseError` for a name that is not among the known ones."""
    known = list(known)
    for name in names:
        if name not in known:
            raise CaseError(place, message.format(name) + nearest(name, known))
