"""Economies written for GEMPACK, GAMS and Stata, and read back: the same world, to the precision of the format."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.exchange import ARRAYS, KEYS, Exchange
from entrepot.data.exchange_files import READERS, short_labels
from entrepot.data.sources.header_array import Header, read_header_arrays, read_text_headers, write_header_arrays
from test_cli import call
from worlds import random_world

with_gams = pytest.mark.skipif(
    importlib.util.find_spec("gams_gdxgmd") is None, reason="GDX needs gamsapi and gams-gdxgmd: entrepot[gams]"
)
EXACT = ["world", "world.dta", pytest.param("world.gdx", marks=with_gams)]
#: Half a unit in the last place of a number of single precision, over the number.
SINGLE = 2.0**-24
TARIFF = ep.Tariff(importer="C00", exporter="C02", sector="s01", rate=0.3)


@pytest.fixture(scope="module")
def world() -> ep.Economy:
    """A world with markups, an export tax and a subsidy in force, notes and a source with both marks of quotation."""
    plain = random_world(4, 3, seed=3)
    outcome = ep.solve(
        plain.with_markups(6.0),
        [
            ep.ExportTax(importer="WORLD", exporter="C01", sector="s00", rate=0.1),
            ep.ProductionSubsidy(country="C02", sector="s02", rate=0.05),
        ],
    )
    found = outcome.as_economy(name="world")
    return ep.Economy(
        **{name: getattr(found, name) for name in ("countries", "sectors", "value", "tariff", "inputs", "theta")},
        name="world",
        year=2031,
        source='Made for a "test", not anyone\'s; with a very long line about it' + " and more" * 40,
        notes=("one note", "the second, à part"),
        markup=found.markup,
        in_force=found.in_force,
    )


def back(path: Path) -> ep.data.Imported:
    return ep.import_economy("exchanged", path)


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_format_gives_the_same_world_back(world: ep.Economy, tmp_path: Path, name: str) -> None:
    world.export(tmp_path / name)
    found = back(tmp_path / name)
    assert found.economy.fingerprint == world.fingerprint, "to the last digit"
    assert (found.economy.name, found.economy.year) == ("world", 2031)
    assert (found.economy.source, found.economy.notes) == (world.source, world.notes)
    assert not found.mended
    assert not found.refused


def test_header_arrays_give_it_back_to_single_precision(world: ep.Economy, tmp_path: Path) -> None:
    (path,) = world.export(tmp_path / "world.har")
    found = back(path).economy
    assert (found.countries, found.sectors, found.notes) == (world.countries, world.sectors, world.notes)
    for name in ("value", "tariff", "inputs", "theta", "markup"):
        exact, read = getattr(world, name), getattr(found, name)
        assert (np.abs(read - exact) <= SINGLE * np.abs(exact)).all(), name
    assert (found.value != world.value).any(), "single precision is not exact here"
    ours, theirs = (ep.solve(e, TARIFF).countries["real_income_pct"].to_numpy() for e in (world, found))
    np.testing.assert_allclose(theirs, ours, atol=1e-6 * np.abs(ours).max())


def test_what_is_written_is_what_the_economy_says(world: ep.Economy, tmp_path: Path) -> None:
    world.export(tmp_path / "folder")
    cells = pd.read_csv(tmp_path / "folder" / "cells.csv").set_index(["sector", "country"])
    trade = pd.read_csv(tmp_path / "folder" / "trade.csv").set_index(["sector", "exporter", "importer"])
    inputs = pd.read_csv(tmp_path / "folder" / "inputs.csv").set_index(["input", "output", "country"])
    j, n, i = world.sectors.index("s01"), world.countries.index("C00"), world.countries.index("C02")
    assert trade.loc[("s01", "C02", "C00"), "value"] == world.value[j, n, i]
    assert inputs.loc[("s00", "s01", "C00"), "cost_share"] == world.inputs[n, world.sectors.index("s00"), j]
    used = (world.inputs[n] * world.cost[:, n]).sum(axis=1)
    assert cells.loc[("s01", "C00"), "final_demand"] == pytest.approx(world.spending[j, n] - used[j], rel=1e-9)
    assert cells["value_added"].groupby("country").sum()["C00"] == pytest.approx(world.value_added[n], rel=1e-12)
    deficits = pd.read_csv(tmp_path / "folder" / "countries.csv").set_index("country")["deficit"]
    assert deficits["C02"] == pytest.approx(world.deficit[i], rel=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # harpy's own
def test_the_reader_of_gempack_s_own_group_reads_our_header_arrays(world: ep.Economy, tmp_path: Path) -> None:
    harpy = pytest.importorskip("harpy", reason="harpy3 reads .har files; it is under the GPL and for this test only")
    (path,) = world.export(tmp_path / "world.har")
    headers = harpy.HarFileObj.loadFromDisk(str(path))
    value = headers.getHeaderArrayObj("VALU")
    np.testing.assert_array_equal(value["array"], world.value.transpose(0, 2, 1).astype("<f4"), "good, source, place")
    assert [axis["name"] for axis in value["sets"]] == ["COMM", "REG", "REG"]
    assert value["sets"][1]["dim_desc"] == list(world.countries)
    shares = headers.getHeaderArrayObj("INPS")
    np.testing.assert_array_equal(shares["array"], world.inputs.transpose(1, 2, 0).astype("<f4"))
    assert [str(one).strip() for one in headers.getHeaderArrayObj("REG")["array"]] == list(world.countries)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # harpy's own
@pytest.mark.parametrize("shape", [(5,), (40, 31), (31, 77, 5), (3, 9000), (90, 90, 2, 3)])
def test_arrays_of_any_size_come_back_from_their_records(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(1).normal(size=shape).astype("<f4").astype(float)
    axes = tuple(f"S{k}" for k in range(len(shape)))
    elements = tuple(tuple(f"e{k}" for k in range(size)) for size in shape)
    lines = [f"line {k}" for k in range(3000)]
    write_header_arrays(tmp_path / "x.har", {"DATA": Header(array, elements, axes)}, {"TEXT": lines})
    found = read_header_arrays(tmp_path / "x.har")["DATA"]
    np.testing.assert_array_equal(found.array, array)
    assert found.elements == elements
    assert read_text_headers(tmp_path / "x.har")["TEXT"] == tuple(lines)
    try:
        import harpy
    except ImportError:
        return
    theirs = harpy.HarFileObj.loadFromDisk(str(tmp_path / "x.har")).getHeaderArrayObj("DATA")["array"]
    np.testing.assert_array_equal(theirs, array)


def test_long_names_are_cut_to_twelve_characters_and_come_back_whole(tmp_path: Path) -> None:
    assert short_labels(("other_manufacturing", "other_manufactures", "Côte d'Ivoire", "1st", "OTHER_MANUFA")) == (
        "other_manufa",
        "other_manuf2",
        "C_te_d_Ivoir",
        "x1st",
        "OTHER_MANUF3",
    )
    plain = random_world(2, 2, seed=1)
    named = ep.Economy(
        countries=("Côte d'Ivoire", "Lesotho"),
        sectors=("other_manufacturing", "other_manufactures"),
        **{name: getattr(plain, name) for name in ("value", "tariff", "inputs", "theta")},
    )
    named.export(tmp_path / "named.har")
    found = back(tmp_path / "named.har").economy
    assert (found.countries, found.sectors) == (named.countries, named.sectors)


@pytest.mark.parametrize("header", ["TARF", "all"])
def test_header_arrays_are_read_by_their_elements_in_any_order(tmp_path: Path, header: str) -> None:
    world = random_world(4, 3, seed=3)
    (path,) = world.export(tmp_path / "world.har")
    read, texts = read_header_arrays(path), dict(read_text_headers(path))
    by_header = {one.header: one for one in ARRAYS.values()}
    written = {}
    for name, found in read.items():
        sets = tuple(
            "REG" if key in ("exporter", "importer", "country") else "COMM" for key in KEYS[by_header[name].table]
        )
        array, elements = found.array, list(found.elements)
        for axis, one in enumerate(sets):
            if one == "REG" and header in (name, "all"):
                array = np.flip(array, axis)
                elements[axis] = elements[axis][::-1]
        written[name] = Header(array, tuple(elements), sets)
    if header == "all":
        texts["REG"] = texts["REG"][::-1]
    write_header_arrays(tmp_path / "turned.har", written, texts)
    found = back(tmp_path / "turned.har").economy
    assert found.countries == world.countries
    np.testing.assert_allclose(found.value, world.value, rtol=1e-6)
    np.testing.assert_allclose(found.tariff, world.tariff, rtol=1e-6)


def test_elements_that_the_names_in_a_header_array_file_lack_are_refused(tmp_path: Path) -> None:
    (path,) = random_world(4, 3, seed=3).export(tmp_path / "world.har")
    path.write_bytes(path.read_bytes().replace(b"C02         ", b"C09         "))
    with pytest.raises(ep.errors.InputError, match=r"VALU has the element 'C09', which META does not name"):
        back(path)


def test_elements_that_a_header_array_names_twice_are_refused(tmp_path: Path) -> None:
    (path,) = random_world(4, 3, seed=3).export(tmp_path / "world.har")
    path.write_bytes(path.read_bytes().replace(b"C02         ", b"C01         "))
    with pytest.raises(ep.errors.DocumentError, match=r"VALU has an element twice: .*C01, C01"):
        back(path)


def test_rounding_that_leaves_a_good_used_above_its_supply_is_mended(tmp_path: Path) -> None:
    """A world in which all of a good goes into production: its final demand is zero, and below it when rounded."""
    plain = random_world(5, 6, seed=2)
    inputs = plain.inputs.copy()
    used = np.einsum("nkj,jn->kn", inputs, plain.cost)
    inputs[:, 0] *= (plain.spending[0] / used[0])[:, None]
    inputs *= np.minimum(1.0, 0.95 / inputs.sum(axis=1).max())
    inputs[:, 0] *= (plain.spending[0] / np.einsum("nj,jn->n", inputs[:, 0], plain.cost))[:, None]
    tight = ep.Economy(plain.countries, plain.sectors, plain.value, plain.tariff, inputs, plain.theta)
    tight.export(tmp_path / "tight.har")
    found = back(tmp_path / "tight.har")
    assert "input shares are lowered" in found.mended[0]
    np.testing.assert_allclose(found.economy.inputs, inputs, rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", ["world.har", *EXACT])
def test_the_shocks_of_measures_go_with_the_world(world: ep.Economy, tmp_path: Path, name: str) -> None:
    world.export(tmp_path / name, TARIFF)
    arrays = READERS["folder" if "." not in name else name[-3:]](tmp_path / name).arrays  # type: ignore[index]
    expected = world.tariff.copy()
    expected[world.sectors.index("s01"), world.countries.index("C00"), world.countries.index("C02")] = 0.3
    np.testing.assert_allclose(arrays["tariff_after"], expected.transpose(0, 2, 1), rtol=1e-7, atol=1e-15)
    assert {name for name in arrays if ARRAYS[name].shock} == {"tariff_after"}, "what does not change is left out"
    assert "tariff_after" in back(tmp_path / name).refused[0]


@pytest.mark.positions
def test_all_kinds_of_shocks(world: ep.Economy, tmp_path: Path) -> None:
    measures = [
        ep.NonTariffBarrier(importer="C00", exporter="C01", sector="s00", rate=0.1),
        ep.ProductionSubsidy(country="C00", sector="s00", rate=0.2),
        ep.ExportTax(importer="WORLD", exporter="C03", sector="s02", rate=0.1),
    ]
    world.export(tmp_path / "folder", measures)
    arrays = READERS["folder"](tmp_path / "folder").arrays
    found = {name for name in arrays if ARRAYS[name].shock}
    assert found == {"trade_cost", "subsidy_after", "export_tax_after"}
    assert arrays["trade_cost"].max() == pytest.approx(1.1)
    assert arrays["subsidy_after"][0, 0] == pytest.approx(0.2)


def test_what_the_files_have_no_place_for_is_refused(world: ep.Economy, tmp_path: Path) -> None:
    quota = ep.ImportQuota(importer="C00", exporter="C02", sector="s01", cap=0.5)
    with pytest.raises(ep.errors.InputError, match="the file has rates"):
        world.export(tmp_path / "x.har", quota)
    held = ep.solve(random_world(4, 3, seed=3), quota).as_economy()
    with pytest.raises(ep.errors.InputError, match="no place in these files"):
        held.export(tmp_path / "x.har")
    with pytest.raises(ep.errors.InputError, match="nothing to write"):
        world.export(tmp_path / "x.har", [])
    with pytest.raises(ep.errors.InputError, match=r"ends in \.har, \.gdx or \.dta"):
        world.export(tmp_path / "x.xlsx")
    assert not list(tmp_path.iterdir())


def _folder(world: ep.Economy, path: Path, table: str, change: str) -> None:
    world.export(path)
    file = path / f"{table}.csv"
    frame = pd.read_csv(file)
    if change == "removed":
        file.unlink()
        return
    frame = {
        "column": lambda: frame.drop(columns=frame.columns[-1]),
        "key": lambda: frame.drop(columns=frame.columns[0]),
        "name": lambda: frame.replace({"C02": "C09"}),
        "twice": lambda: pd.concat([frame, frame[:1]]),
    }[change]()
    frame.to_csv(file, index=False)


@pytest.mark.parametrize(
    ("table", "change", "match"),
    [
        ("trade", "removed", "there is no table trade"),
        ("inputs", "column", "there is no cost_share"),
        ("inputs", "removed", "there is no cost_share"),
        ("trade", "key", "table trade has no column sector"),
        ("trade", "name", "'C09' is not among"),
        ("trade", "twice", "two rows for"),
        ("sectors", "column", "there is no theta"),
    ],
)
def test_a_folder_that_lacks_something_says_what(
    world: ep.Economy, tmp_path: Path, table: str, change: str, match: str
) -> None:
    _folder(world, tmp_path / "folder", table, change)
    with pytest.raises(ep.errors.InputError, match=match):
        back(tmp_path / "folder")


Edit = Callable[[pd.DataFrame], pd.DataFrame]


def _edited(world: ep.Economy, path: Path, table: str, edit: Edit) -> ep.data.Imported:
    """The world from a folder after an edit of one table, all of whose cells are text."""
    world.export(path)
    file = path / f"{table}.csv"
    edit(pd.read_csv(file, dtype=str, keep_default_na=False)).to_csv(file, index=False)
    return back(path)


def _cell(column: str, row: int, text: str) -> Edit:
    return lambda frame: frame.assign(**{column: [text if k == row else cell for k, cell in enumerate(frame[column])]})


@pytest.mark.parametrize(
    ("table", "column", "text", "match"),
    [
        ("trade", "tariff", "", r"table trade, row 3: tariff is empty; a number is needed"),
        ("trade", "value", "n/a", r"table trade, row 3: value is 'n/a'; a number is needed"),
        ("sectors", "theta", "", r"table sectors, row 3: theta is empty"),
        ("about", "text", "plain", r"table about, row 3 \(year\): 'plain' is not JSON"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(
    world: ep.Economy, tmp_path: Path, table: str, column: str, text: str, match: str
) -> None:
    with pytest.raises(ep.errors.InputError, match=match):
        _edited(world, tmp_path / "folder", table, _cell(column, 2, text))


@pytest.mark.parametrize(
    ("line", "match"),
    [
        (b"a,b,c,d,e,f,g,h,i\n", r"trade.csv, line 3: cannot be read as CSV: it has 9 cells and the header 6: put"),
        (b'a,"b,c,1,0\n', r"trade.csv: cannot be read as CSV: a quotation mark is not closed"),
        (b"C\xf4te,b,c,1,0\n", r"trade.csv: cannot be read as CSV: it is not text in UTF-8: save it as UTF-8"),
    ],
)
def test_a_line_that_cannot_be_read_is_described(world: ep.Economy, tmp_path: Path, line: bytes, match: str) -> None:
    world.export(tmp_path / "folder")
    file = tmp_path / "folder" / "trade.csv"
    header, first, *_ = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(header + first + line)
    with pytest.raises(ep.errors.InputError, match=match):
        back(tmp_path / "folder")


def test_a_header_array_file_that_is_cut_says_so(world: ep.Economy, tmp_path: Path) -> None:
    world.export(tmp_path / "world.har")
    whole = (tmp_path / "world.har").read_bytes()
    for content in (whole[: len(whole) // 2], whole[:-2], b"junk"):
        (tmp_path / "world.har").write_bytes(content)
        with pytest.raises(ep.errors.InputError, match=r"header array file: .*the file is cut or damaged"):
            back(tmp_path / "world.har")


def test_a_rate_with_its_sign_is_a_percentage(world: ep.Economy, tmp_path: Path) -> None:
    found = _edited(world, tmp_path / "folder", "trade", _cell("tariff", 1, "25%")).economy
    assert 0.25 in found.tariff
    assert 0.25 not in world.tariff


def test_a_folder_that_a_spreadsheet_saved_with_semicolons_is_read(world: ep.Economy, tmp_path: Path) -> None:
    world.export(tmp_path / "folder")
    for name in ("trade", "inputs", "cells", "sectors", "countries"):
        file = tmp_path / "folder" / f"{name}.csv"
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        keys = [column for column in frame.columns if column in ("sector", "exporter", "importer", "input", "output")]
        numbers = [column for column in frame.columns if column not in (*keys, "country")]
        frame = frame.assign(**{column: frame[column].str.replace(".", ",") for column in numbers})
        frame.to_csv(file, index=False, sep=";", encoding="utf-8-sig")
    assert back(tmp_path / "folder").economy.fingerprint == world.fingerprint


def test_a_folder_whose_cells_are_all_quoted_keeps_the_zeros_of_its_names(tmp_path: Path) -> None:
    """R's write.csv and spreadsheets that quote every cell."""
    plain = random_world(2, 2, seed=1)
    names = {"countries": plain.countries, "sectors": ("01", "02")}
    made = ep.Economy(value=plain.value, tariff=plain.tariff, inputs=plain.inputs, theta=plain.theta, **names)
    made.export(tmp_path / "folder")
    for file in (tmp_path / "folder").glob("*.csv"):
        if file.stem != "about":
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
            frame.to_csv(file, index=False, quoting=csv.QUOTE_ALL)
    assert back(tmp_path / "folder").economy.sectors == ("01", "02")


