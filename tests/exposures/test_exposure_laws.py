"""Properties that hold for every schedule and every trade table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.exposures.response import imports_hat
from product_tables import expose, schedule, stacking, trade
from shelves import slow_after

CARS, TEES, CHIPS = "8703230190", "6109100012", "8542310000"
THREE = trade(("JPN", CARS, 60e6), ("DEU", TEES, 30e6), ("CHN", CHIPS, 10e6))


def test_a_uniform_schedule_is_its_rate_everywhere() -> None:
    found = expose(THREE, schedule(("ALL", "", 0.07)))
    for table in (found.by_partner, found.by_sector, found.by_partner_sector):
        assert table["applied"].to_numpy() == pytest.approx(0.07, abs=1e-15)
        assert table["applied_simple"].to_numpy() == pytest.approx(0.07, abs=1e-15)
    assert found.totals["applied"] == pytest.approx(0.07)
    assert found.totals["revenue"] == pytest.approx(7.0)


def test_revenue_adds_up_over_every_table() -> None:
    rows = schedule(("87", "", 0.1), ("61", "", 0.2), ("85", "CHN", 0.3), ("87", "JPN", 0.25, "autos"))
    found = expose(THREE, rows)
    total = 60 * 0.35 + 30 * 0.2 + 10 * 0.3
    assert found.totals["revenue"] == pytest.approx(total)
    for table in (found.by_partner, found.by_sector, found.by_partner_sector, found.by_authority):
        assert table["revenue"].sum() == pytest.approx(total)
    assert found.by_authority["applied"].sum() == pytest.approx(found.totals["applied"])
    assert (found.by_partner["imports"] * found.by_partner["applied"]).sum() == pytest.approx(total)


@pytest.mark.parametrize(
    ("rows", "rate"),
    slow_after(
        2,
        [
            ((("87", "", 0.1), ("8703", "", 0.2), ("870323", "", 0.3), (CARS, "", 0.4)), 0.4),
            ((("87", "", 0.1), ("8703", "", 0.2), ("870322", "", 0.3)), 0.2),
            ((("ALL", "", 0.1), ("88", "", 0.2)), 0.1),
            ((("8703", "", 0.1), ("8703", "CPTPP", 0.2)), 0.2),
            ((("8703", "CPTPP", 0.2), ("8703", "JPN", 0.3), ("8703", "", 0.1)), 0.3),
            ((("870323", "", 0.1), ("8703", "JPN", 0.3)), 0.1),
            ((("8703", "Japan", 0.3),), 0.3),
            ((("8703", "392", 0.3), ("8703", "EU28", 0.5)), 0.3),
            ((("8703.23.01", "ALL", 0.2),), 0.2),
        ],
    ),
)
def test_longest_code_takes_precedence_then_narrowest_partner(rows: tuple, rate: float) -> None:
    found = expose(trade(("JPN", CARS, 1e6)), schedule(*rows))
    assert found.totals["applied"] == pytest.approx(rate)


def test_a_group_is_its_members() -> None:
    found = expose(trade(("FRA", CARS, 1e6), ("GBR", CARS, 1e6)), schedule(("87", "", 0.1), ("87", "EU27", 0.3)))
    assert found.by_partner["applied"].to_dict() == pytest.approx({"FRA": 0.3, "GBR": 0.1})


def test_nothing_is_levied_inside_a_customs_union() -> None:
    cars = pd.DataFrame(
        [("DEU", "FRA", CARS, 1e6), ("DEU", "JPN", CARS, 1e6)], columns=["importer", "partner", "product", "value"]
    )
    found = expose(cars, schedule(("87", "", 0.1), importer="EU27"))
    assert found.by_partner["applied"].to_dict() == pytest.approx({"JPN": 0.1, "FRA": 0.0})
    assert found.totals["applied"] == pytest.approx(0.05)
    assert found.unmatched.empty
    assert "Inside customs unions no duty is levied: US$1.0 million of trade count as free of duty." in found.notes


def test_a_row_of_its_own_is_levied_inside_a_customs_union() -> None:
    cars = pd.DataFrame([("DEU", "FRA", CARS, 1e6)], columns=["importer", "partner", "product", "value"])
    rows = schedule(("87", "", 0.1), ("87", "FRA", 0.04), importer="EU27")
    assert expose(cars, rows).totals["applied"] == pytest.approx(0.04)
    with pytest.raises(ep.errors.TableError, match="no line of trade finds a rate"):
        expose(cars, schedule(("87", "", 0.1), importer="EU27"))


def test_a_coarser_product_is_divided_among_tariff_lines() -> None:
    """Of two lines one has a preference: half of the trade pays it, whatever the others are."""
    rows = schedule(("87032301", "", 0.02), ("87032302", "", 0.04), ("87032302", "JPN", 0.0, "fta"), ("8703", "", 0.5))
    found = expose(trade(("JPN", "870323", 10e6)), rows)
    assert found.totals["applied"] == pytest.approx((0.02 + 0.0) / 2)
    assert found.totals["lines"] == 2
    assert any("divided equally" in note for note in found.notes)


def test_finer_additional_duties_are_not_spread() -> None:
    rows = schedule(("870323", "", 0.02), ("8703230190", "", 0.25, "autos"))
    found = expose(trade(("JPN", "870323", 10e6)), rows)
    assert found.totals["applied"] == pytest.approx(0.02)
    assert any("are not applied" in note and "US$ 10 million" in note for note in found.notes)


def test_rows_of_a_flow_add_up() -> None:
    found = expose(trade(("JPN", CARS, 1e6), ("Japan", "8703.23.0190", 2e6)), schedule(("87", "", 0.1)))
    assert found.totals["lines"] == 1
    assert found.totals["imports"] == pytest.approx(3.0)
    assert any("rows of one flow were added up" in note for note in found.notes)


def test_water_and_breach_are_distances_from_the_bound_rate() -> None:
    rows = schedule(
        ("87", "", 0.05), ("61", "", 0.1), ("87", "", 0.1, "", "bound"), ("87", "", 0.12, "mfn", "proposed")
    )
    rows["authority"] = rows["authority"].replace("", None)
    found = expose(THREE, rows)
    cars = found.by_partner.loc["JPN"]
    assert cars["water"] == pytest.approx(0.05)
    assert cars["bound_share"] == 1
    assert (found.totals["breach_lines"], found.totals["breach_imports"]) == (1, pytest.approx(60.0))
    assert found.by_partner.loc["DEU", "breach_lines"] == 0
    assert np.isnan(found.by_partner.loc["DEU", "water"])
    assert np.isnan(found.by_partner.loc["CHN", "applied"])


def test_duties_on_dumping_and_subsidies_are_on_top_of_the_bound_rate() -> None:
    """GATT Article II:2(b): with 12% on dumping on top of 9% no bound rate of 10% is exceeded, with 9% it is by 3%."""
    rows = schedule(
        ("87", "", 0.05, "mfn"),
        ("87", "", 0.1, "mfn", "bound"),
        ("87", "", 0.04, "additional", "proposed"),
        ("87", "JPN", 0.12, "Anti-dumping", "applied"),
        ("87", "CHN", 0.02, "countervailing duty", "proposed"),
        ("87", "DEU", 0.08, "additional", "proposed"),
    )
    cars = trade(("JPN", CARS, 6e6), ("CHN", CARS, 3e6), ("DEU", CARS, 1e6))
    found = expose(cars, rows, stacking="plain")
    assert found.by_partner["proposed"].to_dict() == pytest.approx({"JPN": 0.21, "CHN": 0.11, "DEU": 0.13})
    assert found.by_partner["breach_lines"].to_dict() == {"JPN": 0, "CHN": 0, "DEU": 1}
    assert found.totals["breach_imports"] == pytest.approx(1.0)
    assert found.by_partner["water"].to_numpy() == pytest.approx(0.05)
    cut = expose(cars, rows[rows["kind"] != "proposed"].replace({0.05: 0.1}), stacking="plain")
    assert cut.by_partner["water"].to_list() == pytest.approx([0.0] * 3, abs=1e-12)
    assert sum("on top of which GATT Article II:2(b) allows it" in note for note in found.notes) == 2


def test_unmatched_trade_is_reported_with_its_value() -> None:
    rows = schedule(("8703", "", 0.1), ("85", "", 0.2, "autos"))
    table = trade(
        ("JPN", CARS, 1e6), ("CHN", CHIPS, 2e6), ("DEU", TEES, 3e6), ("VNM", "9901000000", 4e6), ("USA", CARS, 5e6)
    )
    found = expose(table, rows)
    by_reason = found.unmatched.groupby("reason")["imports"].sum().to_dict()
    assert by_reason == pytest.approx({"no rate": 7.0, "no base rate": 2.0, "no sector": 4.0, "own country": 5.0})
    assert found.totals["imports"] == pytest.approx(10.0)
    assert found.by_sector.loc["(no sector)", "imports"] == pytest.approx(4.0)
    assert found.totals["applied"] == pytest.approx((0.1 * 1 + 0.2 * 2) / 3)


def test_everything_not_in_force_is_left_out() -> None:
    rows = schedule(("87", "", 0.1), ("87", "", 0.2))
    rows["from"] = ["2020-01-01", "2025-06-01"]
    rows["until"] = ["2025-05-31", None]
    for day, rate in (("2025-05-31", 0.1), ("2025-06-01", 0.2)):
        assert expose(trade(("JPN", CARS, 1e6)), rows, on=day).totals["applied"] == pytest.approx(rate)


def test_rows_of_authorities_that_are_not_in_force_are_not_counted() -> None:
    rules = stacking(
        "stacking: s\nauthorities:\n  - {id: mfn, applies: base}\n  - {id: old, applies: adds, until: 2020-01-01}\n"
        "  - {id: new, applies: adds}\n"
    )
    rows = schedule(("87", "", 0.1), ("85", "", 0.0))
    proposed = schedule(("87", "", 0.2, "old"), ("87", "JPN", 0.2, "old"), ("87", "", 0.3, "new"))
    found = expose(THREE, rows, proposed.drop(columns="kind"), stacking=rules)
    counts = [note.split(", ")[1] for note in found.notes if note.startswith("Schedule: ")]
    assert counts == ["2 rows in force on 2025-12-31.", "1 row in force on 2025-12-31."]
    assert found.rows == (3, 3)


# ---- response ----


def proposal(rate: float = 0.25) -> pd.DataFrame:
    return schedule(("ALL", "", 0.1), ("87", "", rate, "mfn", "proposed"))


def test_the_response_is_its_formula() -> None:
    world = ep.load_economy("world2014")
    sigma = 1 + world.theta[world.sectors.index("motor_vehicles")]
    found = expose(THREE, proposal(), economy=world)
    after = 60 * (1.25 / 1.1) ** -sigma
    assert found.by_partner.loc["JPN", "imports_response"] == pytest.approx(after)
    assert found.by_partner.loc["JPN", "revenue_response"] == pytest.approx(0.25 * after)
    assert found.by_partner.loc["DEU", "imports_response"] == pytest.approx(30.0)
    assert found.totals["revenue_proposed"] == pytest.approx(60 * 0.25 + 4)


def test_more_duty_means_fewer_imports_and_less_duty_more() -> None:
    assert expose(THREE, proposal(0.25)).totals["imports_response_pct"] < 0
    assert expose(THREE, proposal(0.05)).totals["imports_response_pct"] > 0


def test_without_elasticity_or_response_nothing_moves() -> None:
    for options in ({"elasticity": 0}, {"response": False}):
        found = expose(THREE, proposal(), **options)
        assert found.totals["imports_response"] == pytest.approx(100.0, abs=1e-12)
        assert found.totals["revenue_response"] == pytest.approx(found.totals["revenue_proposed"])


def test_elasticities_by_sector() -> None:
    found = expose(THREE, proposal(), elasticity={"motor_vehicles": 2})
    assert found.by_partner.loc["JPN", "imports_response"] == pytest.approx(60 * (1.25 / 1.1) ** -2)


def test_pass_through() -> None:
    """None: the buyer's price stays, and so does the volume; the exporter is paid less by the whole change."""
    assert imports_hat(0.1, 0.25, 5.0, pass_through=0.0) == pytest.approx(1.1 / 1.25)
    assert imports_hat(0.1, 0.25, 5.0) == pytest.approx((1.25 / 1.1) ** -5)
    found = expose(THREE, proposal(), pass_through=0.5, elasticity=4)
    hat = float(imports_hat(0.1, 0.25, 4.0, 0.5))
    assert found.by_partner.loc["JPN", "imports_response"] == pytest.approx(60 * hat)


