"""Names of countries, groups and sectors."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest

import entrepot as ep
from entrepot.economy import geography
from entrepot.economy.geography import (
    country_name,
    find_place,
    groups,
    outdated,
    resolve_countries,
    resolve_sectors,
)
from entrepot.economy.regions import region_members

REQUIRED = ("EU27", "EU28", "EA", "CPTPP", "USMCA", "G7", "BRICS", "ASEAN")


@pytest.mark.parametrize("name", ["JPN", "jpn", "Japan", "JP", "392"])
def test_country_is_found_by_any_name(world: ep.Economy, name: str) -> None:
    assert resolve_countries(name, world.countries)[0] == ("JPN",)


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("GBR", "GB;UK;826;United Kingdom;4120"),
        ("GRC", "GR;EL;300;Greece"),
        ("ROU", "ROM;642;Romania"),
        ("COD", "ZAR;Congo, Dem. Rep.;180"),
        ("KOR", "Korea, Rep.;Republic of Korea;Korea, South;410"),
        ("TWN", "S19;490;Other Asia, nes;Taiwan"),
        ("HKG", "Hong Kong, China;344"),
        ("CIV", "Cote d'Ivoire;Côte d'Ivoire;384"),
        ("TUR", "Turkey;Türkiye;792"),
        ("NES", "_X;E19;899;Areas, nes"),
        ("WORLD", "W00;WLD; World;0;000"),
        ("WORLD_BANK", "High income;Sub-Saharan Africa;SSF"),
    ],
)
def test_names_of_comtrade_wits_and_the_census(code: str, names: str) -> None:
    for name in names.split(";"):
        place = find_place(name)
        assert place is not None, name
        assert place.code == code, name


@pytest.mark.parametrize(
    ("name", "count"), [("EU27", 27), ("EU28", 28), ("USMCA", 3), ("G7", 7), ("WORLD", 44), ("ROW", 1)]
)
def test_groups_have_as_many_members_with_data(world: ep.Economy, name: str, count: int) -> None:
    assert len(resolve_countries(name, world.countries)[0]) == count


@pytest.mark.parametrize("name", ["VNM", "VN", "Vietnam", "viet nam", "704", "ASEAN"])
def test_country_is_found_where_its_label_is_a_name(name: str) -> None:
    assert resolve_countries(name, ("Viet Nam", "United States", "ROW"))[0] == ("Viet Nam",)


@pytest.mark.parametrize("name", ["KHM", "WLF"])
def test_labels_in_capitals_are_codes_of_ones_own(name: str) -> None:
    """CAM is Central America in an aggregation of GTAP, WF the rest of Africa in EXIOBASE."""
    with pytest.raises(ep.errors.InputError, match="has no data of its own in this Economy; it is part of ROW"):
        resolve_countries(name, ("CAM", "WF", "ROW"))


def test_groups_name_members_without_data(world: ep.Economy) -> None:
    members, notes = resolve_countries("CPTPP", world.countries)
    assert members == tuple(code for code in world.countries if code in ("AUS", "CAN", "JPN", "MEX"))
    assert "BRN, CHL, MYS, NZL, PER, SGP, VNM" in notes[0]
    outcome = ep.solve(world, [ep.Tariff(importer="JPN", exporter="CPTPP", sector="food", rate=0)])
    assert outcome.notes == notes


def test_every_group_is_dated_and_sourced() -> None:
    assert set(REQUIRED) <= set(groups())
    for group in groups().values():
        assert datetime.date.fromisoformat(group["as_of"])
        assert group["source"]
        assert len(set(group["members"])) == len(group["members"])
        for code in group["members"]:
            assert country_name(code) != code  # country_converter knows it


def test_regions_of_the_world_bank_divide_the_world_up() -> None:
    regions = [region_members(name) for name in ("SAS", "SSA", "EAP", "ECA", "LAC", "MEA", "NAC")]
    members = [code for region in regions for code in region or ()]
    assert len(set(members)) == len(members) > 210
    assert all((place := find_place(code)) is not None and place.code == code for code in members)
    assert region_members("AFE") | region_members("AFW") == region_members("Sub-Saharan Africa")  # type: ignore[operator]
    assert region_members("HIC") is None


def test_unknown_names(world: ep.Economy) -> None:
    with pytest.raises(ep.errors.UnknownNameError, match="did you mean CPTPP"):
        resolve_countries("CPTP", world.countries)
    with pytest.raises(ep.errors.UnknownNameError, match="unknown country 'Not China'"):
        resolve_countries("Not China", world.countries)
    with pytest.raises(
        ep.errors.InputError, match=r"Vietnam \(VNM\) has no data of its own in this Economy; it is part of ROW"
    ):
        resolve_countries("Vietnam", world.countries)
    with pytest.raises(ep.errors.UnknownNameError, match="did you mean motor_vehicles"):
        resolve_sectors("motor_vehicle", world.sectors)
    with pytest.raises(ep.errors.InputError, match="no member of ASEAN"):
        resolve_countries("ASEAN", [c for c in world.countries if c != "IDN"])


@pytest.mark.parametrize(
    ("name", "day", "messages"),
    [
        ("EU28", "2026-03-01", "EU28 stands for its members until 2020-01-31"),
        ("EU28", "2019-05-17", None),
        ("EU27", "2019-05-17", "EU27 stands for its members since 2020-02-01"),
        ("eu28", "2020-02-01", "eu28 stands for"),
        ("JPN", "1950-01-01", None),
        ("EU", "2019-05-17", "EU stands for its members since 2020-02-01"),
    ],
)
def test_group_with_other_members_on_the_day_is_noted(name: str, day: str, messages: str | None) -> None:
    notes = outdated([name, name], datetime.date.fromisoformat(day))
    assert len(notes) == (messages is not None)
    assert messages is None or notes[0].startswith(messages)


@pytest.mark.parametrize(
    ("name", "year", "noted"),
    [("EU28", 2022, True), ("EU28", 2020, True), ("EU28", 2019, False), ("EU28", None, False), ("JPN", 2022, False)],
)
def test_group_that_had_ended_before_the_year_of_the_data_is_noted(name: str, year: int | None, noted: bool) -> None:
    notes = outdated([name], datetime.date(2019, 5, 17), year)
    assert notes == ([f"{name} stands for its members until 2020-01-31, and the data are of {year}"] if noted else [])


def test_case_and_screen_note_a_group_with_other_members(world: ep.Economy) -> None:
    tariff = ep.Tariff(importer="USA", exporter="EU28", sector="motor_vehicles", rate=0.25)
    assert any("EU28 stands for" in note for note in ep.screen(tariff, on="2025-04-03").notes)
    assert not any("EU28 stands for" in note for note in ep.screen(tariff, on="2019-05-17").notes)
    case = ep.load_case("us-japan-autos-2019")
    part = {
        "scenarios": {"tariff_japan_eu": case.scenarios["tariff_japan_eu"]},
        "table": None,
        "report": type(case.report)(),
    }
    case = case.model_copy(update=part)
    assert not any("stands for its members" in note for note in ep.run(case, world).notes)
    later = case.model_copy(update={"law": case.law.model_copy(update={"on": datetime.date(2026, 1, 1)})})
    assert any("EU28 stands for its members until 2020-01-31" in note for note in ep.run(later, world).notes)


# ---- the one table of names ----


def spellings() -> dict[str, list[str]]:
    """By place, every way of writing it that the program's own data state."""
    table = Path(geography.__file__).parent / "data" / "places.csv"
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        several = [text for column in ("census", "codes", "also") for text in row[column].split(";")]
        found[row["code"]] = [text for text in (row["code"], row["iso2"], row["number"], row["name"], *several) if text]
    for name, group in groups().items():
        found[name] = [name, group["title"], *map(str, group.get("also", ()))]
    return found