def test_an_economy_without_inputs_comes_back_from_a_folder(tmp_path: Path) -> None:
    rows = [(n, i, "a", 100.0 if n == i else 10.0) for n in ("USA", "CHN") for i in ("USA", "CHN")]
    table = pd.DataFrame(rows, columns=["importer", "exporter", "sector", "value"])
    made = ep.Economy.from_tables(table, theta=4.0)
    made.export(tmp_path / "folder")
    assert back(tmp_path / "folder").economy.fingerprint == made.fingerprint


def test_rounded_deficits_of_a_balanced_world_are_the_same(tmp_path: Path) -> None:
    random_world(4, 3, seed=3).balanced().export(tmp_path / "balanced.har")
    assert not back(tmp_path / "balanced.har").refused


def test_names_of_columns_may_be_in_any_case_and_others_are_noted(world: ep.Economy, tmp_path: Path) -> None:
    found = _edited(
        world, tmp_path / "folder", "trade", lambda t: t.rename(columns={"tariff": "Tariff"}).assign(tariffs="0.1")
    )
    assert found.economy.fingerprint == world.fingerprint
    assert found.refused == ("The table trade: column 'tariffs' not used.",)


def test_numbers_that_stata_saved_as_float_have_single_precision(world: ep.Economy, tmp_path: Path) -> None:
    world.export(tmp_path / "world.dta")
    table = pd.read_stata(tmp_path / "world.dta")
    table.astype({"value": "float32"}).to_stata(tmp_path / "world.dta", write_index=False, version=118)
    assert "single precision" in back(tmp_path / "world.dta").found[0]


