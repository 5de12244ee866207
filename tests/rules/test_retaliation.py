"""Retaliation: equivalence to the level by every yardstick and design, and optimality of the design."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.economy.geography import groups
from entrepot.rules.answer import Answer, retaliate
from entrepot.rules.nullification import Nullification, nullification, require_harm
from entrepot.rules.rate_search import RateSearch, scaled_to_level
from entrepot.rules.retaliation import Retaliation, goods
from shelves import slow, slow_after, slow_unless
from worlds import place, random_world, reordered

YARDSTICKS = ("trade", "income", "duty")
DESIGNS = ("uniform", "least_cost", "pressure")


def tariff(rate: float = 0.1, **keys: Any) -> ep.Tariff:
    return ep.Tariff(**{"importer": "C00", "exporter": "C01", "sector": "s00", "rate": rate, "change": "add"} | keys)


def answered(**keys: Any) -> Retaliation:
    if keys.get("design") == "pressure":
        keys = {"pressure_on": "s01"} | keys
    return Retaliation(**{"by": "C01", "against": "C00"} | keys)


def trade_by_hand(economy: ep.Economy, outcome: ep.Outcome, importer: str, exporter: str) -> np.ndarray:
    """Exports by sector from the public table, in units of world value added."""
    value = outcome.trade["value"].sel(importer=importer, exporter=exporter).to_numpy()
    world = outcome.sectors["value_added"].sum() / economy.value_added.sum()
    return np.asarray(value / world)


class TestNullification:
    def test_against_the_public_tables(self, small: ep.Economy) -> None:
        outcome = ep.solve(small, [tariff(0.2)])
        found = nullification(outcome, "C01", "C00")
        j, n, i = place(small, "s00", "C00", "C01")
        base = small.value[:, n, i]
        left = trade_by_hand(small, outcome, "C00", "C01")
        assert found.exports == pytest.approx(base[j] - left[j], rel=1e-9)
        assert found.exports_to_respondent == pytest.approx((base - left).sum(), rel=1e-9)
        assert found.real_income == pytest.approx(-outcome.countries.loc["C01", "equivalent_variation"])
        assert found.duty == pytest.approx(0.2 * left[j], rel=1e-8)
        exports = outcome.countries.loc["C01", "exports"]
        assert found.exports_to_world == pytest.approx(
            small.value[:, :, i].sum() - small.value[:, i, i].sum() - exports
        )

    def test_what_it_names_next_runs_without_a_warning(self, small: ep.Economy) -> None:
        measures = tariff(0.2)
        found = nullification(ep.solve(small, measures), "C01", "C00")
        (step,) = re.findall(r"^Next: (.+)$", repr(found), re.MULTILINE)
        step = step.replace("by=..., against=...", 'by="C01", against="C00"')
        names = {"entrepot": ep, "economy": small, "measures": measures}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert eval(step, names).nullified.exports == pytest.approx(found.exports)

    def test_nothing_without_measures(self, small: ep.Economy) -> None:
        found = nullification(ep.solve(small), "C01", "C00")
        assert [found.by(y) for y in YARDSTICKS] == pytest.approx([0, 0, 0], abs=1e-6)  # type: ignore[arg-type]

    def test_exports_of_a_base_have_the_export_taxes_and_rents_in_force_in_them(self, small: ep.Economy) -> None:
        held = [
            ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.7),
            ep.ExportTax(exporter="C01", importer="C00", sector="s01", rate=0.1),
            ep.ExportTax(exporter="C00", importer="C01", sector="s00", rate=0.1),
        ]
        base = ep.solve(small, held).as_economy("restrained")
        nothing = ep.solve(base, [tariff(0.0), tariff(0.0, sector="s01")])
        found = nullification(nothing, "C01", "C00")
        lost = (found.exports, found.exports_to_respondent, found.exports_to_world, found.duty)
        assert lost == pytest.approx((0, 0, 0, 0), abs=1e-6)
        solved = retaliate(base, [tariff(0.02, sector="s02")], answered(sectors="s00"))
        imports = solved.table()["base_imports"]["s00"]
        n, i = place(base, "C01", "C00")
        assert imports == pytest.approx(1.1 * base.value[0, n, i])

    @pytest.mark.parametrize(
        "held",
        [
            ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount=0.15),
            ep.TariffRateQuota(importer="C00", exporter="C01", sector="s00", cap=0.3, in_rate=0.02, out_rate=0.2),
            ep.MinimumPrice(importer="C00", exporter="C01", sector="s00", price=1.2, rent="importer"),
        ],
        ids=lambda measure: measure.kind,
    )
    def test_duties_in_force_in_a_base_are_not_those_of_the_measures(
        self, small: ep.Economy, held: ep.measures.Measure
    ) -> None:
        base = ep.solve(small, [held]).as_economy("with duties in force")
        nothing, more = (ep.solve(base, [tariff(rate)]) for rate in (0.0, 0.01))
        assert nullification(nothing, "C01", "C00").duty == pytest.approx(0, abs=1e-8)
        j, n, i = place(base, "s00", "C00", "C01")
        collected = float(more.accounts.duty[j, n, i] / more.accounts.unit)
        assert 0 < nullification(more, "C01", "C00").duty < 0.15 * collected

    def test_a_group_is_the_sum_of_its_members(self, world: ep.Economy) -> None:
        out = ep.solve(
            world, [ep.Tariff(importer="USA", exporter="EU28", sector="motor_vehicles", rate=0.25, change="add")]
        )
        codes = [c for c in world.countries if c in groups()["EU28"]["members"]]
        whole, parts = nullification(out, "EU28", "USA"), [nullification(out, c, "USA") for c in codes]
        for key in ("exports", "exports_to_respondent", "real_income", "duty"):
            assert getattr(whole, key) == pytest.approx(sum(getattr(p, key) for p in parts), rel=1e-9)
        assert whole.exports_to_world == pytest.approx(
            sum(p.exports_to_world for p in parts) - self.lost_inside(world, out, codes), rel=1e-6
        )

    @staticmethod
    def lost_inside(world: ep.Economy, out: ep.Outcome, codes: list[str]) -> float:
        members = [world.countries.index(c) for c in codes]
        lost = (world.value - out.accounts.border_value)[np.ix_(range(len(world.sectors)), members, members)]
        return float(lost.sum() - np.einsum("jnn->", lost))

    def test_the_numeraire_does_not_matter(self, small: ep.Economy) -> None:
        one = nullification(ep.solve(small, [tariff()]), "C01", "C00")
        other = nullification(ep.solve(small, [tariff()], closure=ep.Closure(numeraire="C03")), "C01", "C00")
        for y in YARDSTICKS:
            assert one.by(y) == pytest.approx(other.by(y), rel=1e-7)  # type: ignore[arg-type]

    def test_duty_on_a_restraint_falls_on_the_rent_too(self, small: ep.Economy) -> None:
        """At the base rates a restraint adds no duty: what is collected is the base rate on the dearer goods."""
        ver = ep.VoluntaryExportRestraint(importer="C00", exporter="C01", sector="s00", cap=0.7)
        for measure in (ver, ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.7, rent="exporter")):
            assert nullification(ep.solve(small, [measure]), "C01", "C00").duty == pytest.approx(0, abs=1e-6)
        specific = ep.SpecificTariff(importer="C00", exporter="C01", sector="s00", amount="10%")
        assert nullification(ep.solve(small, [specific]), "C01", "C00").duty > 0
        floor = ep.MinimumPrice(importer="C00", exporter="C01", sector="s00", price="120%")
        assert nullification(ep.solve(small, [floor]), "C01", "C00").duty == pytest.approx(0, abs=1e-6)

    def test_licences_of_the_importer_add_no_duty_and_points_add_theirs(self, small: ep.Economy) -> None:
        """Where its own importers hold the licences the base rate is levied on the price before their rent."""
        on_tariff = next(s for s in small.sectors if small.tariff[place(small, s, "C00", "C01")] > 0.01)
        flow = {"importer": "C00", "exporter": "C01", "sector": on_tariff}
        held = nullification(ep.solve(small, ep.ImportQuota(**flow, cap=0.7)), "C01", "C00")
        assert held.exports > 0
        assert held.duty == pytest.approx(0, abs=1e-6)
        outcome = ep.solve(small, [ep.SpecificTariff(**flow, amount="10%")])
        at, a = place(small, on_tariff, "C00", "C01"), outcome.accounts
        base = small.tariff[at] * (a.producer_value + a.export_tax)[at]
        world = outcome.sectors["value_added"].sum() / small.value_added.sum()
        added = nullification(outcome, "C01", "C00").duty
        assert added == pytest.approx((a.duty[at] - base) / world, rel=1e-8)

    def test_less_than_a_billionth_of_income_is_nothing(self, small: ep.Economy) -> None:
        """This holds by each yardstick, including those that the error recommends."""
        least = 1e-9 * float(small.income[place(small, "C01")[0]])

        def found(**keys: float) -> Nullification:
            other = {"exports_to_respondent": 0.0, "exports_to_world": 0.0}
            zero = {"exports": 0.0, "real_income": 0.0, "duty": 0.0}
            return Nullification(("C01",), ("C00",), **(zero | keys), **other)

        for yardstick, key in (("trade", "exports"), ("income", "real_income"), ("duty", "duty")):
            assert require_harm(found(**{key: 1.2 * least}), yardstick, small) == 1.2 * least  # type: ignore[arg-type]
            with pytest.raises(ep.errors.InputError, match="there is no nullification to answer"):
                require_harm(found(**{key: least}), yardstick, small)  # type: ignore[arg-type]
        for keys, remedy in (
            ({"duty": least, "real_income": least}, ""),
            ({"duty": 1.2 * least, "real_income": least}, "; by duty there is a loss: choose that yardstick"),
            ({"duty": 1.0, "real_income": 1.0}, "; by income and by duty there is a loss: choose that yardstick"),
        ):
            with pytest.raises(ep.errors.InputError) as caught:
                require_harm(found(**keys), "trade", small)
            assert str(caught.value) == (
                "there is no nullification to answer: the exports of C01 to C00 on the flows that the measures touch "
                f"are no less than in the base{remedy}"
            )

    def test_only_the_respondents_measures_count_for_trade(self, small: ep.Economy) -> None:
        """The tariff of a third country is not a nullification by this one."""
        found = nullification(ep.solve(small, [tariff(importer="C02")]), "C01", "C00")
        assert found.exports == 0
        assert found.duty == 0

    def test_it_prints_its_numbers(self, small: ep.Economy) -> None:
        found = nullification(ep.solve(small, [tariff()]), "C01", "C00")
        assert (found.complainant, found.respondent) == (("C01",), ("C00",))
        assert repr(found).startswith("Nullification of C01 by C00, US$ million a year: ")
        assert f"exports {found.exports:,.0f}" in repr(found)
        assert len(repr(found).splitlines()) == 2


class TestEquivalence:
    @pytest.mark.parametrize(
        ("design", "yardstick"),
        slow_unless(zip(DESIGNS, YARDSTICKS, strict=True), [(d, y) for d in DESIGNS for y in YARDSTICKS]),
    )
    def test_solved_again_the_losses_are_equal(self, small: ep.Economy, yardstick: str, design: str) -> None:
        measure = tariff(0.05)
        answer = retaliate(small, [measure], answered(yardstick=yardstick, design=design))
        alone = ep.solve(small, [measure], tol=1e-12)
        both = ep.solve(small, [measure, *answer.tariffs], tol=1e-12)
        income = alone.countries["equivalent_variation"] - both.countries["equivalent_variation"]
        after = trade_by_hand(small, both, "C01", "C00")
        rates = pd.Series(answer.rates, index=answer.sectors).reindex(small.sectors).fillna(0.0).to_numpy()
        achieved = {
            "trade": (trade_by_hand(small, alone, "C01", "C00") - after).sum(),
            "income": income["C00"],
            "duty": (rates * after).sum(),
        }[yardstick]
        level = nullification(alone, "C01", "C00").by(yardstick)  # type: ignore[arg-type]
        assert achieved == pytest.approx(level, rel=1e-6)
        assert abs(answer.gap) < 1e-6
        assert answer.own == pytest.approx(-income["C01"], abs=1e-5)
        assert answer.target_loss == pytest.approx(income["C00"], abs=1e-5)
        assert all(0 <= rate <= 1 for rate in answer.rates)

    @pytest.mark.parametrize("yardstick", slow_after(1, YARDSTICKS))
    def test_on_the_bundled_world(self, world: ep.Economy, yardstick: str) -> None:
        """Japan answers a 25-point car tariff on farm and food products and chemicals, on its own and as a group."""
        measure = ep.Tariff(importer="USA", exporter=["JPN", "EU28"], sector="food", rate=0.25, change="add")
        for by in ("JPN", "EU28"):
            retaliation = Retaliation(by=by, against="USA", yardstick=yardstick, sectors=["agriculture", "chemicals"])  # type: ignore[arg-type]
            answer = retaliate(world, measure, retaliation)
            assert abs(answer.gap) < 1e-6
            (made,) = answer.tariffs
            flows = made.flows(world)
            alone, both = (ep.solve(world, m, tol=1e-12) for m in ([measure], [measure, made]))
            lost = alone.accounts.border_value - both.accounts.border_value
            if yardstick == "trade":
                assert lost.ravel()[flows].sum() == pytest.approx(answer.level, rel=1e-6)
            if yardstick == "duty":
                levied = (both.accounts.duty - world.tariff * both.accounts.border_value).ravel()[flows].sum()
                assert levied == pytest.approx(answer.level, rel=1e-6)

    def test_quotas_restraints_and_embargoes_are_answered_too(self, small: ep.Economy) -> None:
        flow = {"importer": "C00", "exporter": "C01", "sector": "s00"}
        for measure in (
            ep.ImportQuota(**flow, cap=0.7),
            ep.VoluntaryExportRestraint(**flow, cap=0.1),
            ep.ImportQuota(**flow, cap=0),
            ep.NonTariffBarrier(**flow, rate=0.2),
        ):
            answer = retaliate(small, measure, answered(yardstick="trade", max_rate="1000%"))
            assert abs(answer.gap) < 1e-6

    def test_a_quota_of_the_retaliators_own_is_passed_through(self, small: ep.Economy) -> None:
        """While its own quota binds, points take rent and no trade; the rate goes on until trade falls."""
        own = ep.ImportQuota(importer="C01", exporter="C00", sector="s01", cap=0.8)
        for design in ("uniform", "least_cost"):
            answer = retaliate(small, [tariff(0.02), own], answered(sectors=["s01", "s02"], design=design))
            assert abs(answer.gap) < 1e-6

    def test_smallest_of_two_rates_by_duty(self, small: ep.Economy) -> None:
        """Duty collected rises and falls with the rate: the lower of the two rates is the answer."""
        answer = retaliate(small, tariff(0.05), answered(yardstick="duty", sectors="s00", max_rate="1000%"))
        search = RateSearch(small, ep.Scenario((tariff(0.05),)), answer.retaliation, ep.Closure(), 1e-10)
        higher = [search.at(np.array([rate])).loss for rate in np.linspace(0.05, 1, 20) * answer.rates[0]]
        assert (np.diff(higher) > 0).all()

    def test_rates_above_a_hundred_percent(self, small: ep.Economy) -> None:
        answer = retaliate(small, tariff(0.5), answered(sectors=["s00"], max_rate="2000%", yardstick="income"))
        assert answer.rates[0] > 1

    @pytest.mark.parametrize("closure", [ep.Closure(deficit="balanced"), ep.Closure(numeraire="C03")])
    def test_under_other_closures(self, small: ep.Economy, closure: ep.Closure) -> None:
        answer = retaliate(small, tariff(), answered(), closure=closure)
        assert abs(answer.gap) < 1e-6
        if closure.numeraire == "C03":
            assert answer.rates == pytest.approx(retaliate(small, tariff(), answered()).rates, rel=1e-6)


class TestDesigns:
    @pytest.mark.parametrize(
        ("seed", "yardstick"),
        slow_unless([(9, "trade")], [(seed, y) for y in YARDSTICKS for seed in (7, 8, 9)]),
    )
    def test_no_design_is_worse_than_one_rate(self, seed: int, yardstick: str) -> None:
        economy = random_world(4, 4, seed)
        made = {d: retaliate(economy, tariff(0.05), answered(yardstick=yardstick, design=d)) for d in DESIGNS}
        flat = made["uniform"]
        assert made["least_cost"].own >= flat.own - 1e-6 * abs(flat.own)
        assert made["pressure"].pressure >= pressure_of(economy, flat) - 1e-6 * flat.level

    @pytest.mark.parametrize(
        ("yardstick", "design", "lists"),
        [
            ("trade", "least_cost", 5),
            slow(("trade", "least_cost", 12)),
            slow(("income", "pressure", 12)),
            *(slow((y, d, 60)) for y in ("trade", "income") for d in ("least_cost", "pressure")),
        ],
    )
    def test_no_list_found_at_random_is_better(
        self, rng: np.random.Generator, yardstick: str, design: str, lists: int
    ) -> None:
        economy = random_world(4, 4, seed=3)
        answer = retaliate(economy, tariff(0.1), answered(yardstick=yardstick, design=design))
        search = RateSearch(economy, ep.Scenario((tariff(0.1),)), answer.retaliation, ep.Closure(), 1e-11)
        best = answer.own if design == "least_cost" else answer.pressure
        seen = 0
        for _ in range(lists):
            point = scaled_to_level(search, answer.level, rng.dirichlet(np.full(len(answer.sectors), 0.6)), np.ones(4))
            if point is not None:
                seen += 1
                mine = point.own if design == "least_cost" else point.pressure
                assert mine <= best + 1e-4 * answer.level
        assert seen > lists / 3

    @pytest.mark.slow
    def test_least_cost_has_one_price_of_loss(self, world: ep.Economy) -> None:
        """At the optimum the retaliator's income falls alike, in every sector, for a dollar of the target's loss."""
        measure = ep.Tariff(importer="USA", exporter="JPN", sector="motor_vehicles", rate=0.1, change="add")
        chosen = ["agriculture", "food", "chemicals", "electronics", "other_transport"]
        retaliation = Retaliation(by="JPN", against="USA", sectors=chosen, design="least_cost")
        answer = retaliate(world, measure, retaliation)
        search = RateSearch(world, ep.Scenario((measure,)), retaliation, ep.Closure(), 1e-11)
        slope = search.slopes(search.at(np.array(answer.rates)))
        inner = (np.array(answer.rates) > 1e-3) & (np.array(answer.rates) < 0.999)
        price = (slope[1] / slope[0])[inner]
        assert inner.sum() >= 3
        assert np.ptp(price) < 0.01

    def test_pressure_design_hurts_its_sectors_more(self, world: ep.Economy) -> None:
        measure = ep.Tariff(importer="USA", exporter="JPN", sector="food", rate=0.25, change="add")
        retaliation = Retaliation(
            by="JPN", against="USA", sectors=["agriculture", "food", "chemicals"], design="pressure", pressure_on="food"
        )
        answer = retaliate(world, measure, retaliation)
        assert answer.rates[answer.sectors.index("food")] == max(answer.rates)
        fall = answer.alone.sectors["value_added"] - answer.outcome.sectors["value_added"]
        assert answer.pressure == pytest.approx(fall[("USA", "food")], rel=1e-6)

    @pytest.mark.slow
    def test_where_no_single_rate_collects_enough_rates_by_sector_may(self, small: ep.Economy) -> None:
        """By duty the sectors have their peaks at different rates, so together they collect more than one rate does."""
        retaliation = answered(yardstick="duty", max_rate="1000%")
        search = RateSearch(small, ep.Scenario(), retaliation, ep.Closure(), 1e-10)
        most = max(search.at(np.full(len(search.sectors), rate)).loss for rate in np.geomspace(0.01, 10, 80))

        def collected(rate: float) -> float:
            return nullification(ep.solve(small, tariff(rate, sector="ALL")), "C01", "C00").duty

        grid = np.geomspace(0.001, 1, 60)
        rates = [r for r in grid if most * 1.0005 < collected(float(r)) < most * 1.01]
        if not rates:
            pytest.skip("no tariff on the grid collects just more than one rate could")
        with pytest.raises(ep.errors.InputError, match="no single rate is enough"):
            retaliate(small, tariff(rates[0], sector="ALL"), retaliation)

    def test_one_sector_leaves_nothing_to_design(self, small: ep.Economy) -> None:
        flat, shaped = (
            retaliate(small, tariff(), answered(sectors="s02", design=d)) for d in ("uniform", "least_cost")
        )
        assert flat.rates == pytest.approx(shaped.rates)


class TestSmallDuties:
    """A small measure is answered by small duties; what is left out of a list is below a hundredth of a point."""

    @pytest.mark.parametrize("rate", [5e-4, 5e-3])
    def test_one_rate_below_the_measure_is_equivalent_to_it(self, small: ep.Economy, rate: float) -> None:
        answer = retaliate(small, tariff(rate), answered())
        (made,) = answer.tariffs
        assert 0 < float(made.rate) < rate
        assert abs(answer.gap) < 1e-6

    def test_rates_by_sector_cost_less_than_one_rate(self, small: ep.Economy) -> None:
        """Rates by sector cost less than one rate, however little is to be taken."""
        flat, listed = (retaliate(small, tariff(0.002), answered(design=d)) for d in ("uniform", "least_cost"))
        assert listed.own > 1.5 * flat.own > 0
        assert 0 < max(listed.rates) < 0.005
        assert all(rate == 0 or rate >= 1e-4 for rate in listed.rates)
        assert abs(listed.gap) < 1e-6

    def test_a_tariff_for_every_rate_above_zero(self) -> None:
        made = answered(label="list").tariffs([0.0, 1e-6, 0.3, 0.0, 0.3, 0.02], ["a", "b", "c", "d", "e", "f"])
        assert [(float(t.rate), t.sector) for t in made] == [(0.3, ("c", "e")), (0.02, ("f",)), (1e-6, ("b",))]
        assert [t.label for t in made] == ["list: 30%", "list: 2%", "list: 0.0001%"]
        (alone,) = answered(label="list").tariffs([0.02, 0.0], ["a", "b"])
        assert (alone.label, alone.importer, alone.exporter) == ("list", ("C01",), ("C00",))
        assert answered().tariffs([0.0, 0.0], ["a", "b"]) == ()

    def test_tariffs_of_an_answer_are_listed_from_the_highest_rate(self) -> None:
        rates = [0.05, 0.3, 0.01, 0.22, 0.4, 0.11, 0.07, 0.35, 0.02]
        made = answered().tariffs(rates, [f"s{k:02d}" for k in range(9)])
        assert [float(t.rate) for t in made] == [0.4, 0.35, 0.3, 0.22, 0.11, 0.07, 0.05, 0.02, 0.01]
        assert [t.sector for t in made][:3] == [("s04",), ("s07",), ("s01",)]
        assert {t.label for t in made} == {None}

    def test_no_rate_that_was_found_is_called_unusual(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            made = answered().tariffs([12.5, 1.5, 1.0], ["a", "b", "c"])
        assert [float(t.rate) for t in made] == [12.5, 1.5, 1.0]


def pressure_of(economy: ep.Economy, answer: Answer, sector: str = "s01") -> float:
    world = [o.sectors["value_added"].sum() for o in (answer.alone, answer.outcome)]
    added = [o.sectors["value_added"][("C00", sector)] for o in (answer.alone, answer.outcome)]
    return float(added[0] / world[0] - added[1] / world[1]) * float(economy.value_added.sum())


class TestLaws:
    @pytest.mark.parametrize("yardstick", YARDSTICKS)
    def test_a_bigger_measure_has_a_bigger_answer(self, small: ep.Economy, yardstick: str) -> None:
        rates = [retaliate(small, tariff(r), answered(yardstick=yardstick)).rates[0] for r in (0.01, 0.03, 0.06)]
        assert rates == sorted(rates)
        assert rates[0] < rates[2]

    @pytest.mark.parametrize("design", slow_after(1, DESIGNS))
    def test_unit_of_money_does_not_matter(self, small: ep.Economy, design: str) -> None:
        one = retaliate(small, tariff(), answered(design=design))
        other = retaliate(replace(small, value=1000 * small.value), tariff(), answered(design=design))
        assert other.rates == pytest.approx(one.rates, rel=2e-3, abs=2e-3)
        assert other.level == pytest.approx(1000 * one.level, rel=1e-7)
        gains = [(a.own, a.pressure) for a in (one, other)]
        assert np.array(gains[1]) == pytest.approx(1000 * np.array(gains[0]), rel=1e-5)

    @pytest.mark.parametrize("design", slow_after(1, DESIGNS))
    def test_order_of_countries_and_sectors_does_not_matter(self, small: ep.Economy, design: str) -> None:
        other = reordered(small, seed=2)
        a, b = (retaliate(e, tariff(), answered(design=design)) for e in (small, other))
        rates = dict(zip(b.sectors, b.rates, strict=True))
        assert [rates[s] for s in a.sectors] == pytest.approx(list(a.rates), rel=1e-2, abs=2e-3)
        assert (a.own, a.pressure) == pytest.approx((b.own, b.pressure), rel=1e-4)

    def test_measures_elsewhere_leave_the_names_of_an_answer_alone(self, small: ep.Economy) -> None:
        """Named as a list or alone, on all goods or on each of them: the same answer."""
        one = retaliate(small, tariff(), answered())
        other = retaliate(small, [tariff()], answered(by=["C01"], against=("C00",), sectors=list(small.sectors)))
        assert one.rates == pytest.approx(other.rates, rel=1e-9)

    def test_a_group_retaliates_as_one(self, small: ep.Economy) -> None:
        measure = tariff(exporter=["C01", "C02"])
        answer = retaliate(small, measure, answered(by=["C01", "C02"]))
        assert len(set(answer.rates)) == 1
        assert answer.level == pytest.approx(
            sum(nullification(answer.alone, c, "C00").exports for c in ("C01", "C02")), rel=1e-9
        )

    def test_another_outcome_may_be_answered(self, small: ep.Economy) -> None:
        """The level is of what is answered, the loss on top of what is in force."""
        big = ep.solve(small, tariff(0.3))
        answer = retaliate(small, tariff(0.05), answered(), answers=big)
        assert answer.level == pytest.approx(nullification(big, "C01", "C00").exports)
        assert answer.alone.scenario.measures == (tariff(0.05),)


class TestAnswer:
    def test_table_and_tariffs_say_the_same(self, small: ep.Economy) -> None:
        answer = retaliate(small, tariff(), answered(design="least_cost", yardstick="trade", label="the list"))
        table = answer.table()
        assert table["lost_exports"].sum() == pytest.approx(answer.level, rel=1e-6)
        listed = {s: float(t.rate) for t in answer.tariffs for s in t.sector}
        assert listed == {s: r for s, r in table["rate"].items() if r > 0}
        assert all(t.change == "add" and t.label and t.label.startswith("the list") for t in answer.tariffs)
        assert list(table["base_imports"]) == pytest.approx(
            [small.value[place(small, s, "C01", "C00")] for s in table.index]
        )

    def test_by_duty_the_table_adds_up(self, small: ep.Economy) -> None:
        answer = retaliate(small, tariff(0.03), answered(yardstick="duty"))
        assert answer.table()["duty"].sum() == pytest.approx(answer.level, rel=1e-6)

    def test_repr_is_two_lines(self, small: ep.Economy) -> None:
        answer = retaliate(small, tariff(), answered())
        verdict, following = repr(answer).splitlines()
        assert "Answer of C01 to C00 (uniform, by trade)" in verdict
        assert following.startswith("Next: .table()")
        assert isinstance(answer.nullified, Nullification)
        assert answer.solves > 3

    def test_goods_of_the_bundled_world(self, world: ep.Economy, small: ep.Economy) -> None:
        assert {"agriculture", "other_manufacturing"} <= set(goods(world))
        assert not {"utilities", "construction", "trade_services"} & set(goods(world))
        assert len(goods(world)) == 17
        assert goods(small) == small.sectors
        assert "it is not known which sectors" in answered().check(small)[0]
        assert answered(sectors="s01").check(small) == ()

    def test_goods_by_name_beside_others_and_a_sector_of_that_name(self, small: ep.Economy) -> None:
        mixed = replace(small, sectors=("J", "21t22", "F", "36t37"))
        assert answered(sectors="goods").sector_codes(mixed) == ("21t22", "36t37")
        assert answered(sectors=["F", "GOODS"]).sector_codes(mixed) == ("21t22", "F", "36t37")
        assert answered(sectors=["F", "J"]).sector_codes(mixed) == ("J", "F")
        named = replace(small, sectors=("GOODS", "21t22", "F", "36t37"))
        assert answered().sector_codes(named) == ("GOODS",)
        assert answered(sectors=["GOODS", "F"]).sector_codes(named) == ("GOODS", "F")

    def test_a_note_where_it_is_not_known_which_sectors_are_goods(self, small: ep.Economy, world: ep.Economy) -> None:
        note = "it is not known which sectors of this Economy are goods; all are taken"
        assert answered().check(small) == (f"retaliation of C01 on GOODS from C00: {note}",)
        assert len(answered(sectors=["s00", "goods"]).check(small)) == 1
        assert answered(sectors="s00").check(small) == ()
        assert answered().check(replace(small, sectors=("GOODS", "a", "b", "c"))) == ()
        assert Retaliation(by="JPN", against="USA").check(world) == ()

    def test_check_holds_every_name_against_the_economy(self, small: ep.Economy) -> None:
        four = {"by": ["C03", "C02", "C01", "C00"], "against": ["C02", "C00", "C03"]}
        for keys, message in (
            ({"against": "C01"}, "against: C01 is on both sides"),
            (four, "against: C00, C02, C03 is on both sides"),
            ({"design": "pressure", "pressure_on": "s99"}, "pressure_on: unknown sector 's99'"),
            ({"sectors": "s99"}, "sectors: unknown sector 's99'"),
        ):
            with pytest.raises(ep.errors.InputError, match=message):
                answered(**keys).check(small)

    def test_title_of_a_retaliation_is_its_label_or_its_description(self) -> None:
        plain = answered(by=["C01", "C02"], sectors=["s00", "s01"])
        assert plain.title == plain.describe() == "retaliation of C01, C02 on s00, s01 from C00"
        threat = answered(equivalent_to="threat", label="the list")
        assert threat.describe() == "retaliation of C01 on GOODS from C00 equivalent to threat"
        assert threat.title == "the list"

    @pytest.mark.parametrize("none", [None, (), []])
    def test_pressure_design_needs_sectors_to_press(self, none: Any) -> None:
        assert answered(pressure_on=none).pressure_on == ()
        with pytest.raises(ep.errors.MeasureError, match="name the sectors of the other side"):
            answered(design="pressure", pressure_on=none)

    def test_a_sector_that_makes_goods_among_other_things_makes_goods(self, small: ep.Economy) -> None:
        """Pulp, paper, printing and publishing; manufacturing and recycling."""
        mixed = replace(small, sectors=("21t22", "36t37", "F", "J"))
        assert goods(mixed) == ("21t22", "36t37")


class TestBadInput:
    @pytest.mark.parametrize(
        ("keys", "key", "message"),
        [
            ({"by": ""}, "by", "is not a name"),
            ({"sectors": []}, "sectors", "is not a name"),
            ({"yardstick": "trad"}, "yardstick", "did you mean trade"),
            ({"design": "cheap"}, "design", "known: uniform"),
            ({"design": "pressure", "pressure_on": ()}, "pressure_on", "name the sectors"),
            ({"pressure_on": "s00"}, "pressure_on", "no meaning with design 'uniform'"),
            ({"max_rate": 25}, "max_rate", "Rates are fractions"),
            ({"max_rate": 0}, "max_rate", "must be above 0"),
            ({"label": 5}, "label", "is not a text"),
            ({"equivalent_to": ["tariff"]}, "equivalent_to", "is not a text"),
        ],
    )
    def test_invalid_keys_of_a_retaliation_are_refused(self, keys: dict[str, Any], key: str, message: str) -> None:
        with pytest.raises(ep.errors.MeasureError, match=message) as caught:
            answered(**keys)
        assert caught.value.key == key

    @pytest.mark.parametrize(
        ("keys", "message"),
        [
            ({"against": "C01"}, "against: C01 is on both sides"),
            ({"against": ["C00", "C01"]}, "C01 is on both sides"),
            ({"by": "C99"}, "by: unknown country 'C99'"),
            ({"sectors": "s99"}, "unknown sector 's99'"),
            ({"design": "pressure", "pressure_on": "s99"}, "pressure_on: unknown sector 's99'"),
            (
                {"max_rate": 0.001},
                r"even at max_rate \(0.1%\) the exports lost are US\$.* of the US\$.* needed: name more",
            ),
        ],
    )
    def test_retaliation_that_does_not_fit_the_economy_is_refused(
        self, small: ep.Economy, keys: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(ep.errors.InputError, match=message):
            retaliate(small, tariff(), answered(**keys))

    def test_another_measure_in_place_of_a_retaliation_is_refused(self, small: ep.Economy) -> None:
        with pytest.raises(ep.errors.InputError, match="a Retaliation is needed"):
            retaliate(small, tariff(), tariff())  # type: ignore[arg-type]

    def test_arguments_that_are_no_economy_or_outcome_are_refused(self, small: ep.Economy, world: ep.Economy) -> None:
        with pytest.raises(ep.errors.InputError, match="economy: an Economy is needed"):
            retaliate("world2014", tariff(), answered())  # type: ignore[arg-type]
        for other in (small, ep.solve(world)):
            with pytest.raises(ep.errors.InputError, match="answers: an Outcome of the same Economy"):
                retaliate(small, tariff(), answered(), answers=other)  # type: ignore[arg-type]
        with pytest.raises(ep.errors.InputError, match="outcome: an Outcome is needed"):
            nullification(small, "C01", "C00")  # type: ignore[arg-type]
        with pytest.raises(ep.errors.MeasureError, match="respondent: C01 is on both sides"):
            nullification(ep.solve(small), "C01", ["C00", "C01"])

    def test_measure_without_loss_cannot_be_answered(self, small: ep.Economy) -> None:
        for measure, yardstick, message in (
            (tariff(-0.001), "trade", "no less than in the base"),
            (tariff(importer="C02"), "duty", "add nothing to the duty"),
            (ep.ImportQuota(importer="C00", exporter="C01", sector="s00", cap=0.5), "duty", "by trade and by income"),
            ((), "income", "no less than in the base"),
        ):
            with pytest.raises(ep.errors.InputError, match=f"no nullification to answer.*{message}"):
                retaliate(small, measure, answered(yardstick=yardstick))

    def test_loss_above_all_trade_of_the_sectors_is_refused(self, small: ep.Economy) -> None:
        value = small.value.copy()
        value[place(small, "s01", "C01", "C00")] *= 1e-3
        with pytest.raises(ep.errors.InputError, match=r"not even an embargo is enough: name more sectors \(all goods"):
            retaliate(replace(small, value=value), tariff(0.3), answered(sectors="s01"))

    def test_no_rate_collects_enough(self, small: ep.Economy) -> None:
        value = small.value.copy()
        value[place(small, "s01", "C01", "C00")] *= 1e-2
        with pytest.raises(
            ep.errors.InputError, match=r"no single rate is enough: at its maximum, at a rate of [\d.]+%"
        ):
            retaliate(
                replace(small, value=value), tariff(0.1), answered(sectors="s01", yardstick="duty", max_rate="1000%")
            )

    def test_no_trade_to_levy_on(self, small: ep.Economy) -> None:
        value = small.value.copy()
        value[place(small, "s01", "C01", "C00")] = 0.0
        none = replace(small, value=value)
        with pytest.raises(ep.errors.InputError, match="imports nothing of s01 from C00: name other sectors"):
            retaliate(none, tariff(), answered(sectors="s01"))
        assert "s01" not in retaliate(none, tariff(), answered()).sectors
        embargo = ep.ImportQuota(importer="C01", exporter="C00", sector="s02", cap=0)
        with pytest.raises(ep.errors.InputError, match="under the measures in force C01 imports nothing of s02"):
            retaliate(small, [tariff(), embargo], answered(sectors="s02"))
