"""The border: export taxes, rents, levies up to a minimum price, and who receives them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entrepot.economy.equations import Array
from entrepot.equilibrium.blocks.block import Block, PolicySlopes, Values
from entrepot.equilibrium.blocks.sourcing import Wedges
from entrepot.equilibrium.quantity_limits import AS_DUTY, AT_BORDER, LANDED, Quotas
from entrepot.equilibrium.trade_links import OwnLinks, Places, SharedLinks


class Licence:
    """The worth of a licence [f], relative to the producer's value of what it lets in.

    worth = part expm1(together) gross exp(before), where `together` adds the wedges of a stage on a flow and `before`
    those of earlier stages. Several licences at one stage share their worth by expm1(own) / sum expm1(own).
    """

    def __init__(self, wedges: Wedges, exporter_holds: NDArray[np.bool_], gross: Array) -> None:
        """`exporter_holds` of price rules; `gross` [f], the duties and export taxes before the licence's stage."""
        self.wedges, self.holds, self.gross = wedges, exporter_holds, gross
        self.alone = wedges.quota_on.size + wedges.rule_on.size == wedges.size
        self.at = (wedges.stage, wedges.quota_on)

    def worth(self, v: Values) -> Array:
        """Return what the licences are worth over the producer's value [f]."""
        own = np.expm1(v["ln_wedge"])
        if self.alone:
            return own * self.gross
        scale, _, _, before = self._shared(v, own)
        return own * scale * self.gross * np.exp(before)

    def pull(self, v: Values, by_worth: Array) -> tuple[Array, Array]:
        """Return slopes in the wedges of quotas and of price rules, from those in the worth."""
        own, rise = np.expm1(v["ln_wedge"]), np.exp(v["ln_wedge"])
        if self.alone:
            return by_worth * rise * self.gross, np.zeros(v["ln_rule_wedge"].size)
        scale, together, all_own, before = self._shared(v, own)
        unit = by_worth * self.gross * np.exp(before)
        # scale = expm1(together) / all_own, the same for all licences of the stage on a flow
        of_scale = np.divide(np.exp(together) - scale * rise, all_own, out=np.zeros_like(own), where=all_own > 0)
        by_before = self._by_stage(unit * own * scale)
        later = np.stack([by_before[AS_DUTY] + by_before[LANDED], by_before[LANDED], np.zeros_like(by_before[LANDED])])
        by_own = unit * scale * rise + self._by_stage(unit * own)[self.at] * of_scale + later[self.at]
        on_rule = later[:, self.wedges.rule_on]
        return by_own, np.where(self.holds, on_rule[AT_BORDER], on_rule[AS_DUTY])

    def _by_stage(self, by_licence: Array) -> Array:
        """Sums over the licences of each stage on each flow [stage, w]."""
        return np.stack([self.wedges.of_stage(by_licence, k) for k in (AT_BORDER, AS_DUTY, LANDED)])

    def _shared(self, v: Values, own: Array) -> tuple[Array, Array, Array, Array]:
        """Return, by licence [f], expm1(together) / sum of expm1(own), one where all are zero, with `together` and sum.

        And the log of earlier wedges. The price rule of an exporter comes after the licences at the border, a levy with
        those that are bought as a duty.
        """
        wedges, by_stage = self.wedges, self._by_stage(v["ln_wedge"])
        raised = wedges.on(wedges.rule_on, np.where(self.holds, v["ln_rule_wedge"], 0.0))
        levied = wedges.on(wedges.rule_on, np.where(self.holds, 0.0, v["ln_rule_wedge"]))
        at_border, as_duty = by_stage[AT_BORDER] + raised, by_stage[AS_DUTY] + levied
        before = np.stack([np.zeros_like(at_border), at_border, at_border + as_duty])
        together, all_own = by_stage[self.at], self._by_stage(own)[self.at]
        scale = np.divide(np.expm1(together), all_own, out=np.ones_like(own), where=all_own > 0)
        return scale, together, all_own, before[self.at]


