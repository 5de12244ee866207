"""Build the bundled worlds of 2018 and 2022: trade of OECD's ICIO, GDP of the World Bank, structure of WIOD 2014.

    python scripts/build_icio_worlds.py --icio FOLDER --gdp gdp.csv --wiod FOLDER --lists FOLDER

    icio   icio2018.parquet and icio2022.parquet with importer, exporter, sector, value: ICIO (extended edition) summed
           over all uses, own sales included, millions of US dollars at basic prices; services as one sector SERV. From
           the publisher's file: sum the columns of intermediate and final use of each country.
    gdp    country, year, gdp_usd_m: World Bank, NY.GDP.MKTP.CD
    wiod   as for build_world2014.py
    lists  s301_product_lists.csv (hts8, list) and hts8_import_weights_2012_2014.csv (hts8, w8_main: US imports)

ICIO's goods stay apart as far as SECTORS says, and services are split as each pair's trade is in WIOD. An economy that
WIOD lacks takes the cost and demand structure of the economy whose structure moves least when it is scaled to the
trade and GDP of that economy (`nearest_structure`). `entrepot.data.updates` then scales all accounts together.
Tariffs are those of WIOD 2014 with what has changed since (`changed_tariffs`).
"""

from __future__ import annotations

import argparse
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from build_world2014 import SECTORS, read_wiod
from entrepot import Economy, update_economy
from entrepot.data.hs import hs_to_sectors
from entrepot.economy.equations import Array
from entrepot.economy.geography import find_place, groups

DATA = Path(__file__).resolve().parents[1] / "src" / "entrepot" / "economy" / "data"

#: Sector of the bundled world: (sectors of ICIO, sectors of WIOD that give its structure).
GOODS: dict[str, tuple[list[str], list[int]]] = {
    "agriculture": (["A01"], [1]),
    "forestry": (["A02"], [2]),
    "fishing": (["A03"], [3]),
    "energy_mining": (["B05", "B06"], [4]),
    "other_mining": (["B07", "B08", "B09"], [4]),
    "food": (["C10T12"], [5]),
    "textiles": (["C13T15"], [6]),
    "wood": (["C16"], [7]),
    "paper": (["C17_18"], [8, 9]),
    "petroleum": (["C19"], [10]),
    "chemicals": (["C20"], [11]),
    "pharmaceuticals": (["C21"], [12]),
    "plastics": (["C22"], [13]),
    "minerals": (["C23"], [14]),
    "steel": (["C24A"], [15]),
    "other_metals": (["C24B"], [15]),
    "metal_products": (["C25"], [16]),
    "electronics": (["C26"], [17]),
    "electrical": (["C27"], [18]),
    "machinery": (["C28"], [19]),
    "motor_vehicles": (["C29"], [20]),
    "ships": (["C301"], [21]),
    "aircraft_rail": (["C302T309"], [21]),
    "other_manufacturing": (["C31T33"], [22]),
}
SERVICES: dict[str, list[int]] = {
    name: SECTORS[name]
    for name in (
        "utilities",
        "construction",
        "trade_services",
        "transport_services",
        "business_services",
        "real_estate",
        "other_services",
    )
}
#: Taiwan is not in the World Bank's tables: Directorate-General of Budget, Accounting and Statistics, US$ million.
TAIWAN = {2014: 535_328.0, 2018: 609_198.0, 2022: 760_813.0}


def structure_of_wiod(folder: Path) -> Economy:
    """Return WIOD 2014 in the sectors that give the bundled worlds their structure, in balance."""
    full = read_wiod(folder, "wiod2014", "World Input-Output Database, 2016 release")
    codes = {name: old for name, (_, old) in GOODS.items()} | SERVICES
    merged = {old_name(old): [f"C{c:02d}" for c in old] for old in codes.values()}
    return full.aggregate(sectors=merged)


def old_name(codes: list[int]) -> str:
    """Return the name of a sector of WIOD, or of several."""
    return next((name for name, old in SERVICES.items() if old == codes), "_".join(f"C{c:02d}" for c in codes))


def gdp_of(path: Path, year: int, countries: list[str]) -> dict[str, float]:
    """Return GDP by economy in millions of US dollars; ROW is all that the World Bank has besides."""
    table = pd.read_csv(path).query("year == @year").set_index("country")["gdp_usd_m"]
    places = {code: find_place(code) for code in table.index}
    table = table[[code for code, place in places.items() if place is not None and place.kind == "country"]].dropna()
    known = {c: float(table[c]) for c in countries if c in table.index} | {"TWN": TAIWAN[year]}
    return known | {"ROW": float(table.drop([c for c in countries if c in table.index]).sum())}


