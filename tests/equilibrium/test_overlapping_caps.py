"""Which caps leave others nothing to do, and whose rent is open, from flows and volumes alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy.equations import Index
from entrepot.equilibrium.overlapping_caps import _cover, _limits, _sharing, slack_caps
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.solve import solve_problem
from entrepot.equilibrium.undetermined_rents import check_rents
from entrepot.measures.acts import Cap
from entrepot.measures.policy import Policy
from worlds import random_world

WHERE: dict[str, Any] = {"importer": "C00", "exporter": "C01", "sector": "s00"}
IMPORTERS = ep.ImportQuota(**WHERE, cap=0.5)
EXPORTERS = ep.VoluntaryExportRestraint(**WHERE, cap=0.5)


def caps(*parts: tuple[list[int], float] | tuple[list[int], float, ep.QuantityMeasure]) -> list[Cap]:
    """Caps on flows at volumes, in order, their rents the importers' if not stated."""
    rows = [(*part, IMPORTERS)[:3] for part in parts]
    return [cap(k, measure, np.array(flow), volume) for k, (flow, volume, measure) in enumerate(rows)]


def cap(number: int, measure: ep.QuantityMeasure, flow: Index, volume: float) -> Cap:
    """What a measure puts, on other flows and at another volume."""
    (put,) = Policy.of(random_world(3, 2, seed=4), [measure]).each(Cap)
    return replace(put, position=number, number=number, at=flow, volume=volume)


@pytest.mark.parametrize(
    ("parts", "slack"),
    [
        ([([1], 10.0), ([2], 5.0)], set()),  # no trade in common
        ([([1], 10.0), ([1], 5.0)], {0}),  # the same trade: the smaller rules
        ([([1], 5.0), ([1], 10.0)], {1}),
        ([([1], 5.0), ([1], 5.0)], {1}),  # alike: the later goes
        ([([1], 5.0), ([1], 5.0 * (1 + 1e-12))], {1}),
        ([([1, 2], 5.0), ([1], 5.0)], {1}),  # all the trade of the second is under the first
        ([([1, 2], 5.0), ([1], 4.9)], set()),
        ([([1, 2], 10.0), ([1], 4.0), ([2], 6.0)], {0}),  # the parts leave the whole no more than it has
        ([([1, 2], 10.0), ([1], 4.0), ([2], 5.0)], {0}),
        ([([1, 2], 10.0), ([1], 4.0), ([2], 6.1)], set()),
        ([([1, 2, 3], 10.0), ([1, 2], 4.0), ([3], 6.0)], {0}),
        ([([1, 2, 3], 10.0), ([1], 4.0), ([3], 5.0)], set()),  # flow 2 is under no other
        ([([1, 2, 3], 10.0), ([1, 2], 4.0), ([2, 3], 5.0)], set()),  # parts that overlap do not add up
        ([([1, 2], 9.0), ([2, 3], 9.0)], set()),
        ([([1, 2], 10.0), ([1], 4.0), ([2], 6.0), ([2], 9.0)], {0, 3}),
    ],
)
def test_a_cap_is_slack_where_others_leave_its_trade_no_more(parts: Any, slack: set[int]) -> None:
    assert slack_caps(caps(*parts)) == (slack, ())


@pytest.mark.parametrize(
    ("parts", "slack", "ties"),
    [
        ([([1], 5.0), ([1], 5.0, EXPORTERS)], {1}, ((1, (0,)),)),
        ([([1], 5.0, EXPORTERS), ([1], 5.0)], {1}, ((1, (0,)),)),
        ([([1], 5.0), ([1], 5.0)], {1}, ()),  # one holder: it has the rent of both
        ([([1], 5.0), ([1], 5.0 + 1e-7, EXPORTERS)], {1}, ()),  # larger: it never binds
        ([([1], 5.0), ([1], 5.0 + 1e-10, EXPORTERS)], {1}, ((1, (0,)),)),
        ([([1, 2], 9.0, EXPORTERS), ([1], 4.0), ([2], 5.0)], {0}, ((0, (1, 2)),)),
        ([([1, 2], 9.0), ([1], 4.0), ([2], 5.0, EXPORTERS)], {0}, ((0, (1, 2)),)),
        ([([1, 2], 9.1, EXPORTERS), ([1], 4.0), ([2], 5.0)], {0}, ()),
        ([([1], 5.0, ep.ImportQuota(**WHERE, cap=0.5, rent="exporter")), ([1], 5.0, EXPORTERS)], {1}, ((1, (0,)),)),
    ],
)
def test_tie_of_caps_with_two_holders_at_one_volume(parts: Any, slack: set[int], ties: Any) -> None:
    """Holders differ in who they are, and in whether duty falls on their licence."""
    assert slack_caps(caps(*parts)) == (slack, ties)


def test_tariff_rate_quotas_do_not_limit_other_caps() -> None:
    quota = ep.TariffRateQuota(**WHERE, cap=0.5, out_rate=0.5)
    hard, soft = caps(([1], 5.0), ([1], 4.0, quota))
    assert (hard.hard, soft.hard) == (True, False)
    assert slack_caps([hard, soft]) == (set(), ())


