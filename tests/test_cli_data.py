"""Verbs that bring data, replicate papers and estimate: what they print, write, and leave alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import entrepot as ep
from conftest import shared
from test_cli import call

TRADE = "importer,exporter,sector,value\nUSA,USA,cars,90\nUSA,JPN,cars,10\nJPN,USA,cars,12\nJPN,JPN,cars,50\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "tables"
    place.mkdir()
    (place / "trade.csv").write_text(TRADE)
    return place


def test_import_and_use(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "my world.ep"
    code, printed, err = call(
        "economy", "import", "tables", str(folder), "--theta", "blp2023-long", "--year", "2019", "-o", str(out)
    )
    assert code == 0, err
    text = " ".join(printed.split())
    assert "Found: trade: trade.csv" in text
    assert "Mended: trade: no tariff column; all tariffs are zero." in text
    assert "Boehm" in text
    economy = ep.Economy.load(out)
    assert (economy.name, economy.year) == ("my world", 2019)
    assert economy.theta == pytest.approx([1.0])
    assert economy.provenance["source"] == "tables"
    code, printed, _ = call("solve", "--tariff", "USA:JPN:cars:25%", "--economy", str(out), "--full")
    assert code == 0
    assert "Boehm" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["table", "{folder}", "--theta", "4"], "unknown source 'table'; did you mean tables?"),
        (["tables", "{folder}/nothing", "--theta", "4"], "no such file or folder"),
        (["tables", "{folder}", "--theta", "cp2051"], "did you mean cp2015"),
        (["tables", "{folder}", "--theta", "-4"], "must be above zero"),
        (["tables", "{folder}", "--theta", "4", "--tariffs", "{folder}/no.csv"], "no.csv"),
        (["baci", "{folder}", "--theta", "4"], "no file named like BACI"),
    ],
)
def test_a_failed_import_writes_nothing(folder: Path, tmp_path: Path, arguments: list[str], message: str) -> None:
    out = tmp_path / "world.ep"
    filled = [a.format(folder=folder) for a in arguments]
    code, _, err = call("economy", "import", *filled, "-o", str(out))
    assert code == 2
    assert message in " ".join(err.split())
    assert "Traceback" not in err
    assert not out.exists()


def test_published_elasticities_have_one_verb_and_the_former_name_points_to_it() -> None:
    code, listed, err = call("theta")
    assert (code, err) == (0, "")
    old_code, old, old_err = call("economy", "elasticities")
    assert (old_code, old) == (0, listed)
    assert "is now entrepot theta; the old name goes with 0.3" in " ".join(old_err.split())
    assert "elasticities  " not in call("economy", "--help")[1], "only one of them is in the help"


def test_lists_of_sources_and_replications_are_printed() -> None:
    for verb, names in (
        (["economy", "sources"], ["icio2023", "icio2025", "wiod2016", "exiobase3", "baci", "itpd-s", "kite", "gtap"]),
        (["replicate"], ["cp2015", "gegravity", "gains-from-trade", "gravity"]),
    ):
        code, out, err = call(*verb)
        assert code == 0, err
        for name in names:
            assert f"{name}: " in out


@pytest.mark.slow
def test_replicate() -> None:
    code, out, err = call("replicate", "gains-from-trade")
    assert code == 0, err
    assert "closed form" in out
    assert "35 of 35 numbers agree." in out
    code, out, err = call("replicate", "gains-from-trade", "--csv")
    assert out.splitlines()[0] == "what,where,published,ours,difference,tolerance,source"
    code, _, err = call("replicate", "cp2051")
    assert (code, "did you mean cp2015" in err) == (2, True)
    code, _, err = call("replicate", "cp2015")
    assert (code, "xbilat1993.txt" in err) == (2, True)


@pytest.mark.slow
def test_replicate_caliendo_parro() -> None:
    code, out, err = call("replicate", "cp2015", "--data", str(shared("cp2015")))
    assert code == 0, err
    assert "48 of 48 numbers reproduced." in out


def test_estimate(tmp_path: Path) -> None:
    pytest.importorskip("pyfixest")
    rng = np.random.default_rng(1)
    size = 8
    frame = pd.DataFrame(
        [(f"C{i}", f"C{n}", rng.uniform(0, 0.3)) for i in range(size) for n in range(size)],
        columns=["exporter", "importer", "ln_tariff"],
    )
    frame["trade"] = np.exp(-6.0 * frame["ln_tariff"]) * rng.uniform(0.9, 1.1, len(frame))
    file = tmp_path / "flows.csv"
    frame.to_csv(file, index=False)
    code, out, err = call("estimate", str(file), "trade ~ ln_tariff | exporter + importer", "--tariff", "ln_tariff")
    assert code == 0, err
    elasticity = float(out.split("trade elasticity: ")[1].split()[0])
    assert elasticity == pytest.approx(5.0, abs=0.3)  # trade before duty: the coefficient is minus one minus theta
    code, _, err = call("estimate", str(file), "trade ~ distance | exporter + importer")
    assert code == 2
    assert "distance" in err
    code, _, err = call("estimate", str(tmp_path / "no.csv"), "trade ~ ln_tariff")
    assert code == 2


def test_fetch_says_what_to_do_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from entrepot.data import fetch

    monkeypatch.setattr(fetch, "RETRIES", 0)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    code, _, err = call("economy", "fetch", "baci", "--year", "2018", "--folder", str(tmp_path))
    assert code == 2
    text = " ".join(err.split())
    assert "cepii.fr" in text
    assert "entrepot economy import baci" in text
    assert list(tmp_path.iterdir()) == []
    code, _, err = call("economy", "fetch", "baci", "--year", "1900", "--folder", str(tmp_path))
    assert code == 2


def test_economy_update_saves_the_new_base(tmp_path: Path) -> None:
    gdp = tmp_path / "gdp.csv"
    gdp.write_text("country,year,gdp\nUSA,2022,25744108\nJapan,2022,4256411\n", encoding="utf-8")
    out = tmp_path / "new.ep"
    code, printed, err = call("economy", "update", "world2014", "--gdp", str(gdp), "--year", "2022", "-o", str(out))
    assert code == 0, err
    assert "Updated from world2014 (2014): GDP as given" in " ".join(printed.split())
    new = ep.Economy.load(out)
    assert (new.name, new.year) == ("new", 2022)
    reached = new.value_added + new.profits + new.revenue
    assert reached[new.countries.index("JPN")] == pytest.approx(4256411)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (None, "no such file"),
        ("country,gdp\nUSA,much\n", "gdp"),
        ("country,gdp\nAtlantis,5\n", "no row is for a country of the Economy"),
        ("country,gdp\nUSA,25744108000000\nJPN,4256411000000\n", "it must be in millions of US dollars"),
    ],
)
def test_economy_update_refuses_bad_gdp_and_writes_nothing(tmp_path: Path, table: str | None, message: str) -> None:
    gdp, out = tmp_path / "gdp.csv", tmp_path / "new.ep"
    if table is not None:
        gdp.write_text(table, encoding="utf-8")
    code, _, err = call("economy", "update", "world2014", "--gdp", str(gdp), "-o", str(out))
    assert code == 2
    assert message in " ".join(err.split())
    assert not out.exists()
