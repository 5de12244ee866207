"""Every published layout of trade and duties, written here with invented values, gives the values that stand in it."""
# ruff: noqa: E501  (rows as publishers write them)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.identify import describe
from entrepot.data.layouts import layouts
from shelves import slow_after

TEN_PERCENT = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})

# ---- trade: US$ million by importer and partner ----

COMTRADE = (
    "typeCode,freqCode,refPeriodId,refYear,refMonth,period,reporterCode,reporterISO,reporterDesc,flowCode,flowDesc,"
    "partnerCode,partnerISO,partnerDesc,partner2Code,partner2ISO,classificationCode,cmdCode,aggrLevel,customsCode,"
    "motCode,primaryValue,isReported"
)
#: As the site writes it: one field more in every row than in the header.
NEW_CSV = f"""{COMTRADE}
"C","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","0","W00","World","0","W00","H5","8542","4","C00","0","9000000","true",
"C","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","392","JPN","Japan","0","W00","H5","8542","4","C00","0","5000000","true",
"C","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","490","S19","Other Asia, nes","0","W00","H5","8542","4","C00","0","3000000","true",
"C","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","764","THA","Thailand","0","W00","H5","8542","4","C00","0","1000000","true",
"C","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","392","JPN","Japan","0","W00","H5","8542","4","C00","1000","4000000","true",
"C","A","20200101","2020","52","2020","764","THA","Thailand","X","Export","392","JPN","Japan","0","W00","H5","8542","4","C00","0","7000000","true",
"S","A","20200101","2020","52","2020","764","THA","Thailand","M","Import","392","JPN","Japan","0","W00","EB","S","1","C00","0","8000000","true",
"""
RECORD = {
    "typeCode": "C",
    "refYear": 2020,
    "period": "2020",
    "reporterCode": 764,
    "reporterISO": "THA",
    "flowCode": "M",
    "partnerCode": 392,
    "partnerISO": "JPN",
    "partner2Code": 0,
    "classificationCode": "H5",
    "cmdCode": "8542",
    "customsCode": "C00",
    "motCode": 0,
    "qty": None,
    "primaryValue": 5e6,
    "isAggregate": True,
}
NEW_JSON = json.dumps(
    {"elapsedTime": "0.1 secs", "count": 2, "error": "", "data": [RECORD, RECORD | {"flowCode": "X"}]}
)
OLD_CSV = """\
Classification,Year,Period,Period Desc.,Aggregate Level,Is Leaf Code,Trade Flow Code,Trade Flow,Reporter Code,Reporter,Reporter ISO,Partner Code,Partner,Partner ISO,Commodity Code,Commodity,Qty Unit Code,Qty Unit,Qty,Netweight (kg),Trade Value (US$),Flag
H4,2012,2012,2012,2,0,1,Import,826,United Kingdom,GBR,0,World,WLD,01,Live animals,1,No Quantity,,,3000000,0
H4,2012,2012,2012,2,0,1,Import,826,United Kingdom,GBR,392,Japan,JPN,01,Live animals,1,No Quantity,,,2000000,0
H4,2012,2012,2012,2,0,1,Import,826,United Kingdom,GBR,899,"Areas, nes",,01,Live animals,1,No Quantity,,,1000000,0
H4,2012,2012,2012,2,0,2,Export,826,United Kingdom,GBR,392,Japan,JPN,01,Live animals,1,No Quantity,,,9000000,0
"""
OLD_RECORD = {
    "pfCode": "H4",
    "yr": 2012,
    "period": 2012,
    "rgCode": 1,
    "rgDesc": "Import",
    "rtCode": 826,
    "rt3ISO": "GBR",
    "ptCode": 392,
    "pt3ISO": "JPN",
    "motCode": "",
    "cmdCode": "0101",
    "TradeValue": 2000000,
}
OLD_JSON = json.dumps(
    {
        "validation": {"status": {"name": "Ok"}},
        "dataset": [OLD_RECORD, OLD_RECORD | {"ptCode": 0, "pt3ISO": "WLD"}, OLD_RECORD | {"rgCode": 2}],
    }
)
BACI = "t,i,j,k,v,q\n2020,392,842,870323,1500.0,3\n2020,490,842,870323,500.0,NA\n"
COMEXT = """\
DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,FLOW,STAT_REGIME,SUPP_UNIT,PERIOD,VALUE_IN_EUROS,QUANTITY_IN_KG
004,DE,0732,JP,E,87032319,78120,1,4,A,202052,3000000,10
004,DE,0732,JP,E,87032319,78120,1,1,A,202052,2000000,6
004,DE,0720,CN,E,87032319,78120,1,1,A,202052,1000000,4
004,DE,0732,JP,E,87032319,78120,2,4,A,202052,9000000,4
004,DE,0732,JP,E,99RRR100,78120,1,4,A,202052,10000,4
"""
EUROSTAT = """\
DATAFLOW,LAST UPDATE,freq,reporter,partner,product,flow,indicators,TIME_PERIOD,OBS_VALUE
ESTAT:DS-045409(1.0),01/02/25 11:00:00,A,DE,JP,87032319,1,VALUE_IN_EUROS,2020,3000000,
ESTAT:DS-045409(1.0),01/02/25 11:00:00,A,DE,JP,87032319,1,QUANTITY_IN_100KG,2020,77,
ESTAT:DS-045409(1.0),01/02/25 11:00:00,A,DE,JP,87032319,2,VALUE_IN_EUROS,2020,9000000,
"""
USA_TRADE_ONLINE = """\
Commodity,Country,District,Time,Customs  Value (Cons) ($US),
"8703230190 Cars, New (no)",Japan,All Districts,2024,"1,716,414",
"8703230190 Cars, New (no)",Japan,"Los Angeles, CA",2024,"1,716,414",
"8703230190 Cars, New (no)","Korea, South",All Districts,2024,"26,320",
"""
STATES = """\
"State Imports by HS Commodities"
"Current date: 04/25/2025 10:53 AM"
"Measures: Total Value ($US)"
State,Commodity,Country,Time,Total Value ($US),
"All States","All Commodities","Mexico","2024","3,000,000"
"All States","87 Vehicles","Mexico","2024","3,000,000"
"Texas","87 Vehicles","Mexico","2024","2,000,000"
"Ohio","87 Vehicles","Mexico","2024","1,000,000"
"""
CENSUS_API = json.dumps(
    [
        ["CTY_CODE", "CTY_NAME", "I_COMMODITY", "CON_VAL_YR", "time"],
        ["5880", "JAPAN", "8703230190", "2000000", "2024-12"],
        ["0003", "EUROPEAN UNION", "8703230190", "1000000", "2024-12"],
        ["-", "TOTAL FOR ALL COUNTRIES", "8703230190", "3000000", "2024-12"],
    ]
)
WITS_TRADE = """\
Nomenclature,ReporterISO3,ProductCode,ReporterName,PartnerISO3,PartnerName,Year,TradeFlowName,TradeFlowCode,TradeValue in 1000 USD
H5,USA,870323,United States,JPN,Japan,2020,Import,5,1500
H5,USA,870323,United States,WLD, World,2020,Import,5,1500
H5,USA,870323,United States,JPN,Japan,2020,Export,6,900
"""


