"""Bad input: every error says what is wrong, where, and what to do, and no file is half-written."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import entrepot as ep
from entrepot.measures.fields import UnusualRate
from product_tables import expose, schedule, trade
from shelves import slow_after

CAR = "8703230190"
GOOD = trade(("JPN", CAR, 1e6), ("DEU", CAR, 2e6))
RATES = schedule(("87", "", 0.1), ("8703", "JPN", 0.2))


def spoilt(frame: pd.DataFrame, row: int, column: str, value: Any) -> pd.DataFrame:
    frame = frame.astype({column: object}).copy()
    frame.loc[row, column] = value
    return frame


@pytest.mark.parametrize(
    ("table", "message"),
    slow_after(
        9,
        [
            (GOOD.drop(columns="value"), "trade: no column 'value'"),
            (GOOD.rename(columns={"product": "produkt"}), "no column 'product'; did you mean produkt"),
            (GOOD.drop(columns="importer"), "no column 'importer'; add it, or give the importer: --importer"),
            (pd.concat([GOOD, GOOD[["value"]]], axis=1), "the column 'value' is repeated"),
            (spoilt(GOOD, 1, "value", -5), r"trade, row 2: the value is '-5'; a number from 0 on"),
            (spoilt(GOOD, 1, "value", "1,00,0"), r"row 2: the value is '1,00,0'"),
            (GOOD.assign(value=None), r"no row has a value"),
            (GOOD.assign(value=0.0), r"trade: the value is zero in every row; a table with trade is needed"),
            (spoilt(GOOD, 0, "value", "inf"), r"row 1: the value is"),
            (spoilt(GOOD, 1, "partner", "Jappan"), r"row 2 \(partner\): unknown country 'Jappan'"),
            (GOOD.assign(partner="World"), r"every partner is a total of countries \('World'\); rows by country"),
            (spoilt(GOOD, 1, "partner", " "), r"row 2: the partner is empty"),
            (spoilt(GOOD, 1, "product", None), r"row 2: the product is empty"),
            (spoilt(GOOD, 1, "product", "87032"), r"row 2: '87032' is not a code"),
            (
                spoilt(GOOD, 1, "product", "870323019012"),
                r"row 2: '870323019012' is not a code .* 2, 4, 6, 8 or 10 digits",
            ),
            (spoilt(GOOD, 1, "product", "8703XX"), r"row 2: '8703XX' is not a code"),
            (spoilt(GOOD, 1, "product", "771234"), r"row 2: '771234' is not a code"),
            (GOOD.head(0), "trade: the table has no rows"),
            (GOOD.assign(year=[2023, 2024]), "the years are 2023, 2024; choose one: --year"),
            (trade(("USA", CAR, 1.0)), "importer and exporter are the same in every row"),
            (3, "a DataFrame, a DuckDB relation or query, or the path of a table .* is needed, not int"),
        ],
    ),
)
def test_invalid_trade_tables_are_refused(table: Any, message: str) -> None:
    if isinstance(table, pd.DataFrame) and "87032" in table.get("product", pd.Series()).to_list():
        table = pd.concat([table, trade(("JPN", "010121", 1.0))], ignore_index=True)
    with pytest.raises(ep.errors.InputError, match=message):
        expose(table, RATES)


@pytest.mark.parametrize(
    ("table", "message"),
    slow_after(
        8,
        [
            (RATES.drop(columns="rate"), "schedule: no column 'rate'"),
            (RATES.drop(columns="product"), "schedule: no column 'product'"),
            (RATES.assign(applied=0.1), "the rates are in 'rate' and in 'applied'"),
            (RATES.drop(columns="rate").assign(bound=0.1), "a column 'kind' beside the columns bound"),
            (spoilt(RATES, 1, "rate", 25), r"schedule, row 2: a rate of 25 is 2,500%.*--rates percent"),
            (RATES.assign(rate=[2.5, 4]), r"row 1: a rate of 2.5 is 250%"),
            (spoilt(RATES, 1, "rate", -0.1), r"row 2: a rate of -0.1; a number from 0 on"),
            (spoilt(RATES, 1, "rate", "-5%"), r"row 2: a rate of -5%"),
            (spoilt(RATES, 1, "rate", "2,5%"), r"'0.1' and '2,5%' use different decimal signs"),
            (spoilt(RATES, 1, "partner", "Jappan"), r"row 2 \(partner\): unknown country 'Jappan'"),
            (
                spoilt(RATES, 1, "authority", "section 999"),
                r"row 2: unknown authority \(of the stacking 'test'\) 'section 999'",
            ),
            (spoilt(RATES, 1, "kind", "planned"), r"row 2: the kind is 'planned'; applied, bound, proposed"),
            (spoilt(RATES, 1, "product", ""), r"row 2: the product is empty"),
            (spoilt(RATES, 1, "product", "870"), r"row 2: '870' is not a code .* leading zero in a spreadsheet"),
            (RATES.head(0), "schedule: the table has no rows"),
            (RATES.assign(until="2020-01-01"), "no row is in force on 2025-12-31"),
            (RATES.assign(until="31/12/2025"), r"row 1: until is '31/12/2025'; a date such as"),
            (
                RATES.assign(since="2025-06-01", until="2025-01-01"),
                r"row 1: it ends before it begins \(2025-06-01 to 2025-01-01\)",
            ),
            (RATES.assign(importer="CHN"), r"the schedule is of CHN and the trade table of imports into USA"),
            (
                schedule(("61", "", 0.1)),
                r"no line of trade finds a rate: the trade table has products such as 8703230190",
            ),
            (
                schedule(("87", "", None), ("85", "", None)),
                r"no row of the schedule has an ad valorem rate: .* schedule: 2 rows without a rate left out",
            ),
            (
                schedule(("87", "", "3.3c/kg")),
                r"no row of the schedule has an ad valorem rate: .* not ad valorem left out: 3.3c/kg",
            ),
            (schedule(("87", "", 0.1, "mfn", "bound")), "no row has an applied or a proposed rate"),
            (
                schedule(("8703", "JPN", 0.1), ("8703", "Japan", 0.2)),
                r"schedule, rows 1 and 2: 2 applied rates of mfn for one flow "
                r"\(importer USA, partner JPN, product 8703: ",
            ),
            (schedule(("87", "GBR", 0.1), ("87", "GBR", 0.1)), "no line of trade finds|2 applied rates"),
        ],
    ),
)
def test_invalid_schedules_are_refused(table: Any, message: str) -> None:
    rows = (
        pd.concat([table, schedule(("0101", "", 0.1))])
        if "870" in table.get("product", pd.Series()).to_list()
        else table
    )
    with pytest.raises(ep.errors.InputError, match=message):
        expose(GOOD, rows)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda table, file: table.to_csv(file, index=False), id="csv", marks=pytest.mark.slow),
        pytest.param(lambda table, file: table.to_csv(file, index=False, na_rep="NA"), id="csv of R"),
        pytest.param(lambda table, file: table.to_parquet(file), id="parquet"),
        pytest.param(lambda table, file: table.to_excel(file, index=False), id="xlsx", marks=pytest.mark.slow),
        pytest.param(lambda table, file: table.to_stata(file, write_index=False), id="dta", marks=pytest.mark.slow),
    ],
)
def test_a_missing_value_is_the_same_in_every_format(write: Any, tmp_path: Path, request: Any) -> None:
    file = tmp_path / f"trade.{request.node.callspec.id.split()[0]}"
    write(pd.concat([GOOD, GOOD.assign(partner="KOR", value=float("nan"))]).reset_index(drop=True), file)
    found = expose(str(file), RATES)
    assert dict(found.by_partner["imports"]) == pytest.approx({"DEU": 2, "JPN": 1})
    assert any("2 rows without a value left out" in note for note in found.notes)


def test_a_publishers_row_that_ends_before_it_begins_is_left_out_and_counted(tmp_path: Path) -> None:
    """The USITC's annual tariff database, with the year of one line mistyped."""
    file = tmp_path / "tariff.csv"
    file.write_text(
        "hts8,mfn_text_rate,begin_effect_date,end_effective_date\n"
        f"{CAR[:8]},2.5%,01/01/2025,12/31/2025\n{CAR[:8]},9%,01/01/2025,12/31/2015\n"
    )
    found = expose(GOOD, str(file))
    assert found.by_partner["applied"]["JPN"] == pytest.approx(0.025)
    assert any("1 row left out that end before they begin; the first is row 2" in note for note in found.notes)


