"""Codes of the Harmonized System in every notation, and the sectors that make products."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data import hs
from entrepot.data.classifications import classifications
from entrepot.data.concordances import Concordance, read_concordance
from entrepot.data.hs import read_codes
from entrepot.documents import plain, read_yaml


@pytest.mark.parametrize(
    ("written", "bare"),
    [
        ("870323", "870323"),
        ("8703.23", "870323"),
        ("8703.23.01", "87032301"),
        ("8703.23.01.90", "8703230190"),
        ("8703.23.0190", "8703230190"),
        ("8703 23 01", "87032301"),
        ("870323.0", "870323"),
        ("8703.00", "870300"),
        ("8703.0", "8703"),
        ("'010121", "010121"),
        ('="010121"', "010121"),
        ("0101210020 Horses, Live, Purebred Breeding Female (no)", "0101210020"),
        ("0101210000 80", "0101210000"),
        ("12 Oil Seeds", "12"),
    ],
)
def test_product_codes_are_read_in_every_notation(written: str, bare: str) -> None:
    assert hs.bare_code(written) == bare


def test_leading_zeros_are_restored_only_if_the_table_lost_them() -> None:
    assert hs.read_codes(["10121", "870323"]) == ({"10121": "010121", "870323": "870323"}, (), ("10121",))
    assert hs.read_codes(["10121", "010129"])[1] == ("10121",)  # the table keeps its zeros
    assert hs.read_codes(["10121"])[1] == ("10121",)
    assert hs.read_codes(["870323001", "870324001"])[1] == (
        "870323001",
        "870324001",
    )  # nine digits throughout: another nomenclature


def test_invalid_product_codes_are_rejected() -> None:
    for wrong in ("", "ABCD", "7701", "0012", "870323019012", "87-03"):
        assert hs.read_codes([wrong, "870323"])[1] == (wrong,)


@pytest.mark.parametrize(
    ("code", "division"),
    [
        ("870323", "29"), ("870120", "29"), ("870130", "28"), ("871200", "30"), ("840734", "29"), ("841112", "30"),
        ("720839", "24"), ("730890", "25"), ("732111", "27"), ("854231", "26"), ("850710", "27"), ("847130", "26"),
        ("270900", "06"), ("271012", "19"), ("270112", "05"), ("271600", "35"), ("300490", "21"), ("293621", "21"),
        ("390110", "20"), ("392690", "22"), ("010221", "01"), ("020130", "10"), ("030214", "03"), ("030314", "10"),
        ("100630", "10"), ("100610", "01"), ("440320", "02"), ("440710", "16"), ("610910", "14"), ("520100", "01"),
        ("520811", "13"), ("640399", "15"), ("940360", "31"), ("940120", "29"), ("950300", "32"), ("970110", "90"),
        ("880240", "30"), ("220300", "11"), ("240220", "12"), ("490199", "58"), ("252329", "23"), ("260111", "07"),
    ],
)  # fmt: skip
def test_products_have_the_expected_isic_divisions(code: str, division: str) -> None:
    assert hs.divisions_of_hs().sector(code) == division
    assert hs.divisions_of_hs().sector(code + "0190") == division


#: Classes of CPA 2.1, whose divisions are those of ISIC Rev. 4, and products of HS 2017 and 2022 that Eurostat places
#: in them (CN 2021 and CN 2022 to CPA 2.1, as in github.com/eurostat/correspondenceTables @c86135f).
PUBLISHED = """
    01.11 120190; 01.13 070200; 01.19 060311; 01.27 090111; 03.00 010612 030214; 07.10 260111; 10.11 020130 050400;
    10.20 160414; 10.32 200911; 10.39 080212; 10.41 140420 150910; 10.51 040690; 10.61 100630 110100; 10.72 190531;
    10.81 170199; 10.82 180310; 10.89 130212 130213 130214 130219 130220 130231 130232 130239; 10.91 230990; 11.06
    110710 110720; 12.00 240120; 13.10 510121 520511 530890 540261; 13.20 500720 701940 701951 701952 701959; 13.91
    600622; 13.93 570242; 13.99 580410; 14.14 610910; 15.12 911390 960500; 16.10 440312; 16.23 940610; 16.29 450310
    460211; 17.11 470321; 17.12 480256; 17.22 560121; 19.20 270120; 20.14 220710 292250; 20.15 310210; 20.16 390110;
    20.30 320820; 20.42 330300; 20.51 360200; 20.59 350220 382440; 20.60 550320; 21.10 291822 293550; 21.20 300490;
    22.19 590610; 22.29 650691; 23.19 854610; 23.20 381600; 23.31 690721; 23.43 854620 854710; 23.99 251730 380110
    380120 380130 380190 680710; 24.10 720839; 24.20 730721 730722 730723 730729 730791 730792 730793 730799; 24.41
    711510; 24.42 281820 760120; 24.43 780110 790111 800110; 24.44 741110 741121 741122 741129 741210 741220; 24.45
    750210; 24.51 730711; 24.52 730719; 25.40 930200; 25.72 830110; 25.73 820559 848071; 25.93 741300; 25.99 850511;
    26.60 901820; 26.70 900190; 27.33 854720; 27.51 630110; 27.52 841911; 27.90 854690 854790; 28.11 841182 850231;
    28.15 731511; 28.23 844399; 28.30 870193; 29.31 851240; 30.11 890190; 30.20 860110; 30.30 880240; 32.20 920110;
    32.30 420321 640212; 32.40 950300; 32.99 340600 660110; 38.11 401220 411520; 38.32 811020; 58.11 490199; 59.11
    852349; 59.20 490400; 74.20 370400; 90.03 970121; 91.02 970610
