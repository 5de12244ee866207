"""How the model is closed: deficits, factors and their supply, use of revenue, competition, unit of account."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args

from entrepot.documents import read_text
from entrepot.equilibrium.blocks import labour, recycling, selection  # noqa: F401  # selection registers Melitz
from entrepot.equilibrium.blocks.competition import NAMES, Competition
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.equilibrium.blocks.supply import Markups
from entrepot.equilibrium.closure_numbers import check_numbers, numbers
from entrepot.errors import DocumentError, InputError, MeasureError, as_given, nearest
from entrepot.measures.fields import read_number, read_percentage

Horizon = Literal["long", "short"]
ByCountry = float | Mapping[str, float]
BySector = float | Mapping[str, float]
ByBoth = float | Mapping[str, float | Mapping[str, float]]


#: Labour's part of value added where none is stated: about two thirds in most countries once the income of the
#: self-employed is counted (Gollin 2002, Journal of Political Economy 110: 458-474).
DEFAULT_LABOUR_SHARE = 2 / 3

#: The largest ratio of a stock of capital to that of the base.
MOST_CAPITAL = 1e6
#: The largest elasticity of scale that is read; what can be used is far below, and depends on the trade elasticity.
MOST_SCALE = 1e6


@dataclass(frozen=True, slots=True)
class Closure:
    """How the model is closed. Each argument is a rule, a number, or numbers by country or sector.

    deficit    "fixed": as in the base, in units of world value added; "gdp_share": a constant share of world income
               (value added, revenue and profits); "own_share": a constant share of the country's own value added, with
               the world's sum spread by value added; "balanced": zero, before and after, so that the change is due to
               the measures alone; "closed": zero, after; or a rule of your own (`blocks.deficits.register`)
    numeraire  "WORLD": world value added; a country, whose wage is then the unit; "CPI:COUNTRY", its consumer prices;
               or "CPI:WORLD", those of the world by base incomes. Real answers do not depend on it.
    horizon    "long": one factor, mobile among sectors; "short": labour is mobile, each sector's capital is its own
    labour_share   of value added: a number, by sector, by country and then sector, or the path of a CSV file
               ([country,] sector, labour_share). The short horizon needs it; in the long one it only separates
               operating surplus from wages
    labour_supply  elasticity of labour supply to the real wage after tax: a number or by country; 0 is a fixed supply
    labour     another rule of labour and the countries where it holds; elsewhere labour is fixed. {"real_wage": "USA"}:
               the real wage is that of the base, and jobs adjust; {"real_wage_floor": "USA"}: it may rise and not fall;
               or a rule of your own (`blocks.labour.register`) with a number by country
    recycling  "lump_sum": duties, export taxes and rents go to households as they come; "labour_tax": they cut a tax
               on labour income, so that the real sum of both stays what it was; or a rule of your own
               (`blocks.recycling.register`)
    labour_tax     the rate of that tax in the base: a number or by country
    scale      external economies: elasticity of a sector's productivity to its employment; a number or by sector. Times
               the sector's trade elasticity it is at most one (Kucheryavyy, Lyn and Rodriguez-Clare 2023)
    capital    stocks of capital over those of the base: by country, or by country and then sector (short horizon); 1
               where none is stated. It needs labour_share; in the long horizon each country's is one number
    competition    none: perfect, or as the base has it; or `Markups(sigma, entry)`, monopolistic competition with fixed
               or free entry, {sigma: 5, entry: fixed} in a case; or `Melitz(sigma, entry)`, in which firms select into
               markets, {melitz: {sigma: 3, entry: fixed}} in a case
    """

    deficit: str = "fixed"
    numeraire: str = "WORLD"
    horizon: Horizon = "long"
    labour_share: ByBoth | str | os.PathLike[str] | None = None
    labour_supply: ByCountry = 0.0
    recycling: str = "lump_sum"
    labour_tax: ByCountry = 0.0
    scale: BySector = 0.0
    competition: Competition | None = None
    labour: Mapping[str, Any] | None = None
    capital: ByBoth = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.numeraire, str):
            raise InputError(f"closure: numeraire {self.numeraire!r} is not a name")
        of, colon, place = self.numeraire.rpartition(":")
        if colon and of.strip().upper() != "CPI":
            raise InputError(f"closure: numeraire {self.numeraire!r}: a price index is CPI:COUNTRY or CPI:WORLD")
        place = "WORLD" if place.strip().upper() == "WORLD" else place.strip()
        object.__setattr__(self, "numeraire", f"CPI:{place}" if colon else place)
        choices = {"deficit": tuple(RULES), "horizon": get_args(Horizon), "recycling": tuple(recycling.RULES)}
        for key, known in choices.items():
            value = getattr(self, key)
            if value not in known:
                raise InputError(f"closure: {key} {as_given(value)}{nearest(str(value), known)}")
        object.__setattr__(self, "competition", _competition(self.competition))
        for key in ("labour_share", "labour_supply", "labour_tax", "scale", "capital"):
            object.__setattr__(self, key, _fractions(getattr(self, key)))
        self._read_labour()
        if isinstance(self.labour_share, str | os.PathLike):
            object.__setattr__(self, "labour_share", read_labour_shares(self.labour_share))
        share = "a share of value added above 0, up to 1"
        if self.labour_share is not None:
            check_numbers("labour_share", self.labour_share, lambda x: 0 < x <= 1, share)
        elastic = labour.Elastic
        check_numbers("labour_supply", self.labour_supply, lambda x: 0 <= x <= elastic.most, elastic.wanted)
        check_numbers("labour_tax", self.labour_tax, lambda x: -1 < x <= 0.999, "a rate below 1, such as 0.25")
        check_numbers("scale", self.scale, lambda x: 0 <= x <= MOST_SCALE, f"an elasticity from 0 to {MOST_SCALE:,.0f}")
        ratio = f"a ratio to the base from {1 / MOST_CAPITAL:g} to {MOST_CAPITAL:,.0f}"
        check_numbers("capital", self.capital, lambda x: 1 / MOST_CAPITAL <= x <= MOST_CAPITAL, ratio)
        self._check_capital()
        if self.horizon == "short" and self.labour_share is None:
            raise InputError(
                "closure: the short horizon needs labour_share, the part of each sector's value added that labour "
                "earns (compensation of employees over value added): a number, or by sector. --horizon short on the "
                f"command line takes {DEFAULT_LABOUR_SHARE:.3g} for all"
            )

    def _check_capital(self) -> None:
        """Raise `InputError` where stocks of capital move and capital's part of value added is not determined."""
        if all(number == 1 for _, number in numbers(self.capital)):
            return
        if self.labour_share is None:
            raise InputError("closure: capital needs labour_share: capital earns what labour leaves of value added")
        if self.horizon == "long" and (self.labour is not None or self.labour_supply):
            raise InputError(
                "closure: capital beside a labour supply that moves needs horizon: short; in the long horizon both are "
                "one factor, and capital would move with labour"
            )

    def _read_labour(self) -> None:
        """Read the rule of labour and its numbers; `elastic` is the same as `labour_supply`. Raises `InputError`."""
        if self.labour is None:
            return
        if not isinstance(self.labour, Mapping) or len(self.labour) != 1:
            raise InputError(
                f"closure: labour {self.labour!r}: one rule and where it holds, such as {{real_wage: USA}}"
            )
        if self.labour_supply:
            raise InputError("closure: labour is stated beside labour_supply, which is a rule of its own; state one")
        name, value = next(iter(self.labour.items()))
        if name not in labour.RULES:
            raise InputError(f"closure: labour {name!r}{nearest(str(name), tuple(labour.RULES))}")
        rule = labour.RULES[name]
        value = _fractions(value) if rule.numbered else _names(name, value)
        object.__setattr__(self, "labour", {name: value})
        if name == "elastic":
            object.__setattr__(self, "labour_supply", value)
            object.__setattr__(self, "labour", None)
        elif rule.numbered:
            check_numbers(f"labour: {name}", value, lambda x: 0 <= x <= rule.most, rule.wanted)

    @property
    def labour_rule(self) -> tuple[str, ByCountry]:
        """The name of labour's rule, and its number by country; zero is a fixed supply."""
        if self.labour is None:
            return "elastic", self.labour_supply
        name, value = next(iter(self.labour.items()))
        return name, value if labour.RULES[name].numbered else dict.fromkeys(value, 1.0)

    @property
    def moves_deficits(self) -> bool:
        """Whether the rule of deficits changes them by itself, without measures."""
        return RULES[self.deficit].moves_base

    @property
    def closes_base(self) -> bool:
        """Whether the rule of deficits closes those of the base first."""
        return RULES[self.deficit].closes_base

    @property
    def unit_of(self) -> tuple[str, str]:
        """The unit of account, and whose it is: ("value added", "WORLD"), ("wage", "USA") or ("prices", "USA")."""
        of, _, place = self.numeraire.rpartition(":")
        return "prices" if of else "value added" if place == "WORLD" else "wage", place

    def __repr__(self) -> str:
        """Every argument; without `capital` where no stock moves, as the ids of saved runs have had it."""
        named = [field.name for field in fields(self) if field.name != "capital" or self.capital != 1]
        return f"Closure({', '.join(f'{name}={getattr(self, name)!r}' for name in named)})"

    def __str__(self) -> str:
        """What differs from the default, in one line."""
        changed = [
            f"{field.name.replace('_', ' ')} {getattr(self, field.name)}"
            for field in fields(self)
            if getattr(self, field.name) != field.default
        ]
        return ", ".join(changed) or "default"