class Border(Block):
    """Volumes under quotas [q], rents [f], levies of price rules [f], and net receipts of exporters [n].

    `to_exporters` is export taxes and rents that a country receives on exports, less those that it pays on imports.

    `flow_value` are producer values on the flows under export taxes, quotas and price rules, in that order.
    """

    takes = ("ln_producer_price", "ln_wedge", "ln_rule_wedge", "flow_value", "sourcing", "demand", "value_added")
    gives = ("volume", "rent", "levied", "to_exporters")

    def __init__(
        self,
        links: OwnLinks | SharedLinks,
        quotas: Quotas,
        wedges: Wedges,
        exporter_holds: NDArray[np.bool_],
        at: tuple[Places, Places, Places],
        export_tax: Array,
        quota_gross: Array,
        rule_gross: Array,
    ) -> None:
        """`at`: the flows under export taxes, quotas and price rules; `export_tax` the rates on the first."""
        self.links, self.quotas, self.wedges, self.holds = links, quotas, wedges, exporter_holds
        self.taxed_at, self.quota_at, self.rule_at = at
        self.export_tax, self.rule_gross = export_tax, rule_gross
        self.licence = Licence(wedges, exporter_holds, quota_gross)
        self.exporter_share = quotas.exporter_share.ravel()[quotas.owner]
        self._cap = np.exp(quotas.ln_cap)
        self._limited = np.isfinite(quotas.ln_surcharge)
        first, second = np.cumsum([self.taxed_at.flow.size, self.quota_at.flow.size])
        self._parts = (slice(first), slice(first, second), slice(second, None))

    def forward(self, v: Values) -> tuple[Array, ...]:
        """Return volumes [q], rents [f], levies [f] and net receipts of exporters [n]."""
        q, shape = self.quotas, v["value_added"].shape
        if not v["flow_value"].size:
            return np.zeros(q.ln_cap.shape), np.zeros(0), np.zeros(0), np.zeros(shape)
        taxed, capped, ruled = (v["flow_value"][part] for part in self._parts)
        volume, rent, levied = np.zeros(q.ln_cap.shape), np.zeros(0), np.zeros(0)
        paid = [(self.export_tax * taxed, self.taxed_at)] if taxed.size else []  # by importers to exporters
        if capped.size:
            volume = np.bincount(q.owner, self._sold(v, capped), q.ln_cap.size).astype(float, copy=False)
            volume = volume.reshape(q.ln_cap.shape)
            rent = self._inside(volume) * self.licence.worth(v) * capped
            paid.append((self.exporter_share * rent, self.quota_at))
        if ruled.size:
            levied = np.expm1(v["ln_rule_wedge"]) * self._rule_gross(v) * ruled
            paid.append((np.where(self.holds, levied, 0.0), self.rule_at))
        net = np.zeros(v["value_added"].size)
        for amount, at in paid:
            net += np.bincount(at.exporter, amount, net.size) - np.bincount(at.importer, amount, net.size)
        return volume, rent, levied, net.reshape(shape)

    def _sold(self, v: Values, capped: Array) -> Array:
        """Volumes on the flows of quotas [f]: value over producer price, in the units of the quota."""
        return np.asarray(self.quotas.weight * capped * np.exp(-v["ln_producer_price"][self.quota_at.source]))

    def _inside(self, volume: Array) -> Array:
        """The share of each quota flow [f] that licences cover: below 1 where trade exceeds a tariff-rate quota."""
        if not self._limited.any():
            return np.ones(self._limited.size)
        filled = np.minimum(1.0, self._cap / np.maximum(volume, 1e-300)).ravel()[self.quotas.owner]
        return np.where(self._limited, filled, 1.0)

    def _rule_gross(self, v: Values) -> Array:
        """The ratio of the price that a price rule is added to over the producer price [f]."""
        on = self.wedges.rule_on
        at_border, as_duty = (self.wedges.of_stage(v["ln_wedge"], k)[on] for k in (AT_BORDER, AS_DUTY))
        return self.rule_gross * np.exp(at_border + as_duty * ~self.holds)

    def _passed(self, by: Values, at: Places) -> Array:
        """Slopes in payments from importer n to exporter i on flows [f]."""
        net = by["to_exporters"].ravel()
        return net[at.exporter] - net[at.importer]

    def pull(self, v: Values, by: Values) -> Values:
        """Return slopes in prices, wedges and flow values."""
        q = self.quotas
        _, capped, ruled = (v["flow_value"][part] for part in self._parts)
        by_taxed = self.export_tax * self._passed(by, self.taxed_at)
        by_wedge, by_rule = np.zeros(capped.size), np.zeros(ruled.size)
        by_price, by_capped, by_ruled = np.zeros(v["ln_producer_price"].shape), by_wedge, by_rule
        if capped.size:
            by_rent, inside = self._by_rent(by), self._inside(v["volume"])
            by_wedge, by_rule = self.licence.pull(v, by_rent * inside * capped)
            diluted = np.bincount(q.owner, self._diluted(v, by), q.ln_cap.size).reshape(q.ln_cap.shape)
            by_volume = (by["volume"] - diluted / np.maximum(v["volume"], 1e-300)).ravel()[q.owner]
            sold = self._sold(v, capped)
            np.add.at(by_price, self.quota_at.source, -by_volume * sold)
            by_capped = by_rent * inside * self.licence.worth(v)
            by_capped = by_capped + by_volume * self.quotas.weight * np.exp(
                -v["ln_producer_price"][self.quota_at.source]
            )
        if ruled.size:
            by_levied, gross = self._by_levied(by), self._rule_gross(v)
            by_rule = by_rule + by_levied * np.exp(v["ln_rule_wedge"]) * gross * ruled
            by_ruled = by_levied * np.expm1(v["ln_rule_wedge"]) * gross
            levied = by_levied * v["levied"]
            by_wedge = by_wedge + self.wedges.back(levied, AT_BORDER)
            by_wedge = by_wedge + self.wedges.back(np.where(self.holds, 0.0, levied), AS_DUTY)
        return {
            "ln_producer_price": by_price,
            "ln_wedge": by_wedge.reshape(v["ln_wedge"].shape) if capped.size else np.zeros(v["ln_wedge"].shape),
            "ln_rule_wedge": by_rule,
            "flow_value": np.concatenate([by_taxed, by_capped, by_ruled]),
        }

    def _by_rent(self, by: Values) -> Array:
        return by["rent"] + self.exporter_share * self._passed(by, self.quota_at)

    def _by_levied(self, by: Values) -> Array:
        return by["levied"] + np.where(self.holds, self._passed(by, self.rule_at), 0.0)

    def _diluted(self, v: Values, by: Values) -> Array:
        """Slopes in ln(cap / volume) [f], where trade exceeds a tariff-rate quota."""
        return np.where(self._inside(v["volume"]) < 1, self._by_rent(by) * v["rent"], 0.0)

    def pull_policy(self, v: Values, by: Values, policy: PolicySlopes) -> None:
        """Add slopes in taxes at the border, in caps and in exporters' shares of rents."""
        q, net = self.quotas, by["to_exporters"]
        taxed, capped, ruled = (at.flow for at in (self.taxed_at, self.quota_at, self.rule_at))
        # every export tax, those of zero too: it goes to i's treasury, and n's users pay it
        value = self.links.full()[1] * (v["sourcing"][:, None, :] * v["demand"][:, :, None])
        value.ravel()[taxed] *= 1 + self.export_tax
        policy.ln_export_tax += (net[None, None, :] - net[None, :, None]) * value
        if capped.size:
            on_rent = self._by_rent(by) * v["rent"]
            policy.ln_cap += np.bincount(q.owner, self._diluted(v, by), q.count)
            policy.exporter_share += np.bincount(q.owner, v["rent"] * self._passed(by, self.quota_at), q.count)
            np.add.at(policy.ln_export_tax.ravel(), capped, on_rent)
            np.add.at(policy.ln_tariff.ravel(), capped, np.where(self.wedges.stage == AT_BORDER, 0.0, on_rent))
        if ruled.size:
            levied = self._by_levied(by) * v["levied"]
            policy.ln_export_tax.ravel()[ruled] += levied
            policy.ln_tariff.ravel()[ruled] += np.where(self.holds, 0.0, levied)
