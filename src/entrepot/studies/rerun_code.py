"""Commands that solve a case again and print who gains: for the shell, Python, R, Stata and curl."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, Literal, get_args

from entrepot.cases import Case
from entrepot.documents import beside, plain
from entrepot.errors import InputError
from entrepot.studies.provenance import by_name

Language = Literal["cli", "python", "r", "stata", "curl"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
#: The address of a desk that was started without options.
ADDRESS = "http://localhost:8642"
#: The folder of answers that a script writes where its language reads tables from files.
FOLDER = "entrepot-answer"
#: The end of a text in the shell; no line of JSON is this word.
END = "END_OF_CASE"
#: How Stata reads a table as it is written: in full digits, in UTF-8, and a text in quotes with all that is in it.
STATA_READS = 'clear asdouble varnames(1) bindquote(strict) encoding("utf-8")'
#: Marks of Stata's macros, quotes and comments, and how JSON writes them without.
STATA_MARKS = {
    "'": "\\u0027",
    "`": "\\u0060",
    "$": "\\u0024",
    "*/": "*\\u002f",
    "/*": "\\u002f*",
    "//": "/\\u002f",
}


def rerun_code(case: Case, *, address: str = ADDRESS, request: dict[str, Any] | None = None) -> dict[str, str | None]:
    """Return by language a complete script that solves the case and prints the table of who gains, in full digits.

    A bundled case is named; any other is written to a file first, whose name is under `file` and is not that of the
    case's own file. Files that the case names are those that it reads from the working folder. `curl` asks the desk at
    `address`, with `request` as its body.

    Raises `InputError` for a case made in Python, which has no document.
    """
    if case.written is None:
        raise InputError("the case was made in Python and has no file; write it as YAML first")
    document = _with_files(case, json.loads(json.dumps(plain(case.written), default=str)))
    bundled = by_name(case)
    own = f"{case.case}.yaml"
    file = None if bundled else f"{case.case}-again.yaml" if Path(case.path).name == own else own
    text = None if bundled else _yaml(document)
    name = file or case.case
    body = request if request is not None else {"case": case.case if bundled else document}
    return {
        "file": file,
        "cli": _shell_file(file, text) + _shell(name),
        "python": _python(name, text),
        "r": _r(name, text),
        "stata": _stata(name, text),
        "curl": _curl(address, body),
    }


def _with_files(case: Case, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a case with the files that a run reads named from the working folder."""
    if case.economy_file != case.economy:
        document["economy"] = case.economy_file
    for section, key in (("market", "products"), ("closure", "labour_share")):
        part = document.get(section)
        if isinstance(part, dict) and isinstance(part.get(key), str):
            part[key] = str(beside(case.path, part[key]))
    return document


def _yaml(document: Any) -> str:
    """Return a document as YAML in the form of JSON and in ASCII; characters beyond 16 bits have YAML's own escape."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    plain = {chr(code) for code in (0x0A, *range(0x20, 0x7F))}
    return "".join(c if c in plain else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in text)


def _shell_file(file: str | None, text: str | None) -> str:
    return "" if text is None else f"cat > {file} <<'{END}'\n{text}\n{END}\n"


def _shell(name: str) -> str:
    table = f"{FOLDER}/welfare.csv"  # that of an earlier answer is not printed
    return f"rm -f {table}\nentrepot run {name} --no-store --out {FOLDER} > /dev/null\ncat {table}\n"


def _python(name: str, text: str | None) -> str:
    write = "" if text is None else f"open({name!r}, 'w', encoding='utf-8').write({_python_text(text)})\n"
    return (
        f"import sys\n\nimport entrepot as ep\n\n{write}study = ep.run({name!r})\n"
        'print(study.tables()["welfare"].to_csv(index=False))\n'
        "for scenario, error in study.failures.items():\n"
        '    print(f"No answer for {scenario}: {error}", file=sys.stderr)\n'
    )


def _python_text(text: str) -> str:
    """Return a text of JSON as a literal of Python on several lines."""
    lines = text.splitlines(keepends=True)
    return "\n    " + "\n    ".join(repr(line) for line in lines) + "\n"


def _r(name: str, text: str | None) -> str:
    write = f'writeLines(enc2utf8({_r_text(text)}), "{name}", useBytes = TRUE)\n' if text is not None else ""
    arguments = f'c("run", "{name}", "--format", "json", "--no-store")'
    return (
        f'{write}answer <- system2("entrepot", {arguments}, stdout = TRUE)\n'
        'Encoding(answer) <- "UTF-8"\n'
        'welfare <- jsonlite::fromJSON(paste(answer, collapse = "\\n"))$tables$welfare\n'
        "numbers <- vapply(welfare, is.numeric, NA)\n"
        'welfare[numbers] <- lapply(welfare[numbers], sprintf, fmt = "%.17g")\n'
        "write.csv(welfare, row.names = FALSE, quote = which(!numbers))\n"
    )


def _r_text(text: str) -> str:
    """Return a text as a raw string of R, with as many dashes as it needs to end nowhere else."""
    dashes = "-"
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'


def _stata(name: str, text: str | None) -> str:
    lines = []
    if text is not None:
        lines += ["tempname case", f'file open `case\' using "{name}", write text replace']
        lines += [f"file write `case' `\"{_stata_text(line)}\"' _n" for line in text.splitlines()]
        lines += ["file close `case'"]
    lines += [
        f'capture erase "{FOLDER}/welfare.csv"',
        f'shell entrepot run "{name}" --no-store --out "{FOLDER}"',
        f'import delimited using "{FOLDER}/welfare.csv", {STATA_READS}',
        "format %21.16g equivalent_variation real_income_pct",
        "list",
    ]
    return "\n".join(lines) + "\n"


def _stata_text(line: str) -> str:
    """Return a line of JSON without the marks of Stata's macros, quotes and comments."""
    for mark, written in STATA_MARKS.items():
        line = line.replace(mark, written)
    return line


def _curl(address: str, body: dict[str, Any]) -> str:
    text = json.dumps(body, indent=1)
    economy = body["case"].get("economy", "") if isinstance(body["case"], dict) else ""
    note = f"# The desk needs {economy} in its folder: entrepot desk --data FOLDER\n" if economy.endswith(".ep") else ""
    return note + (
        f"curl --silent --fail-with-body {shlex.quote(f'{address}/api/v1/run?table=welfare')} \\\n"
        "  --header 'Content-Type: application/json' --header 'Accept: text/csv' \\\n"
        f"  --data-binary @- <<'{END}'\n{text}\n{END}\n"
    )