"""


@pytest.mark.parametrize("line", [" ".join(line.split()) for line in PUBLISHED.split(";")])
def test_product_divisions_equal_those_of_eurostat(line: str) -> None:
    cpa, *codes = line.split()
    assert codes
    assert {code: hs.divisions_of_hs().sector(code) for code in codes} == dict.fromkeys(codes, cpa[:2])


#: The last heading of each chapter in the editions of 1992 to 2022; between them they have all from 01 to this.
LAST_HEADINGS = """
    01:06 02:10 03:09 04:10 05:11 06:04 07:14 08:14 09:10 10:08 11:09 12:14 13:02 14:04 15:22 16:05 17:04 18:06 19:05
    20:09 21:06 22:09 23:09 24:04 25:30 26:21 27:16 28:53 29:42 30:06 31:05 32:15 33:07 34:07 35:07 36:06 37:07 38:27
    39:26 40:17 41:15 42:06 43:04 44:21 45:04 46:02 47:07 48:23 49:11 50:07 51:13 52:12 53:11 54:08 55:16 56:09 57:05
    58:11 59:11 60:06 61:17 62:17 63:10 64:06 65:07 66:03 67:04 68:15 69:14 70:20 71:18 72:29 73:26 74:19 75:08 76:16
    78:06 79:07 80:07 81:13 82:15 83:11 84:87 85:49 86:09 87:16 88:07 89:08 90:33 91:14 92:09 93:07 94:06 95:08 96:20
    97:06
