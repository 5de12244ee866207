"""The answer under every published set of elasticities: each row is its own study, and no sign is claimed untested."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import entrepot as ep
from entrepot.cli import app
from entrepot.data.elasticities import sets_with_numbers
from entrepot.report.csv_json import as_csv
from entrepot.report.excel import excel_bytes
from entrepot.report.latex import as_latex
from entrepot.report.markdown import as_markdown
from entrepot.report.terminal_answer import SCREEN
from entrepot.studies import elasticity_sets
from entrepot.studies.elasticity_sets import SignOverSets
from entrepot.studies.provenance import source_of_theta
from worlds import random_world

METALS = {
    "case": "metals",
    "title": "A tariff on metals",
    "question": "Who gains?",
    "economy": "world2014",
    "parties": ["USA"],
    "scenarios": {
        "t": {
            "title": "a tariff on metals",
            "measures": [
                {"tariff": {"importer": "USA", "exporter": "WORLD", "sector": "metals", "rate": 0.25, "change": "add"}}
            ],
        }
    },
    "report": {"protected": {"country": "USA", "sector": "metals"}},
}


@pytest.fixture(scope="module")
def study() -> ep.Study:
    return ep.run(ep.Case.model_validate(METALS), theta="each")


def test_each_row_is_the_study_with_that_set(study: ep.Study) -> None:
    frame = study.tables["elasticity_sets"].frame
    assert frame is not None
    others = [name for name in sets_with_numbers() if name != "kite-wiod"]
    assert list(frame["elasticity_set"].unique()) == ["kite-wiod", *others]
    by = frame.set_index(["elasticity_set", "party"])
    for name, theta in (("kite-wiod", None), ("ll2023", "ll2023")):
        alone = ep.run(ep.Case.model_validate(METALS), theta=theta)
        row = alone.tables["welfare"].frame.set_index("party")
        for party in ("USA", "WORLD"):
            money = row.loc[party, "equivalent_variation"]
            assert by.loc[(name, party), "equivalent_variation"] == pytest.approx(money, rel=1e-9)
        industry = alone.tables["industry"].frame.set_index("scenario")
        assert by.loc[(name, "USA"), "output_volume_pct"] == pytest.approx(industry.loc["t", "output_volume_pct"])


def test_the_first_sentence_says_which_sign_depends_on_the_set(study: ep.Study) -> None:
    gains = study.tables["elasticity_sets"].frame
    usa = gains[gains["party"] == "USA"]["equivalent_variation"]
    assert usa.min() < 0 < usa.max()
    (first,) = study.headline().answer
    losers, winners = int((usa < 0).sum()), int((usa > 0).sum())
    assert first.startswith("The sign for the United States depends on the trade elasticities: it loses US$")
    assert f"under {losers} sets" in first
    assert f"under {winners} sets;" in first
    assert f"the world loses US$3.5 billion to US$7.6 billion a year under all {len(usa)} sets" in first
    sure = study.headline().sure[0]
    assert sure.startswith(
        f"Of {len(usa)} sets of trade elasticities tried, signs hold under all for the world, not for"
    )
    assert "Sizes depend" not in sure


def test_one_set_claims_no_more_than_was_tried() -> None:
    alone = ep.run(ep.Case.model_validate(METALS))
    assert "One set of trade elasticities was tried: sizes depend on it, and signs may" in alone.headline().sure[0]
    assert "(kite-wiod: KITE sector elasticities for WIOD)" in alone.headline().basis
    assert "elasticity_sets" not in alone.tables.laid_out
    assert alone.tables()["elasticity_sets"].empty
    assert "elasticity_sets" not in alone.to_dict()["tables"]


def test_the_basis_names_the_source_of_the_elasticities(world: ep.Economy) -> None:
    assert source_of_theta(world.with_theta("cp2015")) == "cp2015: Caliendo and Parro (2015)"
    assert source_of_theta(world.with_theta(4.0)) == "stated by the user"
    partly = world.with_theta({"metals": 3.0})
    assert source_of_theta(partly) == "kite-wiod: KITE sector elasticities for WIOD, stated by the user for metals 3"
    assert source_of_theta(random_world(2, 2, seed=1)) == "as in the data"


def sign(*percent: float) -> SignOverSets:
    gains = {f"set{k}": 1000 * number for k, number in enumerate(percent)}
    return SignOverSets("t", "USA", gains, {name: gain / 1000 for name, gain in gains.items()})


def test_a_sign_holds_only_where_every_set_has_it() -> None:
    assert sign(0.1, 2.0).holds
    assert sign(-0.1, -2.0).holds
    assert not sign(0.1, -2.0).holds
    assert not sign(0.1, 1e-9).holds, "no change is not a gain"
    assert sign(-1, -2, 3).moves(["set0", "set1"], "loses") == "loses US$1.0 billion to US$2.0 billion"


def test_a_set_that_fails_is_counted_and_stops_no_other(study: ep.Study) -> None:
    broken = {**study.under_sets, "ll2023": ep.errors.ConvergenceError("no equilibrium found")}
    less = replace(study, under_sets=broken)
    frame = less.tables["elasticity_sets"].frame
    assert frame is not None
    assert "ll2023" not in set(frame["elasticity_set"])
    assert less.tables["elasticity_sets"].notes[0].endswith("Without an answer: ll2023.")
    assert "10 sets of trade elasticities with an answer" in less.headline().sure[0]
    assert "1 set without an answer: ll2023" in less.headline().sure[0]
    assert "  ll2023: no equilibrium found" in elasticity_sets.findings(less)
    assert json.loads(less.to_json())["elasticity_sets_failed"] == {"ll2023": "no equilibrium found"}


def test_many_parties_fit_the_first_screen(study: ep.Study) -> None:
    """Those whose sign turns have a column; the sentence has no amounts for the others."""
    parties = ("USA", "JPN", "DEU", "KOR", "GBR", "CAN", "MEX")
    many = study.case.model_copy(update={"parties": parties})
    study = replace(study, case=many, under_sets={n: replace(s, case=many) for n, s in study.under_sets.items()})
    turned = [s.party for s in elasticity_sets.signs(study, "t") if not s.holds]
    shown = elasticity_sets.shown_parties(study, "t")
    assert len(shown) == 4
    assert set(turned[:4]) <= set(shown)
    (first,) = study.headline().answer
    assert re.search(r"; .* and the world lose under all 11 sets of trade elasticities\.$", first)
    assert f"{8 - len(turned)} of 8 signs hold under all, not for" in study.headline().sure[0]
    lines = study.headline().table
    assert lines is not None
    assert len(lines.rows) == 11
    assert lines.notes == ("Not shown: Canada, Mexico, United Kingdom and World (--full).",)


def test_the_sets_are_shown_where_the_own_elasticities_have_no_answer(study: ep.Study) -> None:
    lost = replace(study, outcomes={}, failures={"t": ep.errors.ConvergenceError("none found")})
    found = lost.headline()
    assert found.table is not None
    assert len(found.table.rows) == len(study.tables["elasticity_sets"].rows) - 1
    assert found.sure[0].startswith("Of 10 sets of trade elasticities with an answer")
    assert "1 set without an answer: kite-wiod" in found.sure[0]


@pytest.mark.positions
def test_sets_that_cannot_be_mapped_are_named() -> None:
    """On sectors with names of one's own only the sets with one number for all are solved."""
    case = {**METALS, "parties": ["C00"], "report": {}}
    tariff = {"importer": "C00", "exporter": "C01", "sector": "s00", "rate": 0.1}
    case["scenarios"] = {"t": {"title": "t", "measures": [{"tariff": tariff}]}}
    world, made = random_world(2, 2, seed=1), ep.Case.model_validate(case)
    bare = ep.run(made, world, theta="each")
    frame = bare.tables["elasticity_sets"].frame
    assert frame is not None
    assert list(frame["elasticity_set"].unique()) == ["own", "blp2023-long", "simonovska-waugh"]
    assert "without an answer" in bare.headline().sure[0]
    assert "sectors: {s00: C29}" in elasticity_sets.failed_sets(bare)["ll2023"]
    stated = {"set": "each", "sectors": {"s00": "C29", "s01": "services"}}
    mapped = ep.run(made, world, theta=stated).tables["elasticity_sets"].frame
    assert mapped is not None
    assert set(mapped["elasticity_set"]) == {"own", *sets_with_numbers()}