def _competition(value: Any) -> Competition | None:
    """Read a competition from its name and numbers, as a case has them; `{sigma: 5, entry: fixed}` are markups."""
    if isinstance(value, Competition) and not is_dataclass(value):
        raise InputError(f"closure: competition {type(value).__name__} is not a dataclass, whose numbers can be named")
    if value is None or isinstance(value, Competition):
        return value
    if value == "perfect":
        return None
    if isinstance(value, Mapping):
        if "sigma" in value and set(value) <= {"sigma", "entry"}:
            return Markups(**value)
        (name, stated), *others = value.items() if value else [("", None)]
        if not others and isinstance(stated, Mapping):
            if name not in NAMES:
                raise InputError(f"closure: competition {name!r}{nearest(str(name), NAMES)}")
            known = [field.name for field in fields(NAMES[name])]  # type: ignore[arg-type]  # a dataclass
            for key in stated:
                if key not in known:
                    raise InputError(f"closure: competition: {name}: unknown key {key!r}{nearest(str(key), known)}")
            return NAMES[name](**{key: _fractions(number) for key, number in stated.items()})
    raise InputError(
        f"closure: competition {value!r}: perfect, {{sigma: 5, entry: fixed}} for markups with fixed or free entry, or "
        f"{{melitz: {{sigma: 3, entry: fixed}}}} for firms that select into markets"
    )


