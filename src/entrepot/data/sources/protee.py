"""ProTEE: trade elasticities by HS6 product (Fontagne, Guimbard and Orefice 2022), as CEPII publishes them."""

from __future__ import annotations

from entrepot.data.layouts import Layout

LAYOUTS = (
    Layout(
        name="protee",
        title="ProTEE, trade elasticities by product (CSV)",
        kind="elasticities",
        marks=(("hs6",), ("zero",), ("positive",), ("sigma",)),
        columns={"product": ("hs6",), "value": ("sigma",)},
        read="the whole file, release 0.1",
    ),
)
