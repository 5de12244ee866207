"""Case files: what they may contain, and how errors name the line and key."""

from __future__ import annotations

import re
import textwrap
from itertools import pairwise

import pytest

import entrepot as ep
from entrepot.cases import check_case, read_case, solve_case
from entrepot.cases.read_measure import INSTEAD
from entrepot.cases.template import TEMPLATE
from entrepot.economy.geography import resolve_countries
from entrepot.measures import instruments
from entrepot.rules.book import agreements
from entrepot.studies.tidy_frames import markets
from shelves import slow_after
from worlds import place

GOOD = textwrap.dedent(
    """\
    case: test
    title: A test
    question: Who gains?
    parties: [USA, JPN]
    sources:
      - {id: a, title: T, publisher: P, date: 2019-05-17}
    calendar:
      - {date: 2019-05-17, event: Something, sources: [a]}
    scenarios:
      tariff:
        title: a tariff
        sources: [a]
        measures:
          - tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%, change: add}
      quota:
        title: a quota
        measures:
          - quota: {importer: USA, exporter: JPN, sector: food, cap: {match: tariff}}
    report:
      protected: {country: USA, sector: food}
    """
)


MARKET = "{title: m, importer: USA, sectors: [food], exporters: [JPN]}"


def test_case_solves_with_a_matched_cap(world: ep.Economy) -> None:
    solved = solve_case(read_case(GOOD), world)
    tariff, quota = solved.outcomes["tariff"], solved.outcomes["quota"]
    assert quota.measures["volume"].iloc[0] == pytest.approx(tariff.measures["volume"].iloc[0], rel=1e-9)
    assert quota.measures["rent"].iloc[0] > 0


