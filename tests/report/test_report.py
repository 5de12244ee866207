"""What the reports say, and that they stand by themselves."""

from __future__ import annotations

import html
import json
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.equilibrium import quantities
from entrepot.report import html_page
from entrepot.studies import branches
from entrepot.studies import tidy_frames as tables
from entrepot.words import and_list, chance, day, dollars, gains_or_loses, money_unit, signed_percent, spoken


@pytest.fixture(scope="module")
def study(founding_study: ep.Study) -> ep.Study:
    return founding_study


@pytest.fixture(scope="module")
def short() -> ep.Study:
    """One scenario of the founding case, without a report of its own, under a hostile title."""
    case = ep.load_case("us-japan-autos-2019")
    scenarios = {"farm_deal": case.scenarios["farm_deal"]}
    update = {"title": "<script>alert(1)</script>", "scenarios": scenarios, "table": None}
    return ep.run(case.model_copy(update={**update, "report": type(case.report)()}), "world2014")


@pytest.mark.parametrize(
    ("millions", "text"),
    [
        (3_800, "US$3.8 billion"),
        (-210.2, "US$210 million"),
        (0.2, "US$200 thousand"),
        (4.25, "US$4.2 million"),
        (0.0005, "US$500"),
    ],
)
def test_dollars_are_written_in_the_unit_of_their_size(millions: float, text: str) -> None:
    assert dollars(millions) == text


@pytest.mark.parametrize(("code", "text"), [("GB", "the United Kingdom"), ("GR", "Greece"), ("EU27", "the EU")])
def test_a_country_is_called_by_its_name_whatever_its_code(code: str, text: str) -> None:
    assert spoken(code) == text


def test_sentences_state_signs_units_and_lists() -> None:
    assert gains_or_loses(-2_320, -0.01) == "loses US$2.3 billion"
    assert gains_or_loses(0.1, 1e-9) == "is unaffected"
    assert gains_or_loses(0.1, 0.2) == "gains US$100 thousand"
    assert [money_unit([16_775]).cell(x) for x in (-16_775, 2_802, 49, 1)] == ["-16.8", "+2.80", "+0.05", "0.00"]
    assert money_unit([0.4, -12.0, float("nan")]).cell(-12.0) == "-12.0"
    assert money_unit([0.0004]).name == "US$ thousand"
    assert [signed_percent(x, 1) for x in (9.81, -0.04, 0.0)] == ["+9.8%", "0.0%", "0.0%"]
    assert and_list(["a", "b", "c"]) == "a, b and c"


def test_sentences_follow_the_numbers(study: ep.Study) -> None:
    lines = study.findings()
    welfare = tables.welfare(study).set_index(["scenario", "party"])
    ver = next(line for line in lines if line.strip().startswith("Japan and the EU each restrain exports"))
    for party, name in (("USA", "the United States"), ("JPN", "Japan"), ("EU28", "the EU")):
        assert f"{name} {gains_or_loses(*welfare.loc[('ver', party)])}" in ver
    assert any("the share of the United States is 16.4% in the base; it falls to" in line for line in lines)
    assert any("Japan's answer" in line and "21.8 points on 17 sectors" in line for line in lines)


def test_welfare_adds_up(study: ep.Study) -> None:
    table = tables.welfare(study)
    for name, outcome in study.outcomes.items():
        rows = table[(table["scenario"] == name) & (table["party"] == "WORLD")]
        world = rows["equivalent_variation"].iloc[0]
        assert world == pytest.approx(outcome.countries["equivalent_variation"].sum())


def test_proceeds_and_shares_add_up(study: ep.Study) -> None:
    rents = tables.proceeds(study).groupby("scenario")["quota_rent"].sum()
    for name, outcome in study.outcomes.items():
        assert rents[name] == pytest.approx(outcome.measures["rent"].sum(), abs=1e-6)
    shares = tables.markets(study).groupby(["market", "scenario"])["import_share"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)


