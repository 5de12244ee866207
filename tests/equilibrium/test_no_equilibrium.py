"""Why there is no answer: every reason in its own words, at its limit, and in the order of likelihood.

A point of the search is made up, so that one reason at a time holds; that the reasons arise is held by test_search.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.equilibrium import no_equilibrium as reasons
from entrepot.equilibrium.blocks.hats import FLOOR
from entrepot.equilibrium.equilibrium_map import State
from entrepot.equilibrium.no_equilibrium import explain, is_economic, largest
from entrepot.equilibrium.problem import Problem
from entrepot.equilibrium.residuals import worst_cells
from entrepot.numerics import FixedPoint

N = ("A", "B", "C", "D")
BALANCED = ep.Closure("balanced")
GAPS = {
    "goods_market": np.array([[1e-4, 2e-4, 0.0, 0.0], [0.0, 3e-3, 0.0, 0.0]]),
    "budget": np.array([0.0, 1e-3, 0.0, 0.0]),
    "complementarity": np.zeros(0),
}


def plain(**deficit: float) -> ep.Economy:
    """Each country buys food for 100 from each other and for 1000 at home, and cars for 200 and 1000; a country with a
    deficit buys that much more food from D."""
    value = np.broadcast_to(np.array([100.0, 200.0])[:, None, None], (2, 4, 4)).copy()
    value[:, range(4), range(4)] = 1000.0
    for country, more in deficit.items():
        value[0, N.index(country), N.index("D")] += more
    return ep.Economy(
        N, ("food", "cars"), value, np.zeros_like(value), np.zeros((4, 2, 2)), np.array([4.0, 4.0]), name="plain"
    )


def why(
    e: ep.Economy,
    *measures: ep.measures.Measure,
    closure: ep.Closure = BALANCED,
    gaps: dict[str, Any] = GAPS,
    status: Any = "stalled",
    wages: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0),
    **accounts: Any,
) -> ep.errors.ConvergenceError:
    problem = Problem.of(e, ep.Scenario(measures), closure)
    none, cells = np.zeros(0), np.zeros((2, 4))
    state = State(np.array(wages), cells, cells, none, none, np.zeros(problem.quotas.count))
    ones = np.ones(4)
    at = SimpleNamespace(**({"income": ones, "imports": 0.2 * ones, "exports": 0.2 * ones} | accounts))
    error = explain(problem, state, at, gaps, FixedPoint(none, none, 0.5, 7, status))  # type: ignore[arg-type]
    assert error.worst in ((), worst_cells(problem, gaps))
    return error


def embargo(importer: str, exporter: str | list[str] = "WORLD", sector: str = "ALL") -> ep.measures.Measure:
    return ep.ImportQuota(importer=importer, exporter=exporter, sector=sector, cap=0)


def test_largest_gap_is_infinite_for_nan() -> None:
    assert largest(GAPS) == 3e-3
    assert largest({"budget": np.array([-0.25, 0.1]), "complementarity": np.zeros(0)}) == 0.25
    assert largest({"complementarity": np.zeros(0)}) == 0.0
    assert largest({"budget": np.array([0.1, np.nan])}) == np.inf


# ---- what is an economy, member by member ----


def test_each_member_of_a_stack_is_judged_alone() -> None:
    e = plain()
    wages, spending, income = np.zeros((4, 4)), np.zeros((4, 2, 4)), np.ones((4, 4))
    income[1, 2] = -1.0
    spending[2, 1, 3] = np.log(FLOOR) - 1
    wages[3, 0] = np.log(2e4)
    state = State(wages, spending * 0, spending, *(np.zeros((4, 0)) for _ in range(3)))
    assert is_economic(e, state, income).tolist() == [True, False, False, False]


def test_points_at_a_limit_are_not_economic() -> None:
    e, none = plain(), np.zeros(0)
    state = State(np.zeros(4), np.zeros((2, 4)), np.zeros((2, 4)), none, none, none)
    assert is_economic(e, state, np.ones(4))
    assert not is_economic(e, state, np.array([1.0, 1.0, 0.0, 1.0]))
    at_floor = np.zeros((2, 4))
    at_floor[1, 1] = np.log(FLOOR)
    assert not is_economic(e, replace(state, ln_spending=at_floor), np.ones(4))
    assert not is_economic(e, replace(state, ln_labour_income=np.array([0.0, np.log(1e4), 0.0, 0.0])), np.ones(4))
    assert is_economic(e, replace(state, ln_labour_income=np.array([0.0, np.log(0.99e4), 0.0, 0.0])), np.ones(4))


def test_spending_has_its_floor_where_something_is_spent_however_little() -> None:
    e, none = plain(), np.zeros(0)
    low = np.zeros((2, 4))
    low[0, 1] = np.log(FLOOR) - 1
    state = State(np.zeros(4), np.zeros((2, 4)), low, none, none, none)
    for size in (1.0, 1e-6):
        assert not is_economic(replace(e, value=size * e.value), state, np.ones(4))
    assert is_economic(without(e, "B", "ABCD"), state, np.ones(4)), "B buys no food"


# ---- embargoes ----


def without(e: ep.Economy, importer: str, exporters: str, sector: int = 0) -> ep.Economy:
    value = e.value.copy()
    value[sector, N.index(importer), [N.index(c) for c in exporters]] = 0.0
    return replace(e, value=value)


def test_buyers_with_no_source_left() -> None:
    error = why(without(plain(), "B", "B"), embargo("B", sector="food"))
    assert error.cause == (
        "Nothing is left for buyers of food in B: every source is under an embargo and there is no own supply."
    )
    assert error.remedy == "leave one source open, or cap it at a small share of the base instead of zero."
    assert (error.worst, error.residual) == ((), 0.5)


@pytest.mark.parametrize(
    ("missing", "measure"),
    [
        ("B", embargo("B", ["A", "C"], "food")),  # D is open
        ("", embargo("B", sector="food")),  # B makes its own
        ("ABCD", embargo("C", "A", "food")),  # B buys no food at all
    ],
)
def test_buyers_with_a_source_left_or_with_nothing_to_buy_are_not_named(
    missing: str, measure: ep.measures.Measure
) -> None:
    assert "Nothing is left" not in str(why(without(plain(), "B", missing), measure))


def test_without_an_embargo_nobody_is_cut_off() -> None:
    """Where a country buys nothing abroad in the base, and pays for it by its deficit, no measure is to blame."""
    e = without(without(plain(), "B", "ACD"), "B", "ACD", sector=1)
    assert why(e, closure=ep.Closure()).cause.startswith("No equilibrium found")


@pytest.mark.parametrize(
    ("measure", "way"),
    [
        (embargo("B"), "import of B"),
        (ep.ImportQuota(importer="WORLD", exporter="C", sector="ALL", cap=0), "export of C"),
    ],
)
def test_trade_cut_off_on_one_side(measure: ep.measures.Measure, way: str) -> None:
    error = why(plain(), measure)
    assert error.cause == (
        f"No equilibrium: an embargo covers every {way}, so that what still flows the other way cannot be paid."
    )
    assert error.remedy == "cap the trade at a small share of the base instead of zero, or cut it off on both sides."
    assert (error.worst, error.residual) == ((), 0.5)


def test_trade_that_goes_on_a_little_or_on_neither_side_can_be_paid() -> None:
    both = (embargo("B"), ep.ImportQuota(importer="WORLD", exporter="B", sector="ALL", cap=0))
    for measures in (both, (embargo("B", sector="food"),), (embargo("B", ["A", "C"]),)):
        assert why(plain(), *measures).cause.startswith("No equilibrium found")


def test_embargo_reasons_in_a_small_world_are_those_of_a_large_one() -> None:
    for measure, key in (
        (embargo("B", sector="food"), "Nothing is left for buyers of food in B"),
        (embargo("D"), "every import of D"),
        (ep.ImportQuota(importer="WORLD", exporter="D", sector="ALL", cap=0), "every export of D"),
        (embargo("D", sector="food"), "No equilibrium found"),
    ):
        e = without(plain(), "B", "B") if "Nothing" in key else plain()
        for size in (1.0, 1e-6):
            assert key in str(why(replace(e, value=size * e.value), measure))


# ---- incomes ----


def test_country_whose_payments_exceed_its_income_is_named() -> None:
    error = why(plain(), income=np.array([1.0, -0.1, 1.0, -0.3]))
    assert error.cause == (
        "No equilibrium with positive incomes: what D pays in subsidies (negative tariffs and taxes among them) and "
        "deficits is more than it earns."
    )
    assert error.remedy == "a smaller subsidy."
    assert error.residual == 3e-3
    assert len(error.worst) == 3
    assert "what C pays in subsidies" in str(why(plain(), income=np.array([1.0, 1.0, 0.0, 1.0])))
    assert "positive incomes" not in str(why(plain(), income=np.array([1.0, 1.0, 1e-9, 1.0])))


# ---- caps ----

WORLD = ep.ImportQuota(importer="A", exporter="WORLD", sector="food", cap=0.6)
ONE = ep.ImportQuota(importer="A", exporter="B", sector="food", cap=0.4)
APART = ep.ImportQuota(importer="C", exporter="B", sector="food", cap=0.4)


def filled(*gaps: float) -> dict[str, Any]:
    return {**GAPS, "complementarity": np.array(gaps)}


def test_caps_whose_own_conditions_fail_the_most_are_named() -> None:
    error = why(plain(), APART, WORLD, ONE, gaps=filled(0.0, 0.0, 0.02))
    assert error.cause == (
        f"No equilibrium found: the search did not settle which of {WORLD.title!r} and {ONE.title!r} binds on the "
        f"trade that they share, as where their limits nearly coincide."
    )
    assert error.remedy == "leave out a cap that adds nothing to the others, or set it further from them."
    assert error.residual == 0.02
    assert error.worst[0] == f"complementarity of {ONE.title} (0.02)"
    assert "did not settle" in str(why(plain(), WORLD, ONE, gaps=filled(np.nan, 0.0)))
    assert "did not settle" not in str(why(plain(), WORLD, ONE, gaps=filled(0.0, 3e-3))), "as much as another"


def test_caps_that_share_nothing_or_fail_less_are_not_the_reason() -> None:
    assert "did not settle" not in str(why(plain(), WORLD, ONE, gaps=filled(0.0, 0.002)))
    assert "did not settle" not in str(
        why(plain(), WORLD, ONE, gaps=filled(0.0, 0.02) | {"budget": np.full(4, np.nan)})
    )
    assert "did not settle" not in str(why(plain(), ONE, APART, gaps=filled(0.0, 0.02)))


# ---- deficits ----

HELD = {
    "fixed": "held fixed.",
    "gdp_share": "held at their share of world income.",
    "own_share": "held at their share of value added.",
}


@pytest.mark.parametrize("rule", HELD)
def test_deficits_larger_than_trade_are_the_reason(rule: Any) -> None:
    """A buys 300 more of D than it sells; without deficits the base itself is the equilibrium that is found."""
    e = plain(A=300.0)
    error = why(e, closure=ep.Closure(rule))
    closed = e.balanced()
    imports = closed.value.sum(axis=(0, 2)) - np.einsum("jnn->n", closed.value)
    assert abs(e.deficit[0]) / imports[0] > abs(e.deficit[3]) / imports[3]
    assert error.cause == (
        f"No equilibrium: the measures leave too little trade to pay the deficits of the base, which are {HELD[rule]} "
        f"With all deficits closed the same measures have an equilibrium, in which A imports US${imports[0] / 1e3:.3g} "
        f"billion; it would have to carry a deficit of US$0.3 billion."
    )
    assert error.remedy == "Closure(deficit='balanced'), which closes deficits before and after, or a smaller shock."
    assert error.residual == 0.5
    assert len(error.worst) == 3


def test_a_surplus_is_called_so() -> None:
    """A and B buy 200 more each of D, which has twice their deficit in surplus."""
    error = why(plain(A=200.0, B=200.0), closure=ep.Closure())
    assert "in which D imports US$" in str(error)
    assert "it would have to carry a surplus of US$0.4 billion." in str(error)


def test_deficits_of_rounding_and_deficits_that_are_closed_are_no_reason() -> None:
    assert "deficits of the base" not in str(why(plain(A=1e-8), closure=ep.Closure()))
    assert "deficits of the base" not in str(why(plain(A=300.0)))


@pytest.mark.parametrize(
    ("status", "first_wage", "named"),
    [("converged", 0.0, True), ("stalled", 0.0, False), ("converged", np.log(2e4), False)],
)
def test_deficits_are_to_blame_only_where_without_them_there_is_an_equilibrium(
    status: Any, first_wage: float, named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(step: Any, x: np.ndarray, **_: Any) -> FixedPoint:
        x[0] = first_wage
        return FixedPoint(x, x, 1e-9, 3, status)

    monkeypatch.setattr(reasons, "anderson", search)
    assert ("deficits of the base" in str(why(plain(A=300.0), closure=ep.Closure()))) is named


# ---- hardly any trade, and wages that run away ----


@pytest.mark.parametrize("side", ["imports", "exports"])
def test_country_with_too_little_trade_is_named(side: str) -> None:
    """The smaller of imports and exports as a part of income: for C, 1.5e-5 of an income of 2."""
    trade = {"imports": np.full(4, 0.2), "exports": np.full(4, 0.2)}
    trade[side] = np.array([0.2, 0.9e-5, 1.5e-5, 0.2])
    error = why(plain(), income=np.array([1.0, 1.0, 2.0, 1.0]), **trade)
    assert error.cause == (
        "No equilibrium can be distinguished from rounding: under these measures C hardly trades "
        "(about 8e-06 of its income), so that almost nothing determines its wage relative to others'."
    )
    assert error.remedy == "a smaller shock, or an embargo on both sides in place of one next to it."
    assert error.residual == 3e-3
    assert len(error.worst) == 3
    trade[side] = np.array([0.2, 1e-5, 0.2, 0.2])
    assert "hardly trades" not in str(why(plain(), **trade))


def test_wages_on_their_way_to_infinity() -> None:
    error = why(plain(), wages=(0.1, np.log(1e4), 0.0, 0.2))
    assert error.cause == (
        "No equilibrium with finite prices: the wage of B rises without bound against that of C, since trade between "
        "them is cut off on one side and cannot be paid for."
    )
    assert error.remedy == "cap the trade at a small share of the base instead of zero, or cut it off on both sides."
    assert error.residual == 0.5
    assert len(error.worst) == 3
    assert "without bound" not in str(why(plain(), wages=(0.1, np.log(0.99e4), 0.0, 0.2)))


# ---- none of these ----


def test_error_states_how_the_search_ended() -> None:
    error = why(plain(), status="too_many_iterations")
    assert error.cause == (
        "No equilibrium found: the search ran out of iterations after 7 iterations, with a largest gap of 0.003."
    )
    assert error.remedy == (
        "a smaller shock (or several steps, each started from the last: start=), a looser tol, or "
        "Closure(deficit='balanced')."
    )
    assert error.residual == 0.5
    assert len(error.worst) == 3


def test_reasons_come_in_order_of_likelihood() -> None:
    """With every reason at once, and then without those reported."""
    poor, autarkic = {"income": np.array([1.0, -1.0, 1.0, 1.0])}, {"imports": np.array([0.2, 1e-7, 0.2, 0.2])}
    apart: dict[str, Any] = {"wages": (0.0, 20.0, 0.0, 0.0), "gaps": filled(0.0, 0.02), "closure": ep.Closure()}
    e, caps = plain(A=300.0), (WORLD, ONE)
    stranded = without(e, "B", "B")
    reported = [
        why(stranded, *caps, embargo("B"), **apart, **poor, **autarkic),
        why(e, *caps, embargo("B"), **apart, **poor, **autarkic),
        why(e, *caps, **apart, **poor, **autarkic),
        why(e, *caps, **apart, **autarkic),
        why(e, *caps, **apart | {"gaps": GAPS}, **autarkic),
        why(e, *caps, **apart | {"gaps": GAPS, "closure": BALANCED}, **autarkic),
        why(e, *caps, **apart | {"gaps": GAPS, "closure": BALANCED}),
    ]
    for error, key in zip(
        reported,
        ("Nothing is left", "an embargo covers", "positive incomes", "did not settle", "deficits", "rounding", "bound"),
        strict=True,
    ):
        assert key in error.cause
