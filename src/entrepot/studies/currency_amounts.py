"""Amounts of any currency in sentences and tables; those of an Economy are US dollars, those of a Market are not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot import languages
from entrepot.languages import in_english, localised, translated

_SIZES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
#: ISO 4217 codes of signs that stand for one currency.
_CODES = {"US$": "USD", "€": "EUR", "£": "GBP", "A$": "AUD", "C$": "CAD", "₩": "KRW", "₹": "INR"}


@dataclass(frozen=True)
class Currency:
    """A currency as stated: "US$", "EUR", "US$ thousand".

    symbol  without the word for its size;  size  how many of the symbol one unit is
    """

    symbol: str
    size: float = 1.0

    @classmethod
    def of(cls, stated: str) -> Currency:
        """Return the currency that a text states."""
        symbol, _, last = stated.strip().rpartition(" ")
        found = _SIZES.get(last.casefold())
        return cls(stated.strip()) if found is None or not symbol else cls(symbol.strip(), found)

    def _before(self, text: str) -> str:
        return f"{self.symbol}{'' if self.symbol.endswith(('$', '€', '£', '¥')) else ' '}{text}"

    def amount(self, money: float) -> str:
        """Return an amount without its sign, in its own unit: "US$3.8 million", "US$512", "US$0.0079"."""
        value = abs(money) * self.size
        if self.symbol == "US$" and value >= 999.5e3 and not in_english():
            return languages.money(value / 1e6)
        myriads = languages.in_myriads(value / 1e6) if value >= 9.95e3 else None
        if myriads is not None:
            return self._in_myriads(myriads)
        for text, unit, least in (("{number} billion", 1e9, 999.5e6), ("{number} million", 1e6, 999.5e3)):
            if value >= least:
                return self._before(translated(text, number=localised(f"{value / unit:,.1f}")))
        return self.price(money)

    def _in_myriads(self, number: str) -> str:
        """Return an amount in Chinese or Japanese: the number, then the name of the currency if it is known."""
        name = languages.currency(_CODES.get(self.symbol, self.symbol))
        return self._before(number) if name is None else f"{number}{name}"

    def price(self, money: float) -> str:
        """Return a price a unit without its sign: "US$25,300", "US$21.50", "US$0.0441"."""
        value = abs(money) * self.size
        if value >= 1000:
            return self._before(localised(f"{value:,.0f}"))
        if value >= 1:
            return self._before(localised(f"{value:,.2f}"))
        return self._before("0" if value < 5e-13 else localised(f"{value:.3g}"))

    def unit(self, amounts: Iterable[float]) -> tuple[str, float]:
        """Return the unit in which amounts are printed together ("million EUR"), and its size in this currency."""
        largest = max((abs(a) for a in amounts if math.isfinite(a)), default=0.0) * self.size
        for name, unit, least in (("billion", 1e9, 999.5e6), ("million", 1e6, 999.5e3)):
            if largest >= least:
                return f"{name} {self.symbol}", unit / self.size
        return self.symbol, 1 / self.size

    def in_words(self, unit: str) -> str:
        """Return a unit of `unit` in the language in use."""
        size = unit.partition(" ")[0]
        if unit == self.symbol or size not in _SIZES:
            return unit
        return translated("million {currency}" if size == "million" else "billion {currency}", currency=self.symbol)


def digits_for(values: Iterable[float], significant: int = 4) -> int:
    """Return the decimals that show the largest of some numbers with so many significant digits."""
    largest = max((abs(v) for v in values if math.isfinite(v)), default=0.0)
    return 2 if largest == 0 else min(max(significant - 1 - math.floor(math.log10(largest)), 0), 12)
