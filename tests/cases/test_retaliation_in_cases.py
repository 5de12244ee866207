"""Retaliation as part of a case: beside the measures it answers, or under the case's own key."""

from __future__ import annotations

import textwrap

import pytest

import entrepot as ep
from entrepot.cases import check_case, read_case, solve_case
from entrepot.cases.scenario_references import answering_title
from entrepot.rules.nullification import nullification
from entrepot.studies import Study
from shelves import slow_after

GOOD = textwrap.dedent(
    """\
    case: test
    title: A test
    question: Who gains?
    parties: [USA, JPN]
    scenarios:
      answered:
        title: the tariff and the answer
        measures:
          - tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%, change: add}
          - retaliation: {by: JPN, against: USA, sectors: [agriculture], equivalent_to: tariff}
      tariff:
        title: a tariff
        measures:
          - tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%, change: add}
    """
)
ITEM = "      - retaliation: {by: JPN, against: USA, sectors: [agriculture], equivalent_to: tariff}\n"
PLAIN = GOOD.replace(ITEM, "")
OWN = "retaliation: {by: JPN, against: USA, sectors: [agriculture], equivalent_to: tariff}\n"


def study(text: str, world: ep.Economy) -> Study:
    return ep.run(read_case(text, "my.yaml"), world)


def test_retaliation_is_on_top_of_the_measures_beside_it(world: ep.Economy) -> None:
    solved = solve_case(read_case(GOOD), world)
    (answer,) = solved.answers["answered"]
    assert not solved.failures
    assert list(solved.outcomes) == ["answered", "tariff"]
    assert solved.outcomes["answered"].scenario.measures[1:] == answer.tariffs
    sold = [
        solved.outcomes[n].trade["value"].sel(importer="JPN", exporter="USA", sector="agriculture").item()
        for n in ("tariff", "answered")
    ]
    assert sold[0] - sold[1] == pytest.approx(answer.level, rel=1e-3)
    assert answer.level == pytest.approx(
        nullification(solved.outcomes["tariff"], "JPN", "USA").exports,
        rel=1e-6,
    )


def test_retaliation_key_of_a_case_adds_a_scenario(world: ep.Economy) -> None:
    case = read_case(OWN + PLAIN)
    assert list(case.scenarios) == ["answered", "tariff", "retaliation"]
    both, one = solve_case(read_case(GOOD), world), solve_case(case, world)
    assert one.answers["retaliation"][0].rates == pytest.approx(both.answers["answered"][0].rates, rel=1e-6)
    assert one.outcomes["retaliation"].scenario.title.startswith("a tariff; Japan answers with duties")


def test_several_countries_answer_together_in_the_plural() -> None:
    title = answering_title("a tariff", ep.rules.Retaliation(by=("JPN", "KOR"), against=("USA",)))
    assert title == "a tariff; Japan and South Korea answer with duties that take as much of the United States"


def test_several_retaliations_are_named_by_their_parties(world: ep.Economy) -> None:
    several = textwrap.dedent(
        """\
        retaliation:
          - {by: JPN, against: USA, sectors: [agriculture, food], equivalent_to: tariff, label: Japan's list}
          - {by: EU28, against: USA, sectors: [food, chemicals], equivalent_to: other, yardstick: duty}
        """
    )
    text = PLAIN.replace("parties", several + "parties") + textwrap.indent(
        textwrap.dedent(
            """\
            other:
              title: another
              measures:
                - tariff: {importer: USA, exporter: EU28, sector: food, rate: 5%, change: add}
            """
        ),
        "  ",
    )
    solved = solve_case(read_case(text), world)
    assert list(solved.outcomes)[-2:] == ["retaliation_JPN", "retaliation_EU28"]
    assert solved.case.scenarios["retaliation_JPN"].title == "Japan's list"
    assert all(abs(a.gap) < 1e-3 for answers in solved.answers.values() for a in answers)


def test_second_retaliation_is_on_top_of_the_first(world: ep.Economy) -> None:
    second = ITEM.replace("agriculture", "food").replace("tariff}", "tariff, yardstick: income}")
    solved = solve_case(read_case(GOOD.replace(ITEM, ITEM + second)), world)
    first, then = solved.answers["answered"]
    assert then.alone.scenario.measures[1:] == first.tariffs
    assert solved.outcomes["answered"].scenario.measures[1:] == (*first.tariffs, *then.tariffs)


