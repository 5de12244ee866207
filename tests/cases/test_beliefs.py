"""The key `beliefs` of a case: what it reads, what it refuses, and the talks of the founding case."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import entrepot as ep
from entrepot.bargaining import CaseTalks, TalksPayoffs, bargain, case_talks, session, solve_talks
from entrepot.cases.load import read_case
from entrepot.cases.uncertainty import varying
from entrepot.errors import DocumentError, InputError
from entrepot.languages import speaking
from entrepot.report.figures.figure_registry import StudyFigures
from entrepot.report.figures.talks_figure import talks_figure
from entrepot.studies.talks_sentences import talks_sentences
from entrepot.studies.talks_tables import by_belief, talks_data, talks_sections
from small_sweep import small

BELIEFS = """\
beliefs:
  threatener: C00
  from: 2020-01-01
  until: 2020-06-29
  types:
    firm: {title: imposes it, worth: {measure: 1e6}}
    bluff: {title: waits, worth: {measure: -1e6}}
  prior: {firm: 20%}
  demand: half
  signals:
    draft: {title: a draft, day: 2020-02-01, kind: draft, called: {bluff: 5}}
    pledge: {title: a pledge, day: 2020-03-01, kind: assurance, broken: 3, demand: quarter}
  deals:
    quarter: {title: a quarter, levels: {cut: 0.25}}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("beliefs"), more=BELIEFS)