def test_tariffs_that_are_not_there_are_noted(world: ep.Economy, tmp_path: Path) -> None:
    found = _edited(world, tmp_path / "folder", "trade", lambda t: t.drop(columns="tariff"))
    assert not found.economy.tariff.any()
    assert "Tariffs: none in the file; all are zero." in found.found


def test_tariffs_in_percent_are_refused(world: ep.Economy, tmp_path: Path) -> None:
    def in_percent(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(tariff=[repr(100 * float(cell)) for cell in table["tariff"]])

    with pytest.raises(ep.errors.InputError, match=r"the median tariff levied is .* divide by 100"):
        _edited(world, tmp_path / "folder", "trade", in_percent)


@pytest.mark.parametrize(
    ("table", "column"), [("cells", "final_demand"), ("cells", "value_added"), ("countries", "deficit")]
)
def test_numbers_that_are_computed_again_are_noted_where_they_differ(
    world: ep.Economy, tmp_path: Path, table: str, column: str
) -> None:
    found = _edited(world, tmp_path / "folder", table, lambda t: t.assign(**{column: "1.5"}))
    assert found.economy.fingerprint == world.fingerprint
    (line,) = found.refused
    assert line.startswith(f"The {column} in the file is not what its other arrays make it")


def test_files_of_another_kind_are_refused(world: ep.Economy, tmp_path: Path) -> None:
    write_header_arrays(tmp_path / "gtap.har", {"VCIF": Header(np.ones(2), (("a", "b"),), ("COMM",))}, {})
    with pytest.raises(ep.errors.InputError, match="has no header VALU; its headers are VCIF"):
        back(tmp_path / "gtap.har")
    (tmp_path / "no.dta").write_text("sector,value\n")
    with pytest.raises(ep.errors.InputError, match="not a Stata file"):
        back(tmp_path / "no.dta")
    with pytest.raises(ep.errors.InputError, match="tariffs: an exported Economy has its own"):
        ep.import_economy("exchanged", tmp_path / "gtap.har", tariffs="x.csv")
    with pytest.raises(ep.errors.InputError, match="not an array of an exchange file"):
        Exchange.of_economy(world, {"tarif": world.tariff})


@with_gams
def test_a_gdx_file_that_is_damaged_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.gdx").write_bytes(b"nothing of the kind" * 20)
    with pytest.raises(ep.errors.InputError, match="cannot be read as GDX"):
        back(tmp_path / "no.gdx")


def test_elasticities_may_be_replaced_on_the_way_back(world: ep.Economy, tmp_path: Path) -> None:
    world.export(tmp_path / "folder")
    assert (ep.import_economy("exchanged", tmp_path / "folder", theta=5.0).economy.theta == 5.0).all()


def test_files_of_others_are_not_replaced(world: ep.Economy, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "trade.csv").write_text("raw")
    with pytest.raises(ep.errors.InputError, match=r"trade\.csv in .*mine: no export wrote this file, .*--replace"):
        world.export(folder)
    assert [file.name for file in folder.iterdir()] == ["trade.csv"]
    world.save(tmp_path / "world.ep")
    command = ("economy", "export", str(tmp_path / "world.ep"), "-o", str(folder))
    assert call(*command)[0] == 2
    assert (folder / "trade.csv").read_text() == "raw"
    assert call(*command, "--replace")[0] == 0
    assert call(*command)[0] == 0, "an export's own files are replaced"
    (tmp_path / "my_inputs.dta").write_text("raw")
    with pytest.raises(ep.errors.InputError, match=r"my_inputs\.dta in "):
        world.export(tmp_path / "my.dta")
    (tmp_path / "basedata.har").write_bytes(b"raw")
    with pytest.raises(ep.errors.InputError, match=r"basedata\.har in "):
        world.export(tmp_path / "basedata.har")
    for name in ("own.har", "own.dta"):
        assert world.export(tmp_path / name) == world.export(tmp_path / name)


def test_export_and_import_commands_give_the_world_back(world: ep.Economy, tmp_path: Path) -> None:
    world.save(tmp_path / "world.ep")
    code, out, err = call("economy", "export", str(tmp_path / "world.ep"), "-o", str(tmp_path / "world.har"))
    assert code == 0, err
    assert "single precision" in out
    code, out, err = call("economy", "import", "exchanged", str(tmp_path / "world.har"), "-o", str(tmp_path / "new.ep"))
    assert code == 0, err
    assert ep.load_economy(str(tmp_path / "new.ep")).countries == world.countries
    code, _, err = call("economy", "export", "world2018", "-o", str(tmp_path / "f"), "--case", "us-japan-autos-2019")
    assert (code, "both --case NAME and --scenario" in err) == (2, True)