def test_matched_cap_may_refer_to_a_later_scenario(world: ep.Economy) -> None:
    case = read_case(GOOD.replace("  tariff:\n", "  later:\n").replace("match: tariff", "match: later"))
    reordered = case.model_copy(update={"scenarios": dict(reversed(case.scenarios.items()))})
    assert list(solve_case(reordered, world).outcomes) == ["quota", "later"]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: A test", "titel: A test", 2, "titel: unknown key; did you mean title"),
        ("rate: 10%", "rate: 25", 14, "rate: 25 is 2,500%"),
        (
            "title: A test",
            "title: A test\nclosure: {horizn: short}",
            3,
            "closure.horizn: unknown key; did you mean horiz",
        ),
        (
            "title: A test",
            "title: A test\nclosure: {deficit: none}",
            3,
            "closure.deficit: deficit 'none'; known: fixed",
        ),
        (
            "title: A test",
            "title: A test\nclosure: {horizon: short}",
            3,
            "closure: the short horizon needs labour_share",
        ),
        ("title: A test", "title: A test\nclosure: balanced", 3, "closure: must be keys with values"),
        ("sector: food}\n", "sector: food, rd_intensity: 5}\n", 20, "must be at most 1"),
        ("rate: 10%", "rat: 0.1", 14, "rat: unknown key; did you mean rate"),
        ("sector: food, rate", "rate", 14, "the key 'sector' is missing"),
        ("- tariff: {importer", "- tarrif: {importer", 14, "unknown instrument 'tarrif'; did you mean tariff"),
        (
            "- tariff: {importer",
            "- Price-cap: {importer",
            14,
            "'Price-cap'; no instrument holds a price down",
        ),
        (
            "- tariff: {importer",
            "- embargo: {importer",
            14,
            "'embargo'; write import_quota with cap: 0",
        ),
        ("- tariff: {importer", "- export licence: {importer", 14, "; write export_quota, or export_ban"),
        ("cap: {match: tariff}", "cap: {match: tarif}", 18, "unknown scenario 'tarif'; did you mean tariff"),
        ("cap: {match: tariff}", "cap: -1", 18, "cap: -1 is below zero"),
        ("cap: {match: tariff}", "cap: {match: quota}", 15, "refer to each other in a circle: quota -> quota"),
        ("date: 2019-05-17, event", "date: 2019-13-17, event", 8, "calendar.1.date"),
        ("sources: [a]\n    measures", "sources: [b]\n    measures", 12, "no source has the id 'b'"),
        ("parties: [USA, JPN]", "parties: []", 4, "parties"),
        ("parties: [USA, JPN]", "parties: USA", 4, "parties"),
        ("question: Who gains?\n", "", None, "question: is missing"),
        ("case: test", "case: Test Case", 1, "lower-case letters"),
        ("parties: [USA, JPN]", "parties: [USA, USA]", 4, "parties.2: 'USA' is repeated"),
        (
            "report:\n",
            "report:\n  swap: {scenarios: [tariff, quota], parties: [USX]}\n",
            20,
            "'USX' is not one of the parties",
        ),
        (
            "sector: food}\n",
            f"sector: food}}\n  markets: [{MARKET}, {MARKET}]\n",
            21,
            "report.markets.2.title: the market 'm' is repeated",
        ),
        (
            "sector: food}\n",
            f"sector: food}}\n  markets: [{MARKET.replace('[JPN]', '[]')}]\n",
            21,
            "report.markets.1.exporters: is empty",
        ),
        (
            "sector: food}\n",
            f"sector: food}}\n  markets: [{MARKET.replace('[food]', '[]')}]\n",
            21,
            "report.markets.1.sectors: is empty",
        ),
        ("sector: food, rate", "label: [a], sector: food, rate", 14, "label: ['a'] is not a text"),
        ("sector: food, rate", "sector: , rate", 14, "sector: empty is not a name or a list of names"),
        ("rate: 10%", "rate: ", 14, "rate: empty is neither a number nor a percentage"),
        ("change: add", "change: ", 14, "change: empty; known: set, add, cut"),
        ("title: A test", "title: A test\nclosure: {deficit: }", 3, "closure.deficit: deficit empty; known: fixed"),
        ("rate: 10%", "rate: '2,,5%'", 14, "decimals take a point"),
        ("title: A test", "title: !foo A test", 2, "is not supported"),
        ("protected: {country", "protect: {country", 20, "report.protect: unknown key; did you mean protected"),
        ("title: a tariff", "law: {clams: []}", 11, "scenarios.tariff.law.clams: unknown key; did you mean claims"),
        ("title: A test", "market: {nest: [firm]}", 2, "market.nest: unknown key; did you mean nests"),
        (
            "title: A test",
            "law: {bound_rates: [{rat: 5%}]}",
            2,
            "law.bound_rates.1.rat: unknown key; did you mean rate",
        ),
        ("title: A test", "afterwards: {quota: {wht: x}}", 2, "afterwards.quota.wht: unknown key; did you mean what"),
        ("title: A test", "timeline: {deadline: {trig: a}}", 2, "timeline.deadline.trig: unknown key; known: clock"),
        (
            "title: A test",
            "objectives: {USA: {market_share: [{sectr: food}]}}",
            2,
            "objectives.USA.market_share.1.sectr: unknown key; did you mean sector",
        ),
        (
            "title: A test",
            "timeline: {if_agreed: {in_force: [{scenrio: tariff}]}}",
            2,
            "timeline.if_agreed.in_force.1.scenrio: unknown key; did you mean scenario",
        ),
    ],
)
def test_case_errors_name_line_and_key(old: str, new: str, line: int | None, message: str) -> None:
    assert old in GOOD
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(GOOD.replace(old, new, 1), "my.yaml")
    assert message in str(caught.value)
    assert caught.value.line == line
    assert str(caught.value).startswith("my.yaml")


