"""Arrays of an Economy as tables with its names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from entrepot.economy.economy import Economy
from entrepot.economy.equations import Array

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


def by_country(economy: Economy, columns: Mapping[str, Array]) -> pd.DataFrame:
    """Return arrays [n] as the columns of a table by country."""
    import pandas as pd

    return pd.DataFrame(columns, index=pd.Index(economy.countries, name="country"))


def by_sector(economy: Economy, columns: Mapping[str, Array]) -> pd.DataFrame:
    """Return arrays [j,n] as the columns of a table by (country, sector)."""
    import pandas as pd

    index = pd.MultiIndex.from_product([economy.countries, economy.sectors], names=["country", "sector"])
    return pd.DataFrame({key: column.T.ravel() for key, column in columns.items()}, index=index)


def by_flow(economy: Economy, arrays: Mapping[str, Array]) -> xr.Dataset:
    """Return arrays [j,n,i] over (importer, exporter, sector)."""
    import xarray as xr

    countries, sectors = list(economy.countries), list(economy.sectors)
    coordinates = {"importer": countries, "exporter": countries, "sector": sectors}
    moved = {key: (tuple(coordinates), array.transpose(1, 2, 0)) for key, array in arrays.items()}
    return xr.Dataset(moved, coords=coordinates)