@pytest.fixture(scope="module")
def founding() -> CaseTalks:
    return case_talks("us-japan-autos-2019")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("firm: 20%}", "firm: 120%}", r"line \d+: beliefs.prior.firm: .*not a probability from 0 to 1"),
        ("firm: 20%}", "firm: 20}", r"beliefs.prior.firm: 20 is not a probability from 0 to 1; 20%\?"),
        ("firm: 20%}", "firm: -5%}", r"beliefs.prior.firm: .*not a probability from 0 to 1"),
        ("{firm: 20%}", "20%", "a belief without a type; write which one it is about"),
        ("{firm: 20%}", "{hawk: 20%}", "beliefs.prior.hawk: a belief without a type: the types are firm and bluff"),
        ("{firm: 20%}", "{firm: 20%, bluff: 90%}", "the probabilities add up to 1.1, not to 1"),
        ("day: 2020-02-01", "day: 2020-07-01", r"signals.draft.day: 2020-07-01 is after the deadline, 2020-06-29"),
        ("day: 2020-02-01", "day: 2019-12-31", r"is before the first day of the talks, 2020-01-01"),
        ("kind: draft", "kind: rumour", r"beliefs.signals.draft.kind: 'rumour' is not a choice; known: leak, draft"),
        ("called: {bluff: 5}", "called: {hawk: 5}", r"called.hawk: no type has this name"),
        ("called: {bluff: 5}", "called: -5", r"signals.draft.called: must be at least 0$"),
        (
            "called: {bluff: 5}",
            "broken: 5",
            r"signals.draft.broken: a draft is a threat, which is called: use 'called'",
        ),
        ("broken: 3", "called: 3", "an assurance is a pledge, which is broken: use 'broken'"),
        ("demand: half", "demand: whole", "no deal or offer has the name 'whole'"),
        ("threatener: C00", "threatener: C02", "'C02' is not a party of the table"),
        ("levels: {cut: 0.25}", "levels: {cut: 2}", r"beliefs.deals.quarter.levels.cut: 2 lies outside the range"),
        ("    bluff: {title: waits, worth: {measure: -1e6}}\n", "", "give two types, not 1"),
        ("worth: {measure: 1e6}", "worth: {tariff: 1e6}", "no end has the name 'tariff'"),
        ("until: 2020-06-29", "until: 2019-06-29", "2019-06-29 is not after the first day"),
        ("  until: 2020-06-29\n", "", "the key 'until' is missing"),
        ("  demand: half\n", "  demand: half\n  anser: ver\n", "unknown key; did you mean answer"),
    ],
)
def test_invalid_beliefs_are_refused(path: Path, old: str, new: str, message: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    with pytest.raises(InputError, match=message):
        read_case(text.replace(old, new), "case.yaml")


def test_beliefs_need_a_table_and_a_case_without_them_says_so(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head, rest = text.split("table:\n")
    without = head + rest[rest.index("report:") :]
    with pytest.raises(InputError, match="beliefs: needs a table between two parties"):
        read_case(without, "case.yaml")
    with pytest.raises(InputError, match="the case has no beliefs"):
        case_talks("us-section-122-2026")


def test_payoffs_are_those_of_the_bargain(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solved twice: by the talks alone, and with the whole surface of the bargain."""
    monkeypatch.setattr(session, "RAYS", 3)
    found, whole = case_talks(path), bargain(path, points=2)
    mine, theirs = found.talks.game.payoffs, TalksPayoffs.of(whole, "C00")
    assert (mine.threatener, mine.target) == (theirs.threatener, theirs.target) == ("C00", "C01")
    assert mine.now == pytest.approx(theirs.now)
    assert mine.threat == pytest.approx(theirs.threat)
    assert mine.deals["half"] == pytest.approx(theirs.deals["half"])
    assert [t.worth["measure"] for t in found.talks.game.types] == [1e6, -1e6]
    assert found.prior == 0.2
    assert found.end_probabilities == found.talks.end_probabilities


def test_beliefs_do_not_change_what_is_solved(path: Path) -> None:
    """Saved runs stay valid: the talks are computed from the same equilibria."""
    text = path.read_text(encoding="utf-8")
    assert read_case(text).fingerprint == read_case(text.replace("firm: 20%", "firm: 60%")).fingerprint


def test_a_sweep_says_that_it_does_not_solve_the_talks(path: Path) -> None:
    with pytest.raises(InputError, match="a sweep does not solve the talks for each draw; 'entrepot talks CASE --grid"):
        varying(read_case(path.read_text(encoding="utf-8")), "beliefs.prior.firm")


def test_an_answer_is_a_scenario_on_top_of_the_threat(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    answered = read_case(text.replace("  demand: half\n", "  demand: half\n  answer: quota\n"))
    payoffs = case_talks(answered).talks.game.payoffs
    assert payoffs.answer is not None
    assert payoffs.answer != payoffs.threat


# ---- the founding case ----


def test_what_a_deal_says_is_in_the_language_in_use(founding: CaseTalks) -> None:
    deal = next(iter(founding.levels))
    with speaking("de"):
        german = founding.terms(deal)
    assert german != founding.terms(deal)


def test_threshold_of_the_founding_case_is_the_closed_form(founding: CaseTalks) -> None:
    """The loss from the deal over the loss from the tariff, from engine payoffs and annuities alone."""
    p, years = founding.talks.game.payoffs, 10
    turn, deadline = (
        (d - datetime.date(2019, 5, 15)).days / 365.25
        for d in (datetime.date(2019, 10, 14), datetime.date(2019, 11, 13))
    )

    def worth(start: float) -> float:
        return float(1.04**-start - 1.04**-years) / float(np.log(1.04))

    for name, expected in founding.talks.game.payoffs.deals.items():
        lost = (p.now[1] - expected[1]) * worth(turn)
        breakdown = 0.02  # after the last refusal nothing else can happen: it has no effect
        assert founding.thresholds()[name] == pytest.approx(lost / ((p.now[1] - p.threat[1]) * worth(deadline)))
        assert breakdown == founding.talks.game.clock.breakdown


def test_what_the_draft_and_the_assurance_were_worth(founding: CaseTalks) -> None:
    by = founding.talks.signal_worth.set_index("signal")
    assert by.loc["draft", ["USA", "JPN"]].abs().max() < 1
    assert by.loc["assurance", "USA"] == pytest.approx(1110, rel=0.02)
    assert by.loc["assurance", "JPN"] == pytest.approx(8559, rel=0.02)
    assert founding.talks.signal_alone.set_index("signal").loc["draft", "USA"] == pytest.approx(103, rel=0.02)
    assert founding.date(founding.belief_by_day[0].day) == datetime.date(2019, 5, 15)


def test_below_the_threshold_the_founding_talks_most_likely_end_in_nothing(founding: CaseTalks) -> None:
    low = founding.at(0.01)
    assert low.end_probabilities["nothing"] > 0.85
    assert low.end_probabilities["measure"] < 0.01
    assert founding.end_probabilities["deal"] == pytest.approx(1)


def test_every_assumption_has_a_name_and_can_be_moved(founding: CaseTalks) -> None:
    for name, value in founding.talks.numbers.items():
        same = founding.assuming({name: value})
        assert same.talks.values == pytest.approx(founding.talks.values), name
        assert same.talks.numbers == pytest.approx(founding.talks.numbers), name
    moved = founding.assuming({"worth.firm.measure": 1300.0, "breakdown": 0.0})
    assert moved.talks.game.at_deadline(frozenset())[0] == (False, False)
    by_type = founding.assuming({"called.draft.bluff": 900.0, "discount_rate.JPN": 0.1})
    assert by_type.talks.numbers["called.draft.firm"] == 500
    assert by_type.talks.numbers["discount_rate.USA"] == pytest.approx(0.04)
    assert list(founding.over("called.draft", [0, 500, 5000])["called.draft"]) == [0, 500, 5000]
    for name, value, message in (
        ("called.darft", 1.0, "did you mean called.draft"),
        ("belief", 2.0, "not a probability from 0 to 1"),
        ("breakdown", 1.0, "not a probability below 1"),
        ("broken.assurance", -1.0, "costs are zero or more"),
        ("years", float("nan"), "is not a finite number"),
        ("breakdown.USA", 0.1, "unknown number"),
    ):
        with pytest.raises(InputError, match=message):
            founding.assuming({name: value})


def test_sentences_and_tables(founding: CaseTalks) -> None:
    answer, *more = talks_sentences(founding)
    assert answer.startswith(
        "At a belief of 30% that the United States carries the tariff out if there is no deal, the talks"
    )
    assert "from 2.6% on" in answer
    assert any("Assumed, not estimated" in line and "called.draft 500" in line for line in more)
    assert any("tells that the threat was a bluff" in line for line in more)
    assert next(s.title for s in talks_sections(founding)) == by_belief(founding).title
    (worth,) = [s for s in talks_sections(founding) if s.title == "What each signal is worth"]
    assert worth.note.endswith("can be sent; United States and its types: worth.firm.measure included.")
    data = talks_data(founding, 11)
    assert set(data) == {"beliefs", "days", "signals", "ends"}
    assert data["beliefs"]["belief"].is_monotonic_increasing
    assert founding.to_dict()["end_probabilities"] == founding.end_probabilities
    assert ep.bargaining.CaseTalks is CaseTalks
    for prior in (0.0, 0.01, 1.0):
        assert all(line.strip() for line in talks_sentences(founding.at(prior)))


def test_without_a_risk_of_breakdown_the_target_waits_for_its_last_turn(founding: CaseTalks) -> None:
    answer, *more = talks_sentences(founding.assuming({"breakdown": 0.0}))
    assert "then demanded of it (The deal of October 2019) on 14 October 2019, from a belief of 2.6% on" in answer
    assert any("A refusal on 14 October 2019 tells that Japan's belief is below 2.6%" in line for line in more)


def test_the_stronger_criterion_is_stated_where_it_matters(founding: CaseTalks) -> None:
    """Under D1 not to give the assurance proves the threat, so nobody gives it, and the limit is refused mostly."""
    other = founding.talks.under_d1
    assert other.end_probabilities["deal"] < 0.2
    assert other.end_probabilities["nothing"] > 0.5
    assert any(line.startswith("Under D1, a stronger criterion") for line in talks_sentences(founding))
    assert not any("Under D1" in line for line in talks_sentences(founding.at(0.0)))


def test_sentences_name_an_empty_threat_and_tied_hands(founding: CaseTalks) -> None:
    empty = " ".join(talks_sentences(founding.assuming({"worth.firm.measure": 0.0})))
    assert "Neither type carries the measure out: the threat is empty." in empty
    assert "After these signals" not in empty
    assert "at no belief" in empty
    tied = " ".join(talks_sentences(founding.assuming({"called.draft": 50_000.0})))
    assert "Signals have tied hands: without a deal both types carry the measure out" in tied


# ---- the sentences at other assumptions ----


def test_thresholds_follow_the_signals_that_were_sent(founding: CaseTalks) -> None:
    """A draft that ties hands, and an assurance that nobody would break: the lines on the deals say the same."""
    tied = founding.assuming({"called.draft": 20_000.0})
    assert tied.thresholds() == {"deal_2019": 0.0, "limit": 0.0}
    assert sum("signed at the last turn at any belief" in line for line in talks_sentences(tied)) == 2
    held = founding.assuming({"broken.assurance": 20_000.0})
    assert np.isnan(held.thresholds()["deal_2019"])
    assert held.thresholds()["limit"] == pytest.approx(founding.thresholds()["limit"])
    answer, deal, limit, *_ = talks_sentences(held)
    assert "(The deal of October 2019) at no belief" in answer
    assert "signed at the last turn at no belief" in deal
    assert "signed at the last turn from 36.5% on" in limit
    assert founding.demanded_after() == {"deal_2019": {"draft", "assurance"}, "limit": {"draft"}}


def test_a_signal_that_no_type_sends_is_marked(founding: CaseTalks) -> None:
    """In equilibrium at 30% nobody sends the draft; it would be below the first threshold, or with tied hands."""
    draft, assurance = talks_sentences(founding)[3:5]
    assert "no type sends it here, so the model gives what happened a probability of zero" in draft
    ways = "at a belief up to 2.6%, under the stronger criterion D1 or if a bluff called cost US$10.6 billion or more"
    assert f"It would be sent {ways}, which ties hands." in draft
    assert "it lowers the demand to The deal of October 2019 and the belief stays at 30%" in assurance
    loss = founding.talks.game.payoffs.now[0] - founding.talks.game.payoffs.threat[0]
    tie = loss * (1 - 1.04 ** (-(10 - 182 / 365.25))) / np.log(1.04)  # at the deadline, 182 days on
    for cost, sent in ((0.999 * tie, 0.0), (1.001 * tie, 1.0)):
        there = founding.assuming({"called.draft": cost})
        assert there.belief_by_day[0].probability == sent
    assert founding.talks.under_d1.belief_by_day[0].probability > 0
    assert founding.at(0.02).belief_by_day[0].probability > 0
    certain = talks_sentences(founding.at(0.0))[3]
    assert "no type sends it here" in certain
    assert "up to 2.6% other than 0%" in certain


def test_the_deal_that_ends_the_talks_is_named(founding: CaseTalks) -> None:
    """Above the second threshold it is the limit, and the advice is on signals of probability zero."""
    assert "a deal (100%: The deal of October 2019, signed on 17 May 2019)" in talks_sentences(founding)[0]
    high = talks_sentences(founding.at(0.4))
    assert "a deal (90%: A limit on car exports, signed on 14 October 2019)" in high[0]
    assert "signals that were in fact sent, of probability zero here, Japan should sign what is then" in high[0]
    assert "no type sends it here" in high[4]


def test_types_that_act_otherwise_than_named(founding: CaseTalks) -> None:
    """The belief is in a type by its name where titles do not say what it does, and signals are not blamed."""
    both = " ".join(talks_sentences(founding.assuming({"worth.bluff.measure": 3000.0})))
    assert "At a belief of 30% that the United States is of the type firm, the talks" in both
    assert "Without a deal both types carry the measure out, also without any signal" in both
    assert "tied hands:" not in both
    reversed_ = founding.assuming({"worth.bluff.measure": 3000.0, "worth.firm.measure": 0.0})
    text = " ".join(talks_sentences(reversed_))
    assert "at its last turn, 14 October 2019, up to 97.4%" in text
    assert "Without a deal the type bluff carries the measure out and the type firm does not" in text
    assert "at no belief" not in talks_sentences(reversed_)[0]
    assert all(np.isnan(value) for value in reversed_.thresholds().values())


def test_a_row_at_a_breakpoint_is_its_upper_side(founding: CaseTalks) -> None:
    """Just below the first threshold the talks mostly fail; the row is what holds just above it."""
    rows = {row[0]: row[2] for row in by_belief(founding).rows}
    assert {row[0]: row[1] for row in by_belief(founding).rows}["100%"] == "A limit on car exports"
    assert rows["just above 2.6%"] == "90%"
    at = founding.thresholds()["deal_2019"]
    assert founding.at(at - 1e-9).end_probabilities["deal"] < 0.3
    assert "At a belief of just above 2.6%" in talks_sentences(founding.at(at))[0]


def test_what_the_target_offers_is_stated(founding: CaseTalks) -> None:
    game = replace(founding.talks.game, offers=("deal_2019",))
    found = replace(founding, talks=solve_talks(game, 0.3, founding.talks.observed))
    limit = talks_sentences(found)[2]
    assert "at no belief; an offer of The deal of October 2019 instead from 2.6% on" in limit


def test_a_minus_may_come_from_the_choice_of_equilibrium(founding: CaseTalks) -> None:
    low = " ".join(talks_sentences(founding.at(0.02)))
    assert "A loss to the side that may leave it unsent can come from the choice among equilibria." in low
    assert "choice among equilibria" not in " ".join(talks_sentences(founding))


def test_what_the_talks_are_worth_is_against_things_as_they_are(founding: CaseTalks) -> None:
    """If nothing happens for certain nobody gains; the deals add up to "deal"."""
    table = founding.over_beliefs([0.0, 0.3, 0.8])
    assert table.loc[0, ["worth to USA", "worth to JPN"]].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert (table["deal deal_2019"] + table["deal limit"]).tolist() == pytest.approx(table["deal"].tolist())
    assert table.loc[2, "deal limit"] == pytest.approx(1)
    payoffs, clock = founding.talks.game.payoffs, founding.talks.game.clock
    years = float(clock.worth(2, clock.end)[1])  # signed on 17 May 2019, the third day
    assert table.loc[2, "worth to JPN"] == pytest.approx((payoffs.deals["limit"][1] - payoffs.now[1]) * years)


def test_the_first_screen_says_on_what_other_gains_the_threat_hangs(founding: CaseTalks) -> None:
    line = next(line for line in talks_sentences(founding, full=False) if line.startswith("By the measure"))
    assert "for other gains of US$1.4 billion is assumed: below US$1.3 billion, deal 0%, measure 0%, noth" in line
    least = founding.talks.game.least_worth
    for part, acts in ((0.999, False), (1.001, True)):
        game = founding.assuming({"worth.firm.measure": part * least}).talks.game
        assert game.at_deadline(frozenset({"draft"}))[0][0] is acts
        assert not game.at_deadline(frozenset())[0][0]


def test_a_threat_that_is_better_than_the_deal_is_marked(founding: CaseTalks) -> None:
    payoffs = founding.talks.game.payoffs
    better = replace(payoffs, threat=(payoffs.deals["deal_2019"][0] + 100, payoffs.threat[1]))
    game = replace(founding.talks.game, payoffs=better)
    talks = solve_talks(game, 0.3, founding.talks.observed)
    lines = " ".join(talks_sentences(replace(founding, talks=talks), full=False))
    assert "The United States would rather have the measure than The deal of October 2019" in lines


def test_the_worth_of_a_signal_states_its_years(founding: CaseTalks) -> None:
    assert "US$8.6 billion to Japan, present value over 10 years." in " ".join(talks_sentences(founding, full=False))


def test_the_figure_of_the_talks_has_the_ends_by_belief(founding: CaseTalks) -> None:
    study = ep.cases.solve_case(founding.case.without_timeline())
    figure = talks_figure(study)
    assert figure is not None
    assert figure.title.startswith("At a belief of 30% the talks end in a deal (The deal of October 2019, 100%)")
    sums = figure.frame.groupby("belief")["probability"].sum()
    assert sums.to_numpy() == pytest.approx(np.full(len(sums), 100.0))
    ends = figure.frame.pivot(index="belief", columns="end", values="probability")
    limit, farm = ends["A limit on car exports"], ends["The deal of October 2019"]  # a line for each deal
    for held in (0.0, 0.02, 0.3, 0.36, 0.37, 0.8):
        at = founding.at(held).talks.by_deal
        assert (limit[100 * held], farm[100 * held]) == pytest.approx((100 * at["limit"], 100 * at["deal_2019"]))
    assert (farm[30.0], limit[30.0], limit[80.0]) == pytest.approx((100, 0, 100))
    assert "talks" in StudyFigures(study).labels


@pytest.mark.parametrize("case", [5, None, {}])
def test_what_is_no_case_is_refused(case: object) -> None:
    with pytest.raises(DocumentError, match="is not the path of a file"):
        case_talks(case)  # type: ignore[arg-type]
