"""Mean duties through time, against duties one by one and worked by hand."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.exposures.tariff_lines import bundled_lines

DAYS = datetime.date.fromisoformat


def steps(found: ep.exposures.DutyPath, group: str) -> dict[str, tuple[float, float]]:
    rows = found.table[found.table["group"] == group]
    return {str(r.date): (round(r.rate, 12), round(r.rate_in_law, 12)) for r in rows.itertuples(index=False)}


def test_one_line_steps_on_the_days_of_its_authorities() -> None:
    """8703.23.01 from Japan: MFN 2.5; + 25 from 3 April 2025; 15% all together from 16 September."""
    found = ep.exposures.duty_path("USA", "JPN", products="8703.23.01", since="2025-04-01", until="2025-12-31")
    assert steps(found, "JPN") == {
        "2025-04-01": (0.025, 0.025),
        "2025-04-03": (0.275, 0.275),
        "2025-09-16": (0.15, 0.15),
    }
    assert found.weights == "simple mean over 1 line of eight digits"
    assert "Section 232, cars and light trucks: starts" in found.changes[DAYS("2025-04-03")]
    assert not any("Brazil" in what for day in found.changes.values() for what in day)


def test_law_and_collection_part_ways() -> None:
    """8703.23.01 from Germany: 15% in law from 1 August, collected from 25 September 2025."""
    found = ep.exposures.duty_path("USA", ["DEU"], products=["8703.23"], since="2025-07-01", until="2025-12-31")
    assert steps(found, "DEU") == {
        "2025-07-01": (0.275, 0.275),
        "2025-08-01": (0.275, 0.15),
        "2025-09-25": (0.15, 0.15),
    }


@pytest.mark.parametrize("day", ["2025-03-05", "2026-03-15"])
@pytest.mark.parametrize("origin", ["CHN", "CAN"])
def test_simple_mean_is_that_of_duties_one_by_one(origin: str, day: str) -> None:
    """Chapter 45: over the lines, and in each over its statistical lines."""
    found = ep.exposures.duty_path("USA", origin, products="45", since=day, until=day, by="chapter", preference="share")
    means = []
    for code, line in bundled_lines().lines.items():
        if code.startswith("45"):
            kinds = [code + ending for ending in line.statistical] if line.split_lists else [code]
            rates = [ep.exposures.duty("USA", k, exporter=origin, on=day, preference="share").rate for k in kinds]
            means.append(sum(rates) / len(rates))
    assert found.table["rate"].to_list() == pytest.approx([sum(means) / len(means)])


def test_beginnings_of_codes_tell_lines_of_one_rate_apart(tmp_path: Path) -> None:
    """Lines of 8703 at 2.5%: a duty of 10% on two beginnings, and none on what is not under a third."""
    (tmp_path / "law.yaml").write_text(
        "importers: [USA]\nknown_since: 2025-01-01\nknown_until: 2025-12-31\nauthorities:\n"
        "  - {id: mfn, applies: base}\n"
        '  - {id: two, title: Two, applies: adds, rates: [{rate: 10%, products: ["870323", "87033301"]}]}\n'
        "  - id: third\n    title: Third\n    applies: adds\n    rates: [{rate: 20%}]\n"
        '    exemptions: [{because: other goods, unless_products: ["87032401"]}]\n'
    )
    found = ep.exposures.duty_path(
        *("USA", "JPN"),
        products=["8703.2", "8703.3"],
        since="2025-02-01",
        until="2025-02-01",
        law=tmp_path / "law.yaml",
    )
    codes = [code for code in bundled_lines().lines if code.startswith(("87032", "87033"))]
    base = [float(bundled_lines().lines[code].general.strip("%")) / 100 for code in codes]
    extra = [0.1 * code.startswith(("870323", "87033301")) + 0.2 * (code == "87032401") for code in codes]
    assert found.table["rate"].to_list() == pytest.approx([sum(base + extra) / len(codes)])


@pytest.mark.parametrize("day", ["2025-04-06", "2025-09-08", "2025-11-20"])
def test_lines_that_products_tell_apart_are_not_one_kind(day: str) -> None:
    """8507 has entries of four and of eight digits, and 2805 to 2849 come and go on the list of exempt products."""
    for chapter in ("8507", "2818", "3907", "2924.29"):
        found = ep.exposures.duty_path("USA", "CHN", products=chapter, since=day, until=day)
        means = []
        for code, line in bundled_lines().lines.items():
            if code.startswith(chapter.replace(".", "")):
                kinds = [code + ending for ending in line.statistical] if line.split_lists else [code]
                rates = [ep.exposures.duty("USA", k, exporter="CHN", on=day).rate for k in kinds]
                means.append(sum(rates) / len(rates))
        assert found.table["rate"].to_list() == pytest.approx([sum(means) / len(means)]), chapter


def test_the_content_of_cars_lowers_no_reciprocal_duty() -> None:
    """6109.10.00 from Viet Nam: 16.5 + 20 on the whole value, though a USMCA car has 40% content."""
    found = ep.exposures.duty_path("USA", "VNM", products="6109.10.00", since="2025-08-10", until="2025-08-10")
    assert found.table["rate"].to_list() == pytest.approx([0.365])


def test_metal_by_metal_in_a_path() -> None:
    """8450.11.00 from Korea in October 2025: 50 x (0.2 + 0.1) + 15 x 0.7."""
    shares = {"steel": 0.2, "aluminum": 0.1}
    found = ep.exposures.duty_path(
        "USA", "KOR", products="8450.11", since="2025-10-01", until="2025-10-01", metal_share=shares
    )
    assert found.table["rate"].to_list() == pytest.approx([0.255])
    assert any("taken to be 20% steel and 10% aluminium of its value" in note for note in found.notes)


def trade(*rows: tuple[Any, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["partner", "product", "value"])
    return frame.assign(importer="USA")


def test_weighted_by_trade() -> None:
    """Cars 15% on US$1 million, shirts 16.5% on 3: (0.15 + 3 x 0.165) / 4 = 16.125%."""
    table = trade(("JPN", "8703230190", 1e6), ("JPN", "6109100012", 3e6), ("DEU", "8703230190", 1e6))
    found = ep.exposures.duty_path("USA", trade=table, since="2025-12-31", until="2025-12-31")
    assert steps(found, "JPN") == {"2025-12-31": (0.16125, 0.16125)}
    assert steps(found, "DEU") == {"2025-12-31": (0.15, 0.15)}
    assert found.weights == "weighted by the trade table"
    by_sector = ep.exposures.duty_path("USA", trade=table, since="2025-12-31", until="2025-12-31", by="sector")
    assert steps(by_sector, "motor_vehicles") == {"2025-12-31": (0.15, 0.15)}


def test_partners_that_are_no_origin_are_left_out() -> None:
    table = trade(("JPN", "8703230190", 3e6), ("NES", "8703230190", 1e6))
    found = ep.exposures.duty_path("USA", trade=table, since="2025-12-31", until="2025-12-31")
    assert found.groups == ("JPN",)
    assert any("not one origin are left out: " in note and "(25.0% of the value" in note for note in found.notes)


def test_what_no_line_takes_is_counted() -> None:
    table = trade(("JPN", "8703230190", 3e6), ("JPN", "9903010100", 1e6))
    found = ep.exposures.duty_path("USA", trade=table, since="2025-12-31", until="2025-12-31")
    assert any("25.0% of the value of trade is in no line" in note for note in found.notes)


def test_a_small_part_of_trade_that_is_left_out_is_not_zero() -> None:
    table = trade(("JPN", "8703230190", 3e6), ("JPN", "9903010100", 100), ("NES", "8703230190", 100))
    found = ep.exposures.duty_path("USA", trade=table, since="2025-12-31", until="2025-12-31")
    text = " ".join(found.notes)
    assert "0.0033% of the value of trade is in no line" in text
    assert "(0.0033% of the value of trade)" in text


@pytest.mark.parametrize(
    ("origin", "preference", "rate", "says"),
    [
        (
            "MEX",
            True,
            0.25 * 0.6,
            "All goods claim the preference of their origin, and 40% of the value of cars and trucks of Canada and "
            "Mexico is made in the United States.",
        ),
        ("KOR", True, 0.25, "All goods claim the preference of their origin."),
        ("KOR", False, 0.275, "No goods claim the preference of their origin."),
        ("MEX", False, 0.275, "No goods claim the preference of their origin."),
    ],
)
def test_claims_that_are_stated_are_in_the_notes(origin: str, preference: bool, rate: float, says: str) -> None:
    """8703.23.01 on 1 July 2025: free under the USMCA and KORUS, else 2.5%, and 25 points under Section 232."""
    day = {"since": "2025-07-01", "until": "2025-07-01"}
    found = ep.exposures.duty_path("USA", origin, products="8703.23.01", preference=preference, **day)
    assert steps(found, origin) == {"2025-07-01": (pytest.approx(rate), pytest.approx(rate))}
    assert found.notes.count(says) == 1
    assert not any("claim" in note for note in found.notes if note != says)


def test_usmca_cars_at_the_stated_content() -> None:
    """8703.23.01 from Mexico in 2025: 34% claims and pays 25 x 0.6, 66% pays 2.5 + 25."""
    found = ep.exposures.duty_path("USA", "MEX", products="8703.23.01", since="2025-12-01", until="2025-12-01")
    assert steps(found, "MEX")["2025-12-01"][0] == pytest.approx(0.34 * 0.15 + 0.66 * 0.275)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "name at least one partner"),
        ({"exporters": "JPN", "by": "firm"}, "by: 'firm' is not partner, sector or chapter"),
        ({"exporters": "JPN", "products": "99"}, "no line of .* begins with '99'"),
        ({"exporters": "JPN", "since": "2025-02-01", "until": "2025-01-01"}, "until: 2025-01-01 is before since"),
        ({"exporters": "JPN", "since": "9999-01-01"}, "^since: 9999-01-01 is outside what us-2026 knows"),
        ({"exporters": "JPN", "until": "9999-01-01"}, "^until: 9999-01-01 is outside what us-2026 knows"),
        ({"exporters": "JPN", "since": "2025-02-30"}, "^since: '2025-02-30' is not a day such as 2026-03-15"),
        ({"exporters": "Jpan"}, "unknown country 'Jpan'"),
        ({"exporters": ["JPN", "Japan"]}, "Japan is named twice"),
        ({"exporters": ["DEU", "EU27"]}, "Germany is a member of EU; name one of the two"),
        ({"exporters": ["NES"]}, "Areas not specified is not one origin"),
        ({"exporters": "JPN", "preference": "maybe"}, "not one of True, False and 'share'"),
        ({"exporters": "JPN", "metal_share": {}}, "no metal is named"),
        ({"exporters": "JPN", "us_content": True}, "us_content: True is not a share"),
    ],
)
def test_bad_input(options: dict, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        ep.exposures.duty_path("USA", **options)


def test_a_step_is_put_down_to_what_moved_the_mean_of_its_goods() -> None:
    """Cars: on 16 May 2025 the order on stacking moves Canada's, and on 16 September the agreement Japan's."""
    found = ep.exposures.duty_path("USA", ["CAN", "JPN"], products="8703.23", since="2025-05-01", until="2026-01-31")
    assert found.causes[DAYS("2025-05-16"), "CAN"] == ("IEEPA, Canada (northern border): changes",)
    assert found.causes[DAYS("2025-09-16"), "JPN"] == ("Section 232, cars and light trucks: changes",)
    assert found.causes[DAYS("2026-01-01"), "CAN"] == ("shares of the USMCA are those of February 2026",)


def test_an_authority_for_other_partners_alone_is_no_change(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(
        "importers: [USA]\nknown_since: 2025-01-01\nknown_until: 2025-12-31\nauthorities:\n"
        "  - {id: mfn, applies: base}\n"
        "  - id: other\n    title: Other\n    applies: adds\n"
        "    rates: [{rate: 10%, partners: [CHN], since: 2025-03-01}]\n"
        "    excluded_by: [{authority: mine, since: 2025-05-01}]\n"
        "  - {id: mine, title: Mine, applies: adds, rates: [{rate: 20%, since: 2025-04-01}]}\n"
    )
    found = ep.exposures.duty_path(
        "USA", "JPN", products="8703.23", since="2025-02-01", law=tmp_path / "law.yaml", until="2025-06-30"
    )
    assert found.changes == {DAYS("2025-04-01"): ("Mine: changes",)}


def test_shares_of_the_usmca_are_no_cause_of_what_others_pay(tmp_path: Path) -> None:
    (tmp_path / "law.yaml").write_text(
        "importers: [USA]\nknown_since: 2025-01-01\nknown_until: 2026-06-30\nauthorities:\n"
        "  - {id: mfn, applies: base}\n"
        "  - {id: mine, title: Mine, applies: adds, rates: [{rate: 20%, partners: [JPN], since: 2026-01-01}]}\n"
    )
    span = {"since": "2025-12-01", "until": "2026-02-01", "law": tmp_path / "law.yaml"}
    found = ep.exposures.duty_path("USA", ["CAN", "JPN"], products="8703.23", **span)
    shares = "shares of the USMCA are those of February 2026"
    assert found.causes[DAYS("2026-01-01"), "JPN"] == ("Mine: changes",)
    assert found.causes[DAYS("2026-01-01"), "CAN"] == (shares,)