def sdmx(dimensions: dict[str, list[str]], series: dict[str, list[Any]], **attributes: list[str]) -> str:
    """SDMX-JSON 1.0 with one year; each series is one observation [value, positions of attributes]."""
    structure = {
        "dimensions": {
            "series": [{"id": i, "values": [{"id": v, "name": v} for v in values]} for i, values in dimensions.items()],
            "observation": [{"id": "TIME_PERIOD", "values": [{"id": "2017", "name": "2017"}]}],
        },
        "attributes": {
            "observation": [{"id": i, "values": [{"id": v, "name": v} for v in vs]} for i, vs in attributes.items()]
        },
    }
    data = {key: {"observations": {"0": observation}} for key, observation in series.items()}
    return json.dumps({"header": {}, "dataSets": [{"action": "R", "series": data}], "structure": structure})


WITS_API_TRADE = sdmx(
    {
        "FREQ": ["A"],
        "REPORTER": ["USA"],
        "PARTNER": ["JPN", "CHN"],
        "PRODUCTCODE": ["8703"],
        "INDICATOR": ["MPRT-TRD-VL", "XPRT-TRD-VL"],
    },
    {"0:0:0:0:0": [1500.0], "0:0:1:0:0": [500.0], "0:0:0:0:1": [900.0]},
)
DATAWEB = {
    "Query Parameters": [["Download Date", "August 7, 2025"], ["Trade Flow", "Imports For Consumption"]],
    "Customs Value": [
        ["Data Type", "Country", "Year", "HTS Number", "Description", "Quantity Description", "Customs Value"],
        ["Customs Value", "Japan", 2024, "8703230190", "Cars", "number", 1500000],
        ["Customs Value", "Korea", 2024, "8703230190", "Cars", "number", 500000],
        ["Total: ", None, None, None, None, None, "2,000,000"],
    ],
}
WITS_PARTNER = {
    "Sheet1": [],
    "Partner": [
        [
            *("Reporter Name", "Partner Name", "Year", "Trade Flow", "Product Group", "Import (US$ Thousand)"),
            *("AHS Simple Average (%)", "AHS Weighted Average (%)"),
        ],
        ["United States", " World", 2022, "Import", "All Products", 3000, 3.0, 2.0],
        ["United States", "Japan", 2022, "Import", "All Products", 2000, 2.5, 2.25],
        ["United States", "China", 2022, "Import", "All Products", 1000, 4.0, 3.5],
    ],
}

