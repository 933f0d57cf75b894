"""The small files of a run's folder: each written whole or not at all, and read whatever has become of it.

A full disk or a loss of power can leave a file empty or torn. That is told of the one run it belongs to, and keeps
nobody from the others. Knows which states there are, not what a run does.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

NEXT = {
    "queued": {"starting", "running", "stopped", "failed"},
    "starting": {"running", "stopping", "failed", "interrupted"},
    "running": {"stopping", "finished", "stopped", "failed", "interrupted"},
    "stopping": {"finished", "stopped", "failed", "interrupted"},
    "stopped": {"queued", "running", "finished"},
    "interrupted": {"queued", "running", "finished"},
    "failed": {"queued", "running", "finished"},
    "finished": {"finished"},
}
"""Which state may follow which; the last four are ends, three of which can be taken up again."""
STOPPED = "Stopped on request; it can be resumed."
DAMAGED = "Its state could not be read, as after a full disk or a loss of power; it can be resumed."

_OLD = {"queued": "interrupted", "running": "interrupted", "trained": "stopped", "scored": "finished"}


def write(path: Path, text: str) -> None:
    """Replace a file by another that is on the disk already, so that a crash leaves one of the two."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def mapping(path: Path) -> dict[str, Any]:
    """Return what stands in a JSON file; nothing where it is missing or damaged."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def lines(raw: bytes) -> list[dict[str, Any]]:
    """Return what stands in lines of JSON; a damaged one is passed over."""
    found = []
    for line in raw.splitlines():
        with suppress(ValueError):
            found.append(json.loads(line))
    return [said for said in found if isinstance(said, dict)]


def state(folder: Path) -> dict[str, Any]:
    """Return where a run stands, why, and since when; "failed" where that cannot be read or is no key of NEXT."""
    path, old = folder / "state.json", folder / "status.txt"
    try:
        if path.exists():
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["state"] in NEXT:
                since = float(said.get("since", 0.0))
                return {"state": said["state"], "cause": str(said.get("cause", "")), "since": since}
        elif old.exists():  # as runs of the first version wrote it
            word, _, cause = old.read_text().partition(": ")
            return {"state": _OLD.get(word, "failed"), "cause": cause, "since": old.stat().st_mtime}
        else:
            return {"state": "queued", "cause": "", "since": folder.stat().st_mtime}
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return {"state": "failed", "cause": DAMAGED, "since": 0.0}