def trade_of(path: Path) -> pd.DataFrame:
    """Return trade by sector of the bundled worlds, services as one."""
    flows = pd.read_parquet(path)
    names = {old: name for name, (icio, _) in GOODS.items() for old in icio} | {"SERV": "SERV"}
    flows = flows.assign(sector=flows["sector"].map(names), value=flows["value"].astype(float))
    flows = flows.groupby(["importer", "exporter", "sector"], as_index=False)["value"].sum()
    place = {name: k for k, name in enumerate([*GOODS, "SERV"])}
    return flows.sort_values(
        ["sector", "importer", "exporter"], key=lambda c: c.map(place) if c.name == "sector" else c
    )


def nearest_structure(base: Economy, years: list[tuple[pd.DataFrame, dict[str, float]]]) -> dict[str, str]:
    """Return, for each economy, its own name in the base, or that of the economy whose structure moves least.

    Each candidate's table (inputs and value added by sector and final demand) is scaled by rows and columns to the
    economy's spending, output and GDP of each year, services as one sector; the distance is half the sum of absolute
    changes, summed over the years.
    """
    sectors = [*GOODS, "SERV"]
    tables = {c: _table(base, k, sectors) for k, c in enumerate(base.countries) if c != "ROW"}
    sums = [
        [
            trade.pivot_table(index=side, columns="sector", values="value", aggfunc="sum")[sectors].fillna(0.0)
            for side in ("importer", "exporter")
        ]
        for trade, _ in years
    ]
    chosen = {}
    for country in sums[0][0].index:
        distance = {
            c: sum(
                moved(table, spent.loc[country].to_numpy(), sold.loc[country].to_numpy(), gdp[country])
                for (spent, sold), (_, gdp) in zip(sums, years, strict=True)
            )
            for c, table in tables.items()
            if country not in base.countries
        }
        chosen[country] = min(distance, key=lambda c: distance[c]) if distance else country
    return chosen


def _table(base: Economy, n: int, sectors: list[str]) -> Array:
    """Return [inputs; value added] x [sectors, final demand] of a country, as shares of the cost of its sectors."""
    old = [base.sectors.index(old_name(GOODS[s][1])) for s in sectors[:-1]]
    services = [base.sectors.index(s) for s in SERVICES]
    used = base.inputs[n] * base.cost[:, n]
    final = np.maximum(base.spending[:, n] - used.sum(axis=1), 0.0)
    whole = np.vstack([np.column_stack([used, final]), [*((1 - base.inputs[n].sum(axis=0)) * base.cost[:, n]), 0.0]])
    rows = np.vstack([whole[old], whole[services].sum(axis=0), whole[-1]])
    table = np.column_stack([rows[:, old], rows[:, services].sum(axis=1), rows[:, -1]])
    twice = {s: sum(GOODS[o][1] == GOODS[s][1] for o in sectors[:-1]) for s in sectors[:-1]}
    for k, s in enumerate(sectors[:-1]):
        table[k] /= twice[s]
        table[:, k] /= twice[s]
    return np.maximum(table, 0.0)


def moved(table: Array, bought: Array, made: Array, gdp: float) -> float:
    """Return half the sum of absolute changes, over output, when a table is scaled to new row and column sums."""
    rows, columns = np.append(bought, gdp), np.append(made, 0.0)
    columns[-1] = rows.sum() - columns.sum()
    seeded = table + 1e-9 * table.sum() * (np.arange(table.size).reshape(table.shape) != table.size - 1)
    new = seeded * rows.sum() / seeded.sum()
    for _ in range(300):
        new *= (rows / np.maximum(new.sum(axis=1), 1e-300))[:, None]
        new *= columns / np.maximum(new.sum(axis=0), 1e-300)
    cost, before = np.maximum(new.sum(axis=0), 1e-300), np.maximum(seeded.sum(axis=0), 1e-300)
    return float((np.abs(new / cost - seeded / before) * cost).sum() / (2 * cost.sum()))


def tariffs_of(base: Economy, like: dict[str, str], sectors: dict[str, str]) -> Array:
    """Return tariffs [j,n,i] in the new names: the base's, and for an economy that it lacks those of ROW.

    Two economies that were both in ROW charge each other what ROW charges other countries on average.
    """
    old = {c: c if c in base.countries else "ROW" for c in like}
    n = np.array([base.countries.index(c) for c in old.values()])
    j = np.array([base.sectors.index(s) for s in sectors.values()])
    row = base.countries.index("ROW")
    foreign = base.value[:, row] * (np.arange(len(base.countries)) != row)
    mean = (base.tariff[:, row] * foreign).sum(axis=1) / np.maximum(foreign.sum(axis=1), 1e-12)
    rates = base.tariff[np.ix_(j, n, n)].copy()
    both = (n[:, None] == row) & (n[None, :] == row)
    rates[:, both] = mean[j][:, None]
    own = np.arange(n.size)
    rates[:, own, own] = 0.0
    return rates