def test_case_error_lists_every_fault() -> None:
    """Each fault has its line and key; a misspelt key is not also reported as missing."""
    text = GOOD.replace("title: A test", "titel: A test").replace("rate: 10%", "rat: 0.1")
    text = text.replace("date: 2019-05-17, event", "date: May, event")
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(text, "my.yaml")
    first, *also = str(caught.value).splitlines()
    assert first.startswith("my.yaml, line 2: titel: unknown key")
    assert [line.split(": ")[0] for line in also] == ["also line 8", "also line 14"]
    assert "missing" not in str(caught.value)


def test_case_error_counts_faults_beyond_the_first_few() -> None:
    with pytest.raises(ep.errors.DocumentError) as caught:
        read_case(GOOD + "".join(f"key{k}: 1\n" for k in range(9)), "my.yaml")
    assert len(str(caught.value).splitlines()) == 7
    assert str(caught.value).endswith("and 3 more")


def _folded(times: int) -> str:
    """Return lines of YAML, each of which refers to the previous one nine times."""
    names = "abcdefghij"
    return "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise(names[: times + 1]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("case: a\n\ttitle: b\n", "line 2: a tab in the indentation"),
        ("case: a\nnotes: " + "[" * 2_000, "line 2: nested more than 50 deep"),
        ("\n".join(" " * depth + "a:" for depth in range(200)), "line 51: nested more than 50 deep"),
        ("a: &a [x, x, x, x]\n" + _folded(8), "line 6: more than 100,000 values once aliases are expanded"),
        ("case: a\nnotes: &a [*a]\n", r"line 2: \*a is not an anchor defined above"),
        ("case: a\nnotes: *nobody\n", r"line 2: \*nobody is not an anchor defined above"),
        ("case: a\ntitle: b\ncase: c\n", "line 3: case: this key is repeated"),
        ("case: a\nscenarios: {x: {title: t, title: u}}\n", "this key is repeated"),
        ("case: a\nscenarios:\n  1: {title: t}\n  '1': {title: u}\n", "line 4: 1: this key is repeated"),
        ("case: a\nnotes:\n- {true: x,\n   'True': y}\n", "line 4: True: this key is repeated"),
        ("case: !!python/object:os.system x\n", "is not supported"),
        ("case: a\nparties: !!python/tuple [USA]\n", "line 2: the tag .* is not supported"),
        ('case: a\n1.5: "\\ud800"\n', r"1.5: '\\ud800' holds half"),
        ('case: a\ntitle: "\\ud800"\n', r"line 2: title: '\\ud800' holds half of a character"),
        ('case: a\nnotes:\n- b\n- "\\ud800"\n', r"line 4: notes.2: '\\ud800' holds half of a character"),
        ("a: [1, 2\n", "cannot be read as YAML"),
        ("", "is not a case"),
        ("- a\n- b\n", "is not a case"),
        ("just words", "is not a case"),
        ("a: \x00", "NUL byte"),
        ("case: a\ntitle: b\x1b\n", r"line 2: a control character \(U\+001B\); remove it$"),
        ("[" * 500, "line 1: nested more than 50 deep"),
        ("case: a\nrate: 0o10\n", "line 2: 0o10 would be a number that is not written in decimal digits"),
        ("case: a\nrate: [0.1, -0x1F]\n", "line 2: -0x1F would be a number"),
    ],
)
def test_case_that_is_not_yaml_is_refused(text: str, message: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=message):
        read_case(text, "my.yaml")


@pytest.mark.parametrize("date", ["2019-13", "2019-02-30", "2019-00", "0000"])
def test_a_source_is_of_a_day_that_there_is(date: str) -> None:
    with pytest.raises(ep.errors.DocumentError, match=rf"sources.1.date: '{date}' is not a date such as 2019, 2019-05"):
        read_case(GOOD.replace("P, date: 2019-05-17", f"P, date: '{date}'"))
    assert read_case(GOOD.replace("P, date: 2019-05-17", "P, date: 2019-02")).sources[0].date == "2019-02"


