"""Files that `entrepot economy export` wrote, or that have its names: GEMPACK, GAMS, Stata and CSV."""

from __future__ import annotations

from pathlib import Path

from entrepot.data.elasticities import read_elasticities
from entrepot.data.exchange import ARRAYS, Exchange, other_than_computed
from entrepot.data.exchange_files import READERS, format_of
from entrepot.data.progress import Progress
from entrepot.data.sources.catalogue import Imported, ImportRequest, PublicDatabase
from entrepot.data.tariff_rows import refuse_percent
from entrepot.economy.economy import Economy
from entrepot.errors import DocumentError, EntrepotError, InputError

CATALOGUE = (
    PublicDatabase(
        name="exchanged",
        title="Exported Economies",
        module="exchanged",
        edition="of 'entrepot economy export'; names as in docs/economy.md",
        files="a .har, .gdx or .dta file, or a folder of CSV files",
        reads="values, tariffs, export taxes, subsidies, input shares, elasticities, markups",
        repairs="in single precision (.har), input shares where rounding leaves a good used above its supply",
        citation="The Economy that was exported",
        licence="that of the Economy",
        test="tests/data/test_exchange.py",
    ),
)


def read(path: Path, request: ImportRequest, progress: Progress) -> Imported:
    """Read an exported Economy; `request.theta` replaces its elasticities. Shocks in the file are left out."""
    for name in ("own_sales", "tariffs", "sectors", "usd_per_unit"):
        if getattr(request, name) is not None:
            raise InputError(f"{name}: an exported Economy has its own; leave it out")
    progress("reading the file", 0, 1)
    exchange = READERS[format_of(path)](path)
    try:
        economy, mended = exchange.economy(request.name, request.year)
    except EntrepotError as error:
        raise DocumentError(str(error), path=str(path)) from error
    cited: tuple[str, ...] = ()
    if request.theta is not None:
        theta, cited = read_elasticities(request.theta, economy.sectors)
        economy = economy.with_theta(theta)
    progress("done", 1, 1)
    cited = (*_on_tariffs(exchange, economy, path), *cited)
    shocks = [name for name in exchange.arrays if ARRAYS[name].shock]
    refused = [f"Shocks of measures, which do not belong to an Economy: {', '.join(shocks)}."] if shocks else []
    refused += [*other_than_computed(exchange, economy), *exchange.unread]
    precision = "double precision" if exchange.exact else "single precision"
    found = (f"{path.name}: {len(economy.countries)} countries, {len(economy.sectors)} sectors, {precision}.", *cited)
    return Imported(economy, found, mended, tuple(refused))


def _on_tariffs(exchange: Exchange, economy: Economy, path: Path) -> tuple[str, ...]:
    """Sentences on tariffs that are not there, or unusual. Raises `TableError` where they look like percentages."""
    if "tariff" not in exchange.arrays:
        return ("Tariffs: none in the file; all are zero.",)
    refuse_percent(economy.tariff[economy.tariff > 0], path.name)
    highest = float(economy.tariff.max())
    return (f"Tariffs: the highest is {100 * highest:,.0f}%.",) if highest > 1 else ()