TABLES = Path(__file__).resolve().parent / "worlds"
FARM = ("agriculture", "forestry", "fishing", "food")


def left(since: pd.Timestamp, year: int, farm: bool) -> float:
    """Return the part of a duty that is left in the middle of a year, under an agreement in force since a day.

    A stated rule in place of each schedule: half of the duties on industrial goods end when an agreement comes into
    force and the rest in equal steps over ten years; on farm goods half as much is cut.
    """
    years = year + 0.5 - (since.year + (since.dayofyear - 1) / 365)
    cut = 0.0 if years < 0 else min(1.0, 0.5 + years / 20)
    return 1.0 - (cut / 2 if farm else cut)


def with_agreements(rates: Array, countries: list[str], sectors: list[str], year: int, held: set[str]) -> Array:
    """Return tariffs after the agreements of worlds/agreements.csv: the lowest that any of them leaves.

    What an agreement had cut by 2014 is in the base's rates between economies that the base has (`held`).
    """
    factor = np.ones_like(rates)
    for row in pd.read_csv(TABLES / "agreements.csv", parse_dates=["since"]).fillna("").itertuples():
        first, second = (_members(names, countries) for names in (row.first, row.second or row.first))
        for a, b in {(a, b) for a in first for b in second if a != b}:
            n, i = countries.index(a), countries.index(b)
            for j, sector in enumerate(sectors):
                farm = sector in FARM
                if row.goods == "farm" and not farm:
                    continue
                before = left(row.since, 2014, farm) if {a, b} <= held else 1.0
                now = left(row.since, year, farm) / before if before else 1.0
                for at in ((j, n, i), (j, i, n)):
                    factor[at] = min(factor[at], now)
    return rates * factor


def added_duties(countries: list[str], sectors: list[str], year: int, lists: Path) -> Array:
    """Return the duties of worlds/added_duties.csv [j,n,i], weighted by the days of the year on which they were due.

    Duties on a product list are the share of it in each sector's US imports of 2012 to 2014, all partners together.
    """
    added = np.zeros((len(sectors), len(countries), len(countries)))
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31")
    covered = _coverage(lists, sectors)
    table = pd.read_csv(TABLES / "added_duties.csv", parse_dates=["since", "until"])
    for row in table.fillna({"except": "", "sectors": "", "products": ""}).itertuples(index=False):
        importer, exporters, excluded, named, products, rate, since, until, _ = row
        due = ((days >= since) & ((days <= until) if until == until else True)).mean()
        by_sector = covered[products] if products else np.array([s in named.split() for s in sectors], float)
        n = countries.index(importer)
        for exporter in sorted(set(_members(exporters, countries)) - set(_members(excluded, countries)) - {importer}):
            added[:, n, countries.index(exporter)] += rate * due * by_sector
    return added


def _members(names: str, countries: list[str]) -> list[str]:
    """Return the countries that codes and groups stand for."""
    found = []
    for name in names.split():
        found += countries if name == "WORLD" else groups()[name]["members"] if name in groups() else [name]
    return [c for c in found if c in countries]


def _coverage(lists: Path, sectors: list[str]) -> dict[str, Array]:
    """Return, by Section 301 list, the share of each sector's imports that is on it."""
    weights = pd.read_csv(lists / "hts8_import_weights_2012_2014.csv", dtype={"hts8": str})
    products = hs_to_sectors(sectors)
    weights["sector"] = [products.sector(code[:6]) for code in weights["hts8"]]
    on = pd.read_csv(lists / "s301_product_lists.csv", dtype=str).drop_duplicates("hts8").set_index("hts8")["list"]
    weights["list"] = weights["hts8"].map(on).replace({"3_addl": "3"})
    total = weights.groupby("sector")["w8_main"].sum().reindex(sectors)
    shares = weights.pivot_table(index="sector", columns="list", values="w8_main", aggfunc="sum").reindex(sectors)
    return {f"301 list {name}": (shares[name] / total).fillna(0.0).to_numpy() for name in ("1", "2", "3", "4A")}


#: The years of the bundled worlds.
YEARS = (2018, 2022)


