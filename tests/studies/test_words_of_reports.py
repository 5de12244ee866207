"""What a report says: industries and markets of several countries against sums made another way, names in words."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.cases.objective import Objective
from entrepot.equilibrium.batch import solve_stack
from entrepot.equilibrium.industry import industry_numbers
from entrepot.equilibrium.problem import Problem
from entrepot.languages import speaking
from entrepot.rules.finding import Status
from entrepot.studies import branches, tidy_frames
from entrepot.studies.bargain_sentences import _counted
from entrepot.studies.bargain_tables import _against_what
from entrepot.studies.findings import _best_and_worst, _titles_at
from entrepot.studies.legal_notes import Note, Paragraph, _summary
from entrepot.studies.rents import holder_in_words
from entrepot.studies.titles import measure_in_words
from entrepot.words import dollars, percent_size
from small_sweep import THETA, small
from worlds import random_world

BOTH = ["C00", "C01"]
GROUP = "country: [C00, C01], sector: s00"
MARKET = "importer: [C00, C01], sectors: [s00, s01], exporters: [C02]"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = small(tmp_path_factory.mktemp("group"), more=THETA)
    text = path.read_text().replace("country: C00, sector: s00", GROUP)
    path.write_text(text.replace("importer: C00, sectors: [s00, s01], exporters: [C01, C02]", MARKET))
    return path


@pytest.fixture(scope="module")
def study(case: Path) -> ep.Study:
    return ep.run(str(case))


def test_the_industry_of_a_group_is_the_sum_of_its_members(study: ep.Study) -> None:
    e = study.economy
    base = e.aggregate({"G": BOTH, "C02": "C02", "C03": "C03"})  # one country in place of the two
    j, n = e.sectors.index("s00"), [e.countries.index(code) for code in BOTH]
    rows = tidy_frames.industry(study).set_index("scenario")
    g = base.countries.index("G")
    own = base.gross[j, g, g] * base.value[j, g, g] / base.spending[j, g]
    assert rows.loc["base", "import_share"] == pytest.approx(1 - own, rel=1e-9), "imports from outside of the group"
    assert rows.loc["base", "value_added"] == pytest.approx(base.gross_margin[g, j] * base.cost[j, g], rel=1e-9)
    for name, outcome in study.outcomes.items():
        if not outcome.as_economy().in_force.flow.size:  # a world with quotas in force cannot be merged
            after = outcome.as_economy().aggregate({"G": BOTH, "C02": "C02", "C03": "C03"})
            g = after.countries.index("G")
            own = after.gross[j, g, g] * after.value[j, g, g] / after.spending[j, g]
            assert rows.loc[name, "import_share"] == pytest.approx(1 - own, rel=1e-8)
        members = outcome.sectors.loc[[(code, "s00") for code in BOTH]]
        real = outcome.accounts.real_flow[j][:, n].sum()  # at base prices, wherever it is sold
        assert rows.loc[name, "output_volume_pct"] == pytest.approx(100 * (real / e.output[j, n].sum() - 1), abs=1e-7)
        assert rows.loc[name, "value_added"] == pytest.approx(members["value_added"].sum(), rel=1e-12)
        price = np.average(members["real_price_pct"], weights=e.spending[j, n])
        assert rows.loc[name, "real_price_pct"] == pytest.approx(price, rel=1e-12)
        prices = 1 + outcome.countries.loc[BOTH, "consumer_price_pct"].to_numpy() / 100
        capacity = 0.05 * (members["value_added"].to_numpy() / prices).sum()
        assert rows.loc[name, "rd_capacity"] == pytest.approx(capacity, rel=1e-12)
    assert abs(rows["output_volume_pct"].iloc[1:]).max() > 0.01, "something moves"


def test_the_market_of_a_group_is_what_it_buys_outside(study: ep.Study) -> None:
    rows = tidy_frames.markets(study).set_index(["scenario", "exporter"])
    for name, outcome in study.outcomes.items():
        bought = outcome.trade["value"].sel(importer=BOTH, sector=["s00", "s01"]).sum(["importer", "sector"])
        for source, code in (("C02", "C02"), ("OTHER", "C03")):
            assert rows.loc[(name, source), "value"] == pytest.approx(float(bought.sel(exporter=code)), rel=1e-12)
        share = float(bought.sel(exporter="C02") / bought.sel(exporter=["C02", "C03"]).sum())
        assert rows.loc[(name, "C02"), "import_share"] == pytest.approx(share, rel=1e-12)
    assert set(rows["importer"]) == {"C00+C01"}


def test_a_sweep_reports_the_same_of_a_group(case: Path, study: ep.Study) -> None:
    found = ep.sweep(str(case), draws=2, seed=1)
    centre = found.table("industry").query("member == 0").set_index("scenario")
    rows = tidy_frames.industry(study).set_index("scenario")
    for name in study.outcomes:
        for column in ("output_volume_pct", "real_price_pct", "import_share", "sector_employment_pct", "rd_capacity"):
            assert centre.loc[name, column] == pytest.approx(rows.loc[name, column], rel=1e-7, abs=1e-8), column
    shares = tidy_frames.markets(study).set_index(["scenario", "exporter"])["import_share"]
    drawn = found.table("markets").query("member == 0").set_index(["scenario", "exporter"])["import_share"]
    for key, share in drawn.items():
        assert share == pytest.approx(shares[key], rel=1e-8)


def test_returns_and_surplus_of_a_group_at_a_short_horizon() -> None:
    world = random_world(4, 3, seed=3)
    closure = ep.Closure(horizon="short", labour_share=0.6)
    tariff = ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=0.3)
    problem = Problem.of(world, ep.Scenario.of([tariff]), closure)
    outcome, batch = ep.solve(world, [tariff], closure=closure), solve_stack([problem, problem])
    j, n = world.sectors.index("s01"), [world.countries.index(code) for code in BOTH]
    found, many = industry_numbers(outcome.accounts, n, j), batch.industry(n, j)
    members = outcome.sectors.loc[[(code, "s01") for code in BOTH]]
    base = world.value_added_share[n, j] * world.cost[j, n]  # labour and capital have the same shares of it here
    assert found["capital_return_pct"] == pytest.approx(np.average(members["capital_return_pct"], weights=base))
    assert found["sector_employment_pct"] == pytest.approx(np.average(members["sector_employment_pct"], weights=base))
    assert found["operating_surplus"] == pytest.approx(members["operating_surplus"].sum())
    for key, number in found.items():
        np.testing.assert_allclose(many[key], number, rtol=1e-8, atol=1e-8, err_msg=key)


def test_one_country_is_as_it_stands_in_the_table_of_sectors() -> None:
    world = random_world(4, 3, seed=3)
    outcome = ep.solve(world, [ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=0.3)])
    found = industry_numbers(outcome.accounts, [0], world.sectors.index("s01"))
    row = outcome.sectors.loc[(world.countries[0], "s01")]
    for key in set(found) - {"real_value_added"}:
        np.testing.assert_array_equal(found[key], row[key], err_msg=key)


def test_several_countries_read_in_words(study: ep.Study) -> None:
    assert study.tables["industry"].title == "S00 in C00 and C01"


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("country: [C00, C01], sector", "country: [], sector", "country"),
        ("country: [C00, C01], sector", "country: [C00, C09], sector", "C09"),
        ("exporters: [C02]", "exporters: [C01]", "C01 is the importer itself"),
    ],
)
def test_a_wrong_group_is_refused_with_its_place(case: Path, tmp_path: Path, old: str, new: str, match: str) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(case.read_text().replace(old, new))
    with pytest.raises(ep.errors.InputError, match=match):
        ep.run(str(wrong))


def test_a_measure_without_a_label_reads_in_words() -> None:
    tariff = ep.Tariff(
        importer="EU27", exporter="WORLD", exempt=["NOR"], sector="motor_vehicles", rate=0.00685556, change="add"
    )
    assert measure_in_words(tariff) == "tariff +0.686 points: EU on motor vehicles from all countries except Norway"
    nearly = replace(tariff, rate=0.0100004)
    assert measure_in_words(nearly) == "tariff +1 point: EU on motor vehicles from all countries except Norway"
    many = ep.Tariff(importer="USA", exporter=["JPN", "EU27"], sector=["a", "b", "c", "d", "e"], rate="25%")
    assert measure_in_words(many) == "tariff of 25%: United States on 5 sectors from Japan, EU"
    assert measure_in_words(ep.Tariff(importer="USA", exporter="JPN", sector="a", rate=0.1, label="mine")) == "mine"
    label = "10%, 75% of the trade"
    part = ep.Tariff(importer="USA", exporter="JPN", sector=("textiles", "food"), rate=0.1, label=label)
    assert measure_in_words(part) == "10% on textiles, food, 75% of the trade"
    part = replace(part, label="12.5%, 6.3% of the trade")
    with speaking("fr"):
        assert measure_in_words(part).startswith("12,5\N{NO-BREAK SPACE}% sur textiles")
        assert measure_in_words(replace(part, label="12.5%")) == "12,5\N{NO-BREAK SPACE}%"


def test_measures_of_one_label_say_of_which_goods_they_are_in_the_table(tmp_path: Path) -> None:
    path = small(tmp_path)
    at = "\n      - tariff: {label: in all 10%, importer: C00, exporter: C01, rate: 10%, change: add, sector: "
    alone = "\n      - tariff: {label: alone, importer: C00, exporter: C02, rate: 10%, change: add, sector: s00}"
    three = f"\n  three:\n    title: three\n    measures:{at}s00}}{at}s01}}{alone}\ntable:"
    path.write_text(path.read_text().replace("\ntable:", three, 1))
    study = ep.run(path)
    expected = ["in all 10% (s00)", "in all 10% (s01)", "alone"]
    rows = study.to_dict()["tables"]["measures"]
    assert [row["words"] for row in rows if row["scenario"] == "three"] == expected
    assert [row[1] for row in study.tables.laid_out["measures"].rows if row[0] == "three"] == expected


def test_the_base_is_not_among_the_scenarios_of_a_sentence(study: ep.Study) -> None:
    """Where a share hardly moves, the base is as near to its highest level as the scenarios are."""
    shares = pd.Series({"base": 0.304, "tariff": 0.306, "quota": 0.2})
    assert _titles_at(study, shares, 0.306, percent_size) == '"a tariff"'


def test_scenarios_of_one_clause_have_the_number_that_it_gives(study: ep.Study) -> None:
    """A clause gives one number for all scenarios that it names; the table must show it of each."""
    tariff, quota = '"a tariff"', '"a quota"'
    for other, named in ((904.6, f"{tariff} and {quota}"), (898.0, tariff)):
        values = pd.Series({"tariff": 905.0, "quota": other})
        assert _titles_at(study, values, 905.0, dollars) == named
    near_a_half = pd.Series({"tariff": 905.5000001, "quota": 905.4999999})  # one answer, as the solver leaves it
    assert _titles_at(study, near_a_half, 905.5000001, dollars) == f"{tariff} and {quota}"
    shares = pd.Series({"tariff": 0.09266, "quota": 0.09222})
    assert _titles_at(study, shares, 0.09222, lambda share: f"{100 * share:.1f}%") == quota


def test_all_that_leave_a_party_as_it_is_are_named(study: ep.Study) -> None:
    rows = {("tariff", "C00"): (2e-9, 1e-9), ("quota", "C00"): (-4e-9, -2e-9), ("ver", "C00"): (-5.0, -0.1)}
    data = pd.DataFrame(rows, index=["equivalent_variation", "real_income_pct"]).T
    data.index.names = ["scenario", "party"]
    one = SimpleNamespace(
        outcomes=dict.fromkeys(("tariff", "quota", "ver")),
        case=SimpleNamespace(parties=("C00",), scenarios=study.case.scenarios),
        spoken=str,
    )
    (line,) = _best_and_worst(one, data)  # type: ignore[arg-type]
    assert line.startswith('C00 neither gains nor loses under "a tariff" and "a quota" and loses most under "a restr')


def test_a_bargain_says_by_what_gains_are_counted_where_that_is_not_real_income() -> None:
    def counted(*objectives: Objective) -> list[str]:
        payoffs = [SimpleNamespace(party=f"C0{k}", objective=one) for k, one in enumerate(objectives)]
        return _counted(SimpleNamespace(negotiation=SimpleNamespace(payoffs=payoffs), short=str))  # type: ignore[arg-type]

    assert counted(Objective(), Objective()) == []
    (line,) = counted(Objective(value_added={"steel": 0.2}), Objective())
    assert "not in real income alone: C00, real income + 0.2 x value added of steel; C01, real income." in line


@pytest.mark.parametrize(("credible", "count"), [(True, 1), (None, 1), (False, 2)])
def test_the_table_of_deals_says_that_a_threat_is_not_credible(credible: bool | None, count: int) -> None:
    lines = list(_against_what(SimpleNamespace(threat=SimpleNamespace(credible=credible))))  # type: ignore[arg-type]
    assert len(lines) == count
    assert lines[0] == "Would sign: whoever has no less than under the threat."
    assert all("not credible" in line for line in lines[1:])


def test_a_summary_of_the_law_names_a_rule_once_under_its_gravest_verdict() -> None:
    def paragraph(status: Status, provision: str) -> Paragraph:
        empty = dict.fromkeys((field.name for field in fields(Paragraph)), "")
        return Paragraph(**empty | {"status": status, "met": False, "parties": ("Japan",), "provision": provision})

    made = [
        paragraph(Status.INCONSISTENT, "GATT 1994, Article XI:1"),
        paragraph(Status.DEPARTED, "framework of 2025 (tariffs)"),
        paragraph(Status.DEPARTED, "framework of 2025 (standards)"),
        paragraph(Status.CONSISTENT, "framework of 2025 (purchases)"),
        paragraph(Status.CONSISTENT, "GATT 1994, Article I:1"),
    ]
    assert _summary(made) == (
        "Japan: inconsistent with GATT XI:1; departs, or may depart, from framework of 2025; no breach found of "
        "GATT I:1."
    )


def test_who_holds_a_rent_is_written_in_the_language() -> None:
    shared = "exporter 75%, importer 25%"
    assert holder_in_words(shared) == shared
    assert holder_in_words("exporter and importer") == "exporter and importer"
    with speaking("de"):
        assert holder_in_words(shared) == "Exporteur 75\u00a0%, Importeur 25\u00a0%"
        assert holder_in_words("exporter 12.5%, importer 87.5% and importer") == (
            "Exporteur 12,5\u00a0%, Importeur 87,5\u00a0% und Importeur"
        )
        assert holder_in_words("") == ""


def test_the_titles_of_branches_are_in_the_language_as_in_their_table() -> None:
    window = SimpleNamespace(since=date(2018, 10, 1), until=date(2023, 10, 1), discount_rate=0.03)
    titled = SimpleNamespace(name="no_deal", probability=None, deadlines=())
    both = [SimpleNamespace(**vars(titled), title=t) for t in ("No agreement, and the tariff from December 2019", "")]
    study: Any = SimpleNamespace(timeline=SimpleNamespace(timeline=window, branches=both, failures={}, notes=()))
    with speaking("fr"):
        found = branches.as_dict(study)
    assert found is not None
    titles = [one["title"] for one in found["branches"]]
    assert titles == ["Pas d'accord, et le droit à partir de décembre 2019", ""]


def test_what_may_be_done_says_against_whom() -> None:
    def paragraph(parties: str, provision: str, remedy: str) -> Paragraph:
        empty = dict.fromkeys((field.name for field in fields(Paragraph)), "")
        return Paragraph(**empty | {"parties": tuple(parties.split(", ")), "provision": provision, "remedy": remedy})

    made = Note(
        "floor",
        "",
        "",
        "",
        (
            paragraph("the EU, Japan", "XI", "A"),
            paragraph("the EU, Japan", "XIII", "A"),
            paragraph("the United States", "11.1(b)", "A"),
            paragraph("China", "XI", "B"),
        ),
    )
    assert made.remedies == [
        ("the EU and Japan", "XI and XIII", "A"),
        ("the United States", "11.1(b)", "A"),
        ("China", "XI", "B"),
    ]