def test_the_table_in_every_format(study: ep.Study, tmp_path: Path) -> None:
    table = study.tables["elasticity_sets"]
    assert table.caption == "Under each set of trade elasticities (US$ billion)"
    printed = pd.read_csv(io.StringIO(as_csv(table)))
    assert (len(printed), printed.iloc[0, 0]) == (len(table.rows), "kite-wiod")
    assert "| ll2023 |" in as_markdown([table])
    assert r"\caption{Under each set of trade elasticities" in as_latex([table])
    pytest.importorskip("openpyxl")
    sheet = pd.read_excel(io.BytesIO(excel_bytes([table])), sheet_name="elasticity_sets")
    assert len(sheet) == len(table.rows)
    page = study.to_html(tmp_path / "r.html").read_text()
    assert "Under each set of trade elasticities" in page


def test_theta_each_on_the_command_line_lists_the_sets() -> None:
    solve = ["solve", "--economy", "world2014", "--tariff", "USA:WORLD:metals:+25%", "--theta"]
    shown = CliRunner().invoke(app, [*solve, "each"])
    assert shown.exit_code == 0, shown.output
    assert len(shown.stdout.splitlines()) <= SCREEN
    assert re.search(r"^ll2023 +\+1\.3", shown.stdout, re.MULTILINE)


