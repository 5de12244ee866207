"""Signs over the sets of elasticities that bundled cases carry: what is stored is what the sets give."""

from __future__ import annotations

import dataclasses

import pytest

import entrepot as ep
from entrepot.cases import bundled_cases
from entrepot.studies import elasticity_sets, known_signs
from entrepot.studies.first_screen import first_screen
from entrepot.studies.headline import headline


def test_every_scenario_of_the_bundled_cases_is_there() -> None:
    for name in bundled_cases():
        assert set(known_signs.known_gains()[name]) <= set(ep.load_case(name).scenarios)
        assert next(iter(ep.load_case(name).scenarios)) in known_signs.known_gains()[name]


def test_signs_that_are_known_to_hold_are_on_the_first_screen() -> None:
    study = ep.run("japan-vers-1981")
    assert "no sign changes over 11 sets of trade elasticities" in headline(study).sure[0]
    assert "--theta" not in headline(study).sure[0], "reports and published pages have this sentence too"
    assert "Each set: --theta each." in headline(study).more
    assert "elasticities" not in study.figures["winners"].subtitle


@pytest.mark.slow
def test_a_sign_that_is_known_to_depend_on_the_elasticities_is_on_the_first_screen_and_the_figure() -> None:
    study = ep.run("us-section-301-2026")
    (says,) = headline(study).sure
    assert "signs depend on the trade elasticities: the United States loses US$4.2 billion to US$13.5 billion" in says
    assert "One set" not in says
    for first in (headline(study).answer[0], study.figures["winners"].title):
        assert "the sign for the United States depends on the trade elasticities: it gains US$2.7 billion" in first
        assert "loses under 4 of 11 sets; China loses" in first
    assert any("signs depend on the trade elasticities: the United States loses" in line for line in study.findings())
    page = study.to_dict()["first_screen"]["answers"]["in_force"]["sentences"][0]
    assert "loses US$4.2 billion to US$13.5 billion under 4 of 11 sets" in page
    assert "signs depend on the trade elasticities" in study.figures["winners"].subtitle


def test_another_closure_or_other_elasticities_have_no_known_signs() -> None:
    for given in ({"theta": 4.0}, {"closure": ep.Closure(deficit="balanced")}):
        study = ep.run("japan-vers-1981", **given)
        assert known_signs.known_in_words(study, "restraint") == ""
        assert "One set of trade elasticities was tried" in headline(study).sure[0]


def test_signs_are_known_of_a_case_under_another_name_as_long_as_it_asks_the_same() -> None:
    original = ep.load_case("us-eu-autos-2026")
    known = known_signs.known_gains()[original.case]["quota"]["turned"]["USA"].values()
    scenarios = {name: original.scenarios[name] for name in ("threat", "quota")}
    table = original.model_copy(update={"case": "table", "title": "A table", "scenarios": scenarios})
    study = ep.run(table)
    found = first_screen(study)["answers"]["quota"]["over_sets"]
    assert found["turned"] == {"USA": [min(known), max(known)]}
    assert found["one_sign"] == ["EU27", "JPN", "MEX", "WORLD"]
    # The quota has the volume that the threat leaves: where the threat is another one, nothing is known of the quota.
    threat = scenarios["threat"].model_copy(update={"measures": scenarios["threat"].measures * 2})
    other = study.case.model_copy(update={"scenarios": {**scenarios, "threat": threat}})
    assert known_signs.known_of(dataclasses.replace(study, case=other), "quota") is None


@pytest.mark.slow
@pytest.mark.parametrize("name", bundled_cases())
def test_known_signs_are_those_under_each_set(name: str) -> None:
    study = ep.run(name, theta="each")
    for scenario, stored in known_signs.known_gains()[name].items():
        signs = elasticity_sets.signs(study, scenario)
        assert len(signs[0].gains) == stored["sets"]
        turned = {s.party: s for s in signs if s.winners and s.losers}
        assert set(turned) == set(stored["turned"])
        for party, gains in stored["turned"].items():
            assert (turned[party].winners, turned[party].losers) == (
                [one for one, gain in gains.items() if gain > 0],
                [one for one, gain in gains.items() if gain < 0],
            )
            assert dict(turned[party].gains) == pytest.approx(gains, rel=1e-2, abs=1.0)
