"""Units of value as tables state them: "US$ thousand", "in millions of US dollars", "EUR mn"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from entrepot.data.number_formats import money_in
from entrepot.errors import InputError, TableError
from entrepot.words import listed

_SCALES = (
    (r"thousands?|tausend|(?:thous|thsd|ths|thd|tsd|th)\.?|k|1[,.' ]?000'?s?|'?000'?s?|10\s?\^\s?3", 1e3),
    (r"millions?|millionen|(?:mill?|mln|mio|mn)\.?|m|1[,.' ]?000[,.' ]?000|'?000[,.' ]?000|10\s?\^\s?6", 1e6),
    (r"billions?|milliarden|milliards?|(?:bill?|bln|bn|mrd)\.?|b|10\s?\^\s?9", 1e9),
)
#: Powers of ten of a unit of value in words.
POWERS = {"0": "US$", "3": "thousand", "6": "million", "9": "billion"}
#: What stands for a power of zero; beside a currency it adds nothing.
ONES = ("0", "units", "unit")
_DOLLARS = r"u\.?s\.?\s?dollars?|united states dollars?|us\s?\$|u\.s\.\s?\$|\$\s?us|usd|(?<![a-z])dollars?|(?<![a-z])\$"
_OTHER_MONEY = (
    r"[a-z]{1,2}\$|€|£|¥|₹|₽|₺|₩|₫|₴|₪|₱|₦|euros?|eur|ecu|pounds?(?: sterling)?|sterling|gbp|yen|jpy|yuan|renminbi|"
    r"rmb|cny|cad|aud|nzd|hkd|sgd|chf|francs?|sek|nok|dkk|kroner?|inr|rupees?|brl|reais|real|mxn|pesos?|krw|won|twd|thb|baht|idr|rub|"
    r"rou?bles?|try|lira|zar|rand|pln|zloty|czk|huf|ils|sar|aed|local currency|national currency"
)
#: Currencies by their signs and names.
_CODES = {
    **dict.fromkeys(("€", "euro", "euros"), "EUR"),
    **dict.fromkeys(("£", "pound", "pounds", "pound sterling", "pounds sterling", "sterling"), "GBP"),
    **dict.fromkeys(("yuan", "renminbi", "rmb"), "CNY"),
    **dict.fromkeys(("franc", "francs"), "CHF"),
    "yen": "JPY",
}
#: Currencies whose sign is ¥.
_YEN_OR_YUAN = ("JPY", "CNY")
#: Words beside a unit of value that do not change it.
_BESIDE = (
    r"general|customs|trade|import|imports|value|values|amount|of|in|at|the|and|current|nominal|prices?|cif|fob|"
    r"c\.i\.f\.?|f\.o\.b\.?|exchange rates?|converted|exc"
)
_SCALE = "|".join(words for words, _ in _SCALES)
_MONEY = rf"(?:{_DOLLARS}|{_OTHER_MONEY})"
_OF_A_YEAR, _PER = re.compile(r" of \d{4}$"), re.compile(r"\s*/\s*|\s+per\s+", re.IGNORECASE)
#: Money that stands in duties by quantity alone.
_SMALL = r"(?:us )?(?:c|¢|cents?)|rs\.?|₹|₩"
_SMALL_MONEY = re.compile(_SMALL, re.IGNORECASE)
#: Money in a duty, as a pattern without case.
MONEY_OF_DUTY = rf"(?:{_MONEY}|{_SMALL})(?![a-z])"
#: Words of other scripts and languages for money, shares and scales, which folded names of columns do not have.
_FOREIGN_WORDS = re.compile(
    r"[元圆圓円萬万千百亿億兆]|ドル|ユーロ|パーセント|달러|유로|퍼센트|[천만억]\s?원|тыс|тис|млн|млрд|руб|долл|евро|грн|процент|"
    r"ευρ|δολ|χιλ|εκατ|d[óo]lar|milh[õa]",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(%|per ?cent(age)?|pct|p\.c\.)( (of|ad) (the )?(customs )?val(ue|orem))?", re.IGNORECASE)
#: A unit in a sentence: a currency with a scale, or a currency alone behind "in" or in brackets.
_IN_A_SENTENCE = (
    rf"(?<![\w.,])(?:{_SCALE})\s?(?:of\s|current\s)*{_MONEY}(?![a-z])",
    rf"(?<![a-z]){_MONEY}[\s,]*(?:{_SCALE})(?![\w])",
    rf"\bin\s(?:current\s)?(?:thousands|millions|billions|{_MONEY})(?![a-z])",
    rf"[(\[](?:thousands?|millions?|billions?|{_MONEY})[)\]]",
)
#: What makes money other than that of market exchange rates and current prices.
_OTHER_PRICES = re.compile(
    r"(?<![a-z])(?<!not )(?<!not at )(?<!no )(?<!non[- ])(?:ppps?|purchasing[- ]power(?: parit(?:y|ies))?|"
    r"(?:international|int'?l?\.?|geary[- ]khamis) ?(?:dollars?|\$)|"
    r"constant (?:prices?|(?:\d{4} )?(?:u\.?s\.?d?|international|national|local|lcu|dollars?|euros?|\$))|"
    r"chain(?:ed)?[- ](?:linked|volumes?)|chained \(?\d{4})(?![a-z])",
    re.IGNORECASE,
)
#: Columns by whose name their cells say what the numbers are, and not what somebody remarks on them.
_SAYS_WHAT = re.compile(
    r"(?!.*(note|source|comment|remark))"
    r".*(unit|measure|indicator|series|price|currency|conversion|valuation|descriptor|concept|variable|transaction)",
    re.IGNORECASE,
)
#: A text that names a quantity.
_NAMES_QUANTITY = re.compile(
    r"((import|export|trade|net|gross|shipping|first|second|supplementary|total)s? )*"
    r"(quantity|quantities|qty|weight|volume)"
    r"( of imports?)?( ?[(\[].*| (in )?(kg|kilograms?|t|tons?|tonnes|units?|pieces|litres))?",
    re.IGNORECASE,
)
#: A text with a way of valuing trade.
_NAMES_VALUE = re.compile(r"\b(values?|cif|fob|c\.i\.f|f\.o\.b)\b", re.IGNORECASE)
_WHOSE_FLOW = r"((non|extra|intra)-)?(eu|ec)|domestic|foreign|general|special|gross|net|total"
_FLOWS = {
    "imports": (
        r"imports?|arrivals?|importa(tions?|ção|ções|ción|ciones)|importazion[ei]|einfuhr(en)?|invoer|进口|輸入"
    ),
    "exports": (
        r"exports?|dispatch(es)?|exporta(tions?|ção|ções|ción|ciones)|esportazion[ei]|ausfuhr(en)?|uitvoer|出口|輸出"
    ),
}
_VALUED = r"cif|fob|c\.i\.f\.?|f\.o\.b\.?"
#: A text that names a flow of trade: "Non-EU Exports", "Re-exports", "Imports (CIF)", "Einfuhr".
_NAMES_FLOW = {
    flow: re.compile(rf"(({_WHOSE_FLOW}) )?(re-?)?({words})(,? \(?({_VALUED})\)?)?") for flow, words in _FLOWS.items()
}
#: Short names of the two, which stand for other words where one comes alone.
_SHORT_FLOWS = {"imp": "imports", "exp": "exports"}
#: A column with more texts describes goods or places, and not what a number is.
MOST_KINDS = 50


@dataclass(frozen=True)
class Unit:
    """A unit of value: `scale` is its size in dollars, or in `money`, the name of another currency."""

    scale: float
    money: str = ""

    @property
    def option(self) -> str:
        """The option of `entrepot exposure` for this unit; empty if there is none."""
        known = {1.0: "usd", 1e3: "usd_k", 1e6: "usd_m"}
        return "" if self.money or self.scale not in known else f"--unit {known[self.scale]}"


def read_unit(text: str) -> Unit | None:
    """Return the unit that a short text states, or None; a scale alone means US dollars."""
    rest = re.sub(r"[_\s]+", " ", _with_signs_apart(text).casefold()).strip()
    rest, dollars = re.subn(_DOLLARS, " ", rest)
    money = re.search(rf"(?<![a-z])(?:{_OTHER_MONEY})(?![a-z])", rest)
    if money:
        rest = rest.replace(money[0], " ", 1)
    scale = 1.0
    for words, size in reversed(_SCALES):
        rest, found = re.subn(rf"(?<![a-z0-9,.'])(?:{words})(?![a-z0-9,.'])", " ", rest)
        scale = size if found else scale
    rest = re.sub(rf"(?<![a-z])(?:{_BESIDE})(?![a-z])", " ", rest)
    if re.search(r"\w", rest) or has_sign_of_unit(rest) or not (dollars or money or scale > 1) or (dollars and money):
        return None
    return Unit(scale, money[0] if money else "")


def states_unknown_unit(text: str) -> bool:
    """Whether a text has a sign or a word of money, of shares or of a scale, and is not a known unit: 元."""
    return read_unit(text) is None and has_sign_of_unit(text)


def has_sign_of_unit(text: str) -> bool:
    """Whether a text has a sign of money or of shares, or a word of another script for money, a share or a scale."""
    text = unicodedata.normalize("NFKC", text)
    return any(c in "%‰" or unicodedata.category(c) == "Sc" for c in text) or _FOREIGN_WORDS.search(text) is not None


def with_units_apart(text: str) -> str:
    """Return a text with full-width letters as ASCII has them, and blanks before units: "value €" for "value€"."""
    return re.sub(r"(?<=[a-z]{3})(?=[%‰$]|[^\W\d_a-z\u00c0-\u024f])", " ", _with_signs_apart(text), flags=re.IGNORECASE)


def _with_signs_apart(text: str) -> str:
    """Return a text with blanks around signs of money but the dollar's, which stands beside letters: "k €" for "k€"."""
    return "".join(
        f" {c} " if unicodedata.category(c) == "Sc" and c != "$" else c for c in unicodedata.normalize("NFKC", text)
    )


