"""Gravity estimated by Poisson pseudo-maximum likelihood (Santos Silva and Tenreyro 2006), in the terms of the model.

The model's trade, at the price that users pay and before duty,

    X_ni = pi_ni X_n,  pi_ni = (c_i d_ni (1+t_ni))^-theta / Phi_n      F_ni = X_ni / (1+t_ni)

makes ln X linear in ln(1+t) with coefficient -theta, once importer and exporter effects take up X_n/Phi_n and c_i; and
ln F, which is what customs report, linear with coefficient -(1+theta). Any other cost d enters both with -theta.
The estimation is done by pyfixest.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from entrepot.data.frames import read_frame, typed
from entrepot.errors import InputError, TableError, UnknownNameError, nearest
from entrepot.estimation.observed_numbers import repeats_note, with_numbers

Valued = Literal["border", "user"]

#: Standard errors to each side of a 95% interval.
Z95 = 1.959963984540054
#: A name not followed by "(" (a function) or "=" (an argument), and not part of a number.
_NAME = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*(?!\s*[\w.(=])")
#: A term whose argument may be text: categories.
_CATEGORIES = re.compile(r"\b[Ci]\s*\((?:[^()]|\([^()]*\))*\)")
#: Names of columns of logarithms: ln_trade, logExports, trade_log.
_LOGARITHMS = re.compile(
    r"(?:ln|log(?:10)?)(?:_\w+|(?:trade|exports?|imports?|flows?|values?))|\w+_(?:ln|log(?:10)?)", re.IGNORECASE
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Estimated:
    """A number with its standard error and 95% interval."""

    value: float
    std_error: float
    low: float
    high: float

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.4g} (s.e. {self.std_error:.2g}; 95% {self.low:.4g} to {self.high:.4g})"


@dataclass(frozen=True, eq=False)
class GravityEstimate:
    """Estimated coefficients with their covariance.

    coefficients  Series by name
    covariance    DataFrame, name by name
    observations  number of rows used
    errors        how the covariance was estimated
    notes         rows left out, and why
    """

    formula: str
    coefficients: pd.Series
    covariance: pd.DataFrame
    observations: int
    errors: str
    notes: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """Return a table by name: coefficient, std_error, z, and the normal 95% interval low, high."""
        error = np.sqrt(np.diagonal(self.covariance))
        b = self.coefficients
        columns = {
            "coefficient": b,
            "std_error": error,
            "z": b / error,
            "low": b - Z95 * error,
            "high": b + Z95 * error,
        }
        return pd.DataFrame(columns, index=b.index)

    def theta(self, name: str, *, valued: Valued = "border") -> Estimated:
        """Return the trade elasticity implied by the coefficient of log(1 + tariff).

        valued  "border": trade is valued before duty (customs statistics), theta = -coefficient - 1;
                "user": duty is in the value, or the variable is a log price or cost other than a tariff, theta =
                -coefficient.
        Raises `InputError` if the elasticity is not above zero.
        """
        if valued not in get_args(Valued):
            raise InputError(f"valued={valued!r}{nearest(str(valued), get_args(Valued))}")
        coefficient, error = self._of(name)
        value = -coefficient - (1.0 if valued == "border" else 0.0)
        if value <= 0:
            raise InputError(
                f"the coefficient of {name} is {coefficient:.4g}: with trade valued at the {valued} price that is an "
                f"elasticity of {value:.4g}, not one above zero; is it the log of one plus the tariff rate?"
            )
        return Estimated(value, error, value - Z95 * error, value + Z95 * error)

    def barrier(self, name: str, theta: float | Estimated, change: float = 1.0) -> Estimated:
        """Return the ad valorem equivalent of a rise of `name` by `change`, exp(-b change/theta) - 1.

        It is the rate of a NonTariffBarrier. The standard error (delta method) and the interval (from the bounds of the
        coefficient) take theta as given.
        """
        coefficient, error = self._of(name)
        elasticity = float(theta)
        if not (np.isfinite(elasticity) and elasticity > 0 and np.isfinite(change)):
            raise InputError(
                f"theta={elasticity:g}, change={change:g}: an elasticity above zero and a finite change are needed"
            )
        ends = [
            float(np.expm1(-b * change / elasticity)) for b in (coefficient - Z95 * error, coefficient + Z95 * error)
        ]
        rate = float(np.expm1(-coefficient * change / elasticity))
        return Estimated(rate, abs(change) / elasticity * (1 + rate) * error, min(ends), max(ends))

    def draws(self, count: int, seed: int) -> pd.DataFrame:
        """Return `count` normal draws of the coefficients [draw, name] with their covariance; a seed repeats them."""
        if not isinstance(count, int) or count < 1:
            raise InputError(f"draws: count={count!r}; a whole number above zero is needed")
        variance, axes = np.linalg.eigh(self.covariance.to_numpy())
        if variance.min() < -1e-9 * variance.max():
            raise InputError(
                "draws: the covariance has a direction of negative variance, as clustering two ways with few clusters "
                "can give; cluster in one way"
            )
        normal = np.random.default_rng(seed).standard_normal((count, len(variance)))
        moved = normal * np.sqrt(np.maximum(variance, 0.0)) @ axes.T
        names = self.coefficients.index
        return pd.DataFrame(
            self.coefficients.to_numpy() + moved, columns=names, index=pd.RangeIndex(count, name="draw")
        )

    def _of(self, name: str) -> tuple[float, float]:
        if name not in self.coefficients.index:
            raise UnknownNameError("coefficient", str(name), list(self.coefficients.index))
        return float(self.coefficients[name]), float(np.sqrt(self.covariance.loc[name, name]))

    def __repr__(self) -> str:
        rows = list(self.table()[["coefficient", "std_error"]].itertuples())[:4]
        shown = ", ".join(f"{name} {b:.4g} ({error:.2g})" for name, b, error in rows)
        more = ", ..." if len(self.coefficients) > 4 else ""
        left_out = f"; {len(self.notes)} notes" if self.notes else ""
        return (
            f"GravityEstimate of {self.formula!r}: {shown}{more}; {self.observations:,} observations, "
            f"{self.errors}{left_out}\n"
            f"Next: .table(), .theta(NAME), .barrier(NAME, theta), .draws(1000, seed=1)"
        )


def read_observations(path: Any) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Read observations from any table (see `entrepot.data.opening`), with rows numbered from one, and notes.

    In numeric columns NA is a missing value; among country codes it is Namibia. Raises `DocumentError`.
    """
    frame, opened = read_frame(path, "observations")
    notes = list(opened.notes)
    table = typed(frame, opened.where, opened.separator, notes)
    return table.set_axis(range(1, len(table) + 1)), tuple(notes)