def test_matched_caps_work_beside_a_retaliation(world: ep.Economy) -> None:
    """The answered measures keep their own references, and a cap may match a scenario with a retaliation."""
    text = GOOD + textwrap.indent(
        textwrap.dedent(
            """\
            ver:
              title: the same volume
              measures:
                - ver: {importer: USA, exporter: JPN, sector: food, cap: {match: answered}}
                - retaliation: {by: JPN, against: USA, sectors: [agriculture], equivalent_to: tariff}
            """
        ),
        "  ",
    )
    solved = solve_case(read_case(text), world)
    assert not solved.failures
    volume = [solved.outcomes[n].measures["volume"].iloc[0] for n in ("answered", "ver")]
    assert volume[0] == pytest.approx(volume[1], rel=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("by: JPN", "bye: JPN", 10, "retaliation.bye: unknown key; did you mean by"),
        ("by: JPN, ", "", 10, "the key 'by' is missing"),
        (", equivalent_to: tariff}", "}", 10, "the key 'equivalent_to' is missing"),
        ("equivalent_to: tariff", "equivalent_to: tarif", 10, "unknown scenario 'tarif'; did you mean tariff"),
        ("equivalent_to: tariff", "equivalent_to: answered", 6, "scenarios refer to each other in a circle: answered"),
        (
            "equivalent_to: tariff",
            "equivalent_to: tariff, yardstick: trad",
            10,
            "yardstick: 'trad'; did you mean trade",
        ),
        ("equivalent_to: tariff", "equivalent_to: tariff, max_rate: 50", 10, "max_rate: 50 is 5,000%"),
        ("equivalent_to: tariff", "equivalent_to: tariff, design: pressure", 10, "pressure_on: name the sectors"),
        ("- retaliation: {by", "- retalation: {by", 10, "unknown instrument 'retalation'; did you mean retaliation"),
    ],
)
def test_retaliation_errors_name_line_and_key(old: str, new: str, line: int, message: str) -> None:
    assert old in ITEM
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(GOOD.replace(ITEM, ITEM.replace(old, new)), "my.yaml")
    assert message in str(caught.value)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("own", "line", "message"),
    [
        (OWN.replace("by: JPN", "bye: JPN"), 5, "retaliation.bye: unknown key; did you mean by"),
        (OWN.replace("tariff}", "tarif}"), 5, "retaliation.equivalent_to: unknown scenario 'tarif'"),
        (OWN.replace(", equivalent_to: tariff", ""), 5, "retaliation: the key 'equivalent_to' is missing"),
        ("retaliation: 5\n", 5, "must be keys with values"),
        ("retaliation:\n", 5, "must be keys with values"),
        (
            "retaliation:\n  - {by: JPN, against: USA, equivalent_to: tariff}\n  - {by: JPN}\n",
            7,
            "'against' is missing",
        ),
        (
            "retaliation:\n" + 2 * "  - {by: JPN, against: USA, equivalent_to: tariff}\n",
            7,
            "already a scenario 'retaliation_JPN'",
        ),
    ],
)
def test_retaliation_key_errors_name_line_and_key(own: str, line: int, message: str) -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(PLAIN.replace("scenarios:\n", own + "scenarios:\n", 1), "my.yaml")
    assert message in str(caught.value)
    assert caught.value.line == line


def test_retaliation_does_not_overwrite_a_scenario() -> None:
    with pytest.raises(ep.errors.DocumentError, match="there is already a scenario 'retaliation'"):
        read_case(OWN + PLAIN.replace("answered:", "retaliation:"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("by: JPN", "by: JPX", "unknown country 'JPX'"),
        ("against: USA", "against: [USA, JPN]", "JPN is on both sides"),
        ("[agriculture]", "[agricultur]", "unknown sector 'agricultur'; did you mean agriculture"),
        (
            "equivalent_to",
            "design: pressure, pressure_on: fod, equivalent_to",
            "unknown sector 'fod'; did you mean food",
        ),
    ],
)
def test_retaliation_names_are_checked_without_solving(world: ep.Economy, old: str, new: str, message: str) -> None:
    for text, line, place in (
        (GOOD.replace(ITEM, ITEM.replace(old, new)), 10, "scenarios.answered.measures.2"),
        (OWN.replace(old, new) + PLAIN, 1, "retaliation"),
    ):
        case = read_case(text, "my.yaml")
        for check in (check_case, solve_case):
            with pytest.raises(ep.errors.DocumentError, match=message) as caught:
                check(case, world)
            assert (caught.value.line, caught.value.key) == (line, place)


def test_retaliation_that_cannot_be_equivalent_fails_alone(world: ep.Economy) -> None:
    text = OWN.replace("agriculture", "mining") + PLAIN.replace("food, rate: 10%", "motor_vehicles, rate: 25%")
    solved = study(text, world)
    assert list(solved.outcomes) == ["answered", "tariff"]
    assert "not even an embargo is enough: name more sectors" in str(solved.failures["retaliation"])
    assert "embargo is enough" in str(solved)


@pytest.mark.slow
def test_retaliation_to_a_failed_scenario_fails_with_reason(world: ep.Economy) -> None:
    hopeless = GOOD.replace("exporter: JPN, sector: food, rate: 10%", "sector: ALL, rate: 100000%")
    hopeless = hopeless.replace("sector: ALL, rate: 100000%", "exporter: JPN, sector: food, rate: 10%", 1)
    solved = solve_case(read_case(hopeless), world)
    assert "answers 'tariff', which has no equilibrium" in str(solved.failures["answered"])
    assert not solved.answers


@pytest.mark.slow
def test_report_shows_the_retaliation(world: ep.Economy, tmp_path: object) -> None:
    solved = study(GOOD, world)
    sentence = next(line for line in solved.findings() if 'answer to "a tariff"' in line)
    assert sentence.startswith('Japan\'s answer to "a tariff": ')
    assert "points on agriculture from the United States take US$" in sentence
    assert 'as much as "a tariff" takes of Japan\'s' in sentence
    assert 'Japan\'s answer to "a tariff", on goods from the United States' in str(solved)
    table = solved.tables()["retaliation"]
    assert list(table["scenario"]) == ["answered"]
    assert table["lost_exports"].sum() == pytest.approx(solved.answers["answered"][0].level, rel=1e-3)
    assert solved.to_dict()["tables"]["retaliation"][0]["sector"] == "agriculture"
    from entrepot.report.html_page import page

    assert "answer to &#34;a tariff&#34;, on goods from the United States" in page(solved)


@pytest.mark.parametrize(
    ("yardstick", "words"), slow_after(1, [("income", "of real income, as much as"), ("duty", "collect US$")])
)
def test_report_names_the_yardstick(world: ep.Economy, yardstick: str, words: str) -> None:
    item = ITEM.replace("[agriculture]", "[agriculture, food]").replace(
        "tariff}", f"tariff, yardstick: {yardstick}, design: pressure, pressure_on: food}}"
    )
    (sentence,) = [line for line in study(GOOD.replace(ITEM, item), world).findings() if 'answer to "a tariff"' in line]
    assert words in sentence
    assert "value added in food there falls by" in sentence
