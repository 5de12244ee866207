"""An Economy as named arrays over sets: what is exchanged with GEMPACK, GAMS and Stata, and how it is read back.

The order of axes is that of the GTAP Data Base: good, source, destination; input, using sector, country. Amounts are
millions of US dollars at the prices stated; rates and shares are fractions (0.25 is 25%). A file may hold shocks too:
the border taxes and trade costs under measures, beside those of the base.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array
from entrepot.economy.in_force import InForce
from entrepot.errors import InputError, TableError
from entrepot.words import dollars

#: The tables, and the key columns of each, in the order of the axes of its arrays.
KEYS = {
    "trade": ("sector", "exporter", "importer"),
    "inputs": ("input", "output", "country"),
    "cells": ("sector", "country"),
    "sectors": ("sector",),
    "countries": ("country",),
}
_OF_SECTORS = ("sector", "input", "output")


@dataclass(frozen=True, slots=True)
class ExchangedArray:
    """An array of an exchange file.

    header   its name in a header array file, where names have four characters
    table    which of `KEYS` has its axes
    needed   whether an Economy cannot be read without it
    shock    whether it is of measures, and not of the base
    """

    name: str
    header: str
    table: str
    unit: str
    says: str
    needed: bool = False
    shock: bool = False


_MONEY, _SHARE, _RATE = "millions of US dollars", "fraction", "fraction of the price before it"
ARRAYS = {
    one.name: one
    for one in (
        ExchangedArray("value", "VALU", "trade", _MONEY, "sales at producer prices, own sales included", needed=True),
        ExchangedArray("tariff", "TARF", "trade", _RATE, "ad valorem tariff"),
        ExchangedArray("export_tax", "XTAX", "trade", _RATE, "export tax on the producer's price"),
        ExchangedArray("cost_share", "INPS", "inputs", _SHARE, "input's share in the sector's cost", needed=True),
        ExchangedArray("final_demand", "FIND", "cells", _MONEY, "final demand at user prices"),
        ExchangedArray("value_added", "VADD", "cells", _MONEY, "what factors earn"),
        ExchangedArray("gross_output", "OUTP", "cells", _MONEY, "output at producer prices"),
        ExchangedArray("subsidy", "SUBS", "cells", _RATE, "subsidy to output"),
        ExchangedArray("markup", "MARK", "cells", "ratio", "price over cost"),
        ExchangedArray("access", "ACCS", "cells", _SHARE, "share of sales that pays for access to the market"),
        ExchangedArray("exponent", "EXPN", "cells", "ratio", "elasticity of trade to taxes over that to costs"),
        ExchangedArray("theta", "THET", "sectors", "elasticity", "trade elasticity", needed=True),
        ExchangedArray("deficit", "DEFC", "countries", _MONEY, "imports less exports before duty"),
        ExchangedArray("tariff_after", "TNEW", "trade", _RATE, "tariff under the measures", shock=True),
        ExchangedArray("export_tax_after", "XNEW", "trade", _RATE, "export tax under the measures", shock=True),
        ExchangedArray("trade_cost", "ICEB", "trade", "ratio", "trade cost under the measures over base", shock=True),
        ExchangedArray("subsidy_after", "SNEW", "cells", _RATE, "subsidy under the measures", shock=True),
    )
}


@dataclass(frozen=True, eq=False)
class Exchange:
    """Arrays over the sectors and countries of an Economy.

    arrays  by name of `ARRAYS`, each over the axes of its table
    about   name, year, source, notes, provenance and units, as they go into the file
    exact   whether the numbers have double precision
    unread  sentences on what a file has beside these arrays
    """

    sectors: tuple[str, ...]
    countries: tuple[str, ...]
    arrays: Mapping[str, Array]
    about: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True
    unread: tuple[str, ...] = ()

    def elements(self, table: str) -> list[tuple[str, ...]]:
        """Return the elements of each axis of a table."""
        return [self.sectors if key in _OF_SECTORS else self.countries for key in KEYS[table]]

    def of(self, table: str) -> dict[str, Array]:
        """Return the arrays of a table, in the order of `ARRAYS`."""
        return {name: self.arrays[name] for name, one in ARRAYS.items() if one.table == table and name in self.arrays}

    @property
    def text(self) -> str:
        """What the file says about itself, as JSON, with the full names in their order."""
        names = {"sectors": self.sectors, "countries": self.countries}
        return json.dumps({**self.about, **names}, default=str)

    @classmethod
    def of_economy(cls, economy: Economy, shocks: Mapping[str, Array] | None = None) -> Exchange:
        """Return the arrays of an Economy; `shocks` are named as in `ARRAYS`, and have the Economy's order of axes.

        Raises `InputError` where quotas or price rules are in force, for which the formats have no place.
        """
        held = economy.in_force
        if held.flow.size:
            raise InputError(
                f"{economy.name} has quotas or price rules in force, whose caps and rents have no place in these "
                "files; export the base without them"
            )
        found = {
            "value": economy.value,
            "tariff": economy.tariff,
            "cost_share": economy.inputs,
            "final_demand": (economy.final_share * economy.income[:, None]).T,
            "value_added": economy.value_added_share.T * economy.cost,
            "gross_output": economy.output,
            "theta": economy.theta,
            "deficit": economy.deficit,
        }
        found |= {"export_tax": held.export_tax} if held.export_tax.size else {}
        found |= {"subsidy": held.subsidy} if held.subsidy.size else {}
        found |= {"markup": economy.markup} if economy.has_markups else {}
        found |= {"access": economy.access, "exponent": economy.exponent} if economy.has_selection else {}
        found |= shocks or {}
        arrays = {name: _turned(name, array, back=False) for name, array in found.items()}
        about = {
            "format": "entrepot-exchange 1",
            "name": economy.name,
            "year": economy.year,
            "source": economy.source,
            "notes": list(economy.notes),
            "provenance": dict(economy.provenance),
            "units": {name: f"{ARRAYS[name].says}; {ARRAYS[name].unit}" for name in found},
        }
        return cls(economy.sectors, economy.countries, arrays, about)

    def economy(self, name: str | None = None, year: int | None = None) -> tuple[Economy, tuple[str, ...]]:
        """Return the Economy of the arrays, and what had to be mended. Raises `TableError` where one is missing."""
        for one in ARRAYS.values():
            if one.needed and one.name not in self.arrays:
                raise TableError(f"there is no {one.name} ({one.header} in a header array file): {one.says}")
        given = {key: _turned(key, array, back=True) for key, array in self.arrays.items()}
        value = given["value"]
        tariff = given.get("tariff", np.zeros_like(value))
        none = np.zeros((0, 0))
        held = InForce(export_tax=given.get("export_tax", np.zeros(0)), subsidy=given.get("subsidy", np.zeros(0)))
        markup, access = given.get("markup", none), given.get("access", none)
        inputs = given["cost_share"]
        mended: tuple[str, ...] = ()
        if not self.exact:
            inputs, mended = _within_supply(value, tariff, held, inputs, markup, access)
        stated = self.about.get("year")
        economy = Economy(
            countries=self.countries,
            sectors=self.sectors,
            value=value,
            tariff=tariff,
            inputs=inputs,
            theta=given["theta"],
            name=name or str(self.about.get("name") or "exchanged"),
            source=str(self.about.get("source") or ""),
            year=year if year is not None else int(stated) if stated is not None else None,
            notes=tuple(map(str, self.about.get("notes") or ())),
            provenance=dict(self.about.get("provenance") or {}),
            in_force=held,
            markup=markup,
            access=access,
            exponent=given.get("exponent", none),
        )
        return economy, mended


#: Arrays that follow from the others; they are written for other models, and not read.
COMPUTED = ("final_demand", "value_added", "gross_output", "deficit")
#: How far they may be from what follows: over the largest of them, and, since they add up many numbers in single
#: precision, over the largest output.
_SAME, _ROUNDED = 1e-4, 1e-6


def other_than_computed(exchange: Exchange, economy: Economy) -> tuple[str, ...]:
    """Return sentences on the arrays of a file that are not what the Economy read from it makes them."""
    ours = Exchange.of_economy(economy).arrays
    out = []
    for name in COMPUTED:
        if name not in exchange.arrays:
            continue
        gap, size = np.abs(exchange.arrays[name] - ours[name]).max(), np.abs(ours[name]).max()
        if not gap <= max(_SAME * size, _ROUNDED * ours["gross_output"].max()):
            out.append(
                f"The {name} in the file is not what its other arrays make it (by up to {dollars(gap)}): it is "
                f"computed from them."
            )
    return tuple(out)


#: How far rounding to single precision may put use above supply; more is an error of the data.
LARGEST_ROUNDING = 1e-5


def _within_supply(
    value: Array, tariff: Array, held: InForce, inputs: Array, markup: Array, access: Array
) -> tuple[Array, tuple[str, ...]]:
    """Return input shares under which no good is used more than it is supplied, which rounding may break.

    Arrays may be empty that an Economy need not have. What is above supply by more than rounding is left for the
    Economy to refuse.
    """
    export_tax, subsidy = (rate if rate.size else 0.0 for rate in (held.export_tax, held.subsidy))
    spending = ((1 + tariff) * (1 + export_tax) * value).sum(axis=2)
    kept = np.einsum("jni,jn->ji", value, 1 - access) if access.size else value.sum(axis=1)
    cost = kept * (1 + subsidy) / (markup if markup.size else 1.0)
    used = np.einsum("nkj,jn->kn", inputs, cost)
    over = used > spending
    worst = float((used / np.where(spending > 0, spending, 1.0))[over].max(initial=1.0)) - 1
    if not over.any() or worst > LARGEST_ROUNDING:
        return inputs, ()
    factor = np.where(over, spending / np.where(used > 0, used, 1.0), 1.0)
    says = (
        f"Single precision leaves {int(over.sum())} goods in a country used above their supply, by {worst:.1e} at "
        "most: their input shares are lowered by that much."
    )
    return inputs * factor.T[:, :, None], (says,)


def _turned(name: str, array: Array, *, back: bool) -> Array:
    """Return an array in the order of axes of a file, or back in that of an Economy."""
    if name not in ARRAYS:
        raise InputError(f"{name} is not an array of an exchange file; those are {', '.join(ARRAYS)}")
    table = ARRAYS[name].table
    if table == "trade":
        return array.transpose(0, 2, 1)
    if table == "inputs":
        return array.transpose(2, 0, 1) if back else array.transpose(1, 2, 0)
    return array


def in_order_of(names: Sequence[str], labels: Sequence[str]) -> Array:
    """Return the positions of `labels` in `names`. Raises `TableError` for one that is not there."""
    position = {name: k for k, name in enumerate(names)}
    missing = [label for label in labels if label not in position]
    if missing:
        raise TableError(
            f"{missing[0]!r} is not among the {len(names)} elements of its set, {', '.join(names[:5])} ..."
        )
    return np.array([position[label] for label in labels], dtype=np.intp)