TRADE = {
    "comtrade": ("c.csv", NEW_CSV, {"JPN": 5.0, "TWN": 3.0}, {}),
    "comtrade, JSON": ("c.json", NEW_JSON, {"JPN": 5.0}, {}),
    "comtrade-old": ("c.csv", OLD_CSV, {"JPN": 2.0, "NES": 1.0}, {}),
    "comtrade-old-json": ("c.json", OLD_JSON, {"JPN": 2.0}, {}),
    "baci": ("BACI_HS17_Y2020_V202201.csv", BACI, {"JPN": 1.5, "TWN": 0.5}, {}),
    "comext": ("full.dat", COMEXT, {"JPN": 3.3, "CHN": 1.1}, {"usd_per_unit": 1.1}),
    "eurostat": ("e.csv", EUROSTAT, {"JPN": 3.3}, {"usd_per_unit": 1.1}),
    "usa-trade-online": ("u.csv", USA_TRADE_ONLINE, {"JPN": 1.716414, "KOR": 0.02632}, {}),
    "usa-trade-states": ("s.csv", STATES, {"MEX": 3.0}, {}),
    "census-api": ("a.json", CENSUS_API, {"JPN": 2.0, "EU27": 1.0}, {}),
    "wits-trade": ("w.csv", WITS_TRADE, {"JPN": 1.5}, {}),
    "wits-api-trade": ("w.json", WITS_API_TRADE, {"JPN": 1.5, "CHN": 0.5}, {}),
    "usitc-dataweb": ("d.xlsx", DATAWEB, {"JPN": 1.5, "KOR": 0.5}, {}),
    "wits-partner-trade": ("p.xlsx", WITS_PARTNER, {"JPN": 2.0, "CHN": 1.0}, {}),
}

# ---- duties: the rate of each partner on cars into each country ----

