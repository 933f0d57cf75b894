"""The folder of files that come and go: uploads, and what somebody asked to take home. Its room, and its sweeping."""

import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradio.utils import get_upload_folder

from tasks.spec import UserError

MIB = 2**20
ON_SPACE = bool(os.environ.get("SPACE_ID"))
UPLOAD_MIB = int(os.environ.get("CARETUNE_UPLOAD_MIB", "20" if ON_SPACE else "200"))
"""Largest file a visitor may upload, in MiB: the one setting for it."""
TEMP_BYTES = max(2048, 4 * UPLOAD_MIB) * MIB
"""Above this many bytes in the folder nothing is written there until the sweeper has made room."""
ENTRIES = 20_000
"""The same for files and folders in it: each costs an inode and a look, empty or not."""
TEXT_BYTES = 200 * 2**10
"""Largest text of a visitor's own that is written there for them to take home."""
FRESH = 5.0
"""Seconds for which the folder is not looked through again."""

_looked: dict[str, tuple[float, bool]] = {}
_looking = threading.Lock()


def full() -> bool:
    """Say whether there is no room. Looks through the folder, so it is not to be asked on the event loop."""
    root = get_upload_folder()
    with _looking:
        when, said = _looked.get(root, (-FRESH, False))
        if time.monotonic() - when >= FRESH:
            said = _over(root)
            _looked[root] = time.monotonic(), said
        return said


def _over(root: str) -> bool:
    size = entries = 0
    for folder, _, files in os.walk(root):  # what is swept meanwhile, it passes over
        entries += 1 + len(files)
        for name in files:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:  # swept between the listing and the look
                continue
        if size > TEMP_BYTES or entries > ENTRIES:
            return True
    return False


def folder(within: Path | None = None) -> Path:
    """Return a new, empty folder, in which a file may lie until it is swept.

    Args:
        within: Where it is made, if not in the uploads' own folder, which is made again where it has gone.

    Raises:
        UserError: if there is no room.
    """
    if full():
        raise UserError("There is no room for more files just now; please try again later.")
    root = within or Path(get_upload_folder())
    root.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=root))


@contextmanager
def held(upload: Path, within: Path) -> Iterator[Path]:
    """Hold an upload under a second name in that folder; the name is gone when this is left, however that happens.

    Gradio deletes what was uploaded an hour ago, whether or not it is still being read.
    """
    second = within / f"source{upload.suffix}"
    try:
        try:
            os.link(upload, second)  # takes no room
        except OSError:  # not every disk knows links
            shutil.copyfile(upload, second)
        yield second
    finally:
        second.unlink(missing_ok=True)


def written(name: str, text: str) -> Path:
    """Return a new file of that name with a text of the visitor's own.

    Raises:
        UserError: if the text is too long, or there is no room.
    """
    content = text.encode("utf-8")
    if len(content) > TEXT_BYTES:
        raise UserError("This text is too long to be saved as a file here; please copy it instead.")
    path = folder() / name
    path.write_bytes(content)
    return path


def sweep(folder: Path, older_than: float) -> int:
    """Delete what nobody has touched for `older_than` seconds; return how many entries went."""
    gone = 0
    limit = time.time() - older_than
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            newest = max([path.stat().st_mtime, *(child.stat().st_mtime for child in path.rglob("*"))])
            if newest < limit:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                gone += 1
        except FileNotFoundError:
            continue
    return gone


def start_sweeper(folder: Path, every: float = 600.0, older_than: float = 3600.0) -> threading.Thread:
    """Sweep the temp folder for as long as the app runs: Gradio forgets uploads that were broken off."""

    def loop() -> None:
        while True:
            try:
                sweep(folder, older_than)
            except OSError as error:
                logging.getLogger(__name__).warning("sweep failed: %s", type(error).__name__)
            time.sleep(every)

    thread = threading.Thread(target=loop, name="sweeper", daemon=True)
    thread.start()
    return thread
