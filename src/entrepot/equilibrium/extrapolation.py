"""Warnings that a question lies too far from the data for its answer to be more than arithmetic.

Hat algebra moves from observed shares by constant elasticities, so it answers any shock. These are shocks
that nothing in the data covers: taxes that pay out more than half of a price, elasticities that nobody has estimated,
and answers in which nearly all of a trade flow is gone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from entrepot.equilibrium.accounts import Accounts, abroad
from entrepot.equilibrium.problem import Problem
from entrepot.measures import Measure
from entrepot.measures.acts import Cap, flow_name

#: The lowest rate of a duty, an export tax or a trade cost that is not warned of, and the highest subsidy.
LOWEST_RATE, HIGHEST_SUBSIDY = -0.5, 1.0
#: The range of the elasticities that Caliendo and Parro (2015) simulate with (machinery, petroleum), and a wider one
#: outside which a question is warned of.
PUBLISHED, ELASTICITIES = (1.45, 64.85), (0.3, 100.0)
#: The part of a trade that is left, below which the size of the answer is the elasticity's alone.
LEAST_LEFT = 0.01
#: The change in jobs beyond which the demand for labour is far from where a model without fixed factors is reliable.
MOST_JOBS = 0.1


def extrapolation_warnings(problem: Problem, accounts: Accounts) -> tuple[str, ...]:
    """Return sentences, the most serious kind first; empty for a question that the data cover."""
    policy = (*_rates(problem), *_subsidies(problem), *_elasticities(problem))
    return (*policy, *_several(problem), *_little_left(problem, accounts), *_jobs(problem, accounts))


def _rates(p: Problem) -> Iterator[str]:
    for what, ln_rate in (
        ("a duty", p.ln_tariff),
        ("an export tax", p.ln_export_tax),
        ("a change in trade costs", p.ln_iceberg),
    ):
        rate = np.expm1(ln_rate)
        low = (rate < LOWEST_RATE) & (p.economy.value.ravel()[p.flow] > 0)
        if low.any():
            worst = int(np.argmin(np.where(low, rate, 0.0)))
            yield (
                f"Far from the data: {what} of {_percent(rate[worst])} on "
                f"{flow_name(p.economy, p.flow[worst])}{_others(int(low.sum()))} is below {_percent(LOWEST_RATE)}; no "
                f"observed policy is near it"
            )


def _subsidies(p: Problem) -> Iterator[str]:
    rate = np.expm1(p.ln_subsidy)
    far = (rate > HIGHEST_SUBSIDY) | (rate < LOWEST_RATE)
    if far.any():
        j, i = np.unravel_index(int(np.argmax(np.abs(p.ln_subsidy))), rate.shape)
        yield (
            f"Far from the data: a subsidy of {_percent(rate[j, i])} on {p.economy.sectors[j]} in "
            f"{p.economy.countries[i]}{_others(int(far.sum()), 'sector')} is outside {_percent(LOWEST_RATE)} to "
            f"{_percent(HIGHEST_SUBSIDY)} of cost; no observed policy is near it"
        )


def _elasticities(p: Problem) -> Iterator[str]:
    e = p.economy
    low, high = ELASTICITIES
    far = ((e.theta < low) | (e.theta > high)) & (e.value.sum(axis=(1, 2)) > 0)
    if far.any():
        j = int(np.argmax(np.where(far, np.abs(np.log(e.theta / np.sqrt(low * high))), 0.0)))
        yield (
            f"Far from the data: a trade elasticity of {e.theta[j]:.3g} in {e.sectors[j]}"
            f"{_others(int(far.sum()), 'sector')} is outside {low:g} to {high:g}; those of Caliendo and Parro (2015) "
            f"lie between {PUBLISHED[0]:g} and {PUBLISHED[1]:g}"
        )


def _little_left(p: Problem, a: Accounts) -> Iterator[str]:
    """Trade that is nearly gone: that of a country, and that under a measure which does not forbid it outright."""
    e = p.economy
    permitted = e.value.copy()
    permitted.ravel()[p.embargoed] = 0.0
    for what, base, allowed, left in zip(
        ("imports", "exports"), abroad(e.value), abroad(permitted), abroad(a.real_flow), strict=True
    ):
        part = np.divide(left, base, out=np.ones_like(base), where=base > 0)
        gone = part < LEAST_LEFT
        if (gone & (allowed >= LEAST_LEFT * base)).any():  # embargoes alone would leave more
            i = int(np.argmin(part))
            yield _left(f"{what} of {e.countries[i]}", float(part[i]), int(gone.sum()) - 1, ("country", "countries"))
            return
    under = ((measure, _part_left(p, a, measure)) for measure in p.scenario)
    nearly_gone = [(measure, remains) for measure, remains in under if 0 < remains < LEAST_LEFT]
    if nearly_gone:
        least, remains = min(nearly_gone, key=lambda pair: pair[1])
        capped = any(cap.measure is least for cap in p.policy.each(Cap))
        what = "what that is worth" if capped else "how much is lost"
        yield _left(f"trade under '{least.title}'", remains, len(nearly_gone) - 1, ("measure", "measures"), what)


def _several(p: Problem) -> Iterator[str]:
    """A wage floor beside economies of scale, selection or a tax on labour that revenue cuts."""
    if p.factors.may_have_several:
        yield (
            "More than one equilibrium may hold: jobs that are lost at the wage floor make goods dearer, which loses "
            "more jobs; a search that begins elsewhere can end in another"
        )


def _jobs(p: Problem, a: Accounts) -> Iterator[str]:
    """Jobs that move further than any measure has moved them, as they do at a held wage where no factor is fixed."""
    if not p.factors.elastic:
        return
    change = np.expm1(a.cleared.ln_labour)
    far = np.abs(change) > MOST_JOBS
    if far.any():
        n = int(np.argmax(np.abs(change)))
        others = f" (and of {int(far.sum()) - 1} more)" if far.sum() > 1 else ""
        remedy = "; in the short run, with capital that stays, it has one" if p.closure.horizon == "long" else ""
        yield (
            f"Far from the data: jobs in {p.economy.countries[n]}{others} change by {_percent(change[n])}: at the "
            f"wages that the closure holds the demand for labour has almost no slope{remedy}"
        )


def _left(what: str, part: float, others: int, nouns: tuple[str, str], open_question: str = "how much is lost") -> str:
    more = f" (and of {others} {nouns[others > 1]} more)" if others else ""
    return (
        f"Far from the data: {what} fall{'s' * what.startswith('trade')} to {100 * part:.2g}% of the base{more}; "
        f"{open_question} depends on the elasticity far from where it was estimated"
    )


def _part_left(p: Problem, a: Accounts, measure: Measure) -> float:
    """The part of the volume under a measure that is left; one where it is meant to go or there was none."""
    flow = np.setdiff1d(measure.flows(p.economy), p.embargoed)
    base = float(p.economy.value.ravel()[flow].sum())
    return float(a.real_flow.ravel()[flow].sum()) / base if base > 0 else 1.0


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g}%"


def _others(count: int, noun: str = "flow") -> str:
    return f" and {count - 1} more {noun}{'s' * (count > 2)}" if count > 1 else ""