def states_scale(text: str) -> bool:
    """Whether a text states a unit of value in thousands or more, in words: "thousand USD", "in millions"."""
    unit = read_unit(text)
    return unit is not None and unit.scale > 1 and re.search(r"[a-z]{3}", text.casefold()) is not None


def refuse_other_numbers(
    where: str, column: str, texts: Sequence[str], *, everywhere: bool, repeats: Callable[[], bool]
) -> None:
    """Raise `TableError` for a column without a role by whose texts numbers are not all values in one known unit.

    texts       its different texts
    everywhere  whether every row has the only one of them
    repeats     returns whether rows of one flow differ in it
    These are quantities, several values of one trade (customs value, CIF), and a scale such as thousand USD.
    """
    if everywhere and states_scale(texts[0]):
        raise TableError(
            f"{where}: the column {column!r} states {texts[0]!r} in every row: if that is the unit of the values, call "
            f"the column 'unit'; if not, leave it out"
        )
    if len(texts) > MOST_KINDS:
        return
    words = {text: " ".join(text.replace("_", " ").split()) for text in texts}
    quantities = [text for text in texts if _NAMES_QUANTITY.fullmatch(words[text])]
    values = [text for text in texts if _NAMES_VALUE.search(words[text]) and _is_of_value(words[text])]
    if quantities or (len(values) > 1 and repeats()):
        raise TableError(
            f"{where}: the column {column!r} says what a number is "
            f"({listed([repr(text) for text in (*values, *quantities)])}); rows that differ in it cannot be added up, "
            f"and only values are read: keep the rows of one value"
        )


