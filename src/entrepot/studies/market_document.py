"""A Market's answer as a document of plain values: what --format json prints and the API replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.documents import records
from entrepot.markets import Market
from entrepot.studies.market_question import MarketAlternatives, MarketAnswer
from entrepot.studies.market_sentences import (
    alternatives_fitted,
    alternatives_reasons,
    alternatives_sentences,
    market_basis,
    market_sentences,
)
from entrepot.studies.market_tables import alternatives_frame, market_frames, market_title
from entrepot.version import __version__

if TYPE_CHECKING:
    import pandas as pd

#: The tables of the document; those that an answer does not have are empty.
TABLES = ("firms", "products", "plants", "welfare", "rents", "base", "comparison")


def market_document(answer: MarketAnswer) -> dict[str, Any]:
    """Return an answer as a document: sentences, parameters and tables of numbers in full, None for NaN."""
    market, outcome = answer.market, answer.outcome
    out = _about(market) | {
        "demand": _demand(market),
        "conduct": _conduct(market),
        "answer": market_sentences(answer),
        "basis": market_basis(answer),
        "notes": list(answer.notes),
    }
    if outcome is not None:
        out |= {
            "measures": [measure.title for measure in outcome.measures],
            "residual": outcome.residual,
            "consumer_surplus": outcome.consumer_surplus,
            "compensating_variation": outcome.compensating_variation,
            "hhi": outcome.hhi,
        }
    return out | {"tables": _tables(market_frames(answer))}


def alternatives_document(found: MarketAlternatives) -> dict[str, Any]:
    """Return demand systems or kinds of conduct side by side as a document, with the table `comparison`."""
    over = found.question.side_by_side
    market, outcome = found.first.market, found.first.outcome
    out = _about(market) | {
        "answer": alternatives_sentences(found),
        "measures": [] if outcome is None else [measure.title for measure in outcome.measures],
        "basis": alternatives_fitted(found),
        "notes": [*found.notes, *alternatives_reasons(found)],
    }
    if over == "demand":
        out["conduct"] = _conduct(market)
    else:
        out["demand"] = _demand(market)
    return out | {"tables": _tables({"comparison": alternatives_frame(found)})}


def _demand(market: Market) -> dict[str, Any]:
    return {"name": market.demand.name, "title": market.demand.title, "parameters": dict(market.parameters)}


def _conduct(market: Market) -> dict[str, str]:
    return {"name": market.conduct.name, "title": market.conduct.title}


def _about(market: Market) -> dict[str, Any]:
    return {
        "title": market_title(market),
        "importer": market.importer,
        "sector": market.sector,
        "currency": market.currency,
        "year": market.year,
        "demand": None,
        "conduct": None,
        "measures": [],
        "answer": [],
        "basis": None,
        "notes": [],
        "residual": None,
        "consumer_surplus": None,
        "compensating_variation": None,
        "hhi": None,
        "version": __version__,
    }


def _tables(frames: dict[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    return {name: records(frames[name]) if name in frames else [] for name in TABLES}
