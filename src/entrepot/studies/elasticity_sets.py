"""The answer under each published set of trade elasticities, side by side, and whether its signs hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.cases import SolvedCase
from entrepot.languages import plural, translated
from entrepot.languages.translated_errors import translated_error
from entrepot.studies.provenance import source_of_theta
from entrepot.studies.titles import quoted, title_of
from entrepot.words import NOISE, and_list, counted, dollars, ended, few, sentence

if TYPE_CHECKING:
    import pandas as pd

#: The name of the row with the elasticities that the study itself is solved with.
OWN = "own"
#: How many sets are named in a sentence, and for how many parties it has amounts (for one of many).
NAMED, DETAILED = 3, 2
#: With more parties than this a sentence has no amounts for those whose sign holds; how many have a column at first.
MANY, SHOWN = 5, 4


def own_label(study: SolvedCase) -> str:
    """Return the name of the study's own elasticities in a row: their set, or "own"."""
    from entrepot.data.published_sets import set_behind

    found = set_behind(study.economy)
    return OWN if found is None else found.name


def solved_sets(study: SolvedCase) -> dict[str, SolvedCase]:
    """Return the solved cases by set of elasticities, the study's own first."""
    others = {name: found for name, found in study.under_sets.items() if isinstance(found, SolvedCase)}
    return {own_label(study): study, **others}


def failed_sets(study: SolvedCase, scenario: str | None = None) -> dict[str, str]:
    """Return why a set has no answer, by set: to a scenario, or to any of them where none is named."""
    failed = {
        name: translated_error(str(found))
        for name, found in study.under_sets.items()
        if not isinstance(found, SolvedCase)
    }
    for name, solved in solved_sets(study).items():
        for lost, error in solved.failures.items():
            if scenario in (None, lost):
                failed.setdefault(name, f"{title_of(study, lost)}: {translated_error(str(error))}")
    return failed