HTS = """\
HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,Column 2 Rate of Duty
"8703","0","Cars","","","",""
"","1","Other","","","",""
"8703.23.01","2","New","","2.5%","Free (AU,S) 1.9% (KR)","10%"
"8703.23.01.90","3","Other","[""No.""]","","",""
"""
TARIFF_DATABASE = """\
hts8,brief_description,mfn_text_rate,mfn_rate_type_code,mfn_ad_val_rate,mfn_specific_rate,mfn_other_rate,begin_effect_date,end_effective_date
87032301,Cars,2.5%,7,0.025,0,0,1/1/2020,12/31/2025
02013002,Beef,4.4 cents/kg,1,0,0.044,0,1/1/2020,12/31/2025
"""
UKGT = """\
commodity,description,cet_duty_rate,ukgt_duty_rate,change
87032319,Cars,10.0%,10.0%,No change
0201100000,Beef,12.8 % + 176.8 EUR/100kg,12.00% + 147.00 GBP/100kg,Currency conversion
"""
UK_MEASURES = """\
id,commodity__code,measure__type__id,measure__type__description,measure__duty_expression,measure__effective_start_date,measure__effective_end_date,measure__geographical_area__id,measure__geographical_area__description
1,8703231900,103,Third country duty,10.000%,2021-01-01,,1011,ERGA OMNES
2,8703231900,142,Tariff preference,0.000%,2021-01-01,,KR,South Korea
3,8703231900,552,Definitive anti-dumping duty,44.000%,2021-01-01,,CN,China
4,8703231900,103,Third country duty,99.000%,2019-01-01,2020-12-31,1011,ERGA OMNES
"""
TARIC = {
    "Sheet1": [
        [
            *("Goods code", "Add code", "Order No.", "Start date", "End date", "RED_IND", "Origin", " Measure type"),
            *("Legal base", "Duty", "Origin code", " Meas. type code"),
        ],
        *(
            [f"{goods} 80", None, order, "01-01-2020", None, None, origin, kind, "R1", duty, code, number]
            for goods, order, origin, kind, duty, code, number in (
                ("8703231900", None, "ERGA OMNES", "Third country duty", "10.000 %", "1011", "103"),
                ("8703231900", None, "Japan", "Tariff preference", "1.300 %", "JP", "142"),
                ("8703231900", "091234", "ERGA OMNES", "Non preferential tariff quota", "0.000 %", "1011", "122"),
            )
        ),
    ]
}
WITS = """\
Selected Nomen,Native Nomen,Reporter,Reporter Name,Product,Product Name,Partner,Partner Name,Tariff Year,Trade Year,Trade Source,DutyType,Simple Average,Weighted Average,Imports Value in 1000 USD
H5,H5,840,United States,870323,Cars,000, World,2020,2020,CMT,MFN,2.5,2.4,100
H5,H5,840,United States,870323,Cars,410,"Korea, Rep.",2020,2020,CMT,PRF,0,0,100
"""
WITS_AVE = """\
"Reporter_ISO_N","ReporterName","ProductCode","Partner","PartnerName","Year","AdValorem Equivalent","MeasureCode","MeasureName","NonAdValorem","Affected","EstCode"
"840","United States","87032301","000"," World",2023,2.5,2,"MFN","1 cents/kg",,"U2"
"""
TRAINS = """\
"NomenCode","Reporter_ISO_N","Year","ProductCode","Partner","Sum_Of_Rates","Min_Rate","Max_Rate","SimpleAverage","TotalNoOfLines"
"H5","840","2020","870323","000","5","2.5","2.5","2.5","2"
"""
WITS_API_TARIFF = sdmx(
    {
        "FREQ": ["A"],
        "REPORTER": ["840"],
        "PRODUCTCODE": ["870322", "870323"],
        "PARTNER": ["000"],
        "DATATYPE": ["REPORTED"],
    },
    {"0:0:0:0:0": [9.0, 0, 0], "0:0:1:0:0": [2.5, 0, 0]},
    TARIFFTYPE=["MFN"],
    NOMENCODE=["H5"],
)
MACMAP = "importer,exporter,hs6_2007,year,adv\n840,392,870323,2019,0.025\n840,410,870323,2019,0\n"
GTD = "iso1,iso2,year,hs6,tariff,mfn\nUSA,JPN,2020,870323,2.5,2.5\nUSA,KOR,2020,870323,0,2.5\n"
WTO = {
    "Applied_MFN": [
        ["Source: Integrated Database (IDB) notifications."],
        ["Reporter", "Year", None, None, "MFN Tariff"],
        [None, None, "HS-code level", "HS version", "HS code", "Average"],
        [None],
        ["REP", "YEAR", "HS_LEVEL", "HS_VERSION", "HS_CODE", "S_AVG", "MAX_AV", "NON_AV"],
        ["USA", "2019", "02", "HS17", "87", 7.0, 25.0, None],
        ["USA", "2019", "04", "HS17", "8703", 5.0, 25.0, None],
        ["USA", "2019", "06", "HS17", "870323", 2.5, 2.5, None],
        ["USA", "2019", "06", "HS17", "020130", None, None, "4.4 cents/kg"],
    ],
    "HS_Concordance": [["HS17", "HS12"], ["870323", "870323"]],
}

