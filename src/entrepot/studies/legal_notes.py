"""The screen as a first legal note: by scenario, what each rule says, why, and what follows."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from entrepot.languages import if_known, translated
from entrepot.rules.appeals import remedied
from entrepot.rules.book import cited, decided_alike, rules
from entrepot.rules.entry import least_sure
from entrepot.rules.finding import Finding, Status
from entrepot.rules.obligations import remedy_of
from entrepot.rules.screen import Screen
from entrepot.words import and_list, day, dollars, few, joined_sentences, sentence, spoken

#: A sign beside the word, so that colour is never needed to tell them apart.
SIGNS = {
    Status.CONSISTENT: "o",
    Status.DEPARTED: "-",
    Status.JUSTIFIED_IF: "?",
    Status.CONTESTED: "!",
    Status.INCONSISTENT: "x",
}
#: What each status means, the gravest first.
MEANINGS = {
    Status.INCONSISTENT: "the rule is breached on the facts here, and no exception that is relied on excuses it",
    Status.CONTESTED: "the rule is breached unless an exception holds whose reach is in dispute",
    Status.JUSTIFIED_IF: "it turns on a condition that is named",
    Status.DEPARTED: "the measure goes against a pledge outside a treaty, where there is nothing to breach",
    Status.CONSISTENT: "the rule is touched, and not breached on the facts here",
}
SURE = {
    "seen": "text seen",
    "derived": "derived from texts seen",
    "general": "from general knowledge; check the text before relying on it",
    "disputed": "authorities disagree",
}


@dataclass(frozen=True)
class Paragraph:
    """Findings that say the same of several parties or measures, as one paragraph.

    steps   the reasoning: the sentence, and where its fact was found
    numbers the number of each step in the note: a sentence keeps the number that it had when it came first
    begins  the first number that is new here; steps with lower ones are given above
    """

    status: Status
    met: bool
    parties: tuple[str, ...]
    measures: tuple[str, ...]
    provision: str
    title: str
    verdict: str
    steps: tuple[tuple[str, str], ...]
    consequence: str
    cure: str
    complain: str
    remedy: str
    disputes: tuple[str, ...]
    citation: str
    confidence: str
    numbers: tuple[int, ...] = ()
    begins: int = 1

    @property
    def who(self) -> str:
        """The parties that the paragraph is about, as a sentence begins with them."""
        return sentence(few(list(self.parties)))

    @property
    def new_steps(self) -> list[tuple[int, str, str]]:
        """The steps that no paragraph above gives: number, sentence, and where its fact was found."""
        numbered = zip(self.numbers, self.steps, strict=True)
        return [(number, says, found) for number, (says, found) in numbered if number >= self.begins]

    @property
    def above(self) -> str:
        """The sentence that names the steps given above; empty where there are none."""
        earlier = sorted(number for number in self.numbers if number < self.begins)
        return translated("Facts given above: {numbers}.", numbers=_ranges(earlier)) if earlier else ""

    @property
    def sign(self) -> str:
        """The sign of the status."""
        return SIGNS[self.status]

    @property
    def follows(self) -> str:
        """The heading of the consequence: it follows from a breach or an excuse, or it may follow."""
        return translated("Follows" if self.met or self.status is Status.INCONSISTENT else "May follow")


@dataclass(frozen=True)
class Note:
    """What the rules say of one scenario."""

    scenario: str
    title: str
    date: str
    summary: str
    paragraphs: tuple[Paragraph, ...]

    @property
    def remedies(self) -> list[tuple[str, str, str]]:
        """What complainants may do: against which parties, the provisions that these breach alike, and what it is."""
        provisions: dict[tuple[str, str], dict[str, None]] = {}
        for p in self.paragraphs:
            for party in p.parties if p.remedy else ():
                provisions.setdefault((p.remedy, party), {})[p.provision] = None
        parties: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for (what, party), allowed in provisions.items():
            parties.setdefault((what, tuple(allowed)), []).append(party)
        return [(few(against), and_list(list(allowed)), what) for (what, allowed), against in parties.items()]


def notes(screen: Screen, titles: Mapping[str, str] | None = None) -> list[Note]:
    """Return a note for each scenario of a screen: the gravest findings first, rules in the order of the book."""
    out = []
    for scenario, on in screen.on.items():
        groups: dict[tuple[str, ...], list[Finding]] = {}
        for f in screen.of(scenario):
            groups.setdefault((f.rule, f.status.value, f.condition, f.role, f.cure), []).append(f)
        made = _numbered(sorted((_paragraph(group, on) for group in groups.values()), key=lambda p: -p.status.severity))
        title = (titles or {}).get(scenario, "")
        out.append(Note(scenario, title, day(on), _summary(made, screen.caveats.get(scenario, ())), tuple(made)))
    return out


def _remedy(group: list[Finding], on: datetime.date) -> str:
    """Return what complainants may do, with what becomes of appeals between all of them and each respondent."""
    first = group[0]
    rule = rules().get(first.rule)
    remedy = remedy_of(rule, on) if rule is not None else None
    if remedy is None or len({f.remedy for f in group}) == 1:
        return if_known(first.remedy)
    between: dict[str, list[str]] = {}
    for f in group:
        mine = between.setdefault(f.party, [])
        mine += [name for name in f.complain if name not in mine]
    return remedied(remedy, between, on)


def _paragraph(group: list[Finding], on: datetime.date) -> Paragraph:
    first = group[0]
    complainants = dict.fromkeys(name for f in group for name in f.complain)
    at_stake = sum({(f.measure, f.party): f.trade for f in group}.values())
    complain = few([spoken(name) for name in complainants])
    return Paragraph(
        status=first.status,
        met=first.met,
        parties=tuple(dict.fromkeys(spoken(f.party) for f in group)),
        measures=tuple(dict.fromkeys(f.measure for f in group)),
        provision=first.provision,
        title=if_known(first.title),
        verdict=first.verdict,
        steps=_steps(group),
        consequence=if_known(first.consequence),
        cure=if_known(first.cure),
        complain=translated(
            "{parties} ({money} of trade a year in the base)", parties=sentence(complain), money=dollars(at_stake)
        )
        if complain
        else "",
        remedy=_remedy(group, on),
        disputes=tuple(f"{cited(alike)} ({alike[0].year})" for alike in decided_alike(first.disputes)),
        citation=first.citation,
        confidence=_sure(group),
    )


def _numbered(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Return the paragraphs with their steps numbered through the note, the same sentence always by one number."""
    numbers: dict[tuple[str, str], int] = {}
    out: list[Paragraph] = []
    for p in paragraphs:
        begins = len(numbers) + 1
        mine = tuple(numbers.setdefault(step, len(numbers) + 1) for step in p.steps)
        out.append(replace(p, numbers=mine, begins=begins))
    return out


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers with runs of three or more as ranges: "1 to 4 and 9"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        whole = translated("{first} to {last}", first=run[0], last=run[-1])
        parts += [whole] if len(run) > 2 else [str(number) for number in run]
    return and_list(parts)


