"""The answer of each scenario of a Study as on the page's first screen: sentences, and the numbers behind them."""

from __future__ import annotations

from typing import Any

from entrepot.cases import SolvedCase
from entrepot.studies.headline import answer_of, basis
from entrepot.studies.known_signs import known_ranges
from entrepot.studies.provenance import source_of_theta
from entrepot.studies.rents import LEAST_RENT, holders, rent_of
from entrepot.studies.takings import beside_rent, takings, takings_of
from entrepot.studies.who_pays import passed_on
from entrepot.words import sentence

#: The numbers of a scenario without measures.
_NOTHING = {
    "pass_through": None,
    "over_all": False,
    "rent": 0.0,
    "rent_holder": "",
    "rent_holders": "",
    "tariff_equivalent": None,
    "revenue": 0.0,
    "collector": "",
    "takings": "",
}


def first_screen(study: SolvedCase) -> dict[str, Any]:
    """Return the answer of every solved scenario, and what all of them rest on, as plain data."""
    e, closure = study.economy, study.case.closure
    return {
        "answers": {name: _answer(study, name) for name in study.outcomes},
        "basis": {
            "sentence": basis(study),
            "economy": e.name,
            "year": e.year,
            "horizon": closure.horizon,
            "deficit": closure.deficit,
            "theta_low": float(e.theta.min()),
            "theta_high": float(e.theta.max()),
            "theta_source": source_of_theta(e),
        },
    }


def _answer(study: SolvedCase, name: str) -> dict[str, Any]:
    """Return the sentences of a scenario, and pass-through, rent, holder and tariff equivalent of its measures.

    `over_all` is whether the pass-through is over all goods under the measures and not the protected ones alone.
    The tariff equivalent of the rent is the mean wedge of the measures that have one, weighted by their rent. The
    takings are what those who act collect or pay, in words; the collector is the first of them whose duties change, and
    the revenue is by how much. `over_sets` has what is known of a bundled case under published sets of elasticities.
    """
    known = {"over_sets": known_ranges(study, name)}
    return {"sentences": list(answer_of(study, name, titled=False)), **_NOTHING, **_numbers(study, name), **known}


def _numbers(study: SolvedCase, name: str) -> dict[str, Any]:
    rows = study.outcomes[name].measures
    if not len(rows):
        return {}
    rent = rent_of(study, name)
    words = takings_of(study, name, rent=rent)
    taken = beside_rent(takings(study.outcomes[name]), rent)
    duties = next((one for one in taken if one.kind == "duties"), None)
    passed = passed_on(study, name)
    out: dict[str, Any] = {
        "pass_through": passed.share if passed else None,
        "over_all": bool(passed and passed.over_all),
        "takings": sentence(words) if words else "",
    }
    out |= {"collector": duties.who, "revenue": duties.change} if duties else {}
    held = rows[rows["rent"] > LEAST_RENT]
    if len(held):
        out["rent"] = float(held["rent"].sum())
        out["rent_holder"] = " and ".join(dict.fromkeys(held["rent_holder"]))
        out["rent_holders"] = holders(study, name)
        stated = held[held["wedge"].notna()]
        if len(stated):
            out["tariff_equivalent"] = float((stated["wedge"] * stated["rent"]).sum() / stated["rent"].sum())
    return out
