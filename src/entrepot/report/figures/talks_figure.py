"""The figure of talks in which the threat may be a bluff: the probability of each end by belief."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.bargaining import CaseTalks, case_talks
from entrepot.cases import SolvedCase
from entrepot.errors import ConvergenceError
from entrepot.languages import translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.study_figure import FigureBasis, study_figure, titled
from entrepot.report.figures.time_panel import TimeLine, time_panel
from entrepot.studies.result_table import PERCENT, TableColumn
from entrepot.studies.talks_sentences import talks_assumed
from entrepot.studies.talks_words import belief, ends_in

if TYPE_CHECKING:
    import pandas as pd

#: Beliefs at which the lines have a point, beside both sides of every breakpoint; how far a side is from it.
POINTS, BESIDE = 100, 1e-9
#: A probability up to which an end counts as impossible.
NEVER = 1e-9


def talks_figure(study: SolvedCase) -> Figure | None:
    """Return the probabilities of a deal, of the measure and of nothing by belief; None for a case without beliefs."""
    if study.case.beliefs is None or study.case.table is None:
        return None
    try:
        found = case_talks(study)
    except ConvergenceError:  # the threat or a deal has no equilibrium; 'entrepot talks' says which
        return None
    cuts = found.talks.solution.worth().cuts
    places = {*(k / POINTS for k in range(POINTS + 1)), *cuts, *(max(0.0, cut - BESIDE) for cut in cuts)}
    data = found.over_beliefs(sorted(places))
    deals = _deals(found, data)
    others = {"measure": translated("the measure"), "nothing": translated("nothing")}
    names = {"deal": translated("a deal"), **others} if not deals else {**deals, **others}
    lines, rows = [], list[tuple[Any, ...]]()
    for kind, (way, name) in enumerate(names.items()):
        points = tuple((100 * float(p), 100 * float(q)) for p, q in zip(data["belief"], data[way], strict=True))
        lines.append(TimeLine(name, points, kind))
        rows += [(name, *point) for point in points]
    parts = {**found.end_probabilities, **{f"deal {name}": part for name, part in found.talks.by_deal.items()}}
    ends = {way: ends_in(parts.get(way, 0.0)) for way in ("deal", *names)}
    at, assumed = belief(found.prior), talks_assumed(found, in_words=True)
    says = "; ".join(f"{name} {ends[way]}" for way, name in names.items())
    likely = {name: ends[way] for way, name in deals.items() if parts.get(way, 0.0) > NEVER}
    title = (
        f"At a belief of {at} the talks end in {_in_a_deal(deals, likely, ends['deal'])}, "
        f"the measure ({ends['measure']}) or nothing ({ends['nothing']})."
    )
    return study_figure(
        study,
        "talks",
        titled(title, "How the talks end, by the belief on the first day"),
        translated("Probability of each end, %, by the target's belief on the first day, %, that the threat is meant."),
        rows,
        [TableColumn("end"), TableColumn("belief", "", PERCENT), TableColumn("probability", "", PERCENT)],
        f"{at}: {says}.",
        [time_panel(lines, "", height=240.0, steps=False, axis=translated("belief on the first day, %"))],
        FigureBasis(assumed.removesuffix("."), {"horizon": assumed}),
    )


def _deals(found: CaseTalks, data: pd.DataFrame) -> dict[str, str]:
    """Return the title of each deal that is signed at some belief, by its column; none where no deal ever is."""
    signed = [column for column in data if column.startswith("deal ") and (data[column] > NEVER).any()]
    return {column: translated(found.titles[column.removeprefix("deal ")]) for column in signed}


def _in_a_deal(deals: dict[str, str], likely: dict[str, str], whole: str) -> str:
    """Return how likely a deal is: by its title where the case has one alone, else with those that are likely."""
    if len(deals) == 1:
        return f"{next(iter(deals.values()))} ({whole})"
    if len(likely) == 1:
        return f"a deal ({next(iter(likely))}, {whole})"
    each = "; ".join(f"{name} {part}" for name, part in likely.items())
    return f"a deal ({whole}: {each})" if each else f"a deal ({whole})"
