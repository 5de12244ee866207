"""Policy in force beside tariffs, as columns of a user's own tables state it.

trade       export_tax, ad valorem on the producer's price; and for a flow under a quota
            quota               its name: flows with the same name share one quota
            tariff_equivalent   price of its licence, as a share of the user's price before it
            exporter_share      share of its rent that the exporter holds
            licence             "export" (duty is also levied on it) or "import"
            quantity            units of the quota, such as tonnes; without it, dollars at the base's prices
production  production_subsidy of a country's sector, ad valorem on the producer's price; markup, price over cost
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from entrepot.data.row_checks import CELL, FLOW, checked_rate, more, row_of
from entrepot.economy.equations import Array, Index
from entrepot.economy.in_force import InForce, QuotasInForce
from entrepot.errors import TableError, nearest

ON_FLOWS = ("export_tax",)
QUOTA_NUMBERS, QUOTA_TEXTS = ("tariff_equivalent", "exporter_share", "quantity"), ("quota", "licence")
ON_CELLS = ("production_subsidy", "markup")
#: Columns that may contain negative numbers.
SIGNED = ("tariff", "export_tax", "production_subsidy")
LICENCES = ("import", "export")


@dataclass(frozen=True, eq=False)
class StatedPolicy:
    """Policy in force as stated in tables.

    export_tax [j,n,i], subsidy [j,i], markup [j,i]
    wedge [j,n,i]         users' price over the price with the tariff alone: export tax and licences
    to_exporters [j,n,i]  receipts of the exporter's treasury and licence holders, over producer value
    quotas                quotas without their volumes, which follow from the base
    exporter_rent, importer_rent [f]  rents over producer value
    """

    export_tax: Array
    subsidy: Array
    markup: Array
    quotas: QuotasInForce
    exporter_rent: Array = field(default_factory=lambda: np.zeros(0))
    importer_rent: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def price_over_cost(self) -> Array:
        """Sales over cost [j,i], m / (1 + s)."""
        return self.markup / (1.0 + self.subsidy)

    @property
    def _ln_wedge(self) -> Array:
        """Log wedge of the licences by flow [f]."""
        return self.quotas.ln_mu[self.quotas.owner]

    @property
    def wedge(self) -> Array:
        """Users' price over the price with the tariff alone [j,n,i]."""
        out = 1.0 + self.export_tax
        out.ravel()[self.quotas.flow] *= np.exp(self._ln_wedge)
        return out

    @property
    def to_exporters(self) -> Array:
        """Receipts of the exporter's side over producer value [j,n,i]."""
        out = self.export_tax.copy()
        out.ravel()[self.quotas.flow] += self.exporter_rent
        return out

    def in_force(self, value: Array) -> InForce:
        """Return the policy in force on a base with these producer values [j,n,i], with the quotas' volumes there."""
        q = self.quotas
        volume = np.bincount(q.owner, q.weight * value.ravel()[q.flow], len(q.title)).astype(float)
        order = np.argsort(q.flow)
        return InForce(
            export_tax=self.export_tax if self.export_tax.any() else np.zeros(0),
            subsidy=self.subsidy if self.subsidy.any() else np.zeros(0),
            quotas=replace(q, volume=volume),
            flow=q.flow[order],
            ln_wedge=self._ln_wedge[order],
            exporter_rent=self.exporter_rent[order],
            importer_rent=self.importer_rent[order],
        )

    @classmethod
    def on_flows(cls, flows: pd.DataFrame, at: Index, tariff: Array) -> StatedPolicy:
        """Build from the table of trade, whose rows are at the flat positions `at` in [j,n,i]. Raises `TableError`."""
        cells = (tariff.shape[0], tariff.shape[2])
        export_tax = np.zeros(tariff.shape)
        if "export_tax" in flows:
            rate = checked_rate("trade", flows, "export_tax", FLOW)
            _refuse_untraded(flows, rate != 0, "an export tax", "write 0")
            export_tax.ravel()[at] = rate
        stated = cls(export_tax, np.zeros(cells), np.ones(cells), QuotasInForce())
        return stated._with_quotas(_quota_rows(flows), at, tariff)

    def _with_quotas(self, rows: pd.DataFrame, at: Index, tariff: Array) -> StatedPolicy:
        if rows.empty:
            return self
        one = rows.drop_duplicates("quota").set_index("quota")
        for column, what in (
            ("tariff_equivalent", "one tariff equivalent: the price of its licence"),
            ("exporter_share", "one share of its rent"),
            ("licence", "one kind of licence"),
        ):
            other = rows[column] != rows["quota"].map(one[column])
            if other.any():
                first = rows[other].iloc[0]
                raise TableError(
                    f"{row_of('trade', rows, other, FLOW)}: {column} is {first[column]} and elsewhere "
                    f"{one.loc[first['quota'], column]} for the quota {first['quota']!r}, which has {what}"
                )
        flow, owner = at[rows.index.to_numpy()], one.index.get_indexer(pd.Index(rows["quota"])).astype(np.intp)
        order = np.lexsort((flow, owner))
        flow, owner = flow[order], owner[order]
        quotas = QuotasInForce(
            title=tuple(map(str, one.index)),
            flow=flow,
            owner=owner,
            weight=_units(rows)[order],
            ln_surcharge=np.full(flow.size, np.inf),
            exporter_share=one["exporter_share"].to_numpy(dtype=float),
            before_duty=(one["licence"] == "export").to_numpy(dtype=bool),
            ln_mu=np.log1p(one["tariff_equivalent"].to_numpy(dtype=float)),
        )
        # An export licence is bought before duty, others after it.
        duty = np.where(quotas.before_duty[owner], 1.0, 1.0 + tariff.ravel()[flow])
        worth = np.expm1(quotas.ln_mu)[owner] * (1.0 + self.export_tax.ravel()[flow]) * duty
        share = quotas.exporter_share[owner]
        return replace(self, quotas=quotas, exporter_rent=share * worth, importer_rent=(1.0 - share) * worth)

    def on_cells(self, frame: pd.DataFrame, at: tuple[Index, Index], output: Array) -> StatedPolicy:
        """Add the table of production, whose rows are the cells `at` in [j,i]. Raises `TableError`.

        `output` [j,i] is the output in the data.
        """
        subsidy, markup = self.subsidy.copy(), self.markup.copy()
        if not set(ON_CELLS) & set(frame.columns):
            raise TableError(f"production: neither a column {ON_CELLS[0]!r} nor {ON_CELLS[1]!r}")
        made = pd.Series(output[at] > 0, index=frame.index)
        if "production_subsidy" in frame:
            subsidy[at] = rate = checked_rate("production", frame, "production_subsidy", CELL)
            idle = (rate != 0) & ~made
            if idle.any():
                raise TableError(
                    f"{row_of('production', frame, idle, CELL)}: a production subsidy where nothing is made; "
                    f"write 0{more(idle)}"
                )
        if "markup" in frame:
            markup[at] = frame["markup"]
            low = frame["markup"] < 1
            if low.any():
                raise TableError(
                    f"{row_of('production', frame, low, CELL)}: a markup of {frame.loc[low, 'markup'].iloc[0]:g}; it "
                    f"is price over cost, 1 or more{more(low)}"
                )
            _refuse_percent_markups(frame)
        return replace(self, subsidy=subsidy, markup=markup)