def _names(rule: str, value: Any) -> tuple[str, ...]:
    """One name or several."""
    names = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else ()
    if not names or not all(isinstance(name, str) for name in names):
        raise InputError(f"closure: labour: {rule} {value!r} is not a country or a list of countries")
    return names


def read_labour_shares(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read labour shares by sector, or by country and then sector, from a CSV file. Raises `DocumentError`."""
    shares: dict[str, Any] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(read_text(path).lstrip("\ufeff"))), start=2):
        keys = [row[key] for key in ("country", "sector") if key in row]
        if not {"sector", "labour_share"} <= set(row) or not all(keys):
            raise DocumentError(
                "the columns sector and labour_share are needed, and country where shares differ by it",
                path=str(path),
                line=line,
            )
        place = shares.setdefault(keys[0], {}) if len(keys) > 1 else shares
        if keys[-1] in place:
            raise DocumentError(f"{' '.join(keys)} is given twice", path=str(path), line=line)
        try:
            place[keys[-1]] = read_number("labour_share", row["labour_share"])
        except MeasureError:
            raise DocumentError(f"{as_given(row['labour_share'])} is not numeric", path=str(path), line=line) from None
    if not shares:
        raise DocumentError("has no rows", path=str(path))
    return shares


def _fractions(value: Any) -> Any:
    """Return the value with every percentage as a fraction, as in measures ("30%", "30,5%"); other text stays."""
    if isinstance(value, Mapping):
        return {name: _fractions(part) for name, part in value.items()}
    part = read_percentage(value) if isinstance(value, str) else None
    return value if part is None else part
