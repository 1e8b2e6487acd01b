"""The libraries beside the pages as classic scripts, since a page opened from disk can't import modules: DataTables and Vega.

Both come out of installed Python packages (itables, vl-convert-python); nothing is fetched.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from raredx_bench.compiled import cache_dir
from raredx_bench.domain import UsageError
from raredx_bench.extras import extra

NEEDED = ("altair", "vl_convert", "itables")
_EXPORT = re.compile(r"export\s*\{([^{}]*)\};?")


def require_board() -> None:
    """Raises UsageError where the packages of the extra are not installed."""
    for name in NEEDED:
        extra(name, "board", "the leaderboard's site")


def static_files() -> Mapping[str, str]:
    """Our own styles and scripts by name."""
    folder = resources.files("raredx_bench").joinpath("templates/site/static")
    return {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.name.endswith((".css", ".js"))}


def datatables() -> str:
    """DataTables as a classic script that sets window.DataTable."""
    import itables

    text = (Path(itables.__file__).parent / "html" / "dt_bundle.js").read_text(encoding="utf-8")
    return classic(text, "DataTable", "default")


def classic(module: str, name: str, exported: str) -> str:
    """A bundled ES module as a script that sets window[name] to one of its exports. Raises UsageError where it exports no such."""
    own = re.compile(rf"([\w$]+) as {exported}\b")
    found = next((match for match in _EXPORT.finditer(module) if own.search(match[1])), None)
    inner = own.search(found[1]) if found else None
    if found is None or inner is None:
        raise UsageError(f"the installed bundle has no export {exported}: install the versions of constraints.txt")
    body = module[: found.start()] + f"window.{name}={inner[1]};" + module[found.end() :]
    return f'(()=>{{"use strict";{body}\n}})();\n'


def vega() -> str:
    """Vega, Vega-Lite and Vega-Embed as a classic script that sets window.vegaEmbed; kept in the cache, since it takes seconds."""
    kept = cache_dir() / f"vega-{version('vl-convert-python')}.js"
    with contextlib.suppress(OSError):
        return kept.read_text(encoding="utf-8")
    import vl_convert

    text: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_suffix(".tmp")
        draft.write_text(text, encoding="utf-8")
        draft.replace(kept)
    return text