US = {"JPN": 0.025, "KOR": 0.025}
FREE_KOREA = {"JPN": 0.025, "KOR": 0.0}
DUTIES = {
    "usitc-hts": ("h.csv", HTS, "USA", "8703230190", {"JPN": 0.025, "KOR": 0.019, "AUS": 0.0, "CAN": 0.0}),
    "usitc-tariff-database": ("t.csv", TARIFF_DATABASE, "USA", "87032301", US),
    "ukgt": ("u.csv", UKGT, "GBR", "87032319", {"JPN": 0.1, "CHN": 0.1}),
    "uk-measures": ("m.csv", UK_MEASURES, "GBR", "8703231900", {"JPN": 0.1, "KOR": 0.0, "CHN": 0.1}),
    "taric": ("t.xlsx", TARIC, "DEU", "8703231900", {"CHN": 0.1, "JPN": 0.013, "FRA": None}),
    "wits": ("w.csv", WITS, "USA", "870323", FREE_KOREA),
    "wits-ave": ("w.csv", WITS_AVE, "USA", "87032301", US),
    "trains": ("t.csv", TRAINS, "USA", "870323", US),
    "wits-api-tariff": ("w.json", WITS_API_TARIFF, "USA", "870323", US),
    "wits-partner": ("p.xlsx", WITS_PARTNER, "USA", "870323", {"JPN": 0.0225, "CHN": 0.035}),
    "macmap": ("m.csv", MACMAP, "USA", "870323", FREE_KOREA),
    "gtd": ("g.csv", GTD, "USA", "870323", FREE_KOREA),
    "wto-tariffs": ("w.xlsx", WTO, "USA", "870323", US),
}


def written(folder: Path, name: str, content: Any) -> Path:
    """A text, or the sheets of a workbook."""
    file = folder / name
    if isinstance(content, str):
        file.write_text(content, encoding="utf-8")
        return file
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in content.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file


@pytest.mark.parametrize("layout", slow_after(3, TRADE))
def test_trade_is_read_in_every_layout(layout: str, tmp_path: Path) -> None:
    name, content, imports, options = TRADE[layout]
    file = written(tmp_path, name, content)
    found = ep.exposures.exposure(file, TEN_PERCENT, stacking="plain", on="2025-06-01", **options)
    assert found.by_partner["imports"].to_dict() == pytest.approx(imports)
    assert len(found.importers) == 1


def test_the_last_files_of_the_old_comtrade_name_the_flow_alone(tmp_path: Path) -> None:
    """Between the two sites its CSV had the code 0 for every flow, and M, X ... for its name."""
    text = OLD_CSV.replace(",1,Import,", ",0,M,").replace(",2,Export,", ",0,X,")
    found = ep.exposures.exposure(
        written(tmp_path, "comtrade.csv", text), TEN_PERCENT, stacking="plain", on="2025-06-01"
    )
    assert found.by_partner["imports"].sum() == pytest.approx(3.0)