@pytest.mark.slow
def test_rd_capacity_is_intensity_times_real_value_added(study: ep.Study) -> None:
    """R&D capacity is intensity times real value added; surplus is what wages leave; both only where stated."""
    plain = tables.industry(study)
    assert plain[["operating_surplus", "capital_return_pct", "rd_capacity"]].isna().all(axis=None)
    case = study.case
    protected = case.report.protected
    assert protected is not None
    stated = case.model_copy(
        update={
            "report": case.report.model_copy(update={"protected": protected.model_copy(update={"rd_intensity": 0.05})})
        }
    )
    short = ep.run(stated, closure=ep.Closure(horizon="short", labour_share=0.7))
    rows = tables.industry(short).set_index("scenario")
    assert rows.loc["base", "operating_surplus"] == pytest.approx(0.3 * rows.loc["base", "value_added"])
    for name, outcome in short.outcomes.items():
        price = 1 + outcome.countries.loc[protected.country, "consumer_price_pct"] / 100
        assert rows.loc[name, "rd_capacity"] == pytest.approx(0.05 * rows.loc[name, "value_added"] / price)
    assert any("At an R&D intensity of 5% of value added" in line for line in short.findings())
    assert "what could be spent, not a forecast" in " ".join(str(short).split())


def test_columns_come_from_the_registry(study: ep.Study) -> None:
    outcome = study.outcomes["ver"]
    assert list(outcome.countries.columns) == quantities.columns(quantities.COUNTRY)
    assert list(outcome.sectors.columns) == quantities.columns(quantities.SECTOR)
    assert list(outcome.measures.columns) == quantities.columns(quantities.MEASURE)
    assert list(outcome.trade.data_vars) == quantities.columns(quantities.TRADE)
    assert list(outcome.decomposition.columns) == quantities.columns(quantities.DECOMPOSITION)
    keys = [q.key for g in (quantities.COUNTRY, quantities.SECTOR, quantities.TRADE, quantities.MEASURE) for q in g]
    assert len(set(keys)) == len(keys)  # a number appears under one name only


