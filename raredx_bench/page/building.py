"""Entries -> the site: pages, the scripts they load, the libraries beside them. It opens from disk and asks no network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jinja2
from markupsafe import Markup

from raredx_bench import sources
from raredx_bench.benchmarks import BENCHMARKS
from raredx_bench.leaderboard import Entry
from raredx_bench.measured import measured_all
from raredx_bench.page import assets, downloads, explorer, figures, scripts
from raredx_bench.page.boards import Board, Row, base_of, boards_of, title_of
from raredx_bench.page.plots import specifications
from raredx_bench.page.remarks import remarks
from raredx_bench.page.reported import ReportedGroup, reported_groups, reported_ladders
from raredx_bench.protocols import PROTOCOLS
from raredx_bench.tasks import all_tasks

PAGES = (
    ("index", "Leaderboard"), ("matchers", "Matchers"), ("strata", "Strata"), ("cost", "Cost"), ("training", "Training"),
    ("models", "Models"), ("cases", "Cases"), ("benchmarks", "Benchmarks"), ("scoring", "Scoring"), ("downloads", "Downloads"),
)  # fmt: skip
LIST = "site.json"  # the files of the last build, so that the next one takes away what it doesn't write again
STORES = ("leaderboard.duckdb",)  # what may lie in the folder already, and is linked


@dataclass(frozen=True)
class Section:
    """A tab of the overview: the boards of a benchmark and its variants, what was withdrawn, and what papers report of it."""

    name: str
    title: str
    boards: tuple[Board, ...]
    withdrawn: tuple[Row, ...]
    reported: ReportedGroup | None


@dataclass(frozen=True)
class Site:
    """Everything that the pages are made of."""

    boards: tuple[Board, ...]
    withdrawn: tuple[Row, ...]
    groups: tuple[ReportedGroup, ...]
    papers: tuple[Mapping[str, Any], ...]


def build_site(
    entries: Iterable[Entry],
    folder: Path,
    reported: Iterable[Mapping[str, Any]] = (),
    root: Path | None = None,
    states: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Write the site under folder, from entries and the rows of reported results; returns the path of index.html.

    root: the data directory that cases and terminology are read from, the one in force unless it is given. states: what
    verification said, by the entry's name. Raises UsageError where the extra "board" is not installed.
    """
    assets.require_board()
    entries, papers = list(entries), tuple(reported)
    gone = tuple(Row(entry) for entry in entries if entry.withdrawn)
    site = Site(tuple(boards_of(entries, states)), gone, tuple(reported_groups(papers)), papers)
    _write(folder, _files(site, folder, root or sources.data_dir()))
    return folder / "index.html"


def _files(site: Site, folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    """(place under the folder, content) of every file."""
    yield from ((f"lib/{name}", text) for name, text in assets.static_files().items())
    yield "lib/datatables.js", assets.datatables()
    yield "lib/vega.js", assets.vega()
    yield "lib/specs.js", f"window.raredxSpecs={figures.script_json(specifications())};\n"
    for board in site.boards:
        yield f"data/{board.slug}.js", scripts.script(f"data/{board.slug}", scripts.board_document(board))
    for place, document in explorer.explored(site.boards, root):
        yield f"{place}.js", scripts.script(place, document)
    files = downloads.files(site.boards, site.papers)
    yield from ((f"downloads/{name}", text) for name, text in files.items())
    yield from _pages(site, [name for name in STORES if (folder / name).is_file()])


def _pages(site: Site, stores: list[str]) -> Iterator[tuple[str, str]]:
    environment = _environment()
    shared = {"boards": site.boards, "pages": PAGES, "columns": figures.RATE_COLUMNS, "root": ""}
    own: dict[str, Mapping[str, Any]] = {
        "index": {"sections": _sections(site), "others": [group for group in site.groups if not group.ours]},
        "matchers": {"protocols": PROTOCOLS},
        "cost": {"costs": figures.COSTS},
        "training": {"ladders": scripts.ladders(site.boards), "reported": reported_ladders(site.papers)},
        "models": {"models": (models := _models(site))},
        "benchmarks": {"cards": _cards(site)},
        "scoring": {"agreements": measured_all(), "protocols": PROTOCOLS},
        "downloads": {"papers": site.papers, "stores": stores},
    }
    for name, title in PAGES:
        yield f"{name}.html", environment.get_template(f"{name}.html").render(page=name, title=title, **shared, **own.get(name, {}))
    template = environment.get_template("model.html")
    for slug, rows in models.items():
        yield (
            f"models/{slug}.html",
            template.render(page="models", title=rows[0][1].entry.model, rows=rows, **{**shared, "root": "../"}),
        )


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("raredx_bench", "templates/site"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {"percent": figures.percent, "number": figures.number, "amount": figures.amount,
                            "embedded": lambda rows: Markup(figures.script_json(rows))}  # fmt: skip
    environment.globals |= {
        "stage_rows": scripts.stage_rows,
        "reported_stage_rows": scripts.reported_stage_rows,
        "is_web": figures.is_web,
        "remarks": remarks,
    }
    return environment


def _sections(site: Site) -> list[Section]:
    """A section per benchmark that has a board, a withdrawn entry or reported rows; those with most entries first, tables too."""
    ours = {group.benchmark: group for group in site.groups if group.ours}
    gone: dict[str, list[Row]] = {}
    for row in site.withdrawn:
        gone.setdefault(base_of(row.entry.benchmark), []).append(row)
    boards: dict[str, list[Board]] = {}
    for board in site.boards:
        boards.setdefault(board.base, []).append(board)
    for several in boards.values():
        several.sort(key=lambda board: (board.size, max(row.document["created"] for row in board.rows)), reverse=True)
    names = [*sorted(boards, key=lambda name: -sum(board.size for board in boards[name])), *gone, *ours]
    return [
        Section(name, title_of(name), tuple(boards.get(name, ())), tuple(gone.get(name, ())), ours.get(name))
        for name in dict.fromkeys(names)
    ]


def _models(site: Site) -> dict[str, list[tuple[Board | None, Row]]]:
    """Model page -> its entries with their boards, by the model's name; an entry that was withdrawn has no board."""
    found: dict[str, list[tuple[Board | None, Row]]] = {}
    pairs = [*((board, row) for board in site.boards for row in board.rows), *((None, row) for row in site.withdrawn)]
    for board, row in sorted(pairs, key=lambda pair: pair[1].entry.model.lower()):
        found.setdefault(row.model_slug, []).append((board, row))
    return found


def _cards(site: Site) -> list[dict[str, Any]]:
    """A card per benchmark: its task's metadata, what the registry says of it, and its boards."""
    return [
        {
            "name": name,
            "meta": task.metadata,
            "benchmark": BENCHMARKS[name],
            "boards": [each for each in site.boards if each.base == name],
        }
        for name, task in sorted(all_tasks().items(), key=lambda pair: pair[0] == "custom")
        if name in BENCHMARKS
    ]


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Every file, then the list of them; what the last build wrote and this one didn't goes."""
    written = []
    for place, text in files:
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(place)
    known = folder / LIST
    before = json.loads(known.read_text(encoding="utf-8")) if known.is_file() else []
    for place in set(before) - set(written):
        if (old := (folder / place).resolve()).is_relative_to(folder.resolve()):
            old.unlink(missing_ok=True)
    known.write_text(json.dumps(sorted(written), indent=0) + "\n", encoding="utf-8")