def test_every_spelling_of_a_place_is_found() -> None:
    """So that no two places share a key: EC is Ecuador and not the European Communities."""
    wrong = {
        (code, text): place and place.code
        for code, texts in spellings().items()
        for text in texts
        if (place := geography.find_place(text)) is None or place.code != code
    }
    assert not wrong


def test_blanks_quotes_and_zeros_change_no_place() -> None:
    for code, texts in spellings().items():
        for text in texts:
            changed = [f" {text}\u00a0", f'"{text}"', text.lower(), text.upper()]
            changed += [text.zfill(5), f"{text}.0"] if text.isdigit() else []
            assert {place.code for one in changed if (place := geography.find_place(one))} == {code}, text


def test_names_of_the_world_and_of_sums() -> None:
    for name in ("World", "W00", "WLD", "000", "0", "All partners", "Total", "Grand Total"):
        assert geography.find_place(name) == geography.find_place("WORLD")
    for name in ("Extra-EU", "High income", "HIC", "Asia"):
        place = geography.find_place(name)
        assert place is not None
        assert place.kind == "aggregate"
    for name in ("_X", "Areas, nes", "Bunkers", "E19", "899"):
        place = geography.find_place(name)
        assert place is not None
        assert place.code == "NES"


def test_members_of_groups_are_countries() -> None:
    for name in spellings():
        place = geography.find_place(name)
        assert place is not None
        assert all(geography.iso3(member) == member for member in place.members), name


@pytest.mark.parametrize(
    "name",
    [
        "USA\x00",
        "US\x00A",
        "\x01USA",
        "U\u200bSA",
        "USA\u200b",
        "U\xadSA",
        "�",
        "²",
        "٤",
        "9" * 5000,
        "",
        " ",
        "Not China",
        "us a",
        "-4",
        "+4",
        "1E3",
        "4.5",
        "Korea Japan",
        "0x4",
        "USA;JPN",
    ],
)
def test_other_texts_are_not_places(name: str, world: ep.Economy) -> None:
    assert geography.find_place(name) is None
    with pytest.raises(ep.errors.UnknownNameError):
        resolve_countries(name, world.countries)


def test_sector_of_world2014_stands_for_its_parts_in_a_finer_world() -> None:
    fine = ep.load_economy("world2022").sectors
    assert resolve_sectors(["metals", "food"], fine) == ("food", "steel", "other_metals")
    assert resolve_sectors("metals", ep.load_economy("world2014").sectors) == ("metals",)
    with pytest.raises(ep.errors.UnknownNameError, match="metal_products"):
        resolve_sectors("metals", ["metal_products", "food"])


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("GBR", ["XU", "XI", "United Kingdom (excluding Northern Ireland)", "United Kingdom (Northern Ireland)"]),
        ("FSM", ["Micronesia", "MICRONESIA"]),
        ("LAO", ["Lao P.D.R."]),
        ("MAC", ["Macao SAR"]),
        ("PRK", ["DPR Korea"]),
    ],
)
def test_names_that_statistical_offices_write(code: str, names: list[str]) -> None:
    """Eurostat has the United Kingdom in two parts since 2021; the IMF has names of its own."""
    found = [geography.find_place(name) for name in names]
    assert [place and place.code for place in found] == [code] * len(names)
