"""A study as a folder of files that any web server, or a disk, can serve: the page with sliders, and what reruns it."""

from __future__ import annotations

import base64
import datetime
import hashlib
import html
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import jinja2

from entrepot.cases.base_economy import with_theta
from entrepot.documents import csv_text, files_for, folder_to_write, shipped_text, write_text
from entrepot.economy import Economy, bundled_economies, load_economy
from entrepot.errors import ConvergenceError, DocumentError, InputError
from entrepot.languages import ENGLISH, language, localised, money_units, speaking, translated
from entrepot.markets.bundled_markets import bundled_markets
from entrepot.report.html_page import page
from entrepot.studies import Study
from entrepot.studies.provenance import called, scenario_hash
from entrepot.studies.slider_grid import SliderGrid, sliders, solve_grid
from entrepot.studies.takings import LEAST_TAKING
from entrepot.studies.titles import title_of
from entrepot.studies.who_gains import open_signs
from entrepot.types import Progress
from entrepot.version import __version__
from entrepot.words import NOISE, and_list, day, dollars, ended, figure, sector_name, sentence

#: Positions of a slider; each is a value for which the page has an answer.
STEPS = 101
#: A publication larger than this (bytes) is refused: an article's readers are on phones.
LARGEST = 5_000_000
#: A table with more characters is left out, and named.
LARGEST_TABLE = 400_000
#: Digits that values and slopes keep in the page; the error of rounding is far below that of the curves.
DIGITS = 7
MANIFEST = "publication.json"
#: What stands before the digest of a list of publications, which tells whether somebody has changed it.
DIGEST = "<!-- written by entrepot publish; digest "


def publish(study: Study, folder: str | os.PathLike[str], options: str = "", progress: Progress | None = None) -> Path:
    """Write a publication of a study into a folder of its own inside `folder`, and return its page.

    The folder's name has the case, the version and a hash of the case's text, the Economy, the options and the
    language: what is the same has the same address, and a publication is never changed by a later one.
    `folder`/index.html lists the publications.

    options   those of `entrepot run` under which the study was made, for the command that reruns it

    Raises `InputError` for a folder with somebody else's page or a list that was changed by hand, and for more than
    `LARGEST` bytes.
    """
    site = folder_to_write(folder)
    _check_site(site)
    name = f"{study.case.case}-{__version__}-{_hash(study, options)}"
    target = site / name
    if (target / MANIFEST).exists():  # the same text, numbers and language: what is cited stays as it is
        write_text(site / "index.html", _index(site))
        return target / "index.html"
    with files_for(site) as made:
        _write(study, made, name, options, progress)
        size = sum(file.stat().st_size for file in made.rglob("*") if file.is_file())
        if size > LARGEST:
            raise InputError(
                f"the publication of {study.case.case} has {size / 1e6:.1f} MB; {LARGEST / 1e6:.0f} MB are the most. "
                "Publish a case with fewer scenarios, or on a bundled Economy"
            )
        try:
            made.rename(target)
            made.mkdir()  # what the context removes
            target.chmod(0o755)
        except OSError as error:
            raise DocumentError(f"cannot be written: {error.strerror}", path=str(target)) from error
    write_text(site / "index.html", _index(site))
    return target / "index.html"


