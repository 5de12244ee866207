"""The handler that makes an Economy of uploaded files, and keeps it on the desk under the hash of its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from entrepot.desk.own_economies import OwnEconomies
from entrepot.desk.unpacked_size import check_unpacked, limited_memory
from entrepot.errors import EntrepotError, InputError

if TYPE_CHECKING:
    from entrepot.data.sources import Imported

#: The most bytes that the files of an upload may have when they are unpacked, and that reading them may take.
UNPACKED, MEMORY = 1_000_000_000, 6_000_000_000
#: The most trade flows of an uploaded Economy: importers times exporters times sectors.
FLOWS = 4_000_000


def import_answer(body: dict[str, Any], own: OwnEconomies | None) -> dict[str, Any]:
    """Return what was found in uploaded files and the name of their Economy. Raises `InputError`.

    body  folder with the uploaded files, and the options of `import_economy` that the upload states
    """
    if own is None:
        raise InputError("this desk keeps no uploaded Economies")
    folder = Path(body["folder"])
    try:
        imported = _imported(folder, body)
    except EntrepotError as error:
        raise InputError(str(error).replace(f"{folder}/data/", "").replace(f"{folder}/", "")) from None
    economy = imported.economy
    name, gone = own.keep(economy)
    return {
        "name": name,
        "title": economy.name,
        "year": economy.year,
        "countries": len(economy.countries),
        "sectors": len(economy.sectors),
        "fingerprint": economy.fingerprint,
        "found": list(imported.found),
        "mended": list(imported.mended),
        "left_out": list(imported.refused),
        "made_room": list(gone),
    }


def _imported(folder: Path, body: dict[str, Any]) -> Imported:
    from entrepot.data.identify import source_of
    from entrepot.data.sources import import_economy

    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    left = UNPACKED
    for path in files:
        left -= check_unpacked(path, left)
    data = sorted((folder / "data").iterdir())
    place = data[0] if len(data) == 1 else folder / "data"
    options: dict[str, Any] = {
        key: str(folder / value) if key in body["as_files"] else value for key, value in body["options"].items()
    }
    source = options.pop("source", None) or source_of(place)
    with limited_memory(MEMORY):
        options.setdefault("name", _title(place))
        imported = import_economy(source, place, **options)
    flows = imported.economy.value.size
    if flows > FLOWS:
        raise InputError(
            f"{len(imported.economy.countries)} countries and {len(imported.economy.sectors)} sectors are more than a "
            "desk solves in time; import with 'entrepot economy import' and aggregate it"
        )
    return imported


def _title(place: Path) -> str:
    return place.name.split(".")[0][:80] if place.is_file() else "upload"