class Resources(HTMLParser):
    """Collects what a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [
            v or "" for k, v in attrs if k in ("src", "srcset", "data", "poster") or (tag == "link" and k == "href")
        ]


@pytest.mark.slow
def test_page_needs_no_other_file(study: ep.Study, tmp_path: Path) -> None:
    text = study.to_html(tmp_path / "r.html").read_text(encoding="utf-8")
    seen = Resources()
    seen.feed(text)
    assert seen.fetched == []
    assert "script" not in seen.tags
    assert not re.search(r"@import|url\((?!#)", text), "a pattern of the page itself is not a file"
    assert text.count('class="entrepot-figure" role="img"') == 12
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    for line in study.findings():
        assert html.escape(line.strip().split(":")[0], quote=False).replace("'", "&#39;").replace('"', "&#34;") in text
    assert f"As it stands on {day(study.case.deadlines().on)}." in text
    assert "Proof" in text
    assert "CC BY 4.0" in text


@pytest.fixture(scope="module")
def written(short: ep.Study, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return short.to_folder(tmp_path_factory.mktemp("report") / "out")


def test_page_of_one_scenario_needs_no_other_file_and_shows_titles_as_text(written: list[Path]) -> None:
    text = next(p for p in written if p.name == "report.html").read_text(encoding="utf-8")
    seen = Resources()
    seen.feed(text)
    assert seen.fetched == []
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_folder_has_the_page_and_the_tables(short: ep.Study, written: list[Path], tmp_path: Path) -> None:
    out = written[0].parent
    assert {p.name for p in written} >= {
        "report.html",
        "welfare.csv",
        "countries.csv",
        "decomposition.csv",
        "trade.parquet",
    }
    assert {p.name for p in out.iterdir()} == {p.name for p in written}
    csv, parquet = pd.read_csv(out / "countries.csv"), pd.read_parquet(out / "countries.parquet")
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(ep.errors.InputError, match="is a file"):
        short.to_folder(tmp_path / "file")


def test_study_json_has_every_scenario_and_finding(study: ep.Study) -> None:
    data = json.loads(study.to_json())
    assert data["case"] == "us-japan-autos-2019"
    assert len(data["tables"]["countries"]) == 10 * 44
    assert data["findings"] == study.findings()


def test_json_has_what_the_page_shows(study: ep.Study) -> None:
    data = json.loads(study.to_json())
    totals = data["tables"]["totals"]
    assert [row["branch"] for row in totals] == list(branches.totals(study)["branch"])
    assert [b["name"] for b in data["timeline"]["branches"]] == ["agreed", "lapsed"]
    assert data["timeline"]["branches"][0]["deadlines"] == ["2019-11-13"]
    assert data["timeline"]["notes"]
    first = data["tables"]["path"][0]
    assert (first["quarter"], set(first)) == ("2018-10-01", {"branch", "quarter", "what", "quantity", "value"})
    assert len(data["tables"]["calendar"]) == len(study.case.deadlines().to_frame())
    assert data["calendar_on"] == study.case.deadlines().on.isoformat()
    assert {row["answers"] for row in data["tables"]["retaliation"]} == {"tariff"}
    plain = study.to_dict()
    json.dumps(plain["timeline"])
    json.dumps(plain["tables"]["path"])


def test_study_prints_its_report_and_has_a_short_repr(study: ep.Study) -> None:
    assert len(repr(study).splitlines()) == 2
    page = str(study)
    assert "Who gains and who loses" in page
    assert max(map(len, page.splitlines())) <= 100


@pytest.mark.slow
def test_failed_scenario_is_shown_and_fills_no_table(tmp_path: Path) -> None:
    case = ep.load_case("us-japan-autos-2019")
    spec = case.scenarios["tariff"]
    broken = spec.model_copy(update={"measures": (ep.Tariff(importer="USA", sector="ALL", rate="1000000%"),)})
    study = ep.run(case.model_copy(update={"scenarios": {**case.scenarios, "tariff": broken}}), "world2014")
    assert "tariff" in study.failures
    assert "tariff" not in set(tables.welfare(study)["scenario"])
    assert "No equilibrium" in str(study)
    page = study.to_html(tmp_path / "f.html").read_text()
    assert "No equilibrium" in page
    assert "Canada and Mexico&#34; has no equilibrium, so it is not a threat here" in page


def test_an_industry_that_a_country_does_not_have(tmp_path: Path) -> None:
    """Russia makes no other transport equipment in world2014: reports state it instead of dividing by zero."""
    path = tmp_path / "none.yaml"
    path.write_text(
        "case: none\ntitle: T\neconomy: world2014\nquestion: Q?\nparties: [RUS, CAN]\n"
        "scenarios: {t: {title: T, measures: ["
        "{tariff: {importer: RUS, exporter: CAN, sector: other_transport, rate: 10%}}]}}\n"
        "report: {protected: {country: RUS, sector: other_transport, rd_intensity: 0.05}}\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study = ep.run(path)
        assert (
            "Output of other transport in Russia is zero in the base, so no industry is protected." in study.findings()
        )
        json.loads(study.to_json())
        str(study)
        study.to_html(tmp_path / "none.html")


def test_chance_near_zero_or_one_is_not_rounded_to_it() -> None:
    assert [chance(p) for p in (0, 0.001, 0.37, 0.996, 1)] == ["0%", "<1%", "37%", ">99%", "100%"]


def test_the_contents_lead_to_every_heading() -> None:
    text = html_page._with_contents(f"<p>a</p>{html_page.CONTENTS}<h2>One &amp; two</h2><p>b</p><h2>Three</h2>")
    assert re.findall(r'<a href="#(part-\d)">(.*?)</a>', text) == [("part-1", "One &amp; two"), ("part-2", "Three")]
    assert re.findall(r'<h2 id="(part-\d)">', text) == ["part-1", "part-2"]
