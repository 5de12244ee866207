"""The search for rates on losses and gains given by formulas, with roots, peaks and optima known by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import entrepot as ep
from entrepot.economy.equations import Array
from entrepot.rules import rate_search
from entrepot.rules.rate_search import Point, RateSearch
from entrepot.rules.retaliation import Retaliation

Number = Callable[[Array], float]
Slope = Callable[[Array], Any]


class ByHand(RateSearch):
    """A RateSearch whose loss, gain and pressure are formulas of the rates [s]; `tried` are the rates tried."""

    def __init__(
        self,
        loss: Number,
        count: int = 1,
        *,
        own: Number = lambda r: 0.0,
        pressure: Number = lambda r: 0.0,
        slopes: tuple[Slope, Slope, Slope] | None = None,
        **keys: Any,
    ) -> None:
        keys = {"by": "C01", "against": "C00", "yardstick": "income"} | keys
        if keys.get("design") == "pressure":
            keys = {"pressure_on": "s00"} | keys
        self.retaliation = Retaliation(**keys)
        self.sectors = tuple(f"s{k:02d}" for k in range(count))
        self.formulas, self.slopes_by_hand = (loss, own, pressure), slopes
        self.tried: list[Array] = []

    def at(self, rates: Array, start: ep.Outcome | None = None) -> Point:
        assert (rates >= 0).all(), "no rate below zero is tried"
        self.tried.append(np.array(rates))
        loss, own, pressure = (float(f(np.asarray(rates))) for f in self.formulas)
        return Point(rates, loss, own, 0.0, pressure, None)  # type: ignore[arg-type]

    def slopes(self, point: Point) -> Array:
        assert self.slopes_by_hand is not None
        return np.array([np.broadcast_to(f(point.rates), point.rates.shape) for f in self.slopes_by_hand], dtype=float)


def hump(peak: float, worth: float = 1000.0) -> Number:
    """worth r (2 peak - r): it rises from nothing to worth peak^2 at the peak, and falls again."""
    return lambda r: float((worth * r * (2 * peak - r)).sum())


class TestOneRate:
    def test_uniform_rate_on_a_linear_loss(self) -> None:
        """1000 r = 300 where r = 0.3, in each of the sectors alike."""
        at = ByHand(lambda r: 1000 * r.mean(), 3)
        assert rate_search.uniform_rate(at, 300.0).rates == pytest.approx([0.3, 0.3, 0.3], abs=1e-10)

    def test_uniform_rate_below_the_first_trial_rate(self) -> None:
        """1000 r = 1 where r = 0.001, less than a 256th of the largest rate; and of a largest rate of 400%."""
        for top in (1.0, "400%"):
            found = rate_search.uniform_rate(ByHand(lambda r: 1000 * r[0], max_rate=top), 1.0)
            assert found.rates == pytest.approx([0.001], abs=1e-10)

    def test_uniform_rate_at_max_rate(self) -> None:
        at = ByHand(lambda r: 1000 * r[0], max_rate=0.3)
        assert rate_search.uniform_rate(at, 300.0).rates == pytest.approx([0.3], abs=1e-10)

    @pytest.mark.parametrize("top", [1.0, 0.2])
    def test_trial_rates_double_up_to_max_rate(self, top: float) -> None:
        at = ByHand(lambda r: 1000 * r[0], max_rate=top)
        with pytest.raises(ep.errors.InputError, match="even at max_rate"):
            rate_search.uniform_rate(at, 1001 * top)
        assert [r[0] for r in at.tried] == pytest.approx([top / 256 * 2**k for k in range(9)], rel=1e-12)

    def test_the_smallest_root_of_several_is_met_first(self) -> None:
        """1000 (r - 0.02)(r - 0.3)(r - 0.9) + 300 passes 300 three times."""
        at = ByHand(lambda r: 1000 * (r[0] - 0.02) * (r[0] - 0.3) * (r[0] - 0.9) + 300)
        assert rate_search.uniform_rate(at, 300.0).rates == pytest.approx([0.02], abs=1e-9)

    @pytest.mark.parametrize("yardstick", ["income", "duty"])
    def test_uniform_rate_just_below_a_peak_between_two_trial_rates(self, yardstick: str) -> None:
        """1000 r (1.4 - r) is 450 at r = 0.5 and 400 at 1, 490 at its peak: 480 where r = 0.7 - sqrt(0.01) = 0.6."""
        found = rate_search.uniform_rate(ByHand(hump(0.7), yardstick=yardstick), 480.0)
        assert found.rates == pytest.approx([0.6], abs=1e-6)
        assert found.loss == pytest.approx(480, rel=1e-9)

    def test_duty_peak_between_the_last_two_trial_rates(self) -> None:
        """1000 r (1.8 - r) is 650 at r = 0.5, 800 at 1 and 810 at 0.9: 806.4 where r = 0.9 - sqrt(0.0036) = 0.84. Only
        duty is known to fall again: of any other loss the largest rate takes most."""
        assert rate_search.uniform_rate(ByHand(hump(0.9), yardstick="duty"), 806.4).rates == pytest.approx(
            [0.84], abs=1e-6
        )
        with pytest.raises(
            ep.errors.InputError,
            match=r"even at max_rate \(100%\) the real income lost is US\$800 million of the US\$806 million needed",
        ):
            rate_search.uniform_rate(ByHand(hump(0.9)), 806.4)

    @pytest.mark.parametrize("count", [1, 2])
    def test_level_above_the_peak_reports_rate_and_amount(self, count: int) -> None:
        """In each sector 1000 r (1.4 - r) is 490 at r = 70%."""
        with pytest.raises(ep.errors.InputError) as caught:
            rate_search.uniform_rate(ByHand(hump(0.7), count, yardstick="duty", label="The answer"), 1500.0)
        other = ", or let rates differ (design: least_cost)" if count > 1 else ""
        assert str(caught.value) == (
            f"The answer: no single rate is enough: at its maximum, at a rate of 70.0%, the duty collected is US$"
            f"{490 * count} million of the US$1.5 billion needed: name more sectors{other}"
        )

    def test_a_peak_next_to_the_largest_rate_is_at_the_largest_rate(self) -> None:
        """1000 r (1.9998 - r) peaks at 99.99%: a higher max_rate does not help, and the amount at 100% is the same."""
        with pytest.raises(ep.errors.InputError) as caught:
            rate_search.uniform_rate(ByHand(hump(0.9999), label="The answer"), 1500.0)
        assert str(caught.value) == (
            "The answer: even at max_rate (100%) the real income lost is US$1.0 billion of the US$1.5 billion "
            "needed: name more sectors, or raise max_rate"
        )

    def test_tariff_that_helps_the_target_is_refused(self) -> None:
        with pytest.raises(
            ep.errors.InputError,
            match=r"at its maximum, at a rate of 0.0%, the real income lost is US\$0 of the US\$10 million needed",
        ):
            rate_search.uniform_rate(ByHand(lambda r: -100 * r[0]), 10.0)


class TestARay:
    """100 (r1 + r2) along the ray through 20% and 40%: 60 there."""

    RATES, HIGH = np.array([0.2, 0.4]), np.array([2.0, 2.0])

    def along(self, level: float, upper: Array = HIGH, loss: Number = lambda r: 100 * r.sum()) -> Point | None:
        return rate_search.scaled_to_level(ByHand(loss, 2), level, self.RATES, upper)

    @pytest.mark.parametrize("scale", [0.001, 0.5, 0.95, 0.995, 1.005, 1.05, 1.6, 4.0])
    def test_scaling_reaches_the_level(self, scale: float) -> None:
        found = self.along(60 * scale)
        assert found is not None
        assert found.rates == pytest.approx(scale * self.RATES, rel=1e-9)

    def test_scaling_keeps_rates_that_meet_the_level(self) -> None:
        found = self.along(60.0)
        assert found is not None
        assert list(found.rates) == list(self.RATES)

    def test_a_rate_at_its_bound_stays_there_while_the_other_goes_on(self) -> None:
        """r2 <= 0.5: 120 = 100 (0.7 + 0.5)."""
        found = self.along(120.0, np.array([1.0, 0.5]))
        assert found is not None
        assert found.rates == pytest.approx([0.7, 0.5], rel=1e-9)

    def test_scaling_fails_beyond_both_bounds(self) -> None:
        assert self.along(151.0, np.array([1.0, 0.5])) is None
        assert self.along(-1.0) is None, "nor below nothing"

    @pytest.mark.parametrize(("scales", "sign"), [((1.1, 1.3), -1), ((0.9, 0.75), 1)])
    def test_scaling_takes_the_nearest_of_two_roots(self, scales: tuple[float, float], sign: int) -> None:
        """The loss passes the level of 100 twice on one side of where the ray begins: above, where it is less there,
        and below, where it is more."""
        near, far = scales

        def loss(r: Array) -> float:
            return float(100 * (1 + sign * (r[0] / 0.2 - near) * (r[0] / 0.2 - far)))

        found = self.along(100.0, loss=loss)
        assert found is not None
        assert found.rates == pytest.approx(near * self.RATES, rel=1e-9)

    def test_a_loss_that_comes_to_rest_at_the_level_reaches_it(self) -> None:
        """No more than 75, which is 75 from a scale of 1.25 on."""
        found = self.along(75.0, loss=lambda r: min(100 * r.sum(), 75.0))
        assert found is not None
        assert found.loss == 75
        assert found.rates[0] >= 0.25 * (1 - 1e-9)


class TestBounds:
    def test_duties_below_a_hundredth_of_a_point_are_dropped(self) -> None:
        upper = np.full(6, 0.5)
        rates = np.array([0.0, 0.99e-4, 1e-4, 1.2e-4, 0.3, 0.5])
        assert list(rate_search._without_dust(rates, upper)) == [0, 0, 1e-4, 1.2e-4, 0.3, 0.5]

    def test_rates_near_their_bound_are_set_to_it(self) -> None:
        upper = np.array([0.5, 0.5, 0.5, 0.2])
        rates = np.array([0.5 - 0.99e-4, 0.5 - 1e-4, 0.5 - 1.2e-4, 0.3])
        assert list(rate_search._without_dust(rates, upper)) == [0.5, 0.5 - 1e-4, 0.5 - 1.2e-4, 0.2]

    @pytest.mark.parametrize("yardstick", ["trade", "income"])
    def test_without_duty_the_bound_is_max_rate(self, yardstick: str) -> None:
        at = ByHand(hump(0.2), 3, yardstick=yardstick, max_rate="30%")
        assert list(rate_search._upper_bounds(at)) == [0.3, 0.3, 0.3]

    def test_by_duty_no_sector_goes_beyond_its_own_peak(self) -> None:
        """r (0.4 - r) peaks at 20%, r (1.4 - r) at 70% or, where none may be above 50%, there."""

        def collected(r: Array) -> float:
            return float(r[0] * (0.4 - r[0]) + r[1] * (1.4 - r[1]))

        for top, peaks in ((1.0, [0.2, 0.7]), (0.5, [0.2, 0.5])):
            upper = rate_search._upper_bounds(ByHand(collected, 2, yardstick="duty", max_rate=top))
            assert upper == pytest.approx(peaks, abs=1.1e-3 * top)
            assert (upper <= top).all()


class TestAPointToBeginFrom:
    """By duty 1000 r1 (0.4 - r1) + 1000 r2 (1.4 - r2): one rate collects 405 at 45%; each at its peak, 40 + 490."""

    @staticmethod
    def collected(r: Array) -> float:
        return float(1000 * (r[0] * (0.4 - r[0]) + r[1] * (1.4 - r[1])))

    def search(self, **keys: Any) -> ByHand:
        return ByHand(self.collected, 2, **({"yardstick": "duty"} | keys))

    def test_the_single_rate_where_there_is_one(self) -> None:
        """1000 (1.8 r - 2 r^2) = 400 where r = 0.4."""
        assert rate_search.starting_point(self.search(), 400.0).rates == pytest.approx([0.4, 0.4], abs=1e-6)

    def test_starting_point_scales_the_peaks_of_sectors(self) -> None:
        """s of both peaks collects 530 s (2 - s): 500 where s = 1 - sqrt(1 - 500/530)."""
        found = rate_search.starting_point(self.search(), 500.0)
        assert found.loss == pytest.approx(500, rel=1e-9)
        assert found.rates == pytest.approx((1 - np.sqrt(3 / 53)) * np.array([0.2, 0.7]), rel=5e-3)

    def test_starting_point_that_does_not_exist_is_refused(self) -> None:
        with pytest.raises(
            ep.errors.InputError,
            match=r"at its maximum, at a rate of 45.0%, the duty collected is US\$405 million of the US\$540 million",
        ):
            rate_search.starting_point(self.search(), 540.0)

    def test_by_another_yardstick_nothing_more_is_tried(self) -> None:
        at = self.search(yardstick="income", max_rate=0.2)
        with pytest.raises(ep.errors.InputError, match="even at max_rate"):
            rate_search.starting_point(at, 500.0)
        assert len(at.tried) == 9, "the ladder"


def quadratic(worth: list[float], cost: list[float], **keys: Any) -> ByHand:
    """A loss sum worth r, and an own cost sum cost r^2 that is smallest for a loss where cost r / worth is one."""
    w, c = np.array(worth), np.array(cost)
    own, slope = (lambda r: -float(c @ r**2)), (lambda r: -2 * c * r)
    keys = {"design": "least_cost"} | keys
    if keys["design"] == "pressure":  # the same program by another name, in which own income moves the other way
        formulas: dict[str, Any] = {"pressure": own, "own": lambda r: float(r[0])}
        slopes = (lambda r: w, lambda r: np.eye(w.size)[0], slope)
    else:
        formulas = {"own": own, "pressure": lambda r: float(r[0])}
        slopes = (lambda r: w, slope, lambda r: np.eye(w.size)[0])
    return ByHand(lambda r: float(w @ r), w.size, slopes=slopes, **formulas, **keys)


class TestRatesBySector:
    @pytest.mark.parametrize("design", ["least_cost", "pressure"])
    @pytest.mark.parametrize("max_rate", [1.0, "200%"])
    def test_a_quadratic_program(self, design: str, max_rate: Any) -> None:
        """Loss 100 (r1 + r2) = 60 at a cost of 50 r1^2 + 100 r2^2: r1 = 2 r2, so 40% and 20%, at 8 + 4 = 12. One rate
        of 30% costs 13.5."""
        at = quadratic([100, 100], [50, 100], design=design, max_rate=max_rate)
        found = rate_search.rates_by_sector(at, 60.0, rate_search.uniform_rate(at, 60.0))
        assert found.rates == pytest.approx([0.4, 0.2], abs=2e-3)
        assert found.loss == pytest.approx(60, rel=1e-8)
        assert (found.own if design == "least_cost" else found.pressure) == pytest.approx(-12, rel=1e-4)

    def test_sector_with_more_loss_has_the_higher_rate(self) -> None:
        """Loss 100 r1 + 300 r2 = 100 at a cost of 50 (r1^2 + r2^2): r2 = 3 r1, so 10% and 30%."""
        at = quadratic([100, 300], [50, 50])
        found = rate_search.rates_by_sector(at, 100.0, rate_search.uniform_rate(at, 100.0))
        assert found.rates == pytest.approx([0.1, 0.3], abs=2e-3)

    def test_rates_of_three_sectors_are_inverse_to_their_costs(self) -> None:
        """Loss 100 (r1 + r2 + r3) = 110 at a cost of 20 r1^2 + 30 r2^2 + 60 r3^2: rates as 1/20 : 1/30 : 1/60."""
        at = quadratic([100, 100, 100], [20, 30, 60])
        found = rate_search.rates_by_sector(at, 110.0, rate_search.uniform_rate(at, 110.0))
        assert found.rates == pytest.approx([0.55, 1.1 / 3, 0.55 / 3], abs=3e-3)

    def test_a_bound_that_is_reached(self) -> None:
        """Loss 100 (r1 + r2) = 60, 10 r1 + 40 r2 the cost: the cheap sector at its largest rate of 50%, then 10%."""
        line = np.array([10.0, 40.0])
        at = ByHand(
            lambda r: 100 * r.sum(),
            2,
            own=lambda r: -float(line @ r),
            slopes=(lambda r: 100, lambda r: -line, lambda r: 0),
            design="least_cost",
            max_rate=0.5,
        )
        found = rate_search.rates_by_sector(at, 60.0, rate_search.uniform_rate(at, 60.0))
        assert found.rates == pytest.approx([0.5, 0.1], abs=1e-6)
        assert found.own == pytest.approx(-9, rel=1e-6)

    def test_a_sector_that_costs_too_much_is_left_out(self) -> None:
        """With a cost of 1000 r2, the first sector alone bears all: 60% and 0%."""
        at = ByHand(
            lambda r: 100 * r.sum(),
            2,
            own=lambda r: -float(50 * r[0] ** 2 + 1000 * r[1]),
            slopes=(lambda r: 100, lambda r: np.array([-100 * r[0], -1000]), lambda r: 0),
            design="least_cost",
        )
        found = rate_search.rates_by_sector(at, 60.0, rate_search.uniform_rate(at, 60.0))
        assert found.rates == pytest.approx([0.6, 0.0], abs=1e-9)

    def test_search_never_ends_worse_than_it_began(self) -> None:
        """Slopes of the wrong sign lead to worse rates, and the starting point is kept."""
        at = quadratic([100, 100], [50, 50])
        assert at.slopes_by_hand is not None
        loss, own, pressure = at.slopes_by_hand
        at.slopes_by_hand = (loss, lambda r: -own(r), pressure)
        flat = rate_search.uniform_rate(at, 60.0)
        found = rate_search.rates_by_sector(at, 60.0, flat)
        assert found.own >= flat.own - 1e-9
        assert found.rates == pytest.approx([0.3, 0.3], abs=1e-6)

    def test_no_solve_is_spent_on_a_difference(self) -> None:
        """With a dozen sectors, slopes by differences take a dozen solves."""
        at = quadratic([100.0] * 12, list(np.linspace(20, 60, 12)))
        flat = rate_search.uniform_rate(at, 400.0)
        at.tried.clear()
        found = rate_search.rates_by_sector(at, 400.0, flat)
        assert found.own > flat.own
        assert len(at.tried) < 80


class TestProgram:
    """Loss 100 r1 + 200 r2, own 30 r1 - 40 r2^2, pressure 70 r1 r2, at rates up to 50%."""

    UPPER = np.array([0.5, 0.25])

    def program(self, design: str, flat: list[float], level: float = 60.0) -> tuple[rate_search._Program, ByHand]:
        at = ByHand(
            lambda r: 100 * r[0] + 200 * r[1],
            2,
            own=lambda r: 30 * r[0] - 40 * r[1] ** 2,
            pressure=lambda r: 70 * r[0] * r[1],
            slopes=(
                lambda r: np.array([100, 200]),
                lambda r: np.array([30, -80 * r[1]]),
                lambda r: np.array([70 * r[1], 70 * r[0]]),
            ),
            design=design,
        )
        return rate_search._Program(at, level, self.UPPER, at.at(np.array(flat))), at

    def test_cost_and_gap_at_parts_of_the_bounds(self) -> None:
        """At 0.4 and 0.8 of the bounds the rates are 20% and 20%: loss 60, own 6 - 1.6 = 4.4, pressure 2.8. The point
        to begin from, 10% and 10%, has own 2.6 and pressure 0.7."""
        x = np.array([0.4, 0.8])
        least, _ = self.program("least_cost", [0.1, 0.1])
        press, _ = self.program("pressure", [0.1, 0.1])
        assert least.cost(x) == pytest.approx(-4.4 / 2.6)
        assert press.cost(x) == pytest.approx(-2.8 / 0.7)
        for program in (least, press):
            assert program.gap(x) == pytest.approx(0, abs=1e-12)
            assert program.gap(x / 2) == pytest.approx(-0.5)
            assert program.gap_slope(x) == pytest.approx(np.array([100 * 0.5, 200 * 0.25]) / 60)
        assert least.cost_slope(x) == pytest.approx(-np.array([30 * 0.5, -16 * 0.25]) / 2.6)
        assert press.cost_slope(x) == pytest.approx(-np.array([14 * 0.5, 14 * 0.25]) / 0.7)

    def test_a_gain_of_nothing_is_measured_by_a_thousandth_of_the_level(self) -> None:
        program, _ = self.program("pressure", [0.0, 0.2])
        assert program.cost(np.array([0.4, 0.8])) == pytest.approx(-2.8 / (60 / 1000))

    def test_beyond_a_bound_is_at_the_bound(self) -> None:
        program, _ = self.program("least_cost", [0.1, 0.1])
        assert list(program.point(np.array([1.5, -0.5])).rates) == [0.5, 0.0]
        assert list(program.point(np.array([1.0, 1.0])).rates) == list(self.UPPER)

    def test_one_place_is_solved_once(self) -> None:
        program, at = self.program("least_cost", [0.1, 0.1])
        at.tried.clear()
        x = np.array([1.0, 0.0])
        for _ in range(2):
            program.cost(x), program.gap(x), program.cost_slope(x), program.gap_slope(x)
        assert program.point([1, 0]) is program.point(x)  # type: ignore[arg-type]
        assert len(at.tried) == 1
        assert program.slopes([1, 0]) is program.slopes(x)  # type: ignore[arg-type]


class TestWhereItStarts:
    """At the bounds of 50% each sector takes 50 of the target."""

    def starts(self, own: list[float], level: float, loss: Any = 100.0, **keys: Any) -> list[list[float]]:
        gain, upper = np.array(own), np.full(len(own), 0.5)
        slopes = [np.full(len(own), loss) if np.isscalar(loss) else np.array(loss), gain, -gain]
        if keys.get("design") == "pressure":
            slopes[1:] = slopes[:0:-1]
        at = ByHand(
            lambda r: float(slopes[0] @ r),
            len(own),
            slopes=tuple((lambda r, k=k: slopes[k]) for k in range(3)),  # type: ignore[arg-type, misc]
            **({"design": "least_cost", "max_rate": 0.5} | keys),
        )
        flat = at.at(np.full(len(own), 0.6))
        program = rate_search._Program(at, level, upper, flat)
        return [list(start) for start in rate_search._starts(at, level, upper, flat, program)]

    @pytest.mark.parametrize("design", ["least_cost", "pressure"])
    def test_the_best_sectors_are_filled_until_the_level_is_met_and_the_last_by_half(self, design: str) -> None:
        """The third sector gains most per loss, then the first: 50 is less than 70, 100 is not."""
        flat, filled = self.starts([20.0, -30.0, 40.0, 10.0], 70.0, design=design)
        assert flat == [0.5, 0.5, 0.5, 0.5], "the single rate, no higher than the bounds"
        assert filled == [0.25, 0.0, 0.5, 0.0]

    def test_gain_is_for_a_dollar_of_loss(self) -> None:
        """20 for 40 is better than 30 for 100, and that better than 20 for 100."""
        _, filled = self.starts([30.0, 20.0, 20.0], 60.0, [100.0, 40.0, 100.0])
        assert filled == [0.25, 0.5, 0.0]

    def test_level_that_is_met_exactly_counts_as_met(self) -> None:
        assert self.starts([3.0, 2.0, 1.0], 100.0)[1:] == [[0.5, 0.25, 0.0]]

    def test_a_sector_that_takes_nothing_comes_first_if_it_gains_and_last_if_not(self) -> None:
        assert self.starts([50.0, 1.0, 2.0], 40.0, [100.0, 0.0, 100.0])[1] == [0.25, 0.5, 0.0]
        assert self.starts([50.0, -1.0, -2.0], 90.0, [100.0, 0.0, 100.0])[1] == [0.5, 0.0, 0.25]

    def test_where_all_at_their_bounds_take_too_little_only_the_point_to_begin_from(self) -> None:
        assert self.starts([3.0, 2.0, 1.0], 151.0) == [[0.5, 0.5, 0.5]]
