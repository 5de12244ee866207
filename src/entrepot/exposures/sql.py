"""The SQL over the large tables. It contains only names and numbers of this package, no text from users.

    trade     importer, exporter (positions in units), product, chapter, value    one row per flow
    sched     importer, partner (positions in labels), product (in tariff_code), chapter, slot, rate
    leaf      importer, product, leaf, share    the tariff lines into which a product of the trade table is divided
    prefix    leaf, code, length                the codes of the schedule that a tariff line begins with
    reach     importer, exporter, label, width  the exporters that a label of the schedule covers
    inside    importer, exporter                those of one customs union, free of duty without a row of their own
    duty      one row per flow and tariff line, with its rates; every result is a sum over it

A slot is a column of rates: one for bound rates, one for each authority applied, and one for each proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.sql_quoting import sql_numbers

#: A longer product code takes precedence over a narrower partner label.
RANK = "prefix.length * 1000000000::BIGINT - wide.importer_width * reach.width"


@dataclass(frozen=True)
class Slots:
    """Positions of the rate columns r0, r1, ...: `bound`, and by authority (its position in the stacking order)."""

    bound: int | None
    applied: dict[int, int]
    proposed: dict[int, int]

    @property
    def count(self) -> int:
        """The number of rate columns."""
        return len(self.applied) + len(self.proposed) + (self.bound is not None)


@dataclass(frozen=True)
class Layer:
    """One authority for the SQL: other authorities and exporters are given by position.

    partners   exporters that it is levied on (None: all);  ceilings  (exporters, ceiling, whether the base counts)
    beyond_bound  whether it may be levied on top of the bound rate
    """

    position: int
    applies: str
    partners: tuple[int, ...] | None
    excluded_by: tuple[int, ...]
    ceilings: tuple[tuple[tuple[int, ...], float | None, bool], ...]
    beyond_bound: bool = False


def lines_of(chapters: Sequence[int]) -> str:
    """Return SQL for the flows of some chapters, divided among their tariff lines."""
    return f"""
        CREATE OR REPLACE TEMP TABLE line AS
        SELECT row_number() OVER () AS line, trade.importer, trade.exporter, trade.product, leaf.leaf,
               trade.value * leaf.share AS value
        FROM trade JOIN leaf USING (importer, product)
        WHERE trade.chapter IN ({sql_numbers(chapters)})"""


def wide_of(chapters: Sequence[int], slots: int) -> str:
    """Return SQL for the schedule of some chapters (0: every product) with its rates side by side."""
    rates = ", ".join(f"max(rate) FILTER (slot = {k}) AS r{k}" for k in range(slots))
    twice = " OR ".join(f"max(rate) FILTER (slot = {k}) <> min(rate) FILTER (slot = {k})" for k in range(slots))
    slotted = " + ".join(f"(count(rate) FILTER (slot = {k}) > 0)::INTEGER" for k in range(slots))
    return f"""
        CREATE OR REPLACE TEMP TABLE wide AS
        SELECT importer_cover.unit AS importer, importer_cover.width AS importer_width, sched.partner, sched.product,
               coalesce({twice}, false) AS twice, count(rate) - ({slotted}) AS again, {rates}
        FROM sched JOIN importer_cover ON sched.importer = importer_cover.label
        WHERE sched.chapter IN ({sql_numbers([0, *chapters])})
        GROUP BY ALL"""


def found_of(slots: int) -> str:
    """Return SQL that finds, for each line and slot, the rate of the most specific row that covers it."""
    rates = ", ".join(f"arg_max(wide.r{k}, {RANK}) AS r{k}" for k in range(slots))
    return f"""
        CREATE OR REPLACE TEMP TABLE found AS
        SELECT line.line, {rates}
        FROM line
        JOIN reach ON reach.importer = line.importer AND reach.exporter = line.exporter
        JOIN prefix ON prefix.leaf = line.leaf AND prefix.length = reach.length
        JOIN wide ON wide.importer = line.importer AND wide.partner = reach.label AND wide.product = prefix.code
        GROUP BY line.line"""


def duties_of(slots: Slots, layers: Sequence[Layer], pass_through: float) -> str:
    """Return SQL for the duty on each line: by authority (a0, ... applied; p0, ... proposed), in sum, and bound.

    Each step is a SELECT over the one before it, so that every name is computed once.
    """
    applied = {layer.position: _slot(slots.applied.get(layer.position)) for layer in layers}
    proposed = {layer.position: _proposed(layer.position, slots) for layer in layers}
    steps = _stack("a", applied, layers)
    if slots.proposed:
        steps = [[*one, *other] for one, other in zip(steps, _stack("p", proposed, layers), strict=True)]
    after = "p" if slots.proposed else "a"
    given = [rate for rate in {**applied, **{-1 - k: r for k, r in proposed.items()}}.values() if rate != "NULL"]
    found = " OR ".join(f"{rate} IS NOT NULL" for rate in given) or "false"
    steps.append(
        [
            f"{found} OR inside AS rated",
            f"inside AND NOT ({found}) AS free",
            f"a_base IS NOT NULL OR {after}_base IS NOT NULL OR inside AS based",
            f"coalesce(pow((1 + {after}_total) / (1 + a_total), {pass_through - 1!r} - sigma * {pass_through!r}), 1.0)"
            " AS hat",
        ]
    )
    steps[-1].append(f"{_held(slots, layers)} AS held")
    shown = "".join(f", found.r{k}" for k in range(slots.count))
    query = (
        f"SELECT line.*, made.sector, made.sigma, inside.importer IS NOT NULL AS inside{shown} "
        f"FROM line LEFT JOIN found USING (line) JOIN made USING (product) LEFT JOIN inside "
        f"ON inside.importer = line.importer AND inside.exporter = line.exporter"
    )
    for step in steps:
        query = f"SELECT *, {', '.join(step)} FROM ({query})"
    parts = "".join(f", a{layer.position}" for layer in layers)
    parts += "".join(f", p{layer.position}" for layer in layers) if slots.proposed else ""
    return f"""
        INSERT INTO duty
        SELECT importer, exporter, product, leaf, sector, value, rated, free, based,
               CASE WHEN rated THEN a_total END AS applied,
               {"NULL" if slots.bound is None else f"r{slots.bound}"} AS bound,
               CASE WHEN rated THEN {after}_total END AS proposed,
               CASE WHEN rated THEN value * hat ELSE value END AS after, held{parts}
        FROM ({query})"""


def create_duty(layers: Sequence[Layer], proposed: bool) -> str:
    """Return SQL that creates the empty table `duty`."""
    parts = [f"a{layer.position} DOUBLE" for layer in layers]
    parts += [f"p{layer.position} DOUBLE" for layer in layers] if proposed else []
    return f"""
        CREATE TABLE duty (importer INTEGER, exporter INTEGER, product INTEGER, leaf INTEGER, sector INTEGER,
        value DOUBLE, rated BOOLEAN, free BOOLEAN, based BOOLEAN, applied DOUBLE, bound DOUBLE, proposed DOUBLE,
        after DOUBLE, held BOOLEAN, {", ".join(parts)})"""


def _stack(x: str, rates: dict[int, str], layers: Sequence[Layer]) -> list[list[str]]:
    """Columns of one scenario (x: a or p), step by step: the base, then what each authority adds, then the sum.

    x_base   the lowest of the rates that may be claimed, or what replaces it
    x_on_k   whether authority k is charged: it has a rate above zero, and none that excludes it is charged; of the
             base, whether its rate is the one claimed
    xk       what it adds; of the base, the rate of the first that is claimed
    """
    rate = {k.position: _levied(rates[k.position], k) for k in layers if rates[k.position] != "NULL"}
    claimable = [rate[k.position] for k in layers if k.applies == "base" and k.position in rate]
    base = f"least({', '.join(claimable)})" if claimable else "CAST(NULL AS DOUBLE)"
    for layer in layers:
        if layer.applies == "replaces" and layer.position in rate:
            base = f"coalesce({rate[layer.position]}, {base})"
    steps = [[f"{base} AS {x}_base"]]
    earlier = ""
    for layer in layers:
        k = layer.position
        if k not in rate:
            on, paid = "false", "CAST(0 AS DOUBLE)"
        elif layer.applies == "adds":
            on = f"coalesce({rate[k]} > 0, false)" + "".join(f" AND NOT {x}_on_{j}" for j in layer.excluded_by)
            paid = _under_ceiling(rate[k], layer, f"coalesce({x}_base, 0)")
        else:
            on = f"coalesce({rate[k]} = {x}_base, false)"
            paid = f"CASE WHEN true{earlier} THEN {x}_base ELSE 0 END"
            earlier += f" AND NOT {x}_on_{k}"
        steps += [[f"{on} AS {x}_on_{k}"], [f"CASE WHEN {x}_on_{k} THEN {paid} ELSE 0 END AS {x}{k}"]]
    return [*steps, [f"{' + '.join(f'{x}{layer.position}' for layer in layers)} AS {x}_total"]]


def _held(slots: Slots, layers: Sequence[Layer]) -> str:
    """Return SQL that tests whether a ceiling lowers a proposed rate."""
    tests = [
        f"(p_on_{layer.position} AND p{layer.position} < r{slots.proposed[layer.position]})"
        for layer in layers
        if layer.ceilings and layer.position in slots.proposed
    ]
    return f"coalesce({' OR '.join(tests)}, false)" if tests else "false"


def _under_ceiling(rate: str, layer: Layer, base: str) -> str:
    """Return SQL for the added rate under the ceilings of a layer."""
    cases = []
    for partners, most, with_base in layer.ceilings:
        if partners:
            limit = rate if most is None else f"{most!r}::DOUBLE"
            room = f"greatest(0, {limit} - {base})" if with_base else limit
            cases.append(f"WHEN exporter IN ({sql_numbers(partners)}) THEN least({rate}, {room})")
    return f"CASE {' '.join(cases)} ELSE {rate} END" if cases else rate


def _levied(rate: str, layer: Layer) -> str:
    if layer.partners is None:
        return rate
    return f"(CASE WHEN exporter IN ({sql_numbers(layer.partners)}) THEN {rate} END)"


def _proposed(position: int, slots: Slots) -> str:
    """Return SQL for the proposed rate of an authority, or the applied rate where none is proposed."""
    new, old = _slot(slots.proposed.get(position)), _slot(slots.applied.get(position))
    return old if new == "NULL" else new if old == "NULL" else f"coalesce({new}, {old})"


def _slot(slot: int | None) -> str:
    return "NULL" if slot is None else f"r{slot}"


#: The sums for every cell of importer, exporter and sector; all tables are computed from these. {limited} is the
#: applied duty that the bound rate limits, {limited_proposed} the proposed one.
SUMS = {
    "imports": "sum(value)",
    "lines": "count(*)",
    "rated_imports": "sum(value) FILTER (rated)",
    "rated_lines": "count(*) FILTER (rated)",
    "revenue": "sum(value * applied)",
    "revenue_proposed": "sum(value * proposed)",
    "revenue_response": "sum(after * proposed)",
    "imports_response": "sum(after)",
    "sum_applied": "sum(applied)",
    "sum_proposed": "sum(proposed)",
    "sum_bound": "sum(bound)",
    "bound_lines": "count(bound)",
    "bound_imports": "sum(value) FILTER (bound IS NOT NULL)",
    "bound_revenue": "sum(value * bound)",
    "water_applied": "sum(value * {limited}) FILTER (bound IS NOT NULL)",
    "water_imports": "sum(value) FILTER (bound IS NOT NULL AND rated)",
    "water_bound": "sum(value * bound) FILTER (rated)",
    "breach_lines": "count(*) FILTER ({limited_proposed} > bound + 1e-12)",
    "breach_imports": "sum(value) FILTER ({limited_proposed} > bound + 1e-12)",
}


def cells(layers: Sequence[Layer], proposed: bool) -> str:
    """Return SQL for the sums by importer, exporter and sector."""
    after = "p" if proposed else "a"
    names = {"limited": "applied", "limited_proposed": "proposed"}
    if any(layer.beyond_bound for layer in layers):
        within = [layer.position for layer in layers if not layer.beyond_bound]
        for name, x in (("limited", "a"), ("limited_proposed", after)):
            names[name] = f"({' + '.join(['0.0', *(f'{x}{k}' for k in within)])})"
    sums = [f"coalesce({formula.format(**names)}, 0) AS {name}" for name, formula in SUMS.items()]
    for layer in layers:
        k = layer.position
        sums += [
            f"coalesce(sum(value * a{k}) FILTER (rated), 0) AS applied_{k}",
            f"coalesce(sum(value * {after}{k}) FILTER (rated), 0) AS proposed_{k}",
            f"coalesce(sum(value) FILTER (a{k} > 0), 0) AS charged_{k}",
            f"coalesce(sum(value) FILTER ({after}{k} > 0), 0) AS charged_proposed_{k}",
        ]
    return f"SELECT importer, exporter, sector, {', '.join(sums)} FROM duty GROUP BY ALL ORDER BY ALL"


#: SQL for the trade that is not matched, by reason and product; a line may appear for two reasons.
UNMATCHED = """
    SELECT reason, unit.name AS importer, product.code AS product, sum(value) AS imports, count(*) AS lines
    FROM (
        SELECT 'no rate' AS reason, importer, product, value FROM duty WHERE NOT rated
        UNION ALL SELECT 'no base rate', importer, product, value FROM duty WHERE rated AND NOT based
        UNION ALL SELECT 'no sector', importer, product, value FROM duty WHERE sector IS NULL
        UNION ALL SELECT 'own country', importer, product, value FROM own
    ) AS outside JOIN product ON outside.product = product.id JOIN unit ON outside.importer = unit.id
    GROUP BY ALL ORDER BY imports DESC, reason, importer, product"""