# ---- tables ----


def test_several_importers_stand_apart() -> None:
    both = pd.concat([trade(("JPN", CARS, 1e6)), trade(("JPN", CARS, 2e6), importer="CHN")])
    rows = pd.concat([schedule(("87", "", 0.1)), schedule(("87", "", 0.2), importer="CHN")])
    found = expose(both, rows)
    assert found.by_partner["applied"].to_dict() == pytest.approx({("USA", "JPN"): 0.1, ("CHN", "JPN"): 0.2})
    assert set(found.importers) == {"USA", "CHN"}


def test_the_lines_file_has_every_line(tmp_path: Path) -> None:
    file = tmp_path / "lines.parquet"
    found = expose(THREE, proposal(), lines=file)
    lines = pd.read_parquet(file)
    assert len(lines) == 3
    assert lines["imports"].sum() == pytest.approx(100.0)
    assert lines["revenue"].sum() == pytest.approx(found.totals["revenue"])
    assert lines["revenue_response"].sum() == pytest.approx(found.totals["revenue_response"])
    assert lines.set_index("partner").loc["JPN", "applied_mfn"] == pytest.approx(0.1)
    assert lines.set_index("partner").loc["JPN", "sector"] == "motor_vehicles"


@pytest.mark.slow
def test_sources_of_every_kind_say_the_same(tmp_path: Path) -> None:
    rows = proposal()
    THREE.to_csv(tmp_path / "trade.csv", index=False)
    THREE.to_csv(tmp_path / "trade.tsv.gz", index=False, sep="\t")
    THREE.to_parquet(tmp_path / "trade.parquet")
    THREE.assign(product=THREE["product"].astype("int64")).to_parquet(tmp_path / "numbers.parquet")
    rows.to_csv(tmp_path / "[rates]*.csv", index=False, sep=";")
    (tmp_path / "rates and.csv").write_text("nothing to see\n1\n")
    plain = expose(THREE, rows)
    for name in ("trade.csv", "trade.tsv.gz", "trade.parquet", "numbers.parquet"):
        found = expose(tmp_path / name, str(tmp_path / "[rates]*.csv"))
        pd.testing.assert_frame_equal(found.by_partner_sector, plain.by_partner_sector)