#: Markups whose median is above this, or one of which is above ten, are taken for percentages.
DOUBTFUL_MARKUP, LARGEST_MARKUP = 3.0, 10.0


def _refuse_percent_markups(frame: pd.DataFrame) -> None:
    """Raise `TableError` for markups that look like percentages of cost."""
    charged = frame.loc[frame["markup"] > 1, "markup"]
    high = frame["markup"] > LARGEST_MARKUP
    if len(charged) and charged.median() > DOUBTFUL_MARKUP:
        high = frame["markup"] >= charged.median()
    if high.any():
        raise TableError(
            f"{row_of('production', frame, high, CELL)}: a markup of {frame.loc[high, 'markup'].iloc[0]:g}; it is "
            f"price over cost, such as 1.2 where the price is 20% above cost{more(high)}"
        )


def _quota_rows(flows: pd.DataFrame) -> pd.DataFrame:
    """Checked rows of flows under a quota, with their positions as the index."""
    columns = ["value", *QUOTA_TEXTS, *QUOTA_NUMBERS]
    rows = flows.reindex(columns=[*FLOW, *columns]).reset_index(drop=True)
    under = rows["quota"].notna()
    for column in ("tariff_equivalent", "exporter_share", "licence", "quantity"):
        stray = rows[column].notna() & ~under & (rows[column] != 0)
        if stray.any():
            raise TableError(
                f"{row_of('trade', rows, stray, FLOW)}: {column} is given but the column 'quota' is empty; name the "
                f"quota, the same for all flows under it{more(stray)}"
            )
        counted = (
            rows.groupby("quota")["quantity"].transform("count") > 0
        )  # a quota has a quantity for all of its flows or for none
        missing = under & rows[column].isna() & (counted | (column != "quantity"))
        if missing.any():
            raise TableError(
                f"{row_of('trade', rows, missing, FLOW)}: {column} is missing of the quota "
                f"{rows.loc[missing, 'quota'].iloc[0]!r}{more(missing)}"
            )
    rows["licence"] = rows["licence"].str.casefold() if under.any() else rows["licence"]
    strange = under & ~rows["licence"].isin(LICENCES)
    if strange.any():
        name = str(rows.loc[strange, "licence"].iloc[0])
        raise TableError(
            f"{row_of('trade', rows, strange, FLOW)}: licence is {name!r}{nearest(name, LICENCES)}{more(strange)}"
        )
    above = under & (rows["exporter_share"] > 1)
    if above.any():
        raise TableError(
            f"{row_of('trade', rows, above, FLOW)}: exporter_share is {rows.loc[above, 'exporter_share'].iloc[0]:g}; a "
            f"share of the rent is at most 1{more(above)}"
        )
    own = under & (rows["importer"] == rows["exporter"])
    if own.any():
        raise TableError(f"{row_of('trade', rows, own, FLOW)}: a quota on own sales{more(own)}")
    _refuse_untraded(flows.reset_index(drop=True), under, "a quota", "leave it blank")
    checked_rate("trade", rows.fillna({"tariff_equivalent": 0.0}), "tariff_equivalent", FLOW)
    return rows[under]


def _units(rows: pd.DataFrame) -> Array:
    """Units of the quota per dollar at the base's producer prices [f]."""
    counted = rows["quantity"].notna()
    none = counted & (rows["quantity"] <= 0)
    if none.any():
        raise TableError(f"{row_of('trade', rows, none, FLOW)}: a quantity of zero, where there is trade{more(none)}")
    return np.where(counted, rows["quantity"] / rows["value"], 1.0).astype(float)


def _refuse_untraded(flows: pd.DataFrame, given: pd.Series, what: str, instead: str) -> None:
    idle = given & (flows["value"] == 0)
    if idle.any():
        raise TableError(f"{row_of('trade', flows, idle, FLOW)}: {what} on a flow without trade; {instead}{more(idle)}")