def frame(study: SolvedCase) -> pd.DataFrame:
    """Return welfare by set, scenario and party, and real price and output of the protected industry; tidy.

    Empty where the case was solved with one set alone. Rows of sets without an answer are missing (`failed_sets`).
    """
    import pandas as pd

    from entrepot.data.published_sets import published
    from entrepot.studies import tidy_frames as tidy

    if not study.under_sets:
        return pd.DataFrame()
    kept: pd.DataFrame | None = study.__dict__.get("_frame_of_sets")
    if kept is not None:
        return kept.copy()

    frames = []
    for name, solved in solved_sets(study).items():
        rows = tidy.welfare(solved)
        industry = tidy.industry(solved).set_index("scenario")
        for number in ("real_price_pct", "output_volume_pct") if len(industry) else ():
            rows[number] = rows["scenario"].map(industry[number])
        rows.insert(0, "elasticity_set", name)
        paper = published()[name].title if name in published() else source_of_theta(study.economy)
        rows.insert(1, "paper", paper)
        frames.append(rows)
    order = {name: k for k, name in enumerate(study.case.scenarios)}
    found = pd.concat(frames, ignore_index=True)
    found = found.sort_values("scenario", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    study.__dict__["_frame_of_sets"] = found
    return found.copy()


def scenarios(study: SolvedCase) -> list[str]:
    """Return the scenarios that have an answer under some set, in the order of the case."""
    solved = {name for found in solved_sets(study).values() for name in found.outcomes}
    return [name for name in study.case.scenarios if name in solved]


@dataclass(frozen=True)
class SignOverSets:
    """The gain of a party under a scenario by set of elasticities.

    gains    equivalent variation by set, US$ million
    percent  the same as a percentage of base income
    """

    scenario: str
    party: str
    gains: Mapping[str, float]
    percent: Mapping[str, float]

    @property
    def winners(self) -> list[str]:
        """The sets with a gain beyond the solver's noise."""
        return [name for name, part in self.percent.items() if part >= NOISE]

    @property
    def losers(self) -> list[str]:
        """The sets with a loss beyond the solver's noise."""
        return [name for name, part in self.percent.items() if part <= -NOISE]

    @property
    def holds(self) -> bool:
        """Whether the sign is the same under every set."""
        return len(self.gains) in (len(self.winners), len(self.losers))

    @property
    def verb(self) -> str:
        """What the party does where its sign holds."""
        return "gains" if self.winners else "loses"

    def moves(self, names: list[str], verb: str) -> str:
        """Return "loses US$16 million to US$930 million" over some sets."""
        sizes = sorted(abs(self.gains[name]) for name in names)
        low, high = dollars(sizes[0]), dollars(sizes[-1])
        money = low if low == high else translated("{low} to {high}", low=low, high=high)
        return translated("gains {money}" if verb == "gains" else "loses {money}", money=money)


def signs(study: SolvedCase, scenario: str) -> list[SignOverSets]:
    """Return for each party, and the world, its gains over the sets under a scenario."""
    rows = frame(study)
    rows = rows[rows["scenario"] == scenario]
    found = []
    for party in study.case.with_world:
        own = rows[rows["party"] == party].set_index("elasticity_set")
        gains, percent = own["equivalent_variation"], own["real_income_pct"]
        found.append(
            SignOverSets(scenario, party, dict(gains.astype(float).items()), dict(percent.astype(float).items()))
        )
    return found


def answer(study: SolvedCase, scenario: str) -> str:
    """Return one sentence: for whom the sign depends on the set, and what the others gain or lose under all of them."""
    found = signs(study, scenario)
    number = len(found[0].gains)
    turned, held = [s for s in found if not s.holds], [s for s in found if s.holds]
    parts = []
    if turned:
        whose = and_list([study.spoken(s.party) for s in turned])
        moves = [turned_in_words(study, s, len(turned) > 1) for s in turned[: 1 if len(found) > MANY else DETAILED]]
        text = "the sign for {whom} depends on the trade elasticities: {moves}"
        parts.append(translated(text, whom=whose, moves=translated("; ").join(moves)))
    if held:
        if len(found) > MANY:
            text = "{moves} under all {number} sets of trade elasticities"
            both = "{moves} under both sets of trade elasticities"
            clause = _verbs(study, held)
        else:
            text = "{moves} a year under all {number} sets of trade elasticities"
            both = "{moves} a year under both sets of trade elasticities"
            clause = and_list([_who(study, s, s.moves(list(s.gains), s.verb)) for s in held])
        parts.append(translated(text if number > 2 else both, moves=clause, number=number))
    listed = translated("; ").join(parts)
    if len(study.case.scenarios) == 1:
        return sentence(ended(listed))
    return translated("Under {scenario}, {text}.", scenario=quoted(study, [scenario]), text=listed)


def _who(study: SolvedCase, s: SignOverSets, moves: str) -> str:
    return translated("{who} {moves}", who=study.spoken(s.party), moves=moves)


def _verbs(study: SolvedCase, held: list[SignOverSets]) -> str:
    """Return "Japan and the EU lose and Mexico gains" of parties whose sign holds."""
    sides = []
    for verb, several in (("loses", "lose"), ("gains", "gain")):
        names = [study.spoken(s.party) for s in held if s.verb == verb]
        if names:
            text = {"lose": "{who} lose", "gain": "{who} gain", "loses": "{who} loses", "gains": "{who} gains"}
            sides.append(translated(text[verb if len(names) == 1 else several], who=and_list(names)))
    return and_list(sides)


def moves_in_words(s: SignOverSets) -> str:
    """Return what a party loses and gains, and under how many sets, without its name."""
    sides: list[str] = []
    for names, verb in ((s.losers, "loses"), (s.winners, "gains")):
        if names:
            which = f" ({', '.join(names)})" if len(names) <= NAMED else ""
            moves = s.moves(names, verb)
            sides.append(translated("{moves} under {sets}", moves=moves, sets=counted(len(names), "set")) + which)
    still = len(s.gains) - len(s.winners) - len(s.losers)
    if still:
        sides.append(translated("is unaffected under {sets}", sets=counted(still, "set")))
    return and_list(sides)


def turned_in_words(study: SolvedCase, s: SignOverSets, named: bool = True) -> str:
    """Return what a party whose sign depends on the set loses and gains, and under how many sets; "it" if not named."""
    moves = moves_in_words(s)
    return _who(study, s, moves) if named else translated("it {moves}", moves=moves)


def shown_parties(study: SolvedCase, scenario: str) -> list[str]:
    """Return the parties with a column on the first screen: all if they are few, else those whose sign turns first."""
    found = signs(study, scenario)
    if len(found) <= SHOWN:
        return [s.party for s in found]
    first = [s.party for s in sorted(found, key=lambda s: s.holds)][:SHOWN]
    return [s.party for s in found if s.party in first]


def sure(study: SolvedCase, scenario: str) -> str:
    """Return whether each sign holds under every set that has an answer, here and in the other scenarios."""
    found = signs(study, scenario)
    number = len(found[0].gains)
    turned = [study.spoken(s.party) for s in found if not s.holds]
    held = [study.spoken(s.party) for s in found if s.holds]
    lost = failed_sets(study, scenario)
    sets = plural("{number} set of trade elasticities", "{number} sets of trade elasticities", number)
    sets = translated("{sets} with an answer" if lost else "{sets} tried", sets=sets)
    if number < 2:
        text = translated("{sets}: whether signs hold under others is not known", sets=sentence(sets))
    elif not turned:
        text = translated("The sign of every party's answer holds under all {sets}", sets=sets)
    elif len(found) > MANY:
        text = translated(
            "Of {sets}, {held} of {number} signs hold under all, not for {whom}",
            sets=sets,
            held=len(held),
            number=len(found),
            whom=and_list(turned),
        )
    elif held:
        text = translated(
            "Of {sets}, signs hold under all for {held}, not for {whom}",
            sets=sets,
            held=and_list(held),
            whom=and_list(turned),
        )
    else:
        text = translated("Over {sets}, no party's sign holds", sets=sets)
    others = [name for name in scenarios(study) if name != scenario]
    elsewhere = [name for name in others if any(not s.holds for s in signs(study, name))]
    if others:
        text += plural(
            "; in {turned} of {number} other scenario some sign changes",
            "; in {turned} of {number} other scenarios some sign changes",
            len(others),
            turned=len(elsewhere),
        )
    if lost:
        without = "; {number} sets without an answer: {names}"
        text += plural("; {number} set without an answer: {names}", without, len(lost), names=few(list(lost)))
        text += _unplaced(study)
    return ended(text)


def _unplaced(study: SolvedCase) -> str:
    """Return what to do where sets have no answer since the sectors are of no known classification; else nothing."""
    from entrepot.data.classifications import UNPLACED

    causes = [str(found) for found in study.under_sets.values() if not isinstance(found, SolvedCase)]
    if not any(UNPLACED in cause for cause in causes):
        return ""
    first = study.economy.sectors[0]
    says = "; these sectors are of no known classification: give their codes of ISIC Rev. 4, as in --theta '{example}'"
    return translated(says, example=f"{{set: each, sectors: {{{first}: CODE, ...}}}}")


def findings(study: SolvedCase) -> list[str]:
    """Return a sentence for each scenario on what the sets say, and why a set has no answer."""
    if not study.under_sets:
        return []
    lines = [answer(study, name) for name in scenarios(study) if len(signs(study, name)[0].gains) > 1]
    return [*lines, *failures(study)]


def failures(study: SolvedCase) -> list[str]:
    """Return why sets have no answer: how many, and a line for each."""
    lost = failed_sets(study)
    if not lost:
        return []
    return [
        plural(
            "{number} set of trade elasticities without an answer to every scenario:",
            "{number} sets of trade elasticities without an answer to every scenario:",
            len(lost),
        ),
        *(f"  {name}: {why}" for name, why in lost.items()),
    ]


def rows_of(study: SolvedCase) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Return the scenario, the set and the rows of the parties, in the order of the table."""
    for (scenario, name), rows in frame(study).groupby(["scenario", "elasticity_set"], sort=False):
        yield str(scenario), str(name), rows.set_index("party")