def test_baci_is_read_by_its_columns() -> None:
    baci = pd.DataFrame([(2022, 392, 842, "870323", 1000.0, 1.0)], columns=list("tijkvq"))
    found = expose(baci, schedule(("87", "", 0.1)))
    assert found.importers == ("USA",)
    assert found.totals["imports"] == pytest.approx(1.0)


def test_wide_columns_and_units() -> None:
    rows = pd.DataFrame({"importer": ["USA"], "hs6": ["870323"], "applied": [10], "bound": [20], "proposed": [15]})
    found = expose(THREE.head(1), rows, rates="percent", unit="usd_k")
    assert found.totals[["applied", "bound", "proposed"]].to_list() == pytest.approx([0.1, 0.2, 0.15])
    assert found.totals["imports"] == pytest.approx(60e3)


def test_leading_zeros_lost_in_a_spreadsheet_come_back_with_a_note() -> None:
    found = expose(trade(("JPN", "10121", 1e6), ("JPN", "870323", 1e6)), schedule(("0101", "", 0.1), ("87", "", 0.2)))
    assert found.totals["applied"] == pytest.approx(0.15)
    assert any("had lost the leading zero" in note for note in found.notes)


def test_a_concordance_of_the_users_own(tmp_path: Path) -> None:
    file = tmp_path / "sectors.csv"
    file.write_text("product,sector\n8703,machinery\n61,textiles\n")
    found = expose(THREE, schedule(("ALL", "", 0.1)), concordance=file)
    assert found.by_sector["imports"].to_dict() == pytest.approx({"textiles": 30, "machinery": 60, "(no sector)": 10})


def test_editions_are_noted() -> None:
    rows = schedule(("ALL", "", 0.1)).assign(hs_edition="HS2017")
    assert any("HS2012, HS2017" in n for n in expose(THREE.assign(edition="HS2012"), rows).notes)
    assert any("not stated" in n for n in expose(THREE, rows).notes)


def test_it_prints_itself_in_two_lines() -> None:
    text = repr(expose(THREE, proposal()))
    assert text.startswith("Exposure of US$100 million of imports on 2025-12-31: applied 10.00%, proposed 19.00%")
    assert len(text.splitlines()) == 2


def test_a_table_that_is_passed_stays_as_it_was() -> None:
    table, rows = THREE.copy(), proposal()
    before = rows.copy()
    expose(table, rows)
    pd.testing.assert_frame_equal(table, THREE)
    pd.testing.assert_frame_equal(rows, before)


def test_the_function_is_not_hidden_by_its_package() -> None:
    assert callable(ep.exposures.exposure)
    assert stacking().stacking == "test"