def test_caps_that_share_trade() -> None:
    one, two, three = caps(([1, 2], 1.0), ([2, 3], 1.0), ([4], 1.0))
    assert _sharing([one, two, three]) == [one, two]
    assert _sharing([one, three]) == []
    assert _sharing([one]) == []
    assert _sharing([]) == []
    assert replace(one, at=np.array([2])).within(two)
    assert not one.within(two)


def test_cheapest_cover_of_a_trade_by_disjoint_caps() -> None:
    """Of {1, 2, 3}: 1 and 23 have 9, 12 and 3 have 8, the three singles 12; with 12 dearer, the first."""
    whole = frozenset({1, 2, 3})
    one, two, three, first, last = caps(([1], 4.0), ([2], 4.0), ([3], 4.0), ([1, 2], 4.0), ([2, 3], 5.0))
    inside = [one, two, three, first, last]
    assert _cover(whole, inside, {}) == [first, three]
    dearer = replace(first, volume=6.0)
    assert _cover(whole, [one, two, three, dearer, last], {}) == [one, last]
    assert _cover(whole, [one, two, three], {}) == [one, two, three]
    assert _cover(whole, [one, three], {}) == []
    assert _cover(whole, [first, last], {}) == []
    assert _cover(frozenset(), inside, {}) == []


def test_limits_come_from_containing_caps_and_from_sums_of_parts() -> None:
    cap, around, same, left, right = caps(([1, 2], 9.0), ([1, 2, 3], 7.0), ([1, 2], 8.0), ([1], 2.0), ([2], 3.0))
    found = _limits(cap, [around, same, left, right])
    assert found == [(7.0, [around]), (8.0, [same]), (5.0, [left, right])]
    assert _limits(cap, [left]) == []


def test_many_overlapping_caps_are_checked_fast() -> None:
    """Pairs along a line of 40 flows can be put together in more than a hundred million ways."""
    parts = [([k, k + 1], 1.0) for k in range(39)] + [([k], 1.0) for k in range(40)]
    whole = caps((list(range(40)), 20.0), *parts)
    slack, _ = slack_caps(whole)
    assert 0 in slack, "twenty pairs leave it twenty"


# ---- at a solution ----


def capped(*measures: ep.measures.Measure) -> tuple[Problem, Any]:
    problem = Problem.of(random_world(4, 3, 7), ep.Scenario.of(measures), ep.Closure())
    return problem, solve_problem(problem)


ALL: dict[str, Any] = {"importer": "C00", "exporter": "WORLD", "sector": "s00"}


def test_caps_filled_alike_by_two_holders_are_refused_only_where_they_bind() -> None:
    """Two caps filled to the last: with a wedge above zero it is open whose the rent is; with none it is not."""
    problem, outcome = capped(ep.ImportQuota(**WHERE, cap=0.5), ep.VoluntaryExportRestraint(**ALL, cap=0.6))
    state, q = outcome.state, problem.quotas
    volume = np.exp(q.ln_cap)
    check_rents(problem, state, volume)  # on flows of its own the second can be distinguished from the first
    one = replace(q, flow=q.flow[q.owner == 0].repeat(2), owner=np.array([0, 1]), ln_surcharge=np.full(2, np.inf))
    doubled = replace(problem, quotas=one)
    for filled, wedge, refused in (
        (1.0, [0.1, 0.1], True),
        (1.0, [0.1, 0.0], True),
        (1.0, [1e-7, 1e-7], False),
        (1 - 1e-6, [0.1, 0.0], False),
        (1 - 1e-8, [0.1, 0.0], True),
        (0.0, [0.1, 0.1], False),
    ):
        at = replace(state, ln_mu=np.array(wedge))
        if refused:
            with pytest.raises(ep.errors.MeasureError, match=r"at the same volume as .* is not determined") as caught:
                check_rents(doubled, at, filled * volume)
            assert caught.value.key == "cap"
            assert all(repr(m.title) in str(caught.value) for m in problem.scenario)
        else:
            check_rents(doubled, at, filled * volume)
    alike = replace(one, before_duty=np.array([True, True]), exporter_share=np.array([1.0, 1.0]))
    check_rents(replace(problem, quotas=alike), replace(state, ln_mu=np.array([0.1, 0.1])), volume)
    ceiling = replace(one, ln_ceiling=np.array([0.5, 0.5]))
    check_rents(replace(problem, quotas=ceiling), replace(state, ln_mu=np.array([0.1, 0.1])), volume)


def test_a_tie_matters_where_the_others_bind() -> None:
    problem, outcome = capped(ep.ImportQuota(**WHERE, cap=1.5), ep.VoluntaryExportRestraint(**WHERE, cap=1.5))
    assert problem.ties == ((1, (0,)),)
    volume = outcome.accounts.cleared.volume
    for wedge, refused in ((0.0, False), (1e-7, False), (1e-3, True)):
        at = replace(outcome.state, ln_mu=np.array([wedge]))
        if refused:
            first, second = (repr(m.title) for m in problem.scenario)
            with pytest.raises(ep.errors.MeasureError) as caught:
                check_rents(problem, at, volume)
            assert f"{second} caps the same trade at the same volume as {first}: which" in str(caught.value)
        else:
            check_rents(problem, at, volume)