def test_norway_code_is_not_read_as_false(world: ep.Economy) -> None:
    case = read_case(GOOD.replace("parties: [USA, JPN]", "parties: [NO, JPN]"))
    assert case.parties == ("NO", "JPN")


@pytest.mark.slow
def test_scenario_without_equilibrium_does_not_stop_the_others(world: ep.Economy) -> None:
    impossible = GOOD.replace("exporter: JPN, sector: food, rate: 10%", "sector: ALL, rate: 100000%", 1)
    solved = solve_case(read_case(impossible.replace("cap: {match: tariff}", "cap: 0.5")), world)
    assert list(solved.outcomes) == ["quota"]
    assert "deficits" in str(solved.failures["tariff"])


@pytest.mark.slow
def test_matched_cap_on_a_failed_scenario_fails_with_reason(world: ep.Economy) -> None:
    impossible = GOOD.replace("exporter: JPN, sector: food, rate: 10%", "sector: ALL, rate: 100000%", 1)
    solved = solve_case(read_case(impossible), world)
    assert not solved.outcomes
    assert "'tariff', which has no equilibrium" in str(solved.failures["quota"])


def test_unknown_name_error_gives_its_place(world: ep.Economy) -> None:
    with pytest.raises(
        ep.errors.InputError, match=r"line 14: scenarios.tariff.measures.1: .*unknown sector 'foot'; did you mean food"
    ):
        solve_case(read_case(GOOD.replace("sector: food, rate", "sector: foot, rate")), world)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("parties: [USA, JPN]", "parties: [USA, JPX]", r"line 4: parties.2: unknown country 'JPX'"),
        (
            "{country: USA, sector: food}",
            "{country: USA, sector: fod}",
            r"line 20: report.protected.sector: .*mean food",
        ),
        (
            "{country: USA, sector: food}",
            "{country: [USA, JPX], sector: food}",
            r"line 20: report.protected.country: .*JPX",
        ),
        (
            "parties: [USA, JPN]",
            "parties: [USA, JPN]\nclosure: {numeraire: EU28}",
            r"line 5: closure.numeraire: EU28 is not",
        ),
        (
            "parties: [USA, JPN]",
            "parties: [USA, JPN]\nclosure: {scale: {fod: 0.1}}",
            r"line 5: closure: scale: unknown sector 'fod'; did you mean food",
        ),
        (
            "parties: [USA, JPN]",
            "parties: [USA, JPN]\nclosure: {competition: {sigma: {fod: 9}}}",
            r"line 5: closure: competition: sigma: unknown sector 'fod'; did you mean food",
        ),
        (
            "parties: [USA, JPN]",
            "parties: [USA, JPN]\nclosure: {labour: {real_wage: [USA, Atlantis]}}",
            r"line 5: closure: labour: real_wage: unknown country 'Atlantis'",
        ),
        (
            "report:\n",
            "report:\n  markets:\n    - {title: t, importer: JPN, sectors: [food], exporters: [CPTPP, AUS]}\n",
            r"line 21: report.markets.1.exporters: AUS is in both CPTPP and AUS",
        ),
    ],
)
def test_case_names_are_checked_before_solving(world: ep.Economy, old: str, new: str, message: str) -> None:
    case = read_case(GOOD.replace(old, new, 1), "my.yaml")
    for check in (check_case, solve_case):
        with pytest.raises(ep.errors.DocumentError, match=message):
            check(case, world)


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (
            "theta: {mixture: {sets: [own, nosuch]}}",
            r"uncertainty.theta: mixture: unknown set of elasticities 'nosuch'",
        ),
        ("theta: {mixture: {sets: [own], within: 7}}", r"uncertainty.theta: 7 is not a distribution"),
        ("theta.foood: {lognormal: {sd: 0.2}}", r"uncertainty.theta.foood: unknown sector 'foood'"),
        ("tariff.rat: {normal: {sd: 1%}}", r"uncertainty.tariff.rat: no measure of the scenario states 'rat'"),
        ("tariff.rate: {normal: {sd: -1%}}", r"uncertainty.tariff.rate: normal: sd -0.01 is not above zero"),
    ],
)
def test_a_check_finds_what_a_sweep_refuses(world: ep.Economy, stated: str, message: str) -> None:
    written = f"{GOOD}uncertainty:\n  {stated}\n"
    case = read_case(written, "my.yaml")
    for check in (check_case, ep.sweep):
        with pytest.raises(ep.errors.DocumentError, match=f"line {written.count(chr(10))}: {message}"):
            check(case, world)
    check_case(read_case(f"{GOOD}uncertainty: {{theta: {{lognormal: {{sd: 0.2}}}}}}\n"), world)