"""


def test_every_hs4_and_hs6_code_has_a_division() -> None:
    table = hs.divisions_of_hs()
    last = dict(entry.split(":") for entry in LAST_HEADINGS.split())
    headings = [f"{chapter}{k:02d}" for chapter, n in last.items() for k in range(1, int(n) + 1)]
    assert len(headings) == 1265
    assert [heading for heading in headings if table.sector(heading) is None] == []
    assert {code[:4] for code in table.sector_of if len(code) > 2} <= set(headings)
    assert [code for code in ("98", "99", "999999", "77") if table.sector(code) is not None] == []


def test_hs_isic_table_is_consistent() -> None:
    from importlib.resources import files

    text = (files("entrepot.data") / "reference" / "hs_isic4.yaml").read_text(encoding="utf-8")
    listed = [code for codes in plain(read_yaml(text))["divisions"].values() for code in codes.split()]
    assert len(set(listed)) == len(listed)
    assert all(re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) for code in listed)
    chapters = {code[:2] for code in listed}
    assert chapters == {f"{k:02d}" for k in range(1, 98) if k != 77}


@pytest.mark.parametrize("name", ["world2014", "wiod2016", "icio2023"])
def test_every_chapter_has_a_sector_in_the_classifications(name: str) -> None:
    sectors = tuple(classifications()[name].divisions)
    concordance = hs.hs_to_sectors(sectors)
    assert set(concordance.sector_of.values()) <= {*sectors, hs.NOWHERE}
    assert concordance.sector("870323") is not None
    assert not concordance.notes


def test_shared_division_leaves_its_products_without_a_sector() -> None:
    sectors = tuple(classifications()["cp2015"].divisions)
    concordance = hs.hs_to_sectors(sectors)
    assert any("26 (Office and Communication and Medical)" in note for note in concordance.notes)
    assert concordance.positions(["847130", "870323"], sectors).tolist() == [-1, sectors.index("Auto")]


def test_shared_division_is_parted_by_headings_where_these_are_known() -> None:
    """Iron and steel are HS 72 and 73 within ISIC 24, ships HS 89 within ISIC 30."""
    sectors = tuple(classifications()["icio2025"].divisions)
    concordance = hs.hs_to_sectors(sectors)
    assert not concordance.notes
    expected = {"720839": "C24A", "760120": "C24B", "890120": "C301", "880240": "C302T309", "870323": "C29"}
    assert {code: concordance.sector(code) for code in expected} == expected


@pytest.mark.parametrize(
    ("name", "printing"),
    [("icio2023", "C17_18"), ("wiod2016", "C18"), ("wiod2014", "C09"), ("wiod2013", "21t22"), ("cp2015", "Paper"),
     ("eora26", "Wood and Paper")],
)  # fmt: skip
def test_books_and_recordings_go_to_a_sector_that_makes_goods(name: str, printing: str) -> None:
    assert hs.divisions_of_hs().sector("490199") == "58"
    assert hs.divisions_of_hs().sector("370610") == "59"
    concordance = hs.hs_to_sectors(tuple(classifications()[name].divisions))
    assert concordance.sector("490199") == concordance.sector("370610") == printing


def test_sectors_of_no_classification(small: ep.Economy) -> None:
    with pytest.raises(ep.errors.InputError, match="give a table \\(product, sector\\)"):
        hs.hs_to_sectors(small.sectors)


@pytest.mark.parametrize(
    "written",
    ["1E3", "8.70323E+05", "8703.1", "1 August", "Aug-03", "2024-08-01", "87,03", "-87", "77", "00", "8703\u00b2", "x"],
)
def test_product_codes_damaged_by_a_spreadsheet_are_rejected(written: str) -> None:
    """Mended alone, or among good codes, it would be another product."""
    for others in ([], ["87"], ["0101", "8703"]):
        codes, wrong, mended = read_codes([written, *others])
        assert (set(codes), wrong, mended) == (set(others), (written,), ())


def test_concordance_restores_zeros_by_the_same_rule() -> None:
    def concordance(*codes: str) -> Concordance:
        return read_concordance(pd.DataFrame({"product": codes, "sector": "s"}))

    def read(*codes: str) -> dict[str, str]:
        return concordance(*codes).sector_of

    assert set(read("101", "87")) == {"0101", "87"}
    assert "1 code had lost a leading zero, which was restored" in concordance("101", "87").notes[0]
    assert concordance("0101", "87").notes == ()
    assert set(read("1", "02")) == {"01", "02"}
    for kept in (("870", "01"), ("870",), ("870323001", "01")):
        with pytest.raises(ep.errors.TableError, match="is not an HS code"):
            read(*kept)


def test_product_is_found_in_any_notation_of_its_code() -> None:
    concordance = read_concordance(pd.DataFrame({"product": ["87", "870323"], "sector": ["other", "cars"]}))
    for code in ("870323", "8703.23", "8703.23.01", "'87032301", "870323.0"):
        assert concordance.sector(code) == "cars"
