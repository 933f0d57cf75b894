"""The knowledge from the shell.

python -m models.knowledge build --source medquad --path ../shared/data/medquad
python -m models.knowledge search --index medquad --queries questions.jsonl --out hits.jsonl
python -m models.knowledge list
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from models.knowledge import building, bulk, cards, collection, sources
from tasks.spec import UserError


def _build(options: argparse.Namespace) -> None:
    read = sources.read(options.source, options.path, options.name or "")
    name = options.name or (options.source if options.source in sources.KNOWN else sources.slug(Path(options.source)))
    sys.stderr.writelines(f"left out: {bad}\n" for bad in read.bad)
    folder = collection.folder(name)
    if name == collection.CARDS:
        raise UserError("The name cards is that of the cards that come with the app; choose another.")
    build = collection.lance().build if options.store == "lancedb" else building.build
    made = build(read.passages, folder, read.source, read.revision, read.shape)
    sys.stderr.write(f"{made.name}: {made.passages:,} passages in {made.pieces:,} pieces, {made.source}")
    sys.stderr.write(f" @ {made.revision}\n" if made.revision else "\n")


def _search(options: argparse.Namespace) -> None:
    opened = [collection.opened(name) for name in options.index]
    rerank, read = _reread(opened) if options.rerank else (None, collection.READ)
    count, bad = bulk.answer_file(opened, options.queries, options.out, options.k, rerank, read)
    sys.stderr.writelines(f"{line}\n" for line in bad)
    sys.stderr.write(f"{count:,} questions answered, {len(bad):,} not\n")


def _reread(opened: Sequence[collection.Collection]) -> tuple[collection.Rerank, int]:
    """Return what reads the first hits again, and how many it reads.

    Raises:
        UserError: if for these collections that was not fitted, or gained nothing.
    """
    from models import relevance

    mix = relevance.mixes().get(opened[0].store.manifest.shape) if len(opened) == 1 else None
    if mix is None:
        raise UserError(
            f"Reading again is for one index of: {', '.join(relevance.mixes())}; elsewhere it gains nothing."
        )
    return relevance.reranker(relevance.shipped(), mix.weight), mix.first


def _list(options: argparse.Namespace) -> None:
    sys.stdout.write(f"cards: {len(cards.passages()):,} passages, always there\n")
    good, bad = collection.listed()
    for found in good:
        revision = f" @ {found.revision[:12]}" if found.revision else ""
        sys.stdout.write(f"{found.name}: {found.passages:,} passages, {found.source}{revision}, {found.built}\n")
    sys.stderr.writelines(f"not searched: {line}\n" for line in bad)


def _ship(options: argparse.Namespace) -> None:
    from models import quotations
    from models.embedder import embed

    sys.stderr.write(f"{cards.write_vectors():,} vectors of cards written\n")
    sys.stderr.write(f"{quotations.write_vectors(embed):,} vectors of their sentences written\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models.knowledge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="embed a corpus and index it")
    build.add_argument(
        "--source", required=True, metavar="NAME|FILE|FOLDER", help=f"{', '.join(sources.KNOWN)}, or own"
    )
    build.add_argument("--path", type=Path, metavar="DIR", help="a local copy, instead of the Hub")
    build.add_argument("--name", help="what to call it; by default as its source")
    build.add_argument("--store", choices=("files", "lancedb"), default="files", help="where it is kept")
    build.set_defaults(run=_build)
    search = commands.add_parser("search", help="answer a file of questions")
    search.add_argument("--index", required=True, action="append", metavar="NAME", help="may be given several times")
    search.add_argument("--queries", required=True, type=Path, metavar="FILE.jsonl")
    search.add_argument("--out", required=True, type=Path, metavar="FILE.jsonl")
    search.add_argument("-k", type=int, default=10, help="hits a question")
    search.add_argument("--rerank", action="store_true", help="the relevance adapter reads the first hits: slower")
    search.set_defaults(run=_search)
    commands.add_parser("list", help="say what is there").set_defaults(run=_list)
    commands.add_parser("ship", help="compute the cards' vectors that come with the project").set_defaults(run=_ship)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 2 where it cannot be done."""
    options = _parser().parse_args(argv)
    try:
        options.run(options)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
