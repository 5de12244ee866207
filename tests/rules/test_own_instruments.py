"""Rules on a user's own instrument: its acts are judged like the same acts of bundled instruments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import entrepot as ep
from worlds import Own

WORLD = ep.load_economy("world2014")
FLOWS = ep.Tariff(importer="USA", sector="metals", rate=0.0).flows(WORLD)
TO_JAPAN = ep.Tariff(importer="USA", exporter="JPN", sector="metals", rate=0.0).flows(WORLD)


def findings(measure: ep.measures.Measure) -> dict[tuple[str, str, str], tuple[str, tuple[str, ...]]]:
    return {
        (f.rule, f.party, f.role): (f.status.value, tuple(step.says for step in f.steps))
        for f in ep.screen(measure, WORLD, on="2025-06-01").findings
    }


def put(does: Callable[[ep.measures.Policy], Any]) -> dict[tuple[str, str, str], tuple[str, tuple[str, ...]]]:
    return findings(Own(does=does))


WHERE: dict[str, Any] = {"importer": "USA", "exporter": "JPN", "sector": "metals"}


@pytest.mark.parametrize(
    ("does", "known"),
    [
        (lambda p: p.tariff(TO_JAPAN, add=0.2), ep.Tariff(**WHERE, rate=0.2, change="add")),
        (lambda p: p.tariff(FLOWS, set=0.2), ep.Tariff(importer="USA", sector="metals", rate=0.2)),
        (lambda p: p.tariff(TO_JAPAN, cut=0.5), ep.Tariff(**WHERE, rate=0.5, change="cut")),
        (lambda p: p.iceberg(TO_JAPAN, factor=1.1), ep.NonTariffBarrier(**WHERE, rate=0.1)),
        (lambda p: p.export_tax(TO_JAPAN, add=-0.1), ep.ExportTax(**WHERE, rate=-0.1)),
        (lambda p: p.price_rule(TO_JAPAN, amount=0.1), ep.SpecificTariff(**WHERE, amount=0.1)),
        (
            lambda p: p.price_rule(TO_JAPAN, floor=1.1, exporter_holds=True),
            ep.MinimumPrice(**WHERE, price=1.1, rent="exporter"),
        ),
        (
            lambda p: p.cap(TO_JAPAN, volume=0.5 * WORLD.value.ravel()[TO_JAPAN].sum()),
            ep.ImportQuota(**WHERE, cap=0.5),
        ),
        (
            lambda p: p.cap(
                TO_JAPAN, volume=0.5 * WORLD.value.ravel()[TO_JAPAN].sum(), rent="exporter", before_duty=True
            ),
            ep.VoluntaryExportRestraint(**WHERE, cap=0.5),
        ),
        (
            lambda p: p.cap(TO_JAPAN, volume=0.5 * WORLD.value.ravel()[TO_JAPAN].sum(), beyond_add=0.2),
            ep.TariffRateQuota(**WHERE, cap=0.5, out_rate=0.2, change="add"),
        ),
    ],
)
def test_act_is_judged_the_same_for_every_instrument(
    does: Callable[[ep.measures.Policy], Any], known: ep.measures.Measure
) -> None:
    assert put(does) == findings(known)


def test_points_that_differ_by_origin_are_unequal_treatment() -> None:
    """A carbon charge on every origin leaves nobody out, and still treats origins differently."""

    def most_favoured_nation(does: Callable[[ep.measures.Policy], Any]) -> str:
        return put(does)["gatt-i-1", "USA", "importer"][0]

    mixed = [0.1 if k % 2 else 0.3 for k in range(FLOWS.size)]
    assert most_favoured_nation(lambda p: p.tariff(FLOWS, add=0.1)) == "consistent"
    assert most_favoured_nation(lambda p: p.tariff(FLOWS, add=mixed)) == "inconsistent"
    assert most_favoured_nation(lambda p: p.price_rule(FLOWS, amount=0.1)) == "consistent"
    assert most_favoured_nation(lambda p: p.price_rule(FLOWS, amount=mixed)) == "inconsistent"


def says(found: dict[tuple[str, str, str], tuple[str, tuple[str, ...]]], party: str) -> str:
    return " ".join(step for (_, who, _), (_, steps) in found.items() if who == party for step in steps)


def test_each_party_answers_for_its_own_side_alone() -> None:
    """An export tax of one country and a subsidy of another by one measure; the same for output."""
    both = ep.ExportTax(exporter=["JPN", "USA"], importer="CHN", sector="metals", rate=0.0).flows(WORLD)
    exporter = ep.measures.Policy.of(WORLD, [ep.Tariff(importer="CHN", sector="metals", rate=0.1)]).names(both).exporter
    found = put(lambda p: p.export_tax(both, add=[-0.1 if code == "JPN" else 0.05 for code in exporter]))
    assert "Japan pays 10% on exports of metals" in says(found, "JPN")
    assert not [key for key in found if key[0].startswith("scm-3") and key[1] == "USA"]
    n, j = len(WORLD.countries), WORLD.sectors.index("metals")
    cells = [j * n + WORLD.countries.index(code) for code in ("CHN", "JPN")]
    found = put(lambda p: p.subsidy(cells, add=[-0.05, 0.1]))  # type: ignore[arg-type]
    assert "Japan pays 10% on the output of metals" in says(found, "JPN")
    assert not [key for key in found if key[1] == "CHN"]


def test_second_act_of_one_type_is_judged_too() -> None:
    japans = ep.Tariff(importer="JPN", sector="food", rate=0.0).flows(WORLD)
    found = put(lambda p: (p.tariff(japans, add=0.01), p.tariff(FLOWS, add=0.25)))
    alone = put(lambda p: p.tariff(FLOWS, add=0.25))
    assert {key: found[key] for key in alone} == alone


def test_specific_duty_that_differs_by_good_treats_origins_equally() -> None:
    two = ep.Tariff(importer="USA", sector=["metals", "food"], rate=0.0).flows(WORLD)
    sector = ep.measures.Policy.of(WORLD, [ep.Tariff(importer="CHN", sector="metals", rate=0.1)]).names(two).sector
    found = put(lambda p: p.price_rule(two, amount=[0.1 if s == "metals" else 0.2 for s in sector]))
    assert found["gatt-i-1", "USA", "importer"][0] == "consistent"