@pytest.mark.parametrize("clock", ["", " 0:00", " 0:00:00"])
def test_dates_of_the_usitc_have_the_month_first(clock: str, tmp_path: Path) -> None:
    """In the text of its annual database as published: 7/1/2020 0:00:00 is the first of July."""
    begun = TARIFF_DATABASE.replace("1/1/2020,12/31/2025", f"7/1/2020{clock},12/31/2025{clock}")
    file = written(tmp_path, "t.csv", begun)
    trade = pd.DataFrame({"importer": ["USA"], "partner": ["JPN"], "product": ["87032301"], "value": [1e6]})
    found = ep.exposures.exposure(trade, file, stacking="plain", on="2020-07-01")
    assert found.totals["applied"] == pytest.approx(0.025)
    assert any("the columns of programmes (NAFTA, Korea ...) are not read" in note for note in found.notes)
    with pytest.raises(ep.errors.TableError, match="no row is in force on 2020-06-30"):
        ep.exposures.exposure(trade, file, stacking="plain", on="2020-06-30")


CENSUS_MONTHS = pd.DataFrame(
    {
        "CTY_CODE": "5880",
        "I_COMMODITY": "8703230190",
        "CON_VAL_MO": 1e6,
        "CON_VAL_YR": [1e6 * k for k in range(1, 13)],
        "time": pd.date_range("2024-01-01", periods=12, freq="MS"),
    }
)


@pytest.mark.parametrize(
    ("rows", "columns", "imports", "message"),
    [
        (slice(None), ["CON_VAL_MO", "CON_VAL_YR", "time"], 12.0, "the rows of month 12 are read, and 11 rows of"),
        (slice(None), ["CON_VAL_YR", "YEAR", "MONTH"], 12.0, "the rows of month 12 are read, and 11 rows of"),
        (slice(None), ["CON_VAL_MO", "time"], 12.0, "trade of 2024 is the sum of 12 months."),
        (slice(11, 12), ["CON_VAL_YR", "time"], 12.0, ""),
        (slice(5, 6), ["CON_VAL_YR", "time"], 6.0, "trade of 2024 is that of its first 6 months, not of a year."),
        (slice(0, 1), ["CON_VAL_YR", "time"], 1.0, "trade of 2024 is that of its first 1 month, not of a year."),
    ],
)
def test_values_of_the_year_to_date_are_not_added_up(
    rows: slice, columns: list[str], imports: float, message: str
) -> None:
    """The API of the Census Bureau: CON_VAL_YR of a month is the sum since January; dates as pandas keeps them."""
    table = CENSUS_MONTHS.assign(YEAR=2024, MONTH=CENSUS_MONTHS["time"].dt.month)[rows]
    table = table[["CTY_CODE", "I_COMMODITY", *columns]]
    found = ep.exposures.exposure(table, TEN_PERCENT, stacking="plain", on="2025-06-01")
    assert found.totals["imports"] == pytest.approx(imports)
    if "MONTH" in table:
        again = ep.exposures.exposure(table.astype({"MONTH": float}), TEN_PERCENT, stacking="plain", on="2025-06-01")
        assert again.totals["imports"] == pytest.approx(imports)
        with pytest.raises(ep.errors.TableError, match="the column 'MONTH' has 'May'; numbers of months are needed"):
            ep.exposures.exposure(table.assign(MONTH="May"), TEN_PERCENT, stacking="plain", on="2025-06-01")
    notes = [note for note in found.notes if "2024 is" in note or "to date" in note]
    assert len(notes) == bool(message)
    assert all(message in note for note in notes)


def test_months_beside_a_year_are_added_up_and_counted() -> None:
    table = CENSUS_MONTHS.assign(YEAR=2024, MONTH=CENSUS_MONTHS["time"].dt.month)[:5]
    table = table[["CTY_CODE", "I_COMMODITY", "CON_VAL_MO", "YEAR", "MONTH"]]
    found = ep.exposures.exposure(table, TEN_PERCENT, stacking="plain", on="2025-06-01")
    assert any("trade of 2024 is the sum of 5 months: it is not that of a whole year" in note for note in found.notes)


