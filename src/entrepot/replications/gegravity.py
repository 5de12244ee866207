"""gegravity's own example, an agreement between Canada and Japan, beside an independent solution and the engine.

What the package calls full equilibrium solves the resistances at the base's output and spending (conditional general
equilibrium) and then one producer price for each country; incomes do not feed back into the resistances. So its
report is compared with the conditional solution; and, for the equilibrium in which incomes adjust, its solver of
resistances is called again at the incomes it implies, until they repeat, and that is compared with the engine.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from entrepot.economy import Economy
from entrepot.economy.equations import Array
from entrepot.equilibrium import Outcome, solve
from entrepot.errors import ConvergenceError, DocumentError, InputError
from entrepot.estimation.gravity import gravity
from entrepot.measures import NonTariffBarrier
from entrepot.numerics import anderson
from entrepot.replications import sample
from entrepot.replications.anderson_van_wincoop import Gravity, biproportional, conditional
from entrepot.replications.replication import Line, Replication

TITLE = "gegravity's example: an agreement between Canada and Japan"
CITATION = f"{sample.CITATION}; package gegravity 0.3 (MIT licence)"
DATA = f"a folder with {sample.WHERE}, and the package: pip install gegravity"

AGREEMENT = ("CAN", "JPN")
REFERENCE = "DEU"
SHOWN = ("AUS", "CAN", "DEU", "JPN", "USA")

#: The package's README, version 0.3: Canada, percent.
README = {
    "producer price": -0.135770,
    "outward resistance": 0.135955,
    "inward resistance": -0.551724,
    "real GDP": 0.418261,
    "exports": 1.573180,
    "imports": 1.504744,
    "own trade": -1.939006,
}
_COLUMNS = {
    "producer price": "factory gate price change (percent)",
    "outward resistance": "omr change (percent)",
    "inward resistance": "imr change (percent)",
    "real GDP": "GDP change (percent)",
    "exports": "foreign exports change (percent)",
    "imports": "foreign imports change (percent)",
    "own trade": "intranational trade change (percent)",
}
#: README: half a unit of its sixth decimal. The package's solver stops at 1e-8, 1e-6 percent, or a little short of it.
PRINTED, RUN, LOOPED = 6e-7, 5e-6, 2e-5
#: The default tolerance of the package's solvers.
TOLERANCE = 1e-8
#: An iterated estimate whose stopping rule is not published.
ESTIMATED = 1e-6


def replicate(data: Path | None = None) -> Replication:
    """Raises `DocumentError` where the sample or the package is missing."""
    table = sample.read(data)
    package = installed()
    balanced = table.assign(E=balanced_spending(table))
    estimates, note = _estimates(table)
    lines = [*estimates, *_reported(package, table), *_adjusting(package, balanced)]
    held = own_report(balanced).loc["CAN", "real GDP"]
    adjusting = next(x.ours for x in lines if x.what.startswith("incomes adjusting") and x.where == "CAN")
    feedback = (
        f"On that balanced sample Canada's real GDP rises by {held:.4f}% at base incomes, {adjusting:.4f}% in full."
    )
    return Replication.of("gegravity", TITLE, CITATION, lines, (*NOTES, feedback, *note))


NOTES = (
    "Percent. Reported: gegravity solves resistances at the incomes of the base, then one producer price for each "
    "country; 'ours' solves the same conditional system independently. Prices and resistances are in its unit, the "
    f"inward resistance of the reference importer ({REFERENCE}) before and after; real GDP does not depend on it: it "
    "was the same to six decimals for each of the 30 possible ones.",
    "Incomes adjusting: its solver of resistances called at the incomes it implies, until they repeat, on the sample "
    "with spending set equal to output; 'ours' is the engine with theta = sigma - 1 = 4 and the same costs.",
    "Whether gegravity solves depends on the scale of its outward resistances: with the constant of the example it "
    "solved at its default (omr_rescale=1) for all 30 reference importers; with the estimates in its docstrings, "
    "which have no constant, it failed at the default for all seven that were tried and solved at omr_rescale=1000.",
    "Base trade is the trade its costs and totals imply, not the trade observed.",
)


def installed() -> Any:
    """The package. Raises `DocumentError` where it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import gegravity  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        raise DocumentError("this replication runs the package gegravity: pip install gegravity") from None
    return gegravity


