"""Tariff schedules by product against trade: what is paid, bound and proposed, and what a change does line by line.

Where it stands: after `rules`, whose dated and cited entries the stacking of authorities is made of, and before
`cases`, which ask what follows. It reads schedules as `economy` does and hands what is proposed to the Economy as
`measures`; it solves nothing, and so needs nothing of `equilibrium`.

    columns, store, table  the user's tables: names, a DuckDB file of our own, faults with their row
    trade, schedule        the two kinds of them, checked and by positions
    places, sql, match     whom and what a row reaches, and the statements over the large tables
    stacking               which authority applies on top of which, as data (data/us-2025.yaml, data/plain.yaml)
    response               what imports do, in partial equilibrium
    result, measures       the tables, and the way to the Economy
"""

from entrepot.exposures.exposure_tables import Exposure
from entrepot.exposures.run import exposure
from entrepot.exposures.stacking import Stacking, bundled_stackings, load_stacking

__all__ = ["Exposure", "Stacking", "bundled_stackings", "exposure", "load_stacking"]