def _hash(study: Study, options: str) -> str:
    """Return twelve hexadecimal digits that change with anything that a publication shows."""
    text = repr((scenario_hash(study), study.case.fingerprint, study.case.text, options, language()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _check_site(site: Path) -> None:
    index = site / "index.html"
    if not index.exists():
        return
    if not _publications(site):
        raise InputError(f"{index} is not a list of publications, and is left alone; name another folder")
    if not _is_own(index.read_text(encoding="utf-8", errors="replace")):
        raise InputError(
            f"{index} was changed by hand, and publishing would write over it: rename it (a page of your own may link "
            "to the publications, whose folders never change), or name another folder"
        )


def _is_own(text: str) -> bool:
    """Return whether a list of publications is as it was written, by the digest at its end."""
    body, mark, digest = text.rpartition(DIGEST)
    return bool(mark) and digest.strip() == f"{hashlib.sha256(body.encode()).hexdigest()[:16]} -->"


def _publications(site: Path) -> list[dict[str, Any]]:
    """Return the manifests of the publications in a folder, the newest first."""
    found = []
    for file in site.glob(f"*/{MANIFEST}"):
        try:
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(manifest, dict) and {"name", "title", "published"} <= set(manifest):
            found.append(manifest | {"name": file.parent.name})
    return sorted(found, key=lambda m: str(m["published"]), reverse=True)


def _write(study: Study, made: Path, name: str, options: str, progress: Progress | None) -> None:
    """Write every file of a publication."""
    moving, fixed = sliders(study)
    grids = []
    for slider in moving:
        try:
            grids.append(solve_grid(study, slider, progress))
        except ConvergenceError:
            fixed.append(slider.scenario)
    rerun = _rerun(study, options)
    if progress is not None:
        progress("writing the page", 0, 0)
    files, left_out = _tables(study, made)
    files += _inputs(study, made)
    block, digest = _sliders(study, grids, fixed)
    text = _with_sliders(page(study, rerun, file=_case_file(study)), block, digest)
    manifest = {
        "name": name,
        "title": translated(study.case.title),
        "case": study.case.case,
        "version": __version__,
        "economy": study.economy.name,
        "year": study.economy.year,
        "fingerprint": study.economy.fingerprint,
        "hash": name.rpartition("-")[2],
        "scenarios": scenario_hash(study),
        "language": language(),
        "published": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "rerun": rerun,
        "left_out": left_out,
        "sliders": [
            {"scenario": g.slider.scenario, "nodes": len(g.nodes), "error": g.error, "midpoints": g.checked}
            for g in grids
        ],
    }
    write_text(made / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    write_text(made / "index.html", text.replace("</body>", f"{_cite(study, manifest, files)}\n</body>"))


def _tables(study: Study, made: Path) -> tuple[list[str], list[str]]:
    """Write every table that is not too large as CSV; return the files, and the names of the tables left out."""
    files, left_out = [], []
    for name, table in study.tables().items():
        if table.empty:
            continue
        text = csv_text(table)
        if len(text) > LARGEST_TABLE:
            left_out.append(name)
            continue
        files.append(f"tables/{name}.csv")
        write_text(made / files[-1], text)
    return files, left_out


def _cite(study: Study, manifest: dict[str, Any], files: list[str]) -> str:
    """Return the foot of the page: how to cite and rerun it, and its files."""

    def worded_in_html(message: str, **values: Any) -> str:
        return html.escape(translated(message, **values))

    title, name, rerun = translated(study.case.title), manifest["name"], html.escape(str(manifest["rerun"]))
    links = ", ".join(f'<a href="{file}">{file.rpartition("/")[2]}</a>' for file in [*files, MANIFEST])
    left = f" {worded_in_html('Too large for this page: {tables}.', tables=', '.join(manifest['left_out']))}"
    cited = f"{title}. {manifest['published'][:10]}. Entrepot {__version__}, {name}."
    how = worded_in_html("Rerun with Entrepot {version}, in this folder:", version=__version__)
    return (
        f'<footer class="cite"><p>{worded_in_html("To cite: {text}", text=cited)}</p>'
        f"<p>{how} <code>{rerun}</code></p>"
        f"<p>{worded_in_html('Files:')} {links}.{left if manifest['left_out'] else ''}</p></footer>"
    )


def _case_file(study: Study) -> str:
    """Return how a command in the folder of the publication names the case."""
    return study.case.case if called(study.case) == study.case.case else "case.yaml"


def _rerun(study: Study, options: str) -> str:
    """Return the command that gives the numbers again from the files of the publication."""
    case = _case_file(study)
    economy = ""
    if not _bundled(study):
        economy = "--economy economy.ep"
    elif _before_base(study).name != study.case.economy:
        economy = f"--economy {_before_base(study).name}"
    return " ".join(filter(None, ("entrepot run", case, economy, options)))


def _bundled(study: Study) -> bool:
    """Whether the Economy is one that ships with the package, number by number."""
    data = _before_base(study)
    if data.name not in bundled_economies():
        return False
    bundled = load_economy(data.name)
    return data.fingerprint in (bundled.fingerprint, with_theta(study.case, bundled).fingerprint)


def _before_base(study: Study) -> Economy:
    """Return the Economy that a rerun starts from: without the base of the case, which puts that in force again."""
    return study.economy if study.case.base is None or study.data is None else study.data


def _inputs(study: Study, made: Path) -> list[str]:
    """Write the case file, the Economy where it is not a bundled one, and the table of its market; return the files."""
    files = []
    if study.case.text:
        files.append("case.yaml")
        write_text(made / files[-1], study.case.text)
    if not _bundled(study):
        files.append("economy.ep")
        _before_base(study).save(made / files[-1])
    products = study.case.market.products if study.case.market is not None else ()
    if isinstance(products, str) and products not in bundled_markets():
        place = Path(products)
        if place.is_absolute() or ".." in place.parts:
            raise InputError(
                f"market: products: {products} is not in the folder of the case; copy it there to publish it"
            )
        files.append(place.as_posix())
        (made / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(study.case.path).parent / place, made / place)
    return files


def _sliders(study: Study, grids: list[SliderGrid], fixed: list[str]) -> tuple[str, str]:
    """Return the HTML of the sliders and the hash of their script, for the page's security policy."""
    if not grids:
        return "", ""
    template = jinja2.Environment(autoescape=True).from_string(shipped_text("report/templates/sliders.html.j2"))
    script = shipped_text("report/templates/sliders.js")
    # "</" inside the data would end the script element.
    data = json.dumps(_data(study, grids), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    block = template.render(
        data=data,
        script=script,
        fixed=and_list([title_of(study, n) for n in fixed]) if fixed else "",
        _=translated,
    )
    return block, base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _with_sliders(text: str, block: str, digest: str) -> str:
    """Return the page with the sliders after its answer, and a policy that allows their script alone."""
    if not block:
        return text
    policy = re.compile(r'(http-equiv="Content-Security-Policy" content=")([^"]*)"')
    text = policy.sub(lambda m: f'{m[1]}{_allowing(m[2], digest)}"', text, count=1)
    head, mark, rest = text.partition("<!-- sliders -->")
    return head + block + rest if mark else text.replace("</main>", block + "</main>", 1)


def _allowing(policy: str, digest: str) -> str:
    allowed = f"'sha256-{digest}'"
    if "script-src" in policy:
        return policy.replace("script-src", f"script-src {allowed}")
    return f"{policy}; script-src {allowed}"


def _data(study: Study, grids: list[SliderGrid]) -> dict[str, Any]:
    """Return what the script needs: names, nodes, values and slopes."""
    protected = study.case.report.protected
    parties = study.case.with_world
    return {
        "parties": [(p, study.spoken(p), study.short(p)) for p in parties],
        "holders": [(p, study.spoken(p)) for p in dict.fromkeys([*study.case.parties, *_holders(grids)])],
        "titles": {name: title_of(study, name) for name in study.outcomes},
        "open": {name: _open(study, name) for name in study.outcomes},
        "industry": protected and {"country": study.spoken(protected.owner), "goods": sector_name(protected.sector)},
        "grids": [_grid(study, grid) for grid in grids],
        "language": language(),
        "units": money_units(),
        "words": _words(),
    }


def _open(study: Study, name: str) -> str:
    """Return for whom the sign of a scenario, as the question has it, depends on the trade elasticities; else ""."""
    doubtful = [study.spoken(party) for party in open_signs(study, name)]
    text = "the sign for {whom} depends on the trade elasticities"
    return ended(sentence(translated(text, whom=and_list(doubtful)))) if doubtful else ""


def _words() -> dict[str, str]:
    """Return the sentences of the sliders in the language in use, with places for their values."""
    places = "who money text country goods price output list size first last change title now"
    kept = {name: f"{{{name}}}" for name in places.split()}
    return {
        "none": translated("There is no equilibrium at this size."),
        "same": translated("{who} is unaffected", **kept),
        "gain": translated("{who} gains {money}", **kept),
        "loss": translated("{who} loses {money}", **kept),
        "ended": translated("{text}.", **kept),
        "yearly": translated("{text} a year.", **kept),
        "price_up": translated("Buyers in {country} pay {price} more for {goods}; {change}.", **kept),
        "price_down": translated("Buyers in {country} pay {price} less for {goods}; {change}.", **kept),
        "price_same": translated("Buyers in {country} pay as much as before for {goods}; {change}.", **kept),
        "output_up": translated("output there rises by {output}", **kept),
        "output_down": translated("output there falls by {output}", **kept),
        "output_same": translated("output there is unchanged", **kept),
        "rent": translated("Quota rent, by who holds it: {list}.", **kept),
        "duties": translated("Duties collected: {list}.", **kept),
        "taxes": translated("Export taxes collected, net of export subsidies: {list}.", **kept),
        "costs": translated("Cost of subsidies on output, net of taxes on it: {list}.", **kept),
        "holds": translated("{who} {money}", **kept),
        "more": translated("{who} {money} more", **kept),
        "less": translated("{who} {money} less", **kept),
        "comma": translated(", "),
        "and": translated("{first} and {last}", **kept),
        "stated": translated("{size} (as in the question)", **kept),
        "scaled": translated("{size} of what the question has", **kept),
        "point": translated("{size} point", **kept),
        "points": translated("{size} points", **kept),
        "changed": translated("{title}. Changed: {now}", **kept),
    }


def _holders(grids: list[SliderGrid]) -> list[str]:
    names = [name for grid in grids for numbers in grid.numbers.values() for name in numbers]
    return [name.partition(":")[2] for name in names if name.startswith("rent:")]


def _grid(study: Study, grid: SliderGrid) -> dict[str, Any]:
    slider = grid.slider
    ev = [values for numbers in grid.numbers.values() for n, (values, _) in numbers.items() if n.startswith("ev:")]
    steps = [slider.low + k * (slider.high - slider.low) / (STEPS - 1) for k in range(STEPS)]
    steps[min(range(STEPS), key=lambda k: abs(steps[k] - slider.stated))] = slider.stated
    return {
        "scenarios": list(slider.scenarios),
        "title": title_of(study, slider.scenario),
        "field": slider.label,
        "stated": slider.stated,
        "scaled": slider.scaled,
        "points": slider.points,
        "steps": steps,
        "nodes": [float(x) for x in grid.nodes],
        "numbers": {
            scenario: {name: [_rounded(values), _rounded(slopes)] for name, (values, slopes) in numbers.items()}
            for scenario, numbers in grid.numbers.items()
        },
        "noise": NOISE,
        "least": LEAST_TAKING,
        "error": grid.error,
        "widest": max((float(abs(v[v == v]).max()) for v in ev if (v == v).any()), default=1.0),
        "note": translated(
            "Solved at {nodes} values; between them curves, which are within {money} and {percent} of a percent of the "
            "solver's answers at {checked} values in between.",
            nodes=len(grid.nodes),
            money=dollars(grid.error["money"]),
            percent=localised(figure(grid.error["percent"], 2)),
            checked=grid.checked,
        ),
    }


def _rounded(values: Any) -> list[float | None]:
    return [None if v != v else float(f"{v:.{DIGITS}g}") for v in values]


def _published(manifest: dict[str, Any]) -> str:
    """Return when a publication was made, in HTML: the day in its language, and as machines read it."""
    stated, spoken = str(manifest["published"])[:10], str(manifest.get("language", ENGLISH))
    try:
        with speaking(spoken):
            return f'<time datetime="{html.escape(stated)}">{day(datetime.date.fromisoformat(stated))}</time>'
    except ValueError:  # a manifest that was changed by hand
        return html.escape(stated)


def _index(site: Path) -> str:
    """Return the page that lists the publications of a folder."""
    rows = "".join(
        f'<li lang="{html.escape(str(m.get("language", "en")), quote=True)}">'
        f'<a href="{html.escape(m["name"], quote=True)}/index.html">{html.escape(str(m["title"]))}</a><br>'
        f"<small>{html.escape(str(m['economy']))}, Entrepot {html.escape(str(m['version']))}, "
        f"{_published(m)}, {html.escape(m['name'])}</small></li>\n"
        for m in _publications(site)
    )
    title = html.escape(translated("Publications"))
    text = (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="color-scheme" content="light dark">'
        f"<title>{title}</title>"
        "<style>body{font:16px/1.55 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
        "li{margin:.8rem 0}</style>"
        f"</head>\n<body><h1>{title}</h1>\n<ul>\n{rows}</ul></body></html>\n"
    )
    return f"{text}{DIGEST}{hashlib.sha256(text.encode()).hexdigest()[:16]} -->\n"
