"""Elasticities: values equal their sources, and notes state how they are mapped to sectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.classifications import classifications, recognise
from entrepot.data.elasticities import published, read_elasticities

GOODS = ["agriculture", "mining", "food", "textiles", "wood_paper", "petroleum", "chemicals", "plastics", "minerals"]


def test_caliendo_parro_elasticities_equal_the_replication_files() -> None:
    theirs = np.loadtxt(shared("cp2015") / "T.txt")
    cp = published()["cp2015"]
    assert list(cp.values.values()) == list(theirs)
    assert cp.nontraded == 8.22
    assert list(cp.values) == list(classifications()["cp2015"].divisions)
    assert cp.values["Auto"] == theirs[17]


def test_kite_elasticities_equal_the_sector_table() -> None:
    table = pd.read_csv(shared("wiod2014") / "sectors.csv")
    kite = published()["kite-wiod"]
    assert dict(kite.values) == dict(zip(table["sector"], table["theta"], strict=True))
    assert list(kite.values) == list(classifications()["wiod2014"].divisions)
    assert (table["theta"][22:] == kite.nontraded).all()


def test_one_number_for_every_sector() -> None:
    numbers = {name: s.uniform for name, s in published().items() if s.uniform is not None}
    assert numbers == {"blp2023-long": 1.0, "simonovska-waugh": 4.0}
    assert published()["blp2023-long"].range == (0.75, 1.25)
    theta, notes = read_elasticities("blp2023-long", ["any", "thing"])
    assert theta.tolist() == [1.0, 1.0]
    assert "Boehm" in notes[0]
    assert notes[0].endswith("1 for every sector (the source gives 0.75 to 1.25).")


def test_elasticity_sets_state_their_source() -> None:
    for entry in published().values():
        for text in (entry.title, entry.citation, entry.table, entry.definition, entry.horizon, entry.verified):
            assert text
        assert sum([bool(entry.values), entry.uniform is not None, entry.file == "user", bool(entry.unusable)]) == 1
        assert entry.citation in str(entry)
    with pytest.raises(TypeError):
        published()["cp2015"].values["Auto"] = 1.0  # type: ignore[index]


def test_elasticity_below_one_before_duty_is_refused() -> None:
    """Of trade valued before duty, the elasticity to a tariff is minus one minus theta: 0.76 leaves none above zero."""
    with pytest.raises(ep.errors.InputError, match=r"theta of -0\.24.*take blp2023-long"):
        read_elasticities("blp2023-short", GOODS)


def test_elasticity_set_that_is_not_shipped_tells_where_to_download_it() -> None:
    with pytest.raises(
        ep.errors.InputError, match=r"does not ship the numbers .*\. Download them from https.*columns sector and theta"
    ):
        read_elasticities("fgo2022-products", GOODS)


def test_elasticities_map_to_the_bundled_world(world: ep.Economy) -> None:
    theta, notes = read_elasticities("cp2015", world.sectors)
    by_sector = dict(zip(world.sectors, theta, strict=True))
    cp = published()["cp2015"].values
    assert by_sector["motor_vehicles"] == 8.22
    assert by_sector["wood_paper"] == pytest.approx((cp["Wood"] + cp["Paper"]) / 2)
    assert by_sector["electronics"] == pytest.approx((cp["Office"] + cp["Communication"] + cp["Medical"]) / 3)
    assert by_sector["construction"] == 8.22
    assert "Caliendo" in notes[0]
    assert "mapped from its 20 sectors to 24 of the bundled world2014 by simple mean" in notes[0]
    assert "8.22, the set's value for non-traded sectors, for " in notes[1]
    assert {"utilities", "construction"} <= set(notes[1].rstrip(".").partition("sectors, for ")[2].split(", "))


def test_bundled_elasticities_are_close_to_their_source(world: ep.Economy) -> None:
    theta, _ = read_elasticities("kite-wiod", world.sectors)
    single = [world.sectors.index(s) for s in ("motor_vehicles", "food", "petroleum", "machinery", "construction")]
    np.testing.assert_allclose(theta[single], world.theta[single], rtol=1e-6)  # merged ones are weighted there


def test_elasticity_set_on_its_own_sectors_is_unchanged() -> None:
    for name in ("cp2015", "kite-wiod"):
        values = published()[name].values
        theta, _ = read_elasticities(name, list(values))
        assert theta.tolist() == list(values.values())
        backwards, _ = read_elasticities(name, list(values)[::-1])
        assert backwards.tolist() == list(values.values())[::-1]


@pytest.mark.parametrize("classification", list(classifications()))
@pytest.mark.parametrize("name", ["cp2015", "kite-wiod"])
def test_every_classification_can_be_mapped(classification: str, name: str) -> None:
    labels = list(classifications()[classification].divisions)
    theta, _ = read_elasticities(name, labels)
    assert (theta > 0).all()
    assert np.isfinite(theta).all()
    shuffled, _ = read_elasticities(name, labels[::-1], classification=classification)
    np.testing.assert_array_equal(theta, shuffled[::-1])


COUNTS = {
    "world2014": 24,
    "world2022": 31,
    "wiod2016": 56,
    "wiod2014": 50,
    "icio2023": 45,
    "icio2025": 50,
    "wiod2013": 35,
    "eora26": 26,
    "cp2015": 20,
    "broad": 5,
}


def test_classifications_cover_each_division_once() -> None:
    assert {name: len(c.divisions) for name, c in classifications().items()} == COUNTS
    sections = [
        (1, 3),
        (5, 9),
        (10, 33),
        (35, 39),
        (41, 43),
        (45, 47),
        (49, 53),
        (55, 56),
        (58, 63),
        (64, 66),
        (68, 68),
    ]
    sections += [(69, 75), (77, 82), (84, 84), (85, 85), (86, 88), (90, 93), (94, 96), (97, 98), (99, 99)]
    everything = {division for first, last in sections for division in range(first, last + 1)}
    split = {"world2022": {24, 30}, "icio2025": {24, 30}, "cp2015": {26}}
    for classification in classifications().values():
        assert frozenset().union(*classification.divisions.values()) <= everything
    for name in ("wiod2016", "icio2023", "icio2025", "world2014", "cp2015"):
        covered = [d for divisions in classifications()[name].divisions.values() for d in divisions]
        twice = {d for d in covered if covered.count(d) > 1}
        assert twice == split.get(name, set()), name
    assert {d for ds in classifications()["wiod2016"].divisions.values() for d in ds} == everything


def test_bundled_world_has_the_labels_of_its_classification(world: ep.Economy) -> None:
    assert recognise(world.sectors).name == "world2014"
    assert set(world.sectors) == set(classifications()["world2014"].divisions)


def test_labels_in_other_spellings() -> None:
    assert recognise(["C10_C12", "r_s", "c33"]).name == "wiod2016"
    assert recognise(["c1", "C35"]).name in classifications()
    assert recognise(["Hotels and Restaurants", "food & beverages"]).name == "eora26"


def test_labels_of_two_classifications_that_differ() -> None:
    with pytest.raises(ep.errors.InputError, match=r"fit the classifications wiod2016 and .*wiod2014.*, which differ"):
        read_elasticities(
            "cp2015", ["C16", "C17"]
        )  # wood and paper in one, metal products and electronics in the other
    theta, _ = read_elasticities("cp2015", ["C16", "C17"], classification="wiod2016")
    assert theta.tolist() == [11.5, 16.52]


def test_sectors_of_no_classification() -> None:
    with pytest.raises(
        ep.errors.InputError, match=r"no classification known .* Nearest is world2014, .* not have cars"
    ):
        read_elasticities("cp2015", ["cars", "agriculture", "mining"])
    with pytest.raises(ep.errors.UnknownNameError, match="unknown classification 'icio2024'; did you mean icio2025"):
        read_elasticities("cp2015", ["C29"], classification="icio2024")
    with pytest.raises(ep.errors.UnknownNameError, match="classification icio2025: unknown sector 'cars'"):
        read_elasticities("cp2015", ["cars"], classification="icio2025")


# ---- numbers, mappings, tables ----


def test_numbers_and_mappings() -> None:
    assert read_elasticities(5, ["a", "b"])[0].tolist() == [5.0, 5.0]
    theta, notes = read_elasticities({"b": 2.0, "a": 3.0}, ["a", "b"])
    assert theta.tolist() == [3.0, 2.0]
    assert notes == ("Elasticities: by sector, as given.",)
    for wrong in (0, -1.0, float("nan"), {"a": 1.0}, {"a": 1, "b": 1, "c": 1}, [1, 2], None, True):
        with pytest.raises(ep.errors.InputError):
            read_elasticities(wrong, ["a", "b"])


def test_unknown_elasticity_set_suggests_the_nearest_name() -> None:
    with pytest.raises(ep.errors.UnknownNameError, match="unknown set of elasticities 'cp2016'; did you mean cp2015"):
        read_elasticities("cp2016", ["a"])
    with pytest.raises(ep.errors.InputError, match="a number, a mapping by sector, a CSV file, or one of cp2015"):
        read_elasticities(None, ["a"])


def csv(folder: Path, text: str) -> Path:
    (folder / "theta.csv").write_text(text)
    return folder / "theta.csv"


def test_a_file_by_sector(tmp_path: Path) -> None:
    theta, notes = read_elasticities(csv(tmp_path, "sector,theta\nFood,2\ncars,8\n"), ["cars", "food"])
    assert theta.tolist() == [8.0, 2.0]
    assert notes == ("Elasticities: theta.csv.",)
    theta, notes = read_elasticities(csv(tmp_path, "sector,sigma\nALL,5\ncars,9\n"), ["cars", "food", "services"])
    assert theta.tolist() == [8.0, 4.0, 4.0]
    assert notes == ("Elasticities: theta.csv; theta = sigma - 1; 4 for 2 sectors without a row.",)


def test_lines_of_a_file_that_are_not_read_are_noted(tmp_path: Path) -> None:
    path = csv(tmp_path, 'Estimates of 2020\nsector,theta\nALL,4\nfood,"2,5"\ncars\n')
    theta, notes = read_elasticities(path, ["cars", "food"])
    assert theta.tolist() == [4.0, 2.5]
    assert "theta (theta.csv): Lines below the table that are not read (1): 'cars'." in notes
    assert "theta (theta.csv): Lines above the header that are not read (1): 'Estimates of 2020'." in notes
    assert any("is read with a comma before decimals" in note for note in notes)
    table = tmp_path / "sectors.csv"
    table.write_text("product,sector\n87,cars\n02,food\n8708\n")
    path.write_text("product,theta\n870323,4\n020110,8\n")
    _, notes = read_elasticities(path, ["cars", "food"], concordance=table)
    assert "concordance (sectors.csv): Lines below the table that are not read (1): '8708'." in notes


def test_a_file_in_another_classification(tmp_path: Path) -> None:
    path = csv(tmp_path, "sector,theta\nC29,7\nC24A,3\nC24B,5\nALL,4\n")
    theta, notes = read_elasticities(path, ["motor_vehicles", "metals", "construction"])
    assert theta.tolist() == [7.0, 4.0, 4.0]
    assert "mapped from its 3 sectors to 3 of the bundled world2014" in notes[0]


def test_theta_and_sigma_in_one_file_must_agree(tmp_path: Path) -> None:
    agreed = csv(tmp_path, "sector,theta,sigma\ncars,4.333,5.34\nfood,2,\n")
    assert read_elasticities(agreed, ["cars", "food"])[0].tolist() == [4.333, 2.0]
    for rows in ("cars,4,5\nfood,5,4\n", "cars,4,5\nfood,4,4\n"):
        path = csv(tmp_path, f"sector,theta,sigma\n{rows}")
        with pytest.raises(ep.errors.TableError, match=r"row 2 \(food\): theta is . and sigma 4, but theta"):
            read_elasticities(path, ["cars", "food"])


@pytest.mark.parametrize(
    "rows",
    [
        "cars,8.22,9.2\nfood,4.3,5.34\n",  # rounded, each to digits of its own
        "cars,4.5,5.500\nfood,2.25,\n",
        "cars,4.5,n.a.\nfood,2.25,see note\n",
    ],
)
def test_theta_and_sigma_may_be_rounded_and_sigma_may_be_missing(tmp_path: Path, rows: str) -> None:
    theta, notes = read_elasticities(csv(tmp_path, f"sector,theta,sigma\n{rows}"), ["cars", "food"])
    assert theta.tolist() == [float(row.split(",")[1]) for row in rows.splitlines()]
    assert "sigma" not in " ".join(notes)
    comma = csv(tmp_path, f"sector;theta;sigma\n{rows}".replace(",", ";").replace(".", ","))
    assert read_elasticities(comma, ["cars", "food"])[0].tolist() == theta.tolist()


def test_whole_numbers_that_are_far_apart_are_noted(tmp_path: Path) -> None:
    """A theta of 4 beside a sigma of 4.6 may be rounded, and is a ninth above the 3.6 that sigma gives."""
    theta, notes = read_elasticities(csv(tmp_path, "sector,theta,sigma\nfood,5,6\ncars,4,4.6\n"), ["cars", "food"])
    assert theta.tolist() == [4, 5]
    assert "theta is not sigma - 1: in row 2 (cars) theta is 4 and sigma 4.6; theta was used" in " ".join(notes)


def test_theta_above_sigma_less_one_in_every_row_is_noted(tmp_path: Path) -> None:
    """The shape of a Pareto distribution of productivity is theta there, and sigma another parameter."""
    theta, notes = read_elasticities(
        csv(tmp_path, "sector,theta,sigma\ncars,4.25,4.0\nfood,5.1,4.0\n"), ["cars", "food"]
    )
    assert theta.tolist() == [4.25, 5.1]
    assert any("theta is not sigma - 1: in row 1 (cars) theta is 4.25 and sigma 4;" in note for note in notes)
    with pytest.raises(ep.errors.TableError, match=r"row 1 \(cars\): theta is 2.25 and sigma 4, .* Pareto .* without"):
        read_elasticities(csv(tmp_path, "sector,theta,sigma\ncars,2.25,4.0\nfood,5.1,4.0\n"), ["cars", "food"])


def test_columns_that_are_not_used_are_noted(tmp_path: Path) -> None:
    path = csv(tmp_path, "country,sector,theta,se\nUSA,cars,8,1\nUSA,food,2,1\n")
    theta, notes = read_elasticities(path, ["cars", "food"])
    assert theta.tolist() == [8.0, 2.0]
    assert "theta (theta.csv): columns not used: 'country', 'se'." in notes
    table = pd.DataFrame({"product": ["87", "02"], "sector": ["cars", "food"], "share": [0.6, 1.0]})
    path.write_text("product,theta\n870323,4\n020110,8\n")
    _, notes = read_elasticities(path, ["cars", "food"], concordance=table)
    assert "concordance: column 'share' not used." in notes


def test_a_file_by_product(tmp_path: Path) -> None:
    table = pd.DataFrame({"product": ["87", "8708", "02"], "sector": ["cars", "parts", "food"]})
    path = csv(tmp_path, "product,sigma\n870323,4\n870332,6\n870829,3\n020110,9\n990000,2\n")
    theta, notes = read_elasticities(path, ["cars", "parts", "food"], concordance=table)
    assert theta.tolist() == [4.0, 2.0, 8.0]
    assert "theta = sigma - 1; by sector the simple mean of its products (4 products)" in notes[0]
    assert "1 product missing from the concordance left out" in notes[1]
    with pytest.raises(ep.errors.TableError, match="no product of services; add a row for the product ALL"):
        read_elasticities(path, ["cars", "parts", "food", "services"], concordance=table)
    path.write_text(path.read_text() + "ALL,6\n")
    theta, notes = read_elasticities(path, ["cars", "parts", "food", "services"], concordance=table)
    assert theta[3] == 5.0
    assert "5 for services, which have no product" in notes[-1]
    with pytest.raises(ep.errors.TableError, match="its rows are products, not sectors; give a concordance"):
        read_elasticities(path, ["cars"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sector,elasticity\ncars,4\n", "sector or product, and theta or sigma, are needed; found sector, elasticity"),
        ("sector,theta\ncars,4\ncars,5\n", "row 2: cars is repeated"),
        ("sector,theta\ncars,-4\nfood,4\n", r"row 1 \(cars\): theta is -4; it must be a number above 0"),
        ("sector,sigma\ncars,1\nfood,4\n", r"row 1 \(cars\): sigma is 1; it must be a number above 1"),
        ("sector,theta\ncars,1e9\nfood,4\n", r"row 1 \(cars\): theta is 1e9; it must be from 1e-06 to 1,000,000"),
        ("sector,theta\ncars,x\nfood,4\n", r"row 1 \(cars\): theta is x"),
        ("sector,theta\n,4\nfood,4\n", "row 1: sector is empty"),
        ("sector,theta\ncars,4\n", "no elasticity for food"),
        ("sector,theta\ncars,4\nfoot,4\n", "unknown sector 'foot'; did you mean food"),
        ("sector,theta\n", "no rows below its header"),
        ("", "is empty"),
    ],
)
def test_files_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        read_elasticities(csv(tmp_path, text), ["cars", "food"])


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.DocumentError, match="no such file"):
        read_elasticities(tmp_path / "none.csv", ["cars"])


def test_protee_is_read_as_published(tmp_path: Path) -> None:
    """theta = -sigma - 1; blanks and estimates with theta <= 0 take the mean of their heading, else chapter."""
    rows = ["010110,1,0,", "010190,0,0,-6", "010210,0,0,-4", "010310,1,0,", "870323,0,0,-9", "020900,0,0,-0.9"]
    (tmp_path / "ProTEE.csv").write_text("HS6,zero,positive,sigma\n" + "\n".join(rows) + "\n")
    concordance = pd.DataFrame({"product": ["0101", "0102", "0103", "02", "87"], "sector": ["a", "b", "c", "c", "d"]})
    theta, notes = read_elasticities(tmp_path / "ProTEE.csv", ("a", "b", "c", "d"), concordance=concordance)
    assert theta.tolist() == pytest.approx([5.0, 3.0, (5 + 3) / 2, 8.0])
    messages = " ".join(notes)
    assert "ProTEE, trade elasticities by product" in messages
    assert "2 products without an estimate and 1 whose theta would not be above zero" in messages
    assert "no estimate in the chapter of 1 product: 020900" in messages