def test_points_of_two_measures_on_one_flow_are_noted(world: ep.Economy) -> None:
    one = "      - tariff: {importer: USA, exporter: JPN, sector: food, rate: 10%, change: add}\n"
    assert not [note for note in check_case(read_case(GOOD), world) if "add up" in note]
    (note,) = [
        note
        for note in check_case(read_case(GOOD.replace(one, one + one.replace("10%", "5%"))), world)
        if "add up" in note
    ]
    assert note.startswith("tariff: ")
    assert "food from JPN into USA: they add up, to 17.8% there." in note


def test_template_is_a_valid_case() -> None:
    solved = solve_case(read_case(TEMPLATE.format(name="mine")))
    assert len(solved.outcomes) == 3


class TestFoundingCase:
    def test_scenarios_and_sources(self) -> None:
        case = ep.load_case("us-japan-autos-2019")
        wanted = [
            "tariff",
            "tariff_japan_eu",
            "tariff_japan",
            "ver_japan",
            "ver",
            "auctioned_quota",
            "tariff_rate_quota",
            "preferences",
            "farm_deal",
            "retaliation",
        ]
        assert list(case.scenarios) == wanted
        assert all(s.title and s.publisher and s.date for s in case.sources)
        cited = {c for e in case.calendar for c in e.sources} | {c for s in case.scenarios.values() for c in s.sources}
        assert cited <= {s.id for s in case.sources}
        assert all(e.sources for e in case.calendar)

    @pytest.mark.parametrize("solved", slow_after(1, ["founding_study", "founding_study_2018"]))
    def test_signs_and_volumes_of_the_founding_case(self, solved: str, request: pytest.FixtureRequest) -> None:
        study: ep.Study = request.getfixturevalue(solved)
        assert not study.failures
        real = {name: o.countries["real_income_pct"] for name, o in study.outcomes.items()}
        assert real["tariff_japan_eu"]["JPN"] < 0 < real["ver"]["JPN"]
        assert real["ver"]["USA"] < real["auctioned_quota"]["USA"]
        assert real["auctioned_quota"]["JPN"] == pytest.approx(real["tariff_japan_eu"]["JPN"], abs=1e-3)
        for name in ("ver", "auctioned_quota"):
            rows = study.outcomes[name].measures
            assert rows["volume"].sum() == pytest.approx(
                study.outcomes["tariff_japan_eu"].measures["volume"].sum(), rel=1e-8
            )
        farm = markets(study).query("importer == 'JPN' and exporter == 'USA'").set_index("scenario")
        assert farm.loc["preferences", "import_share"] < farm.loc["base", "import_share"]
        assert farm.loc["base", "import_share"] < farm.loc["farm_deal", "import_share"]
        assert max(max(o.residuals.values()) for o in study.outcomes.values()) <= 1e-10

    def test_what_the_preferences_free_is_still_due_in_the_base(self) -> None:
        """The base is dated 1 July 2018: the CPTPP and the EU-Japan agreement are later, Japan-Australia is earlier."""
        case = ep.load_case("us-japan-autos-2019")
        base, before = ep.load_economy(case.economy), ep.load_economy("world2014")
        assert case.economy == "world2018"

        def duty(economy: ep.Economy, exporter: str) -> float:
            return float(economy.tariff[place(economy, "food", "JPN", exporter)])

        for exporter in ("DEU", "FRA", "CAN", "USA"):
            assert duty(base, exporter) == pytest.approx(duty(before, exporter), rel=1e-6)
        assert duty(base, "NZL") > 0.05
        assert 0.1 < duty(base, "AUS") < duty(before, "AUS")

    def test_preferences_are_for_the_parties_that_the_cptpp_bound(self) -> None:
        """On the day of the case, by the book of agreements; world2014 has data of three of them beside Japan."""
        case = ep.load_case("us-japan-autos-2019")
        cptpp = agreements()["cptpp"]
        bound = {code for code in cptpp.parties if cptpp.joined.get(code, cptpp.in_force) <= case.law.on}  # type: ignore[operator]
        (measure,) = case.scenarios["preferences"].measures
        assert measure.exporter == ("CPTPP_2019", "EU28")
        known = ep.load_economy("world2018").countries
        assert set(resolve_countries("CPTPP_2019", known)[0]) == bound
        assert set(resolve_countries("CPTPP_2019", ep.load_economy("world2014").countries)[0]) == bound & {
            "AUS",
            "CAN",
            "JPN",
            "MEX",
        }