def test_groups_of_one_size_that_disagree() -> None:
    rows = schedule(("87", "ASEAN", 0.1), ("87", "CPTPP", 0.2), ("87", "", 0.3))
    assert expose(trade(("VNM", CAR, 1e6)), rows).totals["applied"] == pytest.approx(0.1)  # 10 members before 11
    rows = schedule(("87", "G7", 0.1), ("87", "USMCA", 0.2), ("87", "", 0.3))
    assert expose(trade(("CAN", CAR, 1e6)), rows).totals["applied"] == pytest.approx(0.2)


def test_a_rate_above_one_is_doubted() -> None:
    rows = schedule(("87", "", 0.1), ("24", "", 3.5), ("61", "", 0.2))
    with pytest.warns(UnusualRate, match=r"1 rate above 1, the highest 3.5, read as 350%"):
        expose(GOOD, rows)


def test_specific_duties_are_left_out_with_a_note() -> None:
    rows = schedule(("87", "", 0.1), ("8703", "", "2.5 cents/kg"), ("870323", "", None))
    found = expose(GOOD, rows)
    assert found.totals["applied"] == pytest.approx(0.1)
    assert any("1 row with duties that are not ad valorem left out: 2.5 cents/kg" in n for n in found.notes)
    assert any("1 row without a rate left out" in n for n in found.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on": "yesterday"}, "on='yesterday': a date"),
        ({"unit": "euro"}, "unit='euro'"),
        ({"rates": "points"}, "rates='points'"),
        ({"memory": "a lot"}, "memory='a lot': a size is needed, such as 3GB"),
        ({"threads": 0}, "threads=0"),
        ({"elasticity": -1}, "elasticity: -1"),
        ({"elasticity": {"cars": 1}}, "unknown sector 'cars'"),
        ({"pass_through": 2}, "pass_through: 2"),
        ({"lines": "lines.csv"}, "end the name in .parquet"),
        ({"economy": "nowhere"}, "nowhere"),
        ({"concordance": pd.DataFrame({"product": ["87"], "sector": ["cars"]})}, "unknown sector 'cars'"),
    ],
)
def test_invalid_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ep.errors.InputError, match=message):
        expose(GOOD, RATES, **options)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("trade.csv", "", "is empty"),
        ("trade.csv", "importer,partner,product,value\n", "no rows below its header"),
        (
            "trade.csv",
            "importer,partner,product,value\nUSA,JPN,870323,1\nUSA,DEU\n",
            "trade.csv, line 3: cannot be read as CSV",
        ),
        ("trade.csv", 'importer,partner,product,value\nUSA,"JPN,870323,1\n', "cannot be read as CSV"),
        (
            "trade.csv",
            "importer,partner,product,value\nUSA,JPN,870323,1\nUSA,DEU,870323,x\n",
            r"\(trade.csv\), row 2: the value is 'x'",
        ),
        ("trade.parquet", "not parquet", "cannot be read as Parquet"),
        ("trade.xlsx", "x", "the table has no rows below its header"),
    ],
)
def test_damaged_files_are_refused(name: str, text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(ep.errors.InputError, match=message):
        expose(file, RATES)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ep.errors.DocumentError, match="no such file"):
        expose(tmp_path / "trade.csv", RATES)
    with pytest.raises(ep.errors.DocumentError, match="is a folder"):
        expose(tmp_path, RATES)


