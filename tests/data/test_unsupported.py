"""Tables of national and international publishers: SDMX is read, what would be misread is refused with a way out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import entrepot as ep
from entrepot.data.identify import describe

TEN_PERCENT = pd.DataFrame({"importer": ["ALL"], "product": ["ALL"], "rate": ["10%"]})
HEADERS = {
    "Trade Statistics of Japan": "Exp or Imp,Year,HS,Country,Unit1,Unit2,Quantity1-Year,Value-Year",
    "Comex Stat of Brazil": "CO_ANO;CO_MES;CO_NCM;CO_UNID;CO_PAIS;CO_VIA;QT_ESTAT;KG_LIQUIDO;VL_FOB",
    "Canadian International Merchandise Trade": "YearMonth/AnnéeMois,HS10,Country/Pays,State/État,Value/Valeur",
    "Overseas trade statistics of the United Kingdom": "MonthId,FlowTypeId,CommodityId,CountryId,PortId,Value,NetMass",
}


@pytest.mark.parametrize("title", HEADERS)
def test_national_table_is_identified_with_how_to_convert_it(title: str, tmp_path: Path) -> None:
    path = tmp_path / "national.csv"
    separator = ";" if ";" in HEADERS[title] else ","
    path.write_text(f"{HEADERS[title]}\n{separator.join(['1'] * len(HEADERS[title].split(separator)))}\n")
    with pytest.raises(ep.errors.TableError, match=rf"it looks like {title}.*which is not read as it is.*column"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", importer="USA")
    assert any(f"It looks like {title}" in line for line in describe(path))


def test_publishers_own_country_numbers_are_not_read_as_iso_codes(tmp_path: Path) -> None:
    """105 is China in Japan's statistics, and 304 is the United States there and Greenland in ISO 3166."""
    path = tmp_path / "renamed.csv"
    path.write_text("Exp or Imp,Year,HS,Country,value\n2,2024,870323,304,100\n")
    with pytest.raises(ep.errors.TableError, match="Japan Customs' own numbers"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", importer="JPN")
    path.write_text("year,product,partner,value\n2024,870323,160,100\n2024,870323,767,100\n")
    with pytest.raises(ep.errors.UnknownNameError, match=r"'160'.*'767'.*not codes of ISO 3166.*publisher's own"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain", importer="BRA")


SDMX = (
    "DATAFLOW,FREQ,REF_AREA,Reference area,TRADE_FLOW,Trade flow,COMMODITY,COUNTERPART_AREA,TIME_PERIOD,Time period,"
    "OBS_VALUE,UNIT_MEASURE,UNIT_MULT,OBS_STATUS\n"
    "X:Y(1.0),A,USA,United States,M,Imports,87,JPN,2022,,12.5,USD,6,\n"
    "X:Y(1.0),A,USA,United States,M,Imports,87,DEU,2022,,7.5,USD,6,\n"
    "X:Y(1.0),A,USA,United States,X,Exports,87,DEU,2022,,99,USD,6,\n"
)


@pytest.mark.parametrize("unit", ["USD", "USD_EXC"])
def test_sdmx_with_labels_beside_its_codes_and_a_multiplier_of_units(unit: str, tmp_path: Path) -> None:
    path = tmp_path / "sdmx.csv"
    path.write_text(SDMX.replace(",USD,", f",{unit},"))
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
    assert dict(found.by_partner["imports"]) == pytest.approx({"JPN": 12.5, "DEU": 7.5})
    assert "entrepot exposure --trade" in " ".join(describe(path))


def test_sdmx_growth_rates_and_indices_are_not_values(tmp_path: Path) -> None:
    path = tmp_path / "sdmx.csv"
    path.write_text(SDMX.replace("7.5,USD,6", "7.5,PT,"))
    with pytest.raises(ep.errors.TableError, match=r"'UNIT_MEASURE'.*PT.*values are read in US dollars"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")


@pytest.mark.parametrize("names", ["VALUE,Value", "value,Value", "Partner,partner"])
def test_only_a_label_column_may_repeat_the_name_of_a_code_column(names: str, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    head = f"importer,exporter,product,value,{names}" if "artner" in names else f"importer,partner,product,{names}"
    path.write_text(f"{head}\n{','.join('1' for _ in head.split(','))}\n")
    with pytest.raises(ep.errors.TableError, match="is repeated; remove one"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")


def test_wits_rows_with_exports_and_imports_give_their_imports(tmp_path: Path) -> None:
    path = tmp_path / "partner.csv"
    path.write_text(
        "Reporter Name,Partner Name,Year,Trade Flow,Product Group,Export (US$ Thousand),Import (US$ Thousand)\n"
        "Kenya, World,2015,EXPIMP,All Products,900,500\n"
        "Kenya,Japan,2015,EXPIMP,All Products,500,200\n"
        "Kenya,Germany,2015,EXPIMP,All Products,400,300\n"
    )
    found = ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
    assert dict(found.by_partner["imports"]) == pytest.approx({"JPN": 0.2, "DEU": 0.3})
    path.write_text(path.read_text().replace("All Products", "Food Products"))
    with pytest.raises(ep.errors.TableError, match="'Food Products' is not a code of the Harmonized System"):
        ep.exposures.exposure(str(path), TEN_PERCENT, stacking="plain")
