"""Parties of every kind: the world, groups, a group beside its member, and names in small letters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.cases.load import read_case
from entrepot.errors import DocumentError
from shelves import slow_after

TARIFF = "{tariff: {importer: USA, exporter: JPN, sector: motor_vehicles, rate: 10%, change: add}}"
ONE = f"scenarios: {{a: {{title: a, measures: [{TARIFF}]}}}}"
TWO = f"scenarios: {{a: {{title: a, measures: [{TARIFF}]}}, b: {{title: b, measures: []}}}}"


def _case(parties: str, scenarios: str = ONE, more: str = "") -> ep.Case:
    text = f"case: c\ntitle: t\nquestion: q\nparties: {parties}\n{more}\n{scenarios}\neconomy: world2014\n"
    return read_case(text, "mine.yaml")


@pytest.mark.parametrize("parties", slow_after(1, ["[USA, WORLD]", "[WORLD]", "[WORLD, USA]", "[USA, world]"]))
@pytest.mark.parametrize("scenarios", [ONE, TWO], ids=["one", "two"])
def test_world_as_a_party_has_one_row(parties: str, scenarios: str, tmp_path: Path) -> None:
    case = _case(parties, scenarios)
    assert case.with_world == case.parties
    study = ep.run(case)
    table = study.tables()["welfare"].set_index(["scenario", "party"])["equivalent_variation"]
    assert table.index.is_unique
    total = study.outcomes["a"].countries["equivalent_variation"].sum()
    assert table["a", "WORLD"] == pytest.approx(total)
    text = " ".join(study.findings())
    assert text.lower().count("the world") == 1
    assert "the world" in str(study).lower()
    page = study.to_html(tmp_path / "report.html").read_text()
    columns = [re.findall(r">World</th>", head) for head in re.findall(r"<thead>.*?</thead>", page, re.DOTALL)]
    assert max(map(len, columns)) == 1
    study.keep(tmp_path / "runs")


def test_the_world_as_a_party_of_a_sweep(tmp_path: Path) -> None:
    case = _case("[USA, WORLD]", TWO, "uncertainty: {theta: {lognormal: {sd: 0.2}}}")
    found = ep.sweep(case, draws=8, store=tmp_path)
    rows = found.intervals("welfare", 0.9)
    assert not rows.duplicated(["scenario", "party", "number"]).any()
    assert str(found)


def test_the_world_has_objectives_and_a_place_in_a_swap() -> None:
    more = "objectives: {WORLD: {revenue: 0.2}}\nreport: {swap: {scenarios: [a, b], parties: [USA, WORLD]}}"
    study = ep.run(_case("[USA, WORLD]", TWO, more))
    assert "WORLD" in set(study.tables()["payoffs"]["party"])
    assert study.findings()


@pytest.mark.parametrize(
    ("parties", "says"),
    [
        ("[USA, usa]", "line 4: parties.2: 'usa' is repeated"),
        ("[world, WORLD]", "line 4: parties.2: 'WORLD' is repeated"),
        ("[eu28, USA, EU28]", "line 4: parties.3: 'EU28' is repeated"),
        ("['']", "parties.1"),
    ],
)
def test_party_named_twice_is_refused(parties: str, says: str) -> None:
    with pytest.raises(DocumentError, match=says.replace(".", r"\.")):
        ep.run(_case(parties))


@pytest.mark.parametrize("parties", slow_after(1, ["[EU28, DEU]", "[DEU, EU28]", "[WORLD, DEU]", "[DEU, row]"]))
def test_proceeds_of_a_party_do_not_depend_on_the_other_parties(parties: str, tmp_path: Path) -> None:
    """A group beside its member: each row is all of what that party's countries collect."""
    scenarios = TWO.replace("importer: USA", "importer: EU28")
    study = ep.run(_case(parties, scenarios))
    rows = study.tables()["proceeds"].set_index(["scenario", "party"])["tariff_revenue_change"]
    for party in study.case.parties:
        alone = ep.run(_case(f"[{party}]", scenarios)).tables()["proceeds"].set_index(["scenario", "party"])
        assert rows["a", party] == pytest.approx(alone.loc[("a", party), "tariff_revenue_change"], abs=1e-9)
    case = _case(parties, scenarios, "uncertainty: {theta: {lognormal: {sd: 0.2}}}")
    swept = ep.sweep(case, draws=2, store=tmp_path).intervals("proceeds", 0.9)
    swept = swept[swept["number"] == "tariff_revenue_change"].set_index(["scenario", "party"])["centre"]
    for party in study.case.parties:
        assert swept["a", party] == pytest.approx(rows["a", party], rel=1e-6, abs=1e-6)
    study.to_html(tmp_path / "report.html")