def test_latin_letters_are_read(tmp_path: Path) -> None:
    file = tmp_path / "trade.csv"
    file.write_bytes("importer,partner,product,value,name\nUSA,JPN,870323,1,Café\n".encode("latin-1"))
    assert expose(file, RATES).totals["lines"] == 1


def test_names_are_never_sql(tmp_path: Path) -> None:
    """Signs that mean something to SQL or to a file pattern are plain text here."""
    evil = "x'); DROP TABLE duty; --"
    table = GOOD.assign(**{evil: 1, 'a"b': 2})
    folder = tmp_path / "it's; a [folder]"
    folder.mkdir()
    table.to_csv(folder / "tr'ade*.csv", index=False)
    found = expose(folder / "tr'ade*.csv", RATES, lines=folder / "li'nes.parquet")
    assert len(pd.read_parquet(folder / "li'nes.parquet")) == found.totals["lines"] == 2
    with pytest.raises(ep.errors.UnknownNameError, match="unknown country"):
        expose(spoilt(GOOD, 0, "partner", evil), RATES)
    text = f'authorities:\n  - {{id: mfn, applies: base}}\n  - {{id: "{evil}", applies: adds}}'
    from entrepot.exposures.stacking import read_stacking

    rows = schedule(("87", "", 0.1), ("87", "", 0.2, evil))
    found = expose(GOOD, rows, stacking=read_stacking(text, "x.yaml"), lines=tmp_path / "lines.parquet")
    assert f"applied_{evil}" in pd.read_parquet(tmp_path / "lines.parquet").columns
    assert found.totals["applied"] == pytest.approx(0.3)


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "lines.parquet"
    file.write_text("old")
    with pytest.raises(ep.errors.InputError):
        expose(GOOD, schedule(("61", "", 0.1)), lines=file)
    assert file.read_text() == "old"
    assert [f.name for f in tmp_path.iterdir()] == ["lines.parquet"]


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also in a suite that a shell began in the background, where it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_interrupts_stop_a_statement_and_clean_up() -> None:
    from entrepot.data.duckdb_store import Store

    with Store("200MB", 1) as store:
        folder = Path(store._folder.name)
        timer = threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            store.row("SELECT count(*) FROM range(100000000000) AS t(k) WHERE k % 7 = 3")
        assert store.row("SELECT 1") == (1,)
    assert not folder.exists()