def _is_of_value(words: str) -> bool:
    return says_value(words) or read_unit(words) is not None


def says_value(text: str) -> bool:
    """Whether a text names a value of trade without a unit: "Imports", "Customs value"."""
    words = re.sub(rf"(?<![a-z])(?:{_BESIDE})(?![a-z])", "", text.casefold())
    return text.strip() != "" and re.search(r"[^\W_]|%", words) is None


def flows_in(texts: Iterable[str]) -> dict[str, str]:
    """Return "imports" or "exports" by each text that names one of them and nothing else."""
    folded = {text: " ".join(text.casefold().split()) for text in texts}
    short = _SHORT_FLOWS if set(_SHORT_FLOWS) <= set(folded.values()) else {}
    named = {
        text: short.get(words) or next((flow for flow, p in _NAMES_FLOW.items() if p.fullmatch(words)), "")
        for text, words in folded.items()
    }
    return {text: flow for text, flow in named.items() if flow}


def says_dollars(text: str) -> bool:
    """Whether a text names US dollars."""
    return re.search(_DOLLARS, text.casefold()) is not None


def currency_code(text: str) -> str:
    """Return the code of the currency that a text names, as USD for "US$ thousand"; a sign of several, ¥, is itself."""
    if says_dollars(text):
        return "USD"
    found = re.search(rf"(?<![a-z])(?:{_OTHER_MONEY})(?![a-z])", _with_signs_apart(text).casefold())
    money = found[0] if found else text.strip()
    return _CODES.get(money, money.upper())


