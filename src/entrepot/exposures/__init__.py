"""Tariff schedules by product against trade: duties paid, bound and proposed, and the effect of a change line by line.

The package builds on `rules`, whose dated and cited entries describe the stacking of authorities, and precedes
`cases`. It turns a proposed change into `measures` on an Economy; it solves no equilibrium.

    run                    the function `exposure`, which does the steps below in order
    trade_flows, schedule  the two kinds of user tables, loaded into DuckDB and checked
    stated_periods, stated_rates, stated_numbers, amended_tables
                           what a user's own table states in another form, put into the one that is read
    places                 the countries that a row of a schedule covers
    match, sql             each line of trade with its rates, and the SQL over the large tables
    stacking               which authority applies on top of which, as data (data/us-2025.yaml, data/plain.yaml)
    response               the response of imports, in partial equilibrium
    exposure_tables        `Exposure` and its tables
    exposure_measures      the proposed change as measures and as a case
    tariff_lines           the bundled lines of the United States' tariff, with the lists that name each
    levies, duty_answer    what each authority levies on a line from a partner on a day (data/us-2026.yaml)
    duty_inputs            the days, places and amounts that `duty` and `duty_path` are given
    product_duty           `ProductDuty`, its layers and its sentence
    mean_duties            the mean duty by partner or sector through time
"""

from entrepot.exposures.duty_answer import duty
from entrepot.exposures.exposure_tables import Exposure
from entrepot.exposures.levies import DutyConditions
from entrepot.exposures.mean_duties import DutyPath, duty_path
from entrepot.exposures.product_duty import DutyLayer, ProductDuty
from entrepot.exposures.run import exposure
from entrepot.exposures.stacking import Stacking, bundled_stackings, load_stacking

__all__ = [
    "DutyConditions",
    "DutyLayer",
    "DutyPath",
    "Exposure",
    "ProductDuty",
    "Stacking",
    "bundled_stackings",
    "duty",
    "duty_path",
    "exposure",
    "load_stacking",
]