def built(package: Any, table: pd.DataFrame, tol: float = TOLERANCE) -> Any:
    """Its model of a table in the sample's layout, at the example's estimates, base solved.

    `tol` is the tolerance of its solver. Raises `ConvergenceError` where it fails.
    """
    baseline = package.BaselineData(
        table.assign(constant=1),
        imp_var_name="importer",
        exp_var_name="exporter",
        year_var_name="year",
        trade_var_name="trade",
        expend_var_name="E",
        output_var_name="Y",
    )
    estimates = pd.DataFrame(
        {"var": list(sample.COEFFICIENTS), "beta": list(sample.COEFFICIENTS.values()), "stderr": 0.1}
    )
    coefficients = package.CostCoeffs(estimates=estimates, identifier_col="var", coeff_col="beta", stderr_col="stderr")
    model = package.OneSectorGE(
        baseline=baseline,
        cost_coeff_values=coefficients,
        cost_variables=list(sample.COEFFICIENTS),
        year=str(table["year"].iloc[0]),
        reference_importer=REFERENCE,
        sigma=sample.SIGMA,
        quiet=True,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its diagnostics report whether it solved
        model.build_baseline(mr_tolerance=tol)
    _solved(model, "baseline_MRs")
    return model


def _solved(model: Any, stage: str) -> None:
    if not model.solver_diagnostics[stage].success:
        raise ConvergenceError(f"gegravity did not solve its {stage}: {model.solver_diagnostics[stage].message}")


def with_agreement(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the agreement in force both ways."""
    ours = table["importer"].isin(AGREEMENT) & table["exporter"].isin(AGREEMENT) & (table["international"] == 1)
    return table.assign(pta=table["pta"].mask(ours, 1))


def simulated(model: Any, tol: float = TOLERANCE) -> Any:
    """The model with the agreement simulated. Raises `ConvergenceError` where one of its solvers did not succeed."""
    model.define_experiment(with_agreement(model.baseline_data).drop(columns="index", errors="ignore"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.simulate(ge_tolerance=tol)
    _solved(model, "conditional_MRs")
    _solved(model, "full_GE")
    return model


# ---- its estimates ----


def _estimates(table: pd.DataFrame) -> tuple[list[Line], tuple[str, ...]]:
    """The Poisson estimates its example starts from, estimated here; without pyfixest, a note that they were not."""
    published = {name: b for name, b in sample.COEFFICIENTS.items() if name != "constant"}
    try:
        ours = gravity(table, f"trade ~ {' + '.join(published)} | exporter + importer").coefficients
    except InputError as error:
        return [], (f"The estimates that the example starts from were not computed: {error}.",)
    source = "README, version 0.3"
    return [Line(f"estimate: {k}", "all", b, float(ours[k]), ESTIMATED, source) for k, b in published.items()], ()


# ---- what it reports ----


def _reported(package: Any, table: pd.DataFrame) -> Iterator[Line]:
    model = simulated(built(package, table))
    ours = own_report(table)
    for what, number in README.items():
        yield Line(f"reported: {what}", "CAN", number, float(ours.loc["CAN", what]), PRINTED, "README, version 0.3")
    for what, column in _COLUMNS.items():
        for country in SHOWN:
            number = float(model.country_results.loc[country, column])
            yield Line(f"reported: {what}", country, number, float(ours.loc[country, what]), RUN, "gegravity, run")


def costs(table: pd.DataFrame) -> Array:
    """t^(1-sigma) [n,i] from the example's estimates."""
    index = sum(b * sample.matrix(table.assign(constant=1.0), name) for name, b in sample.COEFFICIENTS.items())
    return np.exp(np.asarray(index))


def fitted_trade(table: pd.DataFrame) -> Array:
    """Base trade [n,i] that costs, output and spending imply, as parts of the world's: costs scaled to both margins."""
    output, spending = (table.groupby(side)[total].first() for side, total in (("exporter", "Y"), ("importer", "E")))
    purchases, sales = spending.to_numpy(float), output.to_numpy(float)
    return biproportional(costs(table), purchases / purchases.sum(), sales / sales.sum())


def own_report(table: pd.DataFrame) -> pd.DataFrame:
    """What gegravity reports, by country, percent, from the conditional system solved independently."""
    countries = sorted(table["importer"].unique())
    base = fitted_trade(table)
    solved = conditional(base, costs(with_agreement(table)) / costs(table), sample.SIGMA)
    reference = solved.inward[countries.index(REFERENCE)]
    price = solved.price / reference
    return pd.DataFrame(
        {
            "producer price": 100 * (price - 1),
            "outward resistance": 100 * (solved.outward * reference - 1),
            "inward resistance": 100 * (solved.inward / reference - 1),
            "real GDP": solved.real_output_pct,
            **_trade_growth(base, _trade_at(solved, base, price)),
        },
        index=pd.Index(countries, name="country"),
    )


def _trade_at(solved: Gravity, base: Array, price: Array) -> Array:
    """Its trade [n,i]: resistances of the conditional system, but output and spending moved by the producer price."""
    world = price @ base.sum(axis=0) / base.sum()
    return solved.trade * price * price[:, None] / world


def _trade_growth(base: Array, new: Array) -> dict[str, Array]:
    foreign = ~np.eye(len(base), dtype=bool)

    def growth(after: Array, before: Array) -> Array:
        return 100 * (after / before - 1)

    return {
        "exports": growth((new * foreign).sum(axis=0), (base * foreign).sum(axis=0)),
        "imports": growth((new * foreign).sum(axis=1), (base * foreign).sum(axis=1)),
        "own trade": growth(np.diagonal(new), np.diagonal(base)),
    }


# ---- incomes adjusting ----


def balanced_spending(table: pd.DataFrame) -> pd.Series:
    """Spending equal to output, by row of the table."""
    return table["importer"].map(table.groupby("exporter")["Y"].first())


def _adjusting(package: Any, table: pd.DataFrame) -> Iterator[Line]:
    price, inward = looped(package, table)
    outcome = engine(table)
    published = 100 * (price / inward - 1)
    for country in SHOWN:
        gain = float(outcome.countries.loc[country, "real_income_pct"])
        yield Line(
            "incomes adjusting: real GDP", country, float(published[country]), gain, LOOPED, "gegravity, repeated"
        )


def looped(package: Any, table: pd.DataFrame, tol: float = TOLERANCE) -> tuple[pd.Series, pd.Series]:
    """Producer prices and inward resistances relative to the base [country], its resistances solved at p Y in turn.

    Raises `ConvergenceError`.
    """
    output0 = table.groupby("exporter")["Y"].first().astype(float)
    base = built(package, table, tol).baseline_mr
    new = with_agreement(table)
    found: dict[str, pd.Series] = {}

    def prices(ln_price: Array) -> Array:
        output = output0 * np.exp(ln_price)
        output *= output0.sum() / output.sum()
        moved = new.assign(Y=new["exporter"].map(output), E=new["importer"].map(output))
        resistance = built(package, moved, tol).baseline_mr
        outward = (resistance["baseline omr"] / base["baseline omr"])[output0.index]
        found["inward"] = (resistance["baseline imr"] / base["baseline imr"])[output0.index]
        return np.asarray(np.log(output / output0) / (1 - sample.SIGMA) - np.log(outward), dtype=float)

    point = anderson(prices, np.zeros(len(output0)), tol=tol, max_iterations=40)
    if not point.converged:
        raise ConvergenceError(f"gegravity's resistances did not settle: largest change {point.residual:.2g}.")
    return pd.Series(np.exp(point.fx), output0.index), found["inward"]


def economy(table: pd.DataFrame) -> Economy:
    """The base that its costs and totals imply, for the engine."""
    countries = tuple(sorted(table["importer"].unique()))
    return sample.one_sector(fitted_trade(table), countries, sample.THETA, "gegravity sample, fitted")


def agreement() -> NonTariffBarrier:
    """The agreement as the fall in costs that its coefficient stands for."""
    rate = float(np.expm1(-sample.COEFFICIENTS["pta"] / sample.THETA))
    return NonTariffBarrier(importer=AGREEMENT, exporter=AGREEMENT, sector="ALL", rate=rate)


def engine(table: pd.DataFrame) -> Outcome:
    """The engine's answer on the same base and costs."""
    return solve(economy(table), [agreement()], tol=1e-12)