def by_currency(found: Mapping[str, str], stated: str = "") -> dict[str, str]:
    """Return the first cell by the code of its currency, of cells by sign or code of money (see `money_in`).

    stated   the code of the currency that is named for all cells
    A sign of several currencies is of the one that is stated, else of the one that other cells name.
    """
    codes = {money: currency_code(money) for money in found}
    named = [code for code in dict.fromkeys((stated, *codes.values())) if code in _YEN_OR_YUAN]
    cells: dict[str, str] = {}
    for money, code in codes.items():
        cells.setdefault(named[0] if code == "¥" and named else code, found[money])
    return cells


def says_what(column: str) -> bool:
    """Return whether the cells of a column, by its name, say what the numbers of their rows are."""
    return _SAYS_WHAT.match(column) is not None


def other_prices(text: str) -> str | None:
    """Return the words that name purchasing power parity or constant prices, not current US dollars."""
    found = _OTHER_PRICES.search(re.sub(r"[_\s]+", " ", text))
    return found[0].strip() if found else None


def find_unit(sentence: str) -> Unit | None:
    """Return the unit stated in a title; None if there is none."""
    text = sentence.casefold()
    found = next(filter(None, (re.search(pattern, text) for pattern in _IN_A_SENTENCE)), None)
    return read_unit(found[0].strip("()[]")) if found else None


def in_other_money(unit: Unit, stated: str) -> str:
    """Return in which money the values of an error are; "real" names a currency and values at constant prices."""
    if unit.money == "real":
        return f"in Brazilian reais or at constant prices ({stated}), not in US dollars at current prices"
    return f"in another currency than US dollars ({stated})"


def check_exchange_rate(usd_per_unit: float | None) -> None:
    """Raise `InputError` for US dollars per unit of a currency that are not above zero, or absurd."""
    if usd_per_unit is not None and not 0 < usd_per_unit < 1e6:
        raise InputError(f"usd_per_unit={usd_per_unit!r}: a rate above zero is needed, such as 1.12")


def refuse_exchange_rate(where: str, usd_per_unit: float | None) -> None:
    """Raise `TableError` for an exchange rate of values that are in US dollars."""
    if usd_per_unit is not None:
        raise TableError(
            f"{where}: the values are stated in US dollars, which need no exchange rate: leave out "
            f"--usd-per-unit (usd_per_unit=)"
        )


def refuse_money_in_cells(
    cells: Iterable[str], where: str, usd_per_unit: float | None, *, convert: bool = True
) -> None:
    """Raise `TableError` where cells with a sign or code of money, "€1,000", are not all in the money that is read.

    That is US dollars without an exchange rate, and one other currency with it.
    convert   whether the user can give that rate
    """
    found = by_currency(money_in(cells))
    others = [money for money in found if money != "USD"]
    if found and not others:
        refuse_exchange_rate(where, usd_per_unit)
    if not others or (usd_per_unit is not None and len(found) == 1):
        return
    shown = listed([repr(cell) for cell in found.values()])
    remedy = "convert them, and write numbers alone"
    if convert and len(found) == 1:
        remedy += ", or give the dollars for one unit of that money: --usd-per-unit (usd_per_unit=)"
    raise TableError(f"{where}: amounts are not all in US dollars ({shown}): {remedy}")


def is_dollars(text: str) -> bool:
    """Whether a text names US dollars, not thousands of them; also those of a year: "US$ of 2018"."""
    return read_unit(_OF_A_YEAR.sub("", text)) == Unit(1.0)


def is_by_quantity(text: str) -> bool:
    """Whether a text states money by quantity: "US$/kg", "EUR per 100 kg", "5c/kg" without its number."""
    money, *quantity = _PER.split(text, maxsplit=1)
    return bool(quantity) and (read_unit(money) is not None or _SMALL_MONEY.fullmatch(money.strip()) is not None)


def is_percent(text: str) -> bool:
    """Whether a text states percentages and nothing else."""
    return _PERCENT.fullmatch(text.replace("_", " ").replace("％", "%").strip()) is not None