def test_memory_limit_error_has_a_remedy() -> None:
    from entrepot.data.duckdb_store import Store

    with (
        Store("20MB", 1) as store,
        pytest.raises(ep.errors.DocumentError, match=r"not enough memory \(--memory 20MB\)"),
    ):
        store.row("SELECT list(k ORDER BY random()) FROM range(30000000) AS t(k)")


@pytest.mark.slow
def test_one_importer_of_a_table_that_has_several() -> None:
    rows = [("USA", "JPN", "870323", 3e6), ("CAN", "JPN", "870323", 2e6), ("DEU", "JPN", "870323", 4e6)]
    trade = pd.DataFrame(rows, columns=["importer", "partner", "product", "value"])
    rates = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})

    def expose(**options: Any) -> ep.exposures.Exposure:
        return ep.exposures.exposure(trade, rates, stacking="plain", on="2025-06-01", threads=1, **options)

    found = expose(importer="United States")
    assert (found.importers, found.totals["imports"]) == (("USA",), pytest.approx(3.0))
    text = "imports of other importers than United States left out (2 importers: CAN, DEU; 67% of the value)"
    assert any(text in note for note in found.notes)
    assert expose(importer="EU27").totals["imports"] == pytest.approx(4.0)
    assert expose(importer="JPN", flow="exports").totals["imports"] == pytest.approx(9.0)
    for name in ("MEX", "Atlantis"):
        with pytest.raises(ep.errors.TableError, match=f"the importer '{name}' .* is not in the table; it has"):
            expose(importer=name)


@pytest.mark.parametrize(
    ("importer", "on", "message"),
    [("USA", "2017-05-01", "is outside what us-2026 knows"), ("DEU", "2026-05-01", "us-2026 is the law of USA")],
)
def test_a_stacking_knows_its_days_and_its_importers(tmp_path: Path, importer: str, on: str, message: str) -> None:
    (tmp_path / "trade.csv").write_text(f"importer,partner,product,value_usd\n{importer},JPN,870323,1000000\n")
    (tmp_path / "schedule.csv").write_text(f"importer,partner,product,authority,rate\n{importer},JPN,870323,mfn,2.5\n")
    with pytest.raises(ep.errors.InputError, match=message):
        ep.exposures.exposure(tmp_path / "trade.csv", tmp_path / "schedule.csv", stacking="us-2026", on=on)


@pytest.mark.parametrize(("authority", "kind"), [("reciprocal", "proposed"), ("MFN", "applied")])
def test_a_proposal_of_nothing_is_refused(authority: str, kind: str) -> None:
    """The reciprocal duties began in April 2025; a row of the kind applied proposes nothing."""
    given = (trade(("JPN", CAR, 100.0)), schedule(("8703", "", 0.025)), schedule(("8703", "JPN", 0.4, authority, kind)))
    with pytest.raises(ep.errors.InputError, match="no row proposes a rate of an authority in force on 2025-03-01"):
        expose(*given, on="2025-03-01", stacking="us-2025")


def test_products_without_a_code_are_named_in_an_error() -> None:
    with pytest.raises(ep.errors.TableError, match="has products such as ALL, the schedule 8703"):
        expose(trade(("JPN", "ALL", 100.0)), schedule(("8703", "", 0.025)))
