"""Measure the desk under load: clients move sliders, and each waits for its answer before it goes on.

    python benchmarks/desk.py [--clients 50] [--seconds 60] [--every 1.0]

Each client has its own loopback address (the desk limits the rate of each client) and its own scenario: importer,
exporter and sector are drawn at random. About every `--every` seconds it sets the tariff to a random half point from 0
to 100, so that few answers are in the cache. The desk and the clients share the machine. Printed are the number of
answers, their times, and the memory of the desk's processes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

import entrepot as ep

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from solve import machine  # noqa: E402

WORLD = ep.load_economy("world2014")


def question(importer: str, exporter: str, sector: str, rate: float) -> bytes:
    """Return the request that the page sends when a slider moves: one scenario with its tables and findings."""
    tariff = {"importer": importer, "exporter": exporter, "sector": sector, "rate": f"{rate}%", "change": "add"}
    case = {
        "case": "table",
        "title": "A table",
        "question": "Who gains?",
        "economy": "world2014",
        "parties": [importer, exporter],
        "scenarios": {"first": {"title": "first", "measures": [{"tariff": tariff}]}},
        "report": {
            "protected": {"country": importer, "sector": sector},
            "markets": [{"title": "market", "importer": importer, "sectors": [sector], "exporters": [exporter]}],
        },
    }
    return json.dumps({"case": case}).encode()


def client(k: int, port: int, until: float, every: float, answers: list[tuple[float, int, bool]]) -> None:
    """Move the slider until `until`; append seconds, HTTP status and whether it was solved to `answers`."""
    chance = random.Random(k)
    importer, exporter = chance.sample([c for c in WORLD.countries if c != "ROW"], 2)
    sector = chance.choice(WORLD.sectors[:17])
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(f"127.0.1.{k + 1}", 0), timeout=60)
    time.sleep(chance.random() * every)
    while time.monotonic() < until:
        rate = chance.randrange(0, 201) / 2
        began = time.monotonic()
        connection.request(
            "POST", "/api/v1/run", question(importer, exporter, sector, rate), {"Content-Type": "application/json"}
        )
        reply = connection.getresponse()
        body = reply.read()
        answers.append((time.monotonic() - began, reply.status, b'"failures":{}' in body))
        time.sleep(every * (0.5 + chance.random()))
    connection.close()


def memory(of: int) -> float:
    """Return the megabytes of a process and its children."""
    children = Path(f"/proc/{of}/task/{of}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{p}/statm").read_text().split()[1]) for p in [of, *map(int, children)])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Start a desk, send the requests and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=1.0)
    options = parser.parse_args()
    print(machine().replace("one used", "shared by the desk and its clients"))
    print(f"load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as store:
        command = [sys.executable, "-c", "from entrepot.cli import app; app()", "desk", "--no-browser", "--port", "0"]
        desk = subprocess.Popen([*command, "--store", store], stderr=subprocess.PIPE, text=True)
        try:
            found = re.search(r"127\.0\.0\.1:(\d+)", desk.stderr.readline())
            port = int(found[1])
            warm: list[tuple[float, int, bool]] = []
            for _ in range(4):
                client(200, port, time.monotonic() + 0.01, 0.001, warm)
            answers: list[tuple[float, int, bool]] = []
            until = time.monotonic() + options.seconds
            threads = [
                threading.Thread(target=client, args=(k, port, until, options.every, answers))
                for k in range(options.clients)
            ]
            held = []
            for thread in threads:
                thread.start()
            while time.monotonic() < until:
                held.append(memory(desk.pid))
                time.sleep(5)
            for thread in threads:
                thread.join()
        finally:
            desk.terminate()
            log = desk.communicate()[0 if desk.stderr is None else 1]
    if "Error" in log:
        print(log)
    times = 1e3 * np.array([seconds for seconds, _, _ in answers])
    bad = [status for _, status, _ in answers if status != 200]
    rate = len(answers) / options.seconds
    print(f"{options.clients} clients, {options.seconds:.0f} s: {len(answers):,} questions, {rate:.0f} a second")
    unsolved = sum(not fine for _, status, fine in answers if status == 200)
    print(f"errors {len(bad)} {sorted(set(bad))}; without an equilibrium {unsolved}")
    print("ms: median {:.0f}, 95th percentile {:.0f}, most {:.0f}".format(*np.percentile(times, (50, 95, 100))))
    print(f"memory of the desk, MB, every five seconds: {', '.join(f'{m:.0f}' for m in held)}")


if __name__ == "__main__":
    main()