def build(icio: Path, gdp: Path, wiod: Path, lists: Path) -> dict[int, Economy]:
    """Return the bundled world of each year, made from the tables at these paths."""
    base = structure_of_wiod(wiod)
    trade = {year: trade_of(icio / f"icio{year}.parquet") for year in YEARS}
    countries = sorted(trade[YEARS[0]]["importer"].unique())
    totals = {year: gdp_of(gdp, year, countries) for year in YEARS}
    like = nearest_structure(base, [(trade[year], totals[year]) for year in YEARS])
    rates = {year: rates_of(base, like, year, lists) for year in YEARS}
    files = [gdp, *sorted(wiod.glob("*.parquet")), *sorted(TABLES.glob("*.csv"))]
    return {
        year: rounded(
            updated(base, like, year, trade[year], totals[year], rates[year]),
            like,
            [icio / f"icio{year}.parquet", *files],
        )
        for year in YEARS
    }


def rates_of(base: Economy, like: dict[str, str], year: int, lists: Path) -> Array:
    """Return the tariffs [j,n,i] of a year."""
    countries, old = list(like), {name: old_name(codes) for name, (_, codes) in GOODS.items()}
    sectors = [*old, *SERVICES]
    rates = tariffs_of(base, like, old | {s: s for s in SERVICES})
    rates = with_agreements(rates, countries, sectors, year, set(base.countries) - {"ROW"})
    return rates + added_duties(countries, sectors, year, lists)


def updated(
    base: Economy, like: dict[str, str], year: int, trade: pd.DataFrame, gdp: dict[str, float], rates: Array
) -> Economy:
    """Return the base brought up to the trade, GDP and tariffs of a year, and print how far it moved."""
    old = {name: old_name(codes) for name, (_, codes) in GOODS.items()}
    found = update_economy(
        base,
        trade=trade,
        gdp=gdp,
        tariffs=_table_of(rates, list(like), [*old, *SERVICES]),
        year=year,
        countries=like,
        sectors={**old, "SERV": list(SERVICES)},
        name=f"world{year}",
        source=(
            f"Trade and output of {year}: OECD Inter-Country Input-Output tables, extended edition, CC BY 4.0. GDP: "
            "World Bank, CC BY 4.0 (Taiwan: DGBAS). Cost and demand structure, tariffs and trade elasticities of 2014: "
            "WIOD, 2016 release (Timmer, Dietzenbacher, Los, Stehrer and de Vries 2015), CC BY 4.0, as prepared for "
            "the Kiel Institute's KITE model. All accounts are scaled together"
        ),
    )
    print(found, found.countries.sort_values("cost_shares_moved").to_string(), sep="\n")
    return found.economy


def rounded(world: Economy, like: dict[str, str], files: list[Path]) -> Economy:
    """Return the world in single precision, with what a user must know of it."""
    single = {a: getattr(world, a).astype(np.float32).astype(float) for a in ("value", "tariff", "inputs", "theta")}
    borrowed = [f"{c} {old}" for c, old in like.items() if c != old]
    return replace(
        world,
        **single,
        notes=(
            f"Updated from WIOD 2014: trade and output are those of {world.year} and GDP is met; cost and demand "
            "shares are those of 2014, scaled.",
            f"{len(borrowed)} economies have no structure of their own and take that of the one that moves least "
            f"({', '.join(borrowed)}). Their tariffs are those of the rest of the world in 2014.",
            "Tariffs: those of 2014, lowered by the agreements in force (a stated rule, not their schedules) and "
            "raised by US duties under Section 301 and on steel and by China's answers. Exclusions, duties on "
            "aluminium, others' answers and the United Kingdom's own tariff are left out.",
            "Elasticities: those of the Kiel Institute's KITE model; services weighted by world imports.",
        ),
        provenance={
            "licence": "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)",
            "sectors": {name: list(icio) for name, (icio, _) in GOODS.items()},
            "structure_of": like,
            "inputs_sha256": {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files},
            "script": "scripts/build_icio_worlds.py",
        },
    )


def _table_of(rates: Array, countries: list[str], sectors: list[str]) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([sectors, countries, countries], names=["sector", "importer", "exporter"])
    table = pd.Series(rates.ravel(), index=index, name="tariff").reset_index()
    return table[table["tariff"] > 0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option in ("icio", "gdp", "wiod", "lists"):
        parser.add_argument(f"--{option}", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=DATA)
    options = parser.parse_args()
    for built in build(options.icio, options.gdp, options.wiod, options.lists).values():
        out = options.out / f"{built.name}.ep"
        built.save(out)
        print(built, *built.notes, f"{out}: {out.stat().st_size:,} bytes", sep="\n")
