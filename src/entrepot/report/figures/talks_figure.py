"""The figure of talks in which the threat may be a bluff: the probability of each end by belief."""

from __future__ import annotations

from typing import Any

from entrepot.bargaining import CaseTalks, case_talks
from entrepot.cases import SolvedCase
from entrepot.errors import ConvergenceError
from entrepot.languages import translated
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.study_figure import FigureBasis, source_of, study_figure, titled
from entrepot.report.figures.time_panel import TimeLine, time_panel
from entrepot.studies.result_table import PERCENT, TableColumn
from entrepot.studies.talks_sentences import talks_assumed
from entrepot.studies.talks_words import belief, ends_in

#: Beliefs at which the lines have a point, beside both sides of every breakpoint; how far a side is from it.
POINTS, BESIDE = 100, 1e-9


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
    names = {"deal": translated("a deal"), "measure": translated("the measure"), "nothing": translated("nothing")}
    lines, rows = [], list[tuple[Any, ...]]()
    for kind, (way, name) in enumerate(names.items()):
        points = tuple((100 * float(p), 100 * float(q)) for p, q in zip(data["belief"], data[way], strict=True))
        lines.append(TimeLine(name, points, kind))
        rows += [(name, *point) for point in points]
    ends = {way: ends_in(part) for way, part in found.end_probabilities.items()}
    at = belief(found.prior)
    finding = "At a belief of {at} the talks end in a deal ({deal}), the measure ({measure}) or nothing ({nothing})."
    return study_figure(
        study,
        "talks",
        titled(finding.format(at=at, **ends), "How the talks end, by the belief on the first day"),
        translated("Probability of each end, %, by the target's belief on the first day, %, that the threat is meant."),
        rows,
        [TableColumn("end"), TableColumn("belief", "", PERCENT), TableColumn("probability", "", PERCENT)],
        f"{at}: " + "; ".join(f"{names[way]} {ends[way]}" for way in names) + ".",
        [time_panel(lines, "", height=240.0, steps=False, axis=translated("belief on the first day, %"))],
        _basis(study, found),
    )


def _basis(study: SolvedCase, found: CaseTalks) -> FigureBasis:
    assumed = talks_assumed(found)
    return FigureBasis(source_of(study), assumed.removesuffix("."), {"horizon": assumed})
