"""The sample data and estimates that the gegravity package publishes, for every replication that uses them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.errors import DocumentError
from entrepot.replications.replication import needed_files

#: The name in the package's repository, and the name at `ORIGIN`; either is read.
FILES = ("sample_data_set.dlm", "sample_gravity_data.csv")
ORIGIN = "https://gist.github.com/peter-herman/13b056e52105008c53faa482db67ed4a"
WHERE = f"{' or '.join(FILES)} ({ORIGIN})"
CITATION = (
    "Herman, P. (2021), gegravity: General Equilibrium Gravity Modeling in Python, "
    "USITC Economics Working Paper 2021-04-B"
)
#: Poisson estimates of the package's example (its README, version 0.3), for sigma = 5.
COEFFICIENTS = {
    "lndist": -0.3898623,
    "contiguity": 0.891577,
    "common_language": 0.0326249,
    "pta": 0.4711383,
    "international": -3.412584,
    "constant": 16.32434,
}
SIGMA = 5.0
THETA = SIGMA - 1
#: Countries that the experiments and the tables of results name.
NEEDED = ("AUS", "CAN", "CHN", "DEU", "JPN", "MEX", "USA")
COLUMNS = ("exporter", "importer", "year", "trade", "Y", "E", "pta", "contiguity", "common_language", "lndist")


def read(data: Path | None) -> pd.DataFrame:
    """The table, one row a pair (30 x 30, year 2006), own trade included. Raises `DocumentError`."""
    path = _path(data)
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DocumentError(f"cannot be read as comma-separated values: {error}", path=str(path)) from None
    missing = [c for c in (*COLUMNS, "international") if c not in table.columns]
    if missing:
        raise DocumentError(f"no column {missing[0]!r} (it has: {', '.join(table.columns)})", path=str(path))
    absent = [c for c in NEEDED if c not in set(table["importer"])]
    if absent:
        raise DocumentError(f"no rows for {', '.join(absent)}", path=str(path))
    countries = table["exporter"].nunique()
    if len(table) != countries**2 or table.duplicated(["importer", "exporter"]).any():
        raise DocumentError(
            f"{len(table)} rows do not cover each of {countries} x {countries} pairs once", path=str(path)
        )
    return table


def _path(data: Path | None) -> Path:
    name = next((name for name in FILES if data is not None and (data / name).is_file()), FILES[0])
    return needed_files(data, [name], f"{ORIGIN} as {FILES[1]}, a name that is read as well")[0]


def economy(table: pd.DataFrame) -> Economy:
    """One sector, theta = sigma - 1, deficits closed."""
    trade = table.rename(columns={"trade": "value"})[["importer", "exporter", "value"]].assign(sector="all")
    return Economy.from_tables(trade, theta=THETA, name="gegravity sample", source=CITATION, year=2006).balanced()


def matrix(table: pd.DataFrame, column: str) -> Array:
    """A column as [importer n, exporter i], countries in alphabetical order."""
    return (
        table.pivot(index="importer", columns="exporter", values=column).sort_index().sort_index(axis=1).to_numpy(float)
    )


def one_sector(value: Array, countries: tuple[str, ...], theta: float, name: str) -> Economy:
    """An Economy of trade values [n,i] alone: one sector, no inputs, no tariffs, deficits closed."""
    n = len(countries)
    made = Economy(
        countries=countries,
        sectors=("all",),
        value=value[None],
        tariff=np.zeros((1, n, n)),
        inputs=np.zeros((n, 1, 1)),
        theta=np.array([theta]),
        name=name,
    )
    return made.balanced()