def _steps(group: list[Finding]) -> tuple[tuple[str, str], ...]:
    """Return the steps of all findings, ordered by the first use of their facts, each sentence once."""
    facts = list(dict.fromkeys(step.fact for f in group for step in f.steps))
    steps = sorted((step for f in group for step in f.steps), key=lambda step: facts.index(step.fact))
    return tuple(dict.fromkeys((if_known(step.says), if_known(step.found_in)) for step in steps))


def _sure(group: list[Finding]) -> str:
    """Return how sure the text is, and the weakest step where that is less sure."""
    text = translated(SURE[group[0].text])
    worst = least_sure(group[0].text, *(f.confidence for f in group))
    if worst == group[0].text:
        return text
    return translated("{text}; weakest step: {step}", text=text, step=translated(SURE[worst]))


def _summary(paragraphs: Sequence[Paragraph], caveats: Sequence[str] = ()) -> str:
    """Return the verdicts by party, the gravest first, such as "Japan: inconsistent with GATT XI:1." for one.

    caveats   sentences on what the findings leave out, which end it
    """
    texts = []
    for who in dict.fromkeys(p.who for p in paragraphs):
        parts: dict[str, list[str]] = {}
        named: set[str] = set()  # each rule once, under its gravest verdict
        for p in paragraphs:
            if p.who == who and brief(p.provision) not in named:
                named.add(brief(p.provision))
                parts.setdefault(_VERDICTS[p.status][p.met], []).append(brief(p.provision))
        verdicts = [translated(text, rules=and_list(names)) for text, names in parts.items()]
        texts.append(translated("{heading}: {text}.", heading=who, text=translated("; ").join(verdicts)))
    return joined_sentences([*texts, *caveats]) or translated("No rule in the book is touched.")


#: How a status reads with the names of rules: as it is, and where its condition holds on the facts here.
_VERDICTS = {
    Status.INCONSISTENT: ("inconsistent with {rules}", ""),
    Status.CONTESTED: ("contested under {rules}", ""),
    Status.JUSTIFIED_IF: ("turns on a condition under {rules}", "excused on the facts here under {rules}"),
    Status.DEPARTED: ("departs, or may depart, from {rules}", ""),
    Status.CONSISTENT: ("no breach found of {rules}", ""),
}
_BRIEFLY = {
    "GATT 1994": "GATT",
    "GATT 1947": "GATT",
    "Agreement on Safeguards": "Safeguards",
    "Agreement on Agriculture": "Agriculture",
    "Dispute Settlement Understanding": "DSU",
    "Agreement on Subsidies and Countervailing Measures": "Subsidies",
    "Agreement on Trade-Related Investment Measures": "TRIMs",
}


def brief(provision: str) -> str:
    """Return the short name of a provision: "GATT XI:1" for "GATT 1994, Article XI:1"."""
    text, _, articles = provision.partition(" (")[0].partition(", Article")
    return f"{_BRIEFLY.get(text, text)} {articles.removeprefix('s').strip()}".strip()


#: What the screen does not do, printed under every one.
LIMITS = (
    "This is a first note from rules as data, not legal advice: it says which rule, fact and condition decide.",
    "Not modelled: services, sanitary and technical standards, customs valuation, rules of origin, accession "
    "protocols but for export duties, the exemption of small developing suppliers from safeguards, and "
    "schedules beyond the rates in 'entrepot rules rates'. docs/rules.md lists what the book is known to lack.",
)


def limits() -> tuple[str, ...]:
    """Return what the screen does not do, in the language in use."""
    return tuple(translated(text) for text in LIMITS)
