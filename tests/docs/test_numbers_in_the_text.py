"""Numbers and lists that pages state in their text are those of the data and of the bundled cases."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import entrepot as ep
from entrepot.rules.clocks import clocks
from manual_pages import ROOT, text_of

DOCS = ROOT / "docs"
#: A gain below this is noise of the solver (US$ million).
NOISE = 1e-3


def on_one_line(page: str) -> str:
    """A page on one line."""
    return " ".join(text_of(DOCS / page).split())


@pytest.mark.slow
def test_closures_say_how_far_the_deficit_rules_differ() -> None:
    """docs/closures.md: medians by bundled case, and how many gains have another sign under the other rule."""
    gains = {}
    for case in ep.bundled_cases():
        frame = ep.run(case).tables["deficit_rules"].frame
        gains[case] = frame.pivot_table(index=["scenario", "party"], columns="rule", values="equivalent_variation")
    every = pd.concat(gains)
    every = every[(every["fixed"].abs() > NOISE) & (every["balanced"].abs() > NOISE)]
    other = every[(every["fixed"] > 0) != (every["balanced"] > 0)]
    text = on_one_line("closures.md")
    assert f"{len(other)} of {len(every)} signs differ" in text
    apart = 100 * (every["balanced"] / every["fixed"] - 1).abs().groupby(level=0).median()
    for case, median in apart.items():
        assert re.search(rf"{median:.0f}% \(`{case}`", text), f"{case}: {median:.1f}%"


@pytest.mark.slow
def test_limits_say_what_a_margin_in_the_world_economy_changes() -> None:
    """docs/limits.md: 25 points on Japan and the EU, joined at cost and with a margin of a tenth of the price."""
    world, market = ep.load_economy("world2018"), ep.markets.load_market("us-cars-2018")
    measures = ep.load_case("us-japan-autos-2019").scenarios["tariff_japan_eu"].measures
    margin = ep.Closure(competition=ep.equilibrium.Markups({"motor_vehicles": 10}, entry="fixed"))
    at_cost = ep.markets.join(market, world, measures).welfare.set_index("country")["total"] / 1000
    marked = ep.markets.join(market, world, measures, closure=margin).welfare.set_index("country")["total"] / 1000
    assert (
        f"with a margin of 10% of the price on cars and parts in all countries (`closure=` of `ep.markets.join`), 25 "
        f"points on Japan and the EU gain the United States US${marked['USA']:.1f} billion a year in place of losing "
        f"{-at_cost['USA']:.1f}, and Japan loses {-marked['JPN']:.1f} in place of {-at_cost['JPN']:.1f}"
    ) in on_one_line("limits.md")


def test_the_page_of_the_desk_lists_every_route_of_the_api() -> None:
    pytest.importorskip("fastapi")
    from entrepot.desk.api import create_api
    from entrepot.desk.routes.responses import ROOT

    table = text_of(DOCS / "desk.md").split("## The API")[1].split("## What it refuses")[0]
    named = {re.sub(r"[.?].*", "", span.split()[-1]) for span in re.findall(r"`((?:\w+ )?/[^`]+)`", table)}
    listed = {re.sub(r"/(?:NAME|ID)(?=/|$)", "/{}", path) for path in named}
    routes = {path.removeprefix(ROOT).removesuffix(".{form}") for path in create_api().openapi()["paths"]}
    assert sorted({re.sub(r"\{\w+\}", "{}", path) for path in routes} - listed) == []


@pytest.mark.parametrize("law", ["Agreement on Safeguards", "Dispute Settlement Understanding", "GATT"])
def test_calendar_lists_the_articles_that_clocks_are_from(law: str) -> None:
    cited = {found[1] for c in clocks().values() if (found := re.match(rf"{law}.*?, Article (\w+)", c.provision))}
    listed = on_one_line("calendar.md").split("Which clocks there are")[1]
    (articles,) = re.findall(rf"{law} \(Articles? ([^)]+)\)", listed)
    arbitrated = {"25"}  # the appeals of the MPIA, which the page has in words
    assert set(re.findall(r"\w+", articles.replace("and", ""))) == cited - arbitrated
