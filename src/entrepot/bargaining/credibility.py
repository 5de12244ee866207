"""What carrying a threat out brings those who do it under each published set of trade elasticities."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.bargaining.bargain import Bargain, OwnOverSets
from entrepot.bargaining.negotiation import Negotiation
from entrepot.bargaining.session import Session
from entrepot.cases import Case, SolvedCase, solve_case
from entrepot.cases.base_economy import with_theta
from entrepot.cases.scenario_references import with_references
from entrepot.data.published_sets import set_behind, sets_with_numbers
from entrepot.economy import Economy
from entrepot.errors import ConvergenceError, InputError
from entrepot.interrupts import stopped_by_signals
from entrepot.types import Progress


@stopped_by_signals()
def own_over_sets(
    found: Bargain, economy: Economy | str | None = None, progress: Progress | None = None
) -> OwnOverSets:
    """Return what a bargain's threats bring those who carry them out, by set, the bargain's own elasticities first.

    economy   the one that the bargain was solved on, where it is not the case's own
    Only the threats are solved, not the deals. Sets that do not fit the sectors or have no equilibrium are left out.
    Empty where the threat is a trade war, from which nobody would move alone, where a party weighs makers' profits, and
    where Ctrl-C stops it: the bargain, which took longer, is kept.
    """
    case, table = found.case, found.case.table
    own = {threat.name: dict(threat.own) for threat in found.threats if threat.own and not threat.stable}
    if table is None or table.threat.war is not None or not own or case.weighs_makers:
        return {}
    world = case.economy_or_own(economy)
    behind = set_behind(with_theta(case, world))
    over: dict[str, dict[str, Mapping[str, float]]] = {name: {"own": gains} for name, gains in own.items()}
    only = _threats_alone(case, tuple(own))
    names = [name for name in sets_with_numbers() if behind is None or name != behind.name]
    for done, name in enumerate(names):
        if progress is not None:
            progress(f"the threat with elasticities of {name}", done, len(names))
        try:
            solved: SolvedCase = solve_case(only.assuming(theta=name), world)
            threats = Session(Negotiation.of(solved), None).threats()
        except (ConvergenceError, InputError):
            continue
        except KeyboardInterrupt:
            return {}
        for threat in threats:
            if threat.name in over:
                over[threat.name][name] = dict(threat.own)
    return over


def _threats_alone(case: Case, threats: tuple[str, ...]) -> Case:
    """Return the case with the scenarios that its threats need, and without timeline, path and market."""
    assert case.table is not None
    wanted = with_references(case.scenarios, [*threats, *case.table.beside, str(case.table.threat.scenario)])
    wanted |= {case.base.name} if case.base is not None else set()
    kept = {name: spec for name, spec in case.scenarios.items() if name in wanted}
    others = tuple(name for name in case.table.other_threats if name in kept)
    table = case.table.model_copy(update={"other_threats": others})
    update = {"scenarios": kept, "table": table, "in_time": None, "market": None}
    return case.without_timeline().model_copy(update=update)
