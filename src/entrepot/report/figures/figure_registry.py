"""The figures of a study by name: one registry for Python, the command line, the API and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from entrepot.cases import SolvedCase
from entrepot.errors import InputError, nearest
from entrepot.languages import english, language, translated
from entrepot.report.figures import case_figures, import_figures
from entrepot.report.figures.bargain_figure import deals
from entrepot.report.figures.branch_figure import branches
from entrepot.report.figures.figure import Figure
from entrepot.report.figures.map_figure import world_map
from entrepot.report.figures.path_figure import path_figure
from entrepot.report.figures.sweep_figures import sweep_figures
from entrepot.report.figures.talks_figure import talks_figure

#: The figures of a sweep: of draws, and of one number at a time for the first two parties.
OF_A_SWEEP = {
    "intervals": english("How sure: where the draws lie"),
    "drivers": english("How sure: what moves the first party"),
    "drivers_2": english("How sure: what moves the second party"),
}

Maker = Callable[[SolvedCase], Figure | None]


@dataclass(frozen=True)
class FigureEntry:
    """A registered figure: its name, what it shows, and the function that makes it of a solved case.

    dear    whether more has to be solved for it: a bargain or a path
    market  the watched market that {market} stands for in the label
    """

    name: str
    label: str
    make: Maker
    dear: bool = False
    market: str = ""

    @property
    def title(self) -> str:
        """The label in the language in use."""
        return translated(self.label, market=self.market) if self.market else translated(self.label)


#: The figures that every case may have; those of its watched markets and of a sweep are added to them.
ENTRIES: tuple[FigureEntry, ...] = (
    FigureEntry("winners", "Who gains and who loses", case_figures.winners),
    FigureEntry("industry", "Who pays: buyers, output and jobs in the protected market", case_figures.industry),
    FigureEntry("revenue", "Who collects: duties, and quota rents by holder", case_figures.revenue),
    FigureEntry("sets", "How sure: under each published set of elasticities", case_figures.sets),
    FigureEntry("makers", "Makers' profits and licences", case_figures.makers),
    FigureEntry("branches", "Branches in time", branches),
    FigureEntry("path", "In time: trade, prices, output, incomes and capital by quarter", path_figure, dear=True),
    FigureEntry("deals", "What every deal is worth beyond the threat", deals, dear=True),
    FigureEntry("talks", "How the talks end, by the belief on the first day", talks_figure, dear=True),
    FigureEntry("map", "Real income by country", world_map),
)


def entries(study: SolvedCase) -> tuple[FigureEntry, ...]:
    """Return the registered figures that a case may have, those of its watched markets behind the proceeds."""
    watched: list[FigureEntry] = []
    for k, market in enumerate(import_figures.watched(study)):
        for kind, label, make in (
            ("sources", "{market}: trade redirected", import_figures.sources),
            ("shares", "{market}: market shares", import_figures.shares),
        ):
            name = f"{kind}_{k + 1}" if k else kind
            watched.append(FigureEntry(name, label, partial(make, market=market, name=name), market=market))
    has = {
        "industry": study.case.report.protected is not None,
        "sets": bool(study.under_sets),
        "makers": bool(study.case.market),
        "branches": study.timeline is not None,
        "path": study.case.in_time is not None,
        "deals": study.case.table is not None,
        "talks": study.case.beliefs is not None and study.case.table is not None,
    }
    out: list[FigureEntry] = []
    for entry in ENTRIES:
        if has.get(entry.name, True):
            out.append(entry)
        if entry.name == "revenue":
            out += watched
    return tuple(out)


class StudyFigures(Mapping[str, Figure]):
    """The figures of a study by name, each made once in a language, when it is first read.

    Those that the study has no data for are not among its keys; `labels` says what each shows without making it.
    """

    def __init__(self, study: SolvedCase) -> None:
        self._study = study
        self._entries = {entry.name: entry for entry in entries(study)}
        self._made: dict[tuple[str, str], Figure | None] = {}
        self._made_of_sweep: dict[str, dict[str, Figure]] = {}

    @property
    def _swept(self) -> dict[str, Figure]:
        """The figures of the study's sweep by name, in the language in use."""
        swept = getattr(self._study, "swept", None)
        if swept is None:
            return {}
        if language() not in self._made_of_sweep:
            self._made_of_sweep[language()] = sweep_figures(swept, getattr(self._study, "level", 0.9))
        return self._made_of_sweep[language()]

    @property
    def labels(self) -> dict[str, str]:
        """What each registered figure shows, by name and in the language in use, without making any."""
        own = {name: entry.title for name, entry in self._entries.items()}
        return own | {name: figure.subtitle for name, figure in self._swept.items()}

    def is_dear(self, name: str) -> bool:
        """Return whether more has to be solved to make a figure."""
        return name in self._entries and self._entries[name].dear

    def find(self, name: str) -> Figure | None:
        """Return a figure, or None where the study has no data for it. Raises `InputError` for an unknown name."""
        if name in self._swept:
            return self._swept[name]
        if name not in self._entries:
            known = [*self._entries, *self._swept]
            raise InputError(f"there is no figure {name!r} of this case{nearest(name, known, limit=20)}")
        key = (name, language())
        if key not in self._made:
            self._made[key] = self._entries[name].make(self._study)
        return self._made[key]

    def __getitem__(self, name: str) -> Figure:
        if name not in self._entries and name not in self._swept:
            raise KeyError(name)
        found = self.find(name)
        if found is None:
            raise KeyError(f"{name}: the study has no data for it")
        return found

    def __iter__(self) -> Iterator[str]:
        return iter([*(n for n in self._entries if self.find(n) is not None), *self._swept])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return "Figures: " + "; ".join(f"{name}: {label}" for name, label in self.labels.items())