def test_other_deficit_rule_with_markups_equals_that_closure(world: ep.Economy) -> None:
    """Markups come before deficits are closed, in the table of the other rule as in `closure: {deficit: balanced}`."""
    text = GOOD.replace("scenarios:", "closure: {competition: {sigma: {food: 12}}}\nscenarios:")
    solved = solve_case(read_case(text), world)
    for name, found in solved.under_the_other_rule.items():
        assert isinstance(found, ep.Outcome)
        closure = ep.Closure(deficit="balanced", competition=ep.equilibrium.Markups({"food": 12}))
        expected = ep.solve(world, solved.outcomes[name].scenario, closure=closure)
        assert found.countries["real_income_pct"].tolist() == pytest.approx(
            expected.countries["real_income_pct"].tolist(), rel=1e-6, abs=1e-9
        )


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("japan-vers-1981", "7837c3cdf02cb64874c83301beb17e715afb765977e651dde275f107bd1c0cf5"),
        ("us-japan-autos-2019", "3d63d6a648c5ab8952defd2ca0e3b86acf484e7be8398c95eca909e2f0573c4d"),
        ("us-japan-autos-2025", "584e5a992f4eed3a086daf0a18932202f4aaafe8ccb2fcaf9d95569576f54454"),
    ],
)
def test_case_fingerprint_survives_renamed_classes(name: str, fingerprint: str) -> None:
    """A case fingerprint is part of the id of every saved run: it changes only with what the case states."""
    assert ep.load_case(name).fingerprint == fingerprint


def test_the_template_names_no_group_of_another_time() -> None:
    case = read_case(TEMPLATE.format(name="mine"))
    assert not any("stands for its members" in note for note in check_case(case, case.own_economy()))
    older = read_case(TEMPLATE.format(name="mine").replace("EU27", "EU28").replace("2022-06-01", "2019-05-17"))
    notes = check_case(older, older.own_economy())
    assert "EU28 stands for its members until 2020-01-31, and the data are of 2022" in notes


def test_what_is_written_in_place_of_another_name_is_an_instrument() -> None:
    known = {name for entry in instruments().values() for name in entry.names}
    for name, instead in INSTEAD.items():
        assert name not in known
        named = set(re.findall(r"\w+", instead)) & known
        assert named, instead
        law = re.search(r"law: {claims: [\w-]+}(?= beside measures)", instead)
        assert ("law" in instead) is (law is not None)
        text = TEMPLATE.format(name="mine")
        read_case(text.replace("    measures:", f"    {law[0]}\n    measures:", 1) if law else text)
