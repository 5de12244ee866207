"""The first screen: what buyers of the goods it names pay, whose sign is open, who holds the rent; no trade."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot import words
from entrepot.report.html_page import page
from entrepot.report.terminal_answer import plain_text, render_answer
from entrepot.studies import headline, known_signs, rents, sign_changes, traded, who_gains, who_pays
from entrepot.studies.elasticity_sets import SignOverSets
from entrepot.studies.sign_changes import SignChange
from entrepot.words import dollars
from small_sweep import small
from worlds import place, random_world

HEAD = "case: first\ntitle: t\nquestion: q\neconomy: world\nparties: [C00, C01]\nscenarios:\n"
REPORT = "report:\n  protected: {country: C00, sector: s00}\n"
SMALL = "tariff: {importer: C00, exporter: C01, sector: s00, rate: 5%, change: add}"
LARGE = "tariff: {importer: C00, exporter: [C02, C03], sector: s01, rate: 60%, change: add}"


def solved(
    folder: Path, scenarios: dict[str, list[str]], more: str = REPORT, world: ep.Economy | None = None
) -> ep.Study:
    path = folder / "case.yaml"
    lines = [
        f"  {name}:\n    title: the {name}\n    measures:\n" + "".join(f"      - {one}\n" for one in measures)
        for name, measures in scenarios.items()
    ]
    path.write_text(HEAD + "".join(lines) + more)
    return ep.run(path, economy=world if world is not None else random_world(4, 2, 5))


# ---- what is passed on ----


def test_what_is_passed_on_is_that_of_the_goods_in_the_sentence(tmp_path: Path) -> None:
    study = solved(tmp_path, {"tariffs": [SMALL, LARGE]})
    outcome = study.outcomes["tariffs"]
    of_goods, of_others = outcome.measures["pass_through"]
    assert abs(of_goods - of_others) > 0.02, "the two differ, else the test tests nothing"
    found = who_pays.passed_on(study, "tariffs")
    assert found is not None
    assert found.share == pytest.approx(of_goods, rel=1e-9)
    assert f"s00 ({100 * of_goods:.0f}% of the price wedge is passed on to buyers)" in who_pays.buyers(study, "tariffs")
    own = study.to_dict()["first_screen"]["answers"]["tariffs"]
    assert own["pass_through"] == pytest.approx(of_goods)
    assert not own["over_all"], "it is of the goods in the sentence, though there are two measures"


def test_a_measure_on_more_goods_counts_with_those_in_the_sentence(tmp_path: Path) -> None:
    """The pass-through by the formula, on the flows of the sector alone."""
    both = "tariff: {importer: C00, exporter: WORLD, sector: [s00, s01], rate: 20%, change: add}"
    study = solved(tmp_path, {"tariff": [both]})
    outcome, e = study.outcomes["tariff"], study.economy
    j, n = e.sectors.index("s00"), e.countries.index("C00")
    abroad = [i for i in range(4) if i != n]
    value = e.value[j, n, abroad]
    wedge = outcome.accounts.ln_user_wedge_hat[j, n, abroad]
    unit = np.log(outcome.accounts.cleared.value_added.sum() / e.value_added.sum())
    price = outcome.accounts.cleared.ln_producer_price[j, abroad] - unit
    found = who_pays.passed_on(study, "tariff")
    assert found is not None
    assert found.share == pytest.approx(1 + value @ price / (value @ wedge), rel=1e-9)
    assert found.share != pytest.approx(outcome.measures["pass_through"].iloc[0], rel=1e-4)


def test_what_is_passed_on_of_other_goods_says_so(tmp_path: Path) -> None:
    other = "tariff: {importer: C02, exporter: C03, sector: [s00, s01], rate: 40%, change: add}"
    study = solved(tmp_path, {"tariff": [other]})
    found = who_pays.passed_on(study, "tariff")
    assert found is not None
    assert found.over_all
    assert "of the price wedge is passed on to buyers of s00 and s01 in C02." in who_pays.buyers(study, "tariff")


def test_what_is_passed_on_elsewhere_is_not_that_of_the_protected_market(tmp_path: Path) -> None:
    """A duty of another country on the protected goods, and one on other goods: each names its own buyers."""
    abroad = "tariff: {importer: C02, exporter: WORLD, sector: s00, rate: 40%, change: add}"
    others = "tariff: {importer: C00, exporter: WORLD, sector: s01, rate: 40%, change: add}"
    study = solved(tmp_path, {"abroad": [abroad], "others": [others]})
    for name, where in (("abroad", "s00 in C02"), ("others", "s01 in C00")):
        says, share = who_pays.buyers(study, name), study.outcomes[name].measures["pass_through"].iloc[0]
        assert "Buyers in C00 pay " in says
        assert "(" not in says
        assert says.endswith(f". {100 * share:.0f}% of the price wedge is passed on to buyers of {where}.")
        assert study.to_dict()["first_screen"]["answers"][name]["over_all"]


def test_buyers_pay_more_and_output_rises_behind_a_duty_and_the_opposite_without_one(tmp_path: Path) -> None:
    """A duty on all imports of the goods, and the end of the one in force: the numbers are those of the solution."""
    duty = "tariff: {importer: C00, exporter: WORLD, sector: s00, rate: 40%, change: add}"
    none = "tariff: {importer: C00, exporter: WORLD, sector: s00, rate: 0%}"
    world = random_world(4, 2, 5)
    tariff = np.full_like(world.tariff, 0.3) * ~np.eye(4, dtype=bool)
    study = solved(tmp_path, {"duty": [duty], "none": [none]}, world=replace(world, tariff=tariff))
    cell = place(study.economy, "s00", "C00")
    for name, more, rises in (("duty", "more", "rises"), ("none", "less", "falls")):
        outcome = study.outcomes[name]
        price, output = (float(outcome.number(key)[cell]) for key in ("real_price_pct", "output_volume_pct"))
        assert min(price, output) > 0.1 if name == "duty" else max(price, output) < -0.1
        says = who_pays.buyers(study, name)
        assert says.startswith(f"Buyers in C00 pay {words.percent_size(price)} {more} for s00 (")
        assert says.endswith(f", and output there {rises} by {words.percent_size(output)}.")


# ---- whose sign is open ----


def some_signs(study: ep.Study, party: str, gains: dict[str, float]) -> list[SignOverSets]:
    percent = {name: float(np.sign(gain)) for name, gain in gains.items()}
    return [SignOverSets(next(iter(study.outcomes)), party, gains, percent)]


def test_a_sign_that_depends_on_the_elasticities_is_in_the_first_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = solved(tmp_path, {"tariff": [SMALL]})
    own = study.outcomes["tariff"].countries.loc["C00", "equivalent_variation"]
    assert own > 0
    found = some_signs(study, "C00", {"a": float(own), "b": -30.0, "c": -50.0, "d": 10.0})
    monkeypatch.setattr(who_gains, "known_signs", lambda *_: found)
    says = who_gains.gains(study, "tariff")
    assert says.startswith("The sign for C00 depends on the trade elasticities: it gains US$")
    assert "with those used here and loses US$30 million to US$50 million under 2 of 4 sets; C01 loses US$" in says
    assert "C00 gains" not in says
    assert "loses under 2 of 4 sets" in headline.answer_of(study, "tariff")[0]
    assert study.figures["winners"].title == who_gains.gains(study, "tariff", world=False, ranges=False)


def test_a_sign_of_the_world_that_is_open_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = solved(tmp_path, {"tariff": [SMALL]})
    found = some_signs(study, "WORLD", {"a": -1.0, "b": 2.0})
    monkeypatch.setattr(who_gains, "known_signs", lambda *_: found)
    says = who_gains.gains(study, "tariff")
    assert says.startswith("C00 gains")
    assert "; the sign for the world depends on the trade elasticities: it " in says
    assert "world" not in who_gains.gains(study, "tariff", world=False)


def test_losers_and_winners_by_turns_are_named_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = solved(tmp_path, {"tariff": [SMALL]})
    money = {"C00": -11.0, "C01": 12.0, "C02": -13.0, "C03": 14.0}
    rows = {party: {"equivalent_variation": gain, "real_income_pct": gain} for party, gain in money.items()}
    monkeypatch.setattr(who_gains, "_rows", lambda *_: rows)
    says = who_gains.listed(study, "tariff", list(money))
    assert says == "C00 loses US$11 million and C02 US$13 million; C01 gains US$12 million and C03 US$14 million"
    assert who_gains.listed(study, "tariff", ["C00", "C02", "C01"]).endswith(
        "C02 US$13 million and C01 gains US$12 million"
    )


@pytest.mark.parametrize("name", ["us-section-122-2026", "us-section-301-2026"])
def test_bundled_cases_whose_first_sign_is_known_to_be_open(name: str) -> None:
    case = ep.load_case(name)
    scenario = next(iter(case.scenarios))
    assert case.parties[0] in known_signs.known_gains()[name][scenario]["turned"]


def test_signs_of_the_headline_come_first_by_size_and_those_of_small_amounts_are_none(
    swap: ep.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def turned(name: str, party: str, here: float) -> SignChange:
        rows = [{"equivalent_variation": money, "real_income_pct": money / 10} for money in (here, -2 * here)]
        return SignChange(name, party, *rows)

    found = [turned("restraint", "C01", 500.0), turned("quota", "C01", 0.9), turned("quota", "C00", 30.0)]
    small = turned("quota", "C01", 0.004)
    assert headline.chosen(swap)[0] == "quota"
    ordered = headline._of_size(swap, [small, *found])
    assert [(t.scenario, t.smallest) for t in ordered] == [("quota", 30.0), ("quota", 0.9), ("restraint", 500.0)]
    monkeypatch.setattr(sign_changes, "turned_by_deficit_rule", lambda _: [small])
    (sure,) = headline._sure(swap)
    assert sure.startswith("With trade balanced signs change only of amounts below US$5.0 thousand.")


# ---- who holds the rent ----

QUOTA = "quota: {importer: C00, exporter: [C01, C02], sector: s00, cap: 50%}"
RESTRAINT = "ver: {importer: C00, exporter: [C01, C02], sector: s00, cap: 50%}"
SWAP = REPORT + "  swap: {scenarios: [quota, restraint], parties: [C00, C01]}\n"


@pytest.fixture(scope="module")
def swap(tmp_path_factory: pytest.TempPathFactory) -> ep.Study:
    return solved(tmp_path_factory.mktemp("swap"), {"quota": [QUOTA], "restraint": [RESTRAINT]}, SWAP)


def test_the_rent_of_the_scenario_of_the_headline_comes_first(swap: ep.Study) -> None:
    says = rents.rent(swap, "quota")
    assert says.startswith("The rent of US$")
    assert 'a year is held by importers or the treasury in C00. Under "the restraint", exporters in C01' in says
    other = rents.rent(swap, "restraint")
    assert (
        'is held by exporters in C01 and C02. Under "the quota", importers or the treasury in C00 hold a rent of US$'
        in other
    )
    assert "restraint of the same trade" not in says + other


def test_of_several_others_the_one_in_which_exporters_hold_a_rent_is_named(tmp_path: Path) -> None:
    half = QUOTA.replace("quota:", "ver:").replace("cap: 50%", "cap: 50%, rent: 50%")
    report = REPORT + "  swap: {scenarios: [half, quota, restraint], parties: [C00, C01]}\n"
    study = solved(tmp_path, {"half": [half], "quota": [QUOTA], "restraint": [RESTRAINT]}, report)
    assert 'Under "the restraint", exporters in C01 and C02 hold a rent of US$' in rents.rent(study, "half")


def test_the_rent_and_the_tariff_equivalent_of_two_limits_are_those_of_both(tmp_path: Path) -> None:
    """Two limits by the accounts: the rent is their sum, and the mean equivalent has the rents as weights."""
    tight = "ver: {importer: C00, exporter: C01, sector: s00, cap: 50%}"
    loose = "quota: {importer: C00, exporter: C02, sector: s00, cap: 80%}"
    study = solved(tmp_path, {"limits": [tight, loose], "one": [tight]})
    outcome = study.outcomes["limits"]
    flows = [measure.flows(outcome.economy) for measure in outcome.scenario]
    held = [float(outcome.accounts.rent.ravel()[flow].sum()) for flow in flows]
    wedges = [float(np.expm1(outcome.accounts.ln_user_wedge_hat.ravel()[flow]).item()) for flow in flows]
    assert min(held) > 0.1
    assert wedges[0] > 2 * wedges[1]
    answer = study.to_dict()["first_screen"]["answers"]["limits"]
    assert answer["rent"] == pytest.approx(sum(held))
    assert answer["rent_holder"] == "exporter and importer"
    assert answer["rent_holders"] == "importers or the treasury in C00 and exporters in C01"
    assert answer["tariff_equivalent"] == pytest.approx(np.average(wedges, weights=held))
    alone = study.to_dict()["first_screen"]["answers"]["one"]
    assert alone["tariff_equivalent"] == pytest.approx(study.outcomes["one"].measures["wedge"].item())


def test_a_scenario_beside_the_swap_says_nothing_of_it(tmp_path: Path) -> None:
    study = solved(tmp_path, {"quota": [QUOTA], "restraint": [RESTRAINT], "tariff": [SMALL]}, SWAP)
    assert rents.rent(study, "tariff").startswith("There is no quota rent; C00 collects US$")
    assert "hold a rent" not in rents.rent(study, "tariff")


def test_many_holders_are_counted(tmp_path: Path) -> None:
    everyone = "ver: {importer: C00, exporter: WORLD, sector: s00, cap: 50%}"
    study = solved(tmp_path, {"restraint": [everyone]}, world=random_world(7, 2, 5))
    traded_with = study.economy.value[study.economy.sectors.index("s00"), study.economy.countries.index("C00")] > 0
    assert f"is held by exporters in {traded_with.sum() - 1} countries." in rents.rent(study, "restraint")


# ---- where there is no trade ----


def test_a_measure_on_no_trade_says_so_in_place_of_unaffected(tmp_path: Path) -> None:
    world = random_world(5, 2, 1)
    j, n, i = np.argwhere(world.value == 0)[0]
    measure = f"tariff: {{importer: {world.countries[n]}, exporter: {world.countries[i]}, sector: {world.sectors[j]}, "
    study = solved(tmp_path, {"tariff": [measure + "rate: 25%, change: add}"]}, world=world)
    (says,) = headline.answer_of(study, "tariff")
    assert says.endswith("there is no such trade in the data (world).".replace("world", study.economy.name))
    both = solved(tmp_path, {"tariff": [measure + "rate: 25%, change: add}", SMALL]}, world=world)
    first, second, *_ = headline.answer_of(both, "tariff")
    assert "gains" in first
    assert "no such trade in the data" in second


def test_little_trade_is_named_where_it_leaves_a_party_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = solved(tmp_path, {"tariff": [SMALL]})
    assert traded.untraded(study, "tariff") == ""
    money = study.outcomes["tariff"].measures["volume_base"].iloc[0]
    monkeypatch.setattr(traded, "LITTLE_TRADE", 2 * money)
    assert traded.untraded(study, "tariff") == "", "nobody is unaffected"
    monkeypatch.setattr(traded, "NOISE", 100.0)
    says = traded.untraded(study, "tariff")
    assert says == f"The trade under the measures is {dollars(money)} a year in the data."
    twice = solved(tmp_path, {"both": [SMALL, SMALL.replace("tariff:", "ntb:").replace(", change: add", "")]})
    assert traded.untraded(twice, "both") == says, "trade under two measures is counted once"


# ---- what is assumed ----


def test_the_assumption_of_a_case_is_on_the_first_screen_and_no_part_of_the_fingerprint(tmp_path: Path) -> None:
    plain = solved(tmp_path, {"tariff": [SMALL]})
    text = "assumption: The tonnes are taken to be 53% of trade.\n"
    study = solved(tmp_path, {"tariff": [SMALL]}, REPORT + text)
    assert headline.answer_of(study, "tariff")[-1] == "Assumed: The tonnes are taken to be 53% of trade."
    assert "Assumed: The tonnes" in plain_text(render_answer(study), 80)
    assert "Assumed" not in plain_text(render_answer(plain), 80)
    assert study.case.fingerprint == plain.case.fingerprint


def test_the_steel_case_says_what_its_volumes_are_taken_to_be() -> None:
    says = ep.load_case("eu-steel-trq").assumption
    assert says is not None
    assert "53%" in says
    assert "48%" in says


def test_tables_of_a_report_have_the_minus_sign_of_its_figures(swap: ep.Study) -> None:
    report = page(swap, brief=True)
    assert "<td>\N{MINUS SIGN}" in report
    assert "<td>-" not in report


WINDOW = """\
timeline:
  from: 2026-01-01
  until: 2028-01-01
  in_force: [{scenario: tariff, from: 2026-04-01}]
"""


def test_the_first_screen_has_the_totals_of_a_timeline_of_one_branch(tmp_path: Path) -> None:
    text = "Over 1 January 2026 to 1 January 2028, discounted at "
    study = ep.run(small(tmp_path, more=WINDOW))
    (note,) = [note for note in study.headline().notes if note.startswith(text)]
    assert study.timeline is not None
    worth = study.timeline.totals.set_index("party")["equivalent_variation"]
    assert f"loses {dollars(worth['C01'])}" in note
    ways = "  deadline: 2026-02-01\n  if_agreed: {title: no}\n  if_lapsed:\n    in_force: "
    several = WINDOW.replace("  in_force: ", ways)
    both = ep.run(small(tmp_path, more=several))
    assert not any(note.startswith(text) for note in both.headline().notes), "branches are compared in their table"
