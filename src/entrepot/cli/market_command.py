"""The verb market: what measures do in a market of products and makers with strategic prices."""

from __future__ import annotations

import json
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli.console import command_line, console, number_or_name, print_csv, print_json, reported, show, wrote
from entrepot.cli.instrument_options import given_measures
from entrepot.cli.options import FullOption, TableFormat, TableFormatOption, on_screen, refuse_idle
from entrepot.cli.outputs import check_folder, refuse_files_over_inputs
from entrepot.cli.solved_study import DOCUMENTS, check_format, print_tables
from entrepot.documents import csv_text
from entrepot.languages import translated

if TYPE_CHECKING:
    from entrepot.data.number_formats import Decimal
    from entrepot.studies.market_question import MarketAnswer, MarketQuestion
    from entrepot.studies.result_table import ResultTable

app = typer.Typer()
#: The sign before decimals.
DecimalSign = StrEnum("DecimalSign", ("point", "comma"))
#: Whose quota is separate.
By = StrEnum("By", ("firm", "product"))
#: What a duty's rate is a share of.
DutyShareOf = StrEnum("DutyShareOf", ("border", "price"))
#: How the price coefficient of a logit without an outside good is fitted.
FittedAs = StrEnum("FittedAs", ("trade", "margins"))


@app.command()
def market(
    context: typer.Context,
    products: Annotated[
        str,
        typer.Argument(
            help="Table of products (CSV, Excel, Parquet ...): product, firm, plant, price, quantity; margin, owner, "
            "brand, cost, tariff, dealer_margin, dealer_amount and columns of nests where there are any; or a bundled "
            "market, us-cars-2018."
        ),
    ],
    importer: Annotated[
        str | None, typer.Option(help="The country where they are sold; default: the column importer.")
    ] = None,
    demand: Annotated[
        str | None,
        typer.Option(
            help="logit (of a table the default), nested-logit (of a bundled market the default), ces, aids, linear, "
            "mixed-logit; or each: side by side."
        ),
    ] = None,
    conduct: Annotated[
        str, typer.Option(help="bertrand, cournot, monopolistic, perfect; or each: side by side.")
    ] = "bertrand",
    market_size: Annotated[
        str | None,
        typer.Option(help="Units that could be sold (for ces money); fit: what fits the margins best (logit)."),
    ] = None,
    market_elasticity: Annotated[float | None, typer.Option(help="Of all products together, such as -1.2.")] = None,
    price_coefficient: Annotated[float | None, typer.Option(help="Of logit demand, below zero.")] = None,
    sigma: Annotated[float | None, typer.Option(help="Elasticity of substitution of CES.")] = None,
    strength: Annotated[float | None, typer.Option(help="Of AIDS and linear demand.")] = None,
    nests: Annotated[str | None, typer.Option(help="Columns of nests from the outermost in: segment,origin.")] = None,
    nesting: Annotated[str | None, typer.Option(help="Of each level of nests, 0 to 1: 0.5,0.7.")] = None,
    draws: Annotated[
        Path | None,
        typer.Option(help="Of mixed logit, a row a draw: alpha, weight, and a column of tastes for each product."),
    ] = None,
    collusion: Annotated[
        list[str] | None, typer.Option(help='Firms that set prices together: "Ford,GM"; as often as needed.')
    ] = None,
    fit: Annotated[
        FittedAs | None,
        typer.Option(
            help="Of a logit without an outside good: as the R package trade fits it (the default), or to the margins "
            "(with --demand each the default)."
        ),
    ] = None,
    sector: Annotated[
        str | None, typer.Option(help="What the products are, such as motor_vehicles; measures may name it.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help='Of prices: US$ (the default), EUR, "US$ thousand".')] = None,
    year: Annotated[int | None, typer.Option(help="Of the data.")] = None,
    duty_base: Annotated[
        DutyShareOf, typer.Option(help="What a duty is a share of: the border price, or the duty-paid price.")
    ] = DutyShareOf.border,
    quotas_foreseen: Annotated[
        bool, typer.Option("--quotas-foreseen", help="Makers outside a quota foresee that its licence price moves.")
    ] = False,
    each: Annotated[By | None, typer.Option(help="A quota for each firm, or each product, by itself.")] = None,
    decimal: Annotated[
        DecimalSign | None, typer.Option(help="The sign before decimals, where the table leaves it open.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the tables as CSV and JSON, and a chart.")
    ] = None,
    format: TableFormatOption = TableFormat.table,
    full: FullOption = False,
) -> None:
    """What measures do in a market of differentiated products: prices, profits by maker, rents, welfare.

    Measures are written as in 'entrepot solve'; SECTOR may be left out, and is else the market's own, ALL, a firm, a
    brand, a product or a condition on columns: --tariff USA:JPN:+25%, --ver USA:JPN:Toyota:0.8, --tariff
    'USA:WORLD:content < 0.75:+25%'. A cap is a share of the base units, or 1680000units. Without a measure it shows
    the base: costs, margins, elasticities. See docs/markets.md.
    """
    from entrepot.errors import InputError
    from entrepot.measures.fields import read_number

    with reported():
        refuse_idle(("--full", full and not on_screen(format), f"--format {format}"))
        check_folder(out)
        check_format(format, out)
        system = (demand or "").strip().casefold().replace("-", "_")
        if system == "mixed_logit" and draws is None:
            raise InputError("--draws: mixed logit needs a table of draws (alpha, weight, a column for each product)")
        options: dict[str, Any] = {
            "market_size": number_or_name(market_size),
            "market_elasticity": market_elasticity,
            "price_coefficient": price_coefficient,
            "sigma": sigma,
            "strength": strength,
            "nests": _names(nests),
            "nesting": tuple(read_number("--nesting", part) for part in _names(nesting)),
            "collusion": [_names(group) for group in collusion or ()],
            **({} if fit is None else {"fit": fit.value}),
            **({} if currency is None else {"currency": currency}),
            "year": year,
        }
        parts: dict[str, Any] = {
            "conduct": conduct.strip().casefold(),
            **({"demand": system} if system else {}),
            "each": None if each is None else each.value,
            "duty_base": duty_base.value,
            "quotas_foreseen": quotas_foreseen,
        }
        question = _of_products(products, importer, sector, decimal, options, parts)
        if draws is not None:
            from entrepot.data.product_rows import read_draws

            taken = read_draws(draws, list(question.products.get("product", ())))
            question = replace(question, options={**question.options, "draws": taken})
        _run(context, replace(question, measures=given_measures(context, question.sector)), format, full, out)


def _of_products(
    products: str,
    importer: str | None,
    sector: str | None,
    decimal: DecimalSign | None,
    options: dict[str, Any],
    parts: dict[str, Any],
) -> MarketQuestion:
    """Return the question about a bundled market, or about the table in a file."""
    from entrepot.data.product_rows import read_products, rows_of_importer, stated_sector
    from entrepot.errors import UnknownNameError
    from entrepot.markets import bundled_markets
    from entrepot.studies.market_question import MarketQuestion

    signs: dict[DecimalSign | None, Decimal] = {DecimalSign.point: "point", DecimalSign.comma: "comma"}
    if products in bundled_markets() and not Path(products).exists():
        named = {key: value for key, value in (("importer", importer), ("sector", sector)) if value is not None}
        return MarketQuestion.of_bundled(products, options=options, **parts, **named)
    if "." not in products and not Path(products).exists():
        raise UnknownNameError("file or bundled market", products, bundled_markets())
    frame, notes = read_products(
        products, others=options["nests"], decimal=signs.get(decimal), currency=options.get("currency")
    )
    rows, country, left = rows_of_importer(frame, importer, "--importer")
    return MarketQuestion(
        products=rows,
        importer=country,
        sector=sector or stated_sector(rows),
        options=options,
        notes=(*notes, *left),
        **parts,
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _run(context: typer.Context, question: MarketQuestion, format: TableFormat, full: bool, out: Path | None) -> None:
    """Answer the question, write the folder where one is given, and print."""
    from entrepot.report import terminal_market
    from entrepot.studies import market_document, market_tables

    answer = found = None
    if question.side_by_side is not None:
        found = question.alternatives()
        tables = {"comparison": market_tables.alternatives_table(found)}
        document = market_document.alternatives_document(found)
    else:
        answer = question.answer()
        tables, document = market_tables.market_tables(answer), market_document.market_document(answer)
    if out is not None:
        solved = answer if answer is not None and answer.outcome is not None else None
        _write(context, out, tables, document, solved)
    if format in DOCUMENTS:
        print_tables(tables.values(), format, out, "market.json")
    elif format is TableFormat.json:
        print_json(document, allow_nan=False)
    elif format is TableFormat.csv:
        table = tables.get("products") or next(iter(tables.values()))  # the products, the base or the comparison
        assert table.frame is not None
        print_csv(table.frame)
    elif found is not None:
        show(terminal_market.render_alternatives(found, full))
    elif answer is not None and full:
        show(terminal_market.render_market_in_full(answer))
    elif answer is not None:
        show(terminal_market.render_market(answer, console().width))
    if full and format in (TableFormat.table, TableFormat.text):
        # On one line whatever the width of the terminal, so that it can be copied.
        console().print(f"Again: {command_line()}", style="dim", soft_wrap=True)


def _write(
    context: typer.Context,
    out: Path,
    tables: dict[str, ResultTable],
    document: dict[str, Any],
    figure: MarketAnswer | None,
) -> None:
    """Write the tables as CSV, market.json with everything, and the chart, in place of those of an earlier answer."""
    from entrepot.documents import WRITTEN, digest_of, write_texts, written_earlier
    from entrepot.words import counted

    frames = {name: table.frame for name, table in tables.items() if table.frame is not None}
    texts = {f"{name}.csv": csv_text(frame) for name, frame in frames.items()}
    about = {name: table.about for name, table in tables.items()}
    if figure is not None:
        from entrepot.report.figures.market_figure import market_figure

        texts["market.svg"] = market_figure(figure).svg()
    listed = {name: digest_of(text) for name, text in texts.items()}
    whole = {**document, "about": about, WRITTEN: listed}
    texts["market.json"] = json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    earlier = [path for path in written_earlier(out / "market.json") if path.name not in texts]
    refuse_files_over_inputs(context, [*texts, *(path.name for path in earlier)])
    write_texts(out, texts)
    for path in earlier:
        path.unlink(missing_ok=True)
    chart = ", market.svg" if figure is not None else ""
    made, beside = f"market.json{chart}", counted(len(tables), "table")
    wrote(translated("{files} and {tables} in {folder}", files=made, tables=beside, folder=out))
