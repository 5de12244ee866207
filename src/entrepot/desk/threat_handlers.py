"""The handlers about a threat: the talks in which it may be a bluff, and what it costs while nothing is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.desk import requests
from entrepot.documents import records
from entrepot.errors import DocumentError, InputError, UnknownNameError

if TYPE_CHECKING:
    from entrepot.bargaining.case_talks import CaseTalks
    from entrepot.cases import Case
    from entrepot.desk.library import Library

#: How many beliefs from 0 to 1 have a row.
BELIEFS = 41


def talks_answer(request: requests.TalksRequest, library: Library) -> dict[str, Any]:
    """Return the talks of a case under other assumptions.

    Raises `DocumentError` for a case without beliefs and for an assumption that the talks do not have, and
    `ConvergenceError` where the threat or a deal has no equilibrium.
    """
    from entrepot.bargaining import case_talks
    from entrepot.studies.talks_sentences import talks_sentences
    from entrepot.studies.talks_tables import signing, talks_data

    case = request.read(library)
    if case.beliefs is None:
        raise DocumentError("has no beliefs: add the key, or send another case", key="case.beliefs")
    found = case_talks(case, library.of(case))
    for name, value in request.assume.items():
        try:
            found = found.assuming({name: value})
        except InputError as error:  # one at a time, so that the key is that of the wrong one
            raise DocumentError(str(error).removeprefix(f"{name}: "), key=f"assume.{name}") from None
    document, data = found.to_dict(), talks_data(found, BELIEFS)
    days = [{**row, "signs": text} for row, text in zip(document.pop("belief_by_day"), signing(found), strict=True)]
    rows = {"talks_beliefs": records(data["beliefs"]), "talks_days": days}
    rows |= {"talks_signals": document.pop("signal_worth"), "talks_signals_alone": document.pop("signal_alone")}
    rows |= {"talks_ends": document.pop("ends")}
    return {
        **document,
        "title": case.title,
        "sentences": talks_sentences(found),
        "forecast": _forecast_sentences(case, found, bool(request.assume)),
        "tables": rows,
    }


def _forecast_sentences(case: Case, found: CaseTalks, moved: bool) -> list[str]:
    """Return what the talks say as a forecast of their deadline; nothing where they use what is of after it."""
    from entrepot.forecasting.made_forecast import forecast_of_talks
    from entrepot.studies import forecast_sentences

    try:
        return list(forecast_sentences.answer(forecast_of_talks(case, found, moved)))
    except InputError:
        return []


def fear_answer(request: requests.FearRequest, library: Library) -> dict[str, Any]:
    """Return what the threat of a case costs while nothing is done. Raises `DocumentError` with the key at fault."""
    from entrepot.studies import fear_sentences
    from entrepot.studies.feared_case import fear_of_case

    case = request.read(library)
    try:
        found = fear_of_case(
            case,
            request.scenario,
            request.probability,
            request.years,
            economy=library.of(case),
            **request.model_dump(include={"timing", "exporters", "interest", "exit", "sunk_share"}),
        )
    except UnknownNameError as error:
        raise DocumentError(str(error), key="scenario") from None
    tables = {"fear_threats": found.table, "fear_countries": found.countries, "fear_depends_on": found.depends_on}
    rows = {name: records(table.reset_index()) for name, table in tables.items()}
    for row, (title, *_) in zip(rows["fear_depends_on"], fear_sentences.depends_on(found), strict=True):
        row["title"] = title
    return {
        "sentences": list(fear_sentences.answer(found)),
        "basis": fear_sentences.basis(found),
        "tables": rows,
    }
