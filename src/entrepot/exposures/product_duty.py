"""The answer to what the duty on a product is: `ProductDuty` with its layers, and the sentence that states it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrepot.exposures.levies import percent
from entrepot.exposures.stacking import KnownGap
from entrepot.exposures.tariff_lines import SpecificDuty, dotted
from entrepot.words import and_list, spoken
from entrepot.words import day as day_words

#: Chapters of goods of iron, steel, copper and aluminium.
METAL_CHAPTERS = ("72", "73", "74", "76")


@dataclass(frozen=True)
class DutyLayer:
    """What one authority adds to a duty, or why it adds nothing.

    rate         what it adds as collected on the day, as a share of the value;  rate_in_law  the same in law
    stated       the rate that its own text states;  amount  US dollars, to the cent, where a value is given
    specific     what it adds per unit of quantity, as its text states it; empty for nothing
    counted      False for a rate that is not established for the good, announced or in force: it is in no total
    all_in       whether its limit counts the ordinary duty, so that a specific part of that duty is inside the limit
    """

    id: str
    authority: str
    applies: bool
    rate: float
    rate_in_law: float
    stated: float | None
    because: str
    citation: str
    url: str | None = None
    heading: str | None = None
    confidence: str | None = None
    note: str | None = None
    counted: bool = True
    all_in: bool = False
    specific: str = ""
    amount: float | None = None


@dataclass(frozen=True)
class ProductDuty:
    """The duty on a product from a partner on a day, layer by layer; rates are shares of the customs value.

    rate         the ad valorem duty as collected;  rate_in_law  as the law stood
    specific     the specific part of the base, per unit of quantity; None for none. It is apart from `rate`;
                 `equivalent` is it as a share of the value, where value and quantity are given
    amount       US dollars, to the cent, where a value is given (and a quantity, where the duty has a specific part)
    conditions   what was taken to hold of the goods, of the conditions that matter for them;  given  those of them that
                 are not at their default
    law_as_of    the day until which its oldest entry is kept up, where that is before the day; else None
    gaps         known gaps of the data that concern the day, the line and the origin
    """

    importer: str
    product: str
    description: str
    exporter: str
    date: datetime.date
    rate: float
    rate_in_law: float
    specific: SpecificDuty | None
    layers: tuple[DutyLayer, ...]
    conditions: Mapping[str, Any]
    usmca_share: Mapping[int, float]
    edition: str
    value: float | None = None
    quantity: float | None = None
    amount: float | None = None
    law_as_of: datetime.date | None = None
    gaps: tuple[KnownGap, ...] = ()
    notes: tuple[str, ...] = field(default=())
    given: frozenset[str] = frozenset()

    @property
    def equivalent(self) -> float | None:
        """The specific part as a share of the value; None where value and quantity do not give it."""
        part = self.specific
        if part is None or part.dollars is None or not self.value or self.quantity is None:
            return None
        return part.dollars * self.quantity / self.value

    @property
    def all_metal(self) -> bool:
        """Whether the answer took all of the value for metal, in a good of another chapter, and that matters."""
        return self.conditions.get("metal_share") == 1.0 and self.product[:2] not in METAL_CHAPTERS

    @property
    def sentence(self) -> str:
        """The answer in one sentence: the total, and the authorities that make it."""
        who, what = "the United States", f"{dotted(self.product)} from {spoken(self.exporter)}"
        pending, more = self._pending()
        most = percent(self.rate + more) if self.specific is None else f"{100 * more:.4g} points more"
        if self.rate == 0 and not self.specific:
            total = f"no duty, or up to {most}," if more > 0 else "no duty"
        else:
            total = f"at least {self._total()}" if more > 0 else self._total()
        text = f"On {day_words(self.date)} {who} collects {total} on {what}"
        parts = self._parts()
        text += f": {and_list([f'{amount} {name}' for amount, name in parts])}" if len(parts) > 1 else ""
        text += f", {parts[0][1]}" if len(parts) == 1 else ""
        if self.all_metal:
            text += ", if all of its value is metal (--metal-share)"
        if more > 0:
            text += f"; up to {most} with {and_list([*pending])} (not established for this good)"
        if abs(self.rate - self.rate_in_law) > 1e-12:
            text += f"; in law {'the part by value' if self.specific else 'the rate'} is {percent(self.rate_in_law)}"
        announced = [one.authority for one in self.layers if not one.counted and one not in self._may_be_due]
        if unsettled := list(dict.fromkeys(announced)):
            text += f"; not established and not counted: {and_list(unsettled)}"
        if lacking := [gap.what.partition(" (")[0] for gap in self.gaps if gap.duty]:
            text += f"; not in the data and not counted: {and_list(lacking)}"
        if self.law_as_of is not None:
            text += f" (law as of {day_words(self.law_as_of)})"
        return text + "."

    @property
    def _inside(self) -> DutyLayer | None:
        """The layer whose limit has the specific duty in it, where no value and quantity say how much that is."""
        if self.specific is None or self.equivalent is not None:
            return None
        return next((one for one in self.layers if one.all_in and one.applies), None)

    def _pending(self) -> tuple[list[str], float]:
        """Return the duties in force that may be due and are not counted, and how much they could add at most.

        Of the rates that one text states for the good the highest may hold, and rates of different texts are added.
        """
        highest: dict[tuple[str, str], float] = {}
        for one in self._may_be_due:
            key = (one.authority, one.citation)
            highest[key] = max(self._could_add(one), highest.get(key, 0.0))
        return list(dict.fromkeys(name for (name, _), adds in highest.items() if adds > 0)), sum(highest.values())

    @property
    def _may_be_due(self) -> list[DutyLayer]:
        """What is in force and not established for the good; what was only announced has no heading."""
        return [one for one in self.layers if not one.counted and one.heading and one.stated is not None]

    def _could_add(self, one: DutyLayer) -> float:
        together = self.rate + (self.equivalent or 0.0)
        return max(0.0, (one.stated or 0.0) - together) if one.all_in else (one.stated or 0.0)

    def _total(self) -> str:
        """Return the total in words: a specific duty and a rate are never written as a sum of one unit."""
        part, rate = self.specific, percent(self.rate)
        if part is None:
            return rate
        if part.dollars is None:
            ordinary = "an ordinary duty that no single rate states"
            return f"{rate} of the value and {ordinary}" if self.rate else ordinary
        if self._inside is not None:
            return f"{rate} of the value, in which the ordinary duty of {part.text} is included,"
        if self.equivalent is None:
            return f"{part.text} plus {rate} of the value" if self.rate else part.text
        together = f"{percent(self.rate + self.equivalent)} of this value"
        return (
            f"{part.text} plus {rate} of the value, together {together}," if self.rate else f"{part.text} ({together})"
        )

    def _parts(self) -> list[tuple[str, str]]:
        """Return what each authority adds and its name."""
        inside = self._inside
        found = []
        for one in self.layers:
            if one is inside:  # how much it adds depends on the unit value
                limit = percent(one.rate + self.layers[0].rate)
                found.append(("what that duty leaves of", f"{limit} {_name(one)}"))
            elif one.applies and (one.specific or one.rate > 0):
                by_value = [percent(one.rate)] if one.rate > 0 else []
                found.append((" plus ".join([*([one.specific] if one.specific else []), *by_value]), _name(one)))
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, for JSON."""
        return {
            "importer": self.importer,
            "product": dotted(self.product),
            "description": self.description,
            "exporter": self.exporter,
            "on": self.date.isoformat(),
            "rate": self.rate,
            "rate_in_law": self.rate_in_law,
            "specific": None
            if self.specific is None
            else {"text": self.specific.text, "usd": self.specific.dollars, "per": self.specific.unit},
            "ad_valorem_equivalent": self.equivalent,
            "value": self.value,
            "quantity": self.quantity,
            "amount": self.amount,
            "sentence": self.sentence,
            "layers": [{k: v for k, v in vars(one).items() if k != "note" or v} for one in self.layers],
            "conditions": dict(self.conditions),
            "given": sorted(self.given),
            "usmca_share": {str(year): share for year, share in self.usmca_share.items()},
            "edition": self.edition,
            "law_as_of": None if self.law_as_of is None else self.law_as_of.isoformat(),
            "known_gaps": [gap.what for gap in self.gaps],
            "notes": list(self.notes),
        }

    def to_frame(self) -> Any:
        """Return the layers as a DataFrame, one row a layer."""
        import pandas as pd

        return pd.DataFrame([vars(one) for one in self.layers])


def _name(layer: DutyLayer) -> str:
    base = {"mfn": "ordinary duty", "preference": "preferential duty", "usmca": "duty of the USMCA"}
    named = base.get(layer.id) or ("column 2 duty" if layer.id == "column-2" else f"under {layer.authority}")
    if layer.rate_in_law == layer.rate or layer.rate_in_law > 0:
        return named
    first = layer.because.partition(";")[0]
    return f"{named} ({first if first.startswith('held unlawful') else 'not due in law'})"
