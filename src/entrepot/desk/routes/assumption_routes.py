"""GET routes for goods by everyday words, and for the assumptions that a case may state."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Response

from entrepot.data.goods import find_goods
from entrepot.data.published_sets import published
from entrepot.data.sources import sources
from entrepot.defaults import DEFAULT_ECONOMY
from entrepot.desk.library import ECONOMY_NAME, Library
from entrepot.desk.replies.library_replies import AssumptionsReply, GoodRow
from entrepot.desk.routes.library_routes import not_found_as_404
from entrepot.desk.routes.responses import NAMED, NOT_FOUND, ROOT, Tag, tagged
from entrepot.equilibrium.blocks.competition import NAMES
from entrepot.equilibrium.blocks.deficits import RULES
from entrepot.equilibrium.closure import DEFAULT_LABOUR_SHARE
from entrepot.languages import translated

#: What a person looks for: a word, a chapter or a code.
Sought = Annotated[str, Query(max_length=80, description="A word, a chapter or a code: phone, 72, 8517.")]

EconomyName = Annotated[str, Query(min_length=1, max_length=80, pattern=ECONOMY_NAME)]


def add_assumption_routes(api: FastAPI, library: Library, largest_upload: int) -> None:
    """Add the routes for goods and assumptions."""

    @api.get(f"{ROOT}/goods", response_model=list[GoodRow], tags=["names"], responses=NAMED | NOT_FOUND)
    def goods(q: Sought, economy: EconomyName = DEFAULT_ECONOMY, known: Tag = None) -> Response:
        """Goods by everyday words or by codes of the Harmonized System, with the sectors that make them."""
        with not_found_as_404("Economy"):
            e = library.economy(economy)
        found = find_goods(q, e.sectors)
        return tagged([{"title": one.title, "code": one.code, "sectors": one.sectors} for one in found], known)

    @api.get(f"{ROOT}/assumptions", response_model=AssumptionsReply, tags=["names"], responses=NAMED)
    def assumptions(known: Tag = None) -> Response:
        """The sets of trade elasticities, the rules for deficits, the horizons and the kinds of competition."""
        sets = [
            {"name": one.name, "title": one.title, "horizon": translated(one.horizon), "citation": one.citation}
            for one in published().values()
            if not one.unusable and one.file != "user"
        ]
        deficits = [{"name": name, "title": translated(rule.stated)} for name, rule in RULES.items()]
        kinds = ["perfect", "sigma", *NAMES]
        readable = [{"name": one.name, "title": one.title, "files": one.files} for one in sources().values()]
        found = {"elasticities": sets, "deficits": deficits, "competition": kinds, "sources": readable}
        return tagged({**found, "largest_upload": largest_upload, "labour_share": DEFAULT_LABOUR_SHARE}, known)