@pytest.mark.slow
def test_tables_of_theta_each_and_of_one_set_on_the_command_line() -> None:
    solve = ["solve", "--economy", "world2014", "--tariff", "USA:WORLD:metals:+25%", "--theta"]
    rows = pd.read_csv(io.StringIO(CliRunner().invoke(app, [*solve, "each", "--format", "csv"]).stdout))
    assert {"elasticity_set", "paper", "scenario", "party", "equivalent_variation"} <= set(rows.columns)
    one = CliRunner().invoke(app, [*solve, "{set: ll2023, sectors: {metals: C25}}"])
    assert "ll2023: Lashkaripour and Lugovskyy (2023)" in re.sub(r"\s+", " ", one.stdout)


def test_what_is_kept_has_the_sets(study: ep.Study, tmp_path: Path) -> None:
    run = study.keep(tmp_path)
    assert len(run.read("elasticity_sets")) == len(study.tables["elasticity_sets"].frame)
    alone = replace(study, under_sets={})
    assert alone.keep(tmp_path).id != run.id


# ---- the verb theta ----


def test_theta_lists_the_sets() -> None:
    shown = CliRunner().invoke(app, ["theta"])
    assert shown.exit_code == 0, shown.output
    assert re.search(r"^bsy2021 .*Bagwell.* theta .* 27 +4\.02-9\.56 +5\.37$", shown.stdout, re.MULTILINE)
    table = pd.read_csv(io.StringIO(CliRunner().invoke(app, ["theta", "--format", "csv"]).stdout))
    assert {"set", "paper", "estimate", "sectors", "low", "high", "mean"} <= set(table.columns)
    facts = json.loads(CliRunner().invoke(app, ["theta", "--format", "json"]).stdout)
    assert [f["set"] for f in facts] == list(table["set"]) == list(ep.data.elasticity_sets())


def test_theta_shows_one_set() -> None:
    shown = re.sub(r"\s+", " ", CliRunner().invoke(app, ["theta", "LL"]).stdout)
    assert "ll2023: Lashkaripour and Lugovskyy (2023)" in shown
    assert "C19 0.636" in shown
    wrong = CliRunner().invoke(app, ["theta", "ll2032"])
    assert wrong.exit_code == 2
    assert "did you mean ll2023?" in wrong.output
    assert "to be downloaded" in CliRunner().invoke(app, ["theta", "fgo2022-products"]).stdout
    assert "sector,theta\nALL,4.0\n" in CliRunner().invoke(app, ["theta", "U4", "--format", "csv"]).stdout


def test_theta_by_sector_of_an_economy(tmp_path: Path) -> None:
    values = CliRunner().invoke(app, ["theta", "--economy", "world2014", "--format", "csv"])
    table = pd.read_csv(io.StringIO(values.stdout)).set_index("sector")
    assert table.loc["petroleum", "ll2023"] == 0.636
    one = CliRunner().invoke(app, ["theta", "ll2023", "--economy", "world2014"])
    assert re.search(r"^petroleum +7\.65 +0\.64$", one.stdout, re.MULTILINE)
    random_world(2, 2, seed=1).save(tmp_path / "w.ep")
    own = ["theta", "--economy", str(tmp_path / "w.ep")]
    assert CliRunner().invoke(app, own).exit_code == 2
    mapped = CliRunner().invoke(app, [*own, "--sectors", "{s00: C29, s01: A}", "--format", "json"])
    assert json.loads(mapped.stdout)["values"]["bsy2021"]["s00"] == 6.62