@pytest.mark.parametrize("layout", slow_after(2, DUTIES))
def test_duty_texts_are_read(layout: str, tmp_path: Path) -> None:
    """In `exposure`; None stands for no duty at all: inside a customs union trade is free."""
    name, content, importer, product, rates = DUTIES[layout]
    trade = pd.DataFrame({"importer": importer, "partner": [*rates], "product": product, "value": 1e6})
    found = ep.exposures.exposure(trade, written(tmp_path, name, content), stacking="plain", on="2025-06-01")
    assert found.by_partner["applied"].to_dict() == pytest.approx({p: rate or 0.0 for p, rate in rates.items()})


@pytest.mark.parametrize("layout", slow_after(1, DUTIES))
def test_the_same_duties_on_an_economy(layout: str, tmp_path: Path) -> None:
    """In `economy import --tariffs`."""
    name, content, importer, _, rates = DUTIES[layout]
    countries = list(dict.fromkeys([importer, *rates]))
    trade = [(n, i, "cars", 10.0) for n in countries for i in countries]
    (tmp_path / "world").mkdir()
    pd.DataFrame(trade, columns=["importer", "exporter", "sector", "value"]).to_csv(tmp_path / "world" / "trade.csv")
    pd.DataFrame({"product": ["87"], "sector": ["cars"]}).to_csv(tmp_path / "sectors.csv", index=False)
    year = {"usitc-tariff-database": 2024, "uk-measures": 2024, "taric": 2024}.get(layout)
    economy = ep.import_economy(
        "tables",
        tmp_path / "world",
        theta=4,
        tariffs=written(tmp_path, name, content),
        sectors=tmp_path / "sectors.csv",
        year=year,
    ).economy
    n = economy.countries.index(importer)
    only = {p: float(economy.tariff[0, n, economy.countries.index(p)]) for p in rates if p != importer}
    beside = 0.09 if layout == "wits-api-tariff" else None  # 870322 is in the sector too
    expected = {p: r or 0.0 if beside is None else (r + beside) / 2 for p, r in rates.items()}
    assert only == pytest.approx(expected)


def test_every_layout_is_written_here() -> None:
    """Trade and duties; elasticities are in tests/data/test_elasticities.py."""
    named = {name.split(",")[0] for name in (*TRADE, *DUTIES)}
    assert {layout.name for layout in layouts() if layout.kind in ("trade", "rates")} == named


@pytest.mark.parametrize("layout", [*TRADE, *DUTIES])
def test_published_file_is_identified_with_its_command(layout: str, tmp_path: Path) -> None:
    name, content = (TRADE | DUTIES)[layout][:2]
    messages = "\n".join(describe(written(tmp_path, name, content)))
    if layout == "baci":
        assert "entrepot economy import baci" in messages
        return
    (known,) = [one for one in layouts() if one.name == layout.split(",")[0]]
    assert f"It looks like: {known.title}. Read by: " in messages
    for command in known.commands:
        assert command.replace("FILE", str(tmp_path / name)) in messages


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("importer,partner,product,value\nUSA,JPN,87,1\n", "a table of trade by product"),
        ("product,rate\n87,1%\n", "has the columns of a schedule of duties"),
        ("importer,exporter,sector,tariff\nUSA,JPN,cars,0.1\n", "duties by pair of countries"),
        ("importer,exporter,product,tariff\nUSA,JPN,87,0.1\n", "duties by pair of countries"),
        ("importer,exporter,sector,value\nUSA,JPN,cars,1\n", "It has trade by sector"),
        ("exporter,importer,year,trade,DIST\nA,B,2006,1,1\n", "a gravity data set"),
        ("product,sector\n87,cars\n", "It is a concordance"),
        ("HS 2017,ISIC 4\n870323,2910\n", "call its columns product and sector"),
        ("sector,theta\ncars,5\n", "It has trade elasticities"),
        ("HS6,zero,positive,sigma\n870323,0,0,-9\n", "ProTEE"),
        ("iso3_o,iso3_d,year,dist,pop_o,pop_d\nA,B,2006,1,1,1\n", "but no trade: join it to a table of trade"),
        ("name,colour\nA,red\n", "in no known layout"),
    ],
)
def test_own_tables_are_identified(text: str, messages: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert messages in "\n".join(describe(tmp_path / "t.csv"))
