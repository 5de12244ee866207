"""Tariff schedules by product against trade: duties paid, bound and proposed, and the effect of a change line by line.

The package builds on `rules`, whose dated and cited entries describe the stacking of authorities, and precedes
`cases`. It turns a proposed change into `measures` on an Economy; it solves no equilibrium.

    run                    the function `exposure`, which does the steps below in order
    trade_flows, schedule  the two kinds of user tables, loaded into DuckDB and checked
    places                 the countries that a row of a schedule covers
    match, sql             each line of trade with its rates, and the SQL over the large tables
    stacking               which authority applies on top of which, as data (data/us-2025.yaml, data/plain.yaml)
    response               the response of imports, in partial equilibrium
    exposure_tables        `Exposure` and its tables
    exposure_measures      the proposed change as measures and as a case
"""

from entrepot.exposures.exposure_tables import Exposure
from entrepot.exposures.run import exposure
from entrepot.exposures.stacking import Stacking, bundled_stackings, load_stacking

__all__ = ["Exposure", "Stacking", "bundled_stackings", "exposure", "load_stacking"]