def gravity(data: Any, formula: str, *, cluster: str | Sequence[str] | None = None) -> GravityEstimate:
    """Estimate "trade ~ log_dist + rta | exporter^year + importer^year": regressors | fixed effects.

    data     one row per flow, as a DataFrame or the path of any table; zeros are observations; rows with a missing or
             infinite entry are left out and counted, and marks of missing numbers (n/a, "c", "(D)") are missing
    cluster  None: standard errors robust to heteroskedasticity; a column, "exporter^importer" for the combination of
             columns, or two of these (clustered both ways); with pyfixest's small-sample corrections

    Separated flows, which a fixed effect or a regressor predicts to be exactly zero, carry no information on the
    coefficients; they are left out and counted. Raises `UnknownNameError` for an unknown column, `TableError` for its
    content, and `InputError` for a formula that cannot be estimated or a missing pyfixest.
    """
    fepois = _pyfixest()
    read: tuple[str, ...] = ()
    if isinstance(data, str | os.PathLike):
        data, read = read_observations(data)
    data, outcome, regressors, marked = _check(data, formula)
    read = (*read, *marked, *repeats_note(data))
    used = data.reset_index(drop=True)
    clusters: list[Any] = [] if cluster is None else list(cluster) if isinstance(cluster, list | tuple) else [cluster]
    used, columns = _with_clusters(used, clusters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what pyfixest warns of is counted below or refused
        try:
            fit = fepois(
                formula,
                data=used,
                vcov={"CRV1": "+".join(columns)} if columns else "hetero",
                separation_check=["fe", "ir"],
                iwls_tol=1e-10,
                fixef_tol=1e-10,
                iwls_maxiter=100,
            )
        except Exception as error:  # pyfixest and its parser share no base class for their errors
            raise InputError(f"gravity: {formula!r} cannot be estimated: {_first_line(error)}") from error
    estimate = _estimate(fit, formula, outcome, regressors, used, clusters, columns)
    return replace(estimate, notes=(*read, *estimate.notes))


def _pyfixest() -> Any:
    try:
        from pyfixest import fepois
    except ImportError:
        raise InputError("estimating gravity needs pyfixest: pip install 'entrepot[gravity]'") from None
    return fepois


def _first_line(error: Exception) -> str:
    text = str(error).strip()
    if "collinear" in text:
        return "no regressor varies once the fixed effects are taken out"
    return f"{type(error).__name__}: {text.splitlines()[0] if text else 'no reason given'}"


# ---- what goes in ----


def _check(data: object, formula: object) -> tuple[pd.DataFrame, str, list[str], list[str]]:
    """The table with its numbers, the outcome column, the columns of the regressors and fixed effects, and notes."""
    if not isinstance(data, pd.DataFrame):
        raise InputError(f"gravity: a DataFrame is needed, not {type(data).__name__}")
    if not isinstance(formula, str) or formula.count("~") != 1 or formula.count("|") > 1:
        raise InputError(f"gravity: {formula!r} is not of the form 'trade ~ log_dist + rta | exporter + importer'")
    if not len(data):
        raise TableError("gravity: the table has no rows")
    left, right = (side.strip() for side in _QUOTED.sub("", formula).split("~"))
    terms, _, effects = right.partition("|")
    if not re.fullmatch(r"[A-Za-z_]\w*", left):
        raise InputError(f"gravity: {left or 'nothing'!r} on the left of '~': one column of trade values is needed")
    several = re.search(r"\b(c?sw0?|mvsw)\s*\(", right)
    if several:
        raise InputError(f"gravity: {several[1]}() asks for several estimations; estimate them one by one")
    by = [effect.split("^") for effect in effects.split("+")] if "|" in right else []
    if not all(part.strip() for effect in by for part in effect):
        raise InputError(
            f"gravity: {effects.strip() or 'nothing'!r} after '|': columns are needed, such as exporter^year + importer"
        )
    named = [left, *dict.fromkeys(_NAME.findall(terms) + _NAME.findall(effects))]
    if left in named[1:]:
        raise InputError(f"gravity: {left!r} is on both sides of '~'; take it out on the right")
    for name in named:
        if list(data.columns).count(name) > 1:
            raise TableError(f"gravity: the column {name!r} is there twice")
        if name not in data.columns:
            raise UnknownNameError("column", name, [str(c) for c in data.columns], "gravity")
    numbers = list(dict.fromkeys(_NAME.findall(_CATEGORIES.sub(" ", terms))))
    table, notes = with_numbers(data, [left, *numbers])
    _check_trade(table, left)
    _check_complete(table, named, [_NAME.findall("^".join(effect)) for effect in by])
    for name in numbers:
        if table[name].dtype.kind not in "iufb":
            raise TableError(
                f"gravity: the column {name!r} holds {table[name].dtype}, not numbers; C({name}) if it is a category"
            )
    return table, left, named[1:], notes


def _check_trade(data: pd.DataFrame, column: str) -> None:
    if _LOGARITHMS.fullmatch(column):
        raise TableError(
            f"gravity: the column {column!r} holds logarithms by its name; the estimator (PPML) takes values, zeros "
            f"among them: name the column of values, or rename this one if it holds values"
        )
    if data[column].dtype.kind not in "iuf":
        raise TableError(f"gravity: the column {column!r} holds {data[column].dtype}, not numbers")
    values = data[column].to_numpy(dtype=float, na_value=np.nan)
    negative = np.flatnonzero(values < 0)
    if negative.size:
        raise TableError(
            f"gravity: row {data.index[negative[0]]!r}: {column} is negative ({values[negative[0]]:g})"
            + (f" (and {negative.size - 1} more)" if negative.size > 1 else "")
        )
    if not (values > 0).any():
        raise TableError(f"gravity: {column} is nowhere above zero")


def _check_complete(data: pd.DataFrame, columns: list[str], effects: Sequence[Sequence[str]]) -> None:
    """Raise `TableError` where no row is left: with a finite value in every column, and not alone in a fixed effect."""
    known = data[columns].replace([np.inf, -np.inf], np.nan).notna()
    empty = [name for name in columns if not known[name].any()]
    if empty:
        raise TableError(f"gravity: the column {empty[0]!r} has no value in any row")
    left = data[known.all(axis=1)]
    if left.empty:
        raise TableError(f"gravity: no row has a value in each of the columns {', '.join(columns)}")
    rows = len(left) + 1
    while 0 < len(left) < rows:
        rows = len(left)
        for effect in filter(None, effects):
            left = left[left.groupby(list(effect))[effect[0]].transform("size") > 1]
    if left.empty:
        raise TableError("gravity: every row is the only one of a fixed effect; take a fixed effect out")


def _with_clusters(data: pd.DataFrame, clusters: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Add one column per cluster; a combination ("exporter^importer") becomes one column."""
    for cluster in clusters:
        if not isinstance(cluster, str):
            raise InputError(f"gravity: cluster {cluster!r} is not the name of a column")
    if len(clusters) > 2:
        raise InputError(f"gravity: cluster in one or two ways, not {len(clusters)}")
    columns = []
    for number, cluster in enumerate(clusters):
        parts = [part.strip() for part in str(cluster).split("^")]
        for part in parts:
            if part not in data.columns:
                raise UnknownNameError("column", part, [str(c) for c in data.columns], "gravity: cluster")
            if data[part].isna().any():
                raise TableError(f"gravity: cluster column {part!r} is empty in {int(data[part].isna().sum())} rows")
        code = data.groupby(parts, sort=False).ngroup()
        if code.nunique() < 2:
            raise InputError(f"gravity: there is one cluster only by {cluster!r}; at least two are needed")
        columns.append(f"entrepot_cluster_{number}")
        data = data.assign(**{columns[-1]: code})
    return data, columns


# ---- what comes out ----


def _estimate(
    fit: Any,
    formula: str,
    outcome: str,
    regressors: list[str],
    data: pd.DataFrame,
    clusters: list[str],
    columns: list[str],
) -> GravityEstimate:
    separated = int(fit.n_separation_na or 0)
    lost = [str(name) for name in fit._collin_vars or []]
    if lost:
        apart = f" ({separated:,} separated flows were left out before)" if separated else ""
        raise InputError(
            f"gravity: nothing is left of {', '.join(lost)} to estimate from: the fixed effects or other regressors "
            f"say the same{apart}; take {'it' if len(lost) == 1 else 'them'} out"
        )
    if not fit.convergence:
        raise InputError(f"gravity: {formula!r} did not converge; rescale the regressors or take some out")
    names = [str(name) for name in fit._coefnames]
    covariance = pd.DataFrame(np.asarray(fit._vcov, dtype=float), index=names, columns=names)
    if not np.isfinite(covariance.to_numpy()).all():
        raise InputError("gravity: the standard errors are not finite; too few clusters or observations")
    return GravityEstimate(
        formula=formula,
        coefficients=pd.Series(np.asarray(fit._beta_hat, dtype=float), index=names, name="coefficient"),
        covariance=covariance,
        observations=int(fit._N),
        errors=_errors(data, clusters, columns),
        notes=tuple(_notes(data[[outcome, *regressors]], separated, int(fit._N))),
    )


def _errors(data: pd.DataFrame, clusters: list[str], columns: list[str]) -> str:
    if not clusters:
        return "errors robust to heteroskedasticity"
    by = " and ".join(f"{name} ({data[column].nunique():,})" for name, column in zip(clusters, columns, strict=True))
    return f"errors clustered by {by}"


def _notes(used: pd.DataFrame, separated: int, observations: int) -> list[str]:
    numbers = used.select_dtypes("number")
    missing = int(
        (used.isna().any(axis=1) | np.isinf(numbers.to_numpy(dtype=float, na_value=np.nan)).any(axis=1)).sum()
    )
    alone = len(used) - missing - separated - observations
    counted = {
        "with a missing or infinite entry": missing,
        "separated: their zeros are certain whatever the coefficients": separated,
        "the only ones of a fixed effect, or not finite once transformed": alone,
    }
    notes = [f"{count:,} of {len(used):,} rows left out, {why}." for why, count in counted.items() if count > 0]
    return [*notes, *(_namibia(used[name]) for name in used.columns if _namibia(used[name]))]


def _namibia(column: pd.Series) -> str:
    """A note if a column of two-letter codes has empty cells but no NA (Namibia), which pandas reads as missing."""
    if column.dtype.kind in "iufb" or not column.isna().any():
        return ""
    codes = column.dropna().astype(str).unique()
    if len(codes) < 2 or "NA" in codes or not all(re.fullmatch(r"[A-Z]{2}", code) for code in codes):
        return ""
    return (
        f"{column.name} is empty in {int(column.isna().sum()):,} rows and holds two-letter codes: pandas takes NA, "
        "which is "
        f"Namibia, for a missing entry. Give the path of the file, or read it with keep_default_na=False."
    )
