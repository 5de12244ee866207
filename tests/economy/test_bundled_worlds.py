"""world2018 and world2022: the published trade and GDP, accounts in balance, groups that are whole."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from entrepot.data.hs import hs_to_sectors
from entrepot.economy.geography import groups

WORLDS = ("world2018", "world2022")
#: US imports of motor vehicles and parts in 2022, US$ million: OECD, ICIO extended edition, C29.
CARS_2022 = {"JPN": 48_036, "MEX": 109_297, "CAN": 32_302, "KOR": 29_042, "DEU": 27_002, "CHN": 23_021}
#: Sectors of ICIO that are merged in the bundled worlds.
MERGED = {
    "energy_mining": ["B05", "B06"],
    "steel": ["C24A"],
    "other_metals": ["C24B"],
    "ships": ["C301"],
    "wood": ["C16"],
}


@pytest.mark.parametrize("name", WORLDS)
def test_bundled_world_has_81_economies_31_sectors_and_a_small_file(name: str) -> None:
    world = ep.load_economy(name)
    assert (len(world.countries), len(world.sectors), world.year) == (81, 31, int(name[-4:]))
    assert (world.sectors[0], world.sectors[23], world.sectors[-1]) == (
        "agriculture",
        "other_manufacturing",
        "other_services",
    )
    assert list(world.countries) == [*sorted({*world.countries} - {"ROW"}), "ROW"]
    assert len((files("entrepot.economy") / "data" / f"{name}.ep").read_bytes()) < 1_500_000


@pytest.mark.parametrize("name", WORLDS)
def test_no_change_returns_the_bundled_world(name: str) -> None:
    found = ep.solve(ep.load_economy(name), [])
    assert np.abs(found.countries["real_income_pct"]).max() < 1e-10
    assert max(found.residuals.values()) < 1e-10


@pytest.mark.parametrize("name", WORLDS)
def test_gdp_of_the_bundled_world_is_the_world_banks(name: str) -> None:
    world = ep.load_economy(name)
    every = pd.read_csv(shared("icio").parent / "gdp.csv")
    published = every[every["year"] == world.year].set_index("country")["gdp_usd_m"]
    accounts = world.summary()
    gdp = accounts["value_added"] + accounts["tariff_revenue"]
    both = [c for c in world.countries if c in published.index]
    assert len(both) == 79  # all but Taiwan and the rest of the world
    assert np.abs(gdp[both] / published[both] - 1).max() < 1e-4


def test_us_car_imports_of_world2022_are_the_published_ones() -> None:
    world = ep.load_economy("world2022")
    cars = world.value[world.sectors.index("motor_vehicles"), world.countries.index("USA")]
    for exporter, value in CARS_2022.items():
        assert cars[world.countries.index(exporter)] == pytest.approx(value, abs=0.5)


@pytest.mark.parametrize("name", WORLDS)
def test_goods_trade_of_the_bundled_world_is_icios(name: str) -> None:
    world = ep.load_economy(name)
    icio = pd.read_parquet(shared("icio") / f"icio{world.year}.parquet")
    for sector, codes in MERGED.items():
        wide = icio[icio["sector"].isin(codes)].pivot_table(
            index="importer", columns="exporter", values="value", aggfunc="sum", observed=True
        )
        wide = wide.reindex(index=world.countries, columns=world.countries).fillna(0.0).to_numpy(float)
        assert np.allclose(world.value[world.sectors.index(sector)], wide, rtol=1e-6, atol=1e-3)


@pytest.mark.parametrize("group", ["CPTPP", "ASEAN", "BRICS", "RCEP", "G7", "EU27", "USMCA"])
def test_groups_are_whole_in_world2022(group: str) -> None:
    assert set(groups()[group]["members"]) <= set(ep.load_economy("world2022").countries)


def test_us_duties_on_china_rise_with_section_301() -> None:
    before, after = (ep.load_economy(name) for name in ("world2014", "world2022"))
    us, china = (after.countries.index(c) for c in ("USA", "CHN"))
    machinery = float(after.tariff[after.sectors.index("machinery"), us, china])
    base = float(before.tariff[before.sectors.index("machinery"), *(before.countries.index(c) for c in ("USA", "CHN"))])
    assert 0.15 < machinery - base < 0.25  # lists 1 to 3 at 25% cover most, not all
    duties = (after.tariff * after.value)[:24, us, china].sum() / after.value[:24, us, china].sum()
    # Collected in 2022, exclusions used: about 11% (USITC DataWeb). Mean weighted by world trade: 19.3% (Bown, PIIE).
    assert 0.11 < duties < 0.193


def test_products_of_shared_divisions_find_their_sector() -> None:
    sectors = hs_to_sectors(ep.load_economy("world2022").sectors)
    expected = {
        "7208": "steel",
        "7601": "other_metals",
        "8901": "ships",
        "8802": "aircraft_rail",
        "8703": "motor_vehicles",
    }
    expected |= {"3004": "pharmaceuticals", "2709": "energy_mining", "0103": "agriculture", "0302": "fishing"}
    for product, sector in expected.items():
        assert sectors.sector(product) in (sector, None), product
    assert sectors.sector("870323") == "motor_vehicles"
    assert sectors.sector("720810") == "steel"
    assert sectors.sector("760110") == "other_metals"
