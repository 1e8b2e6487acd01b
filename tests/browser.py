"""A real headless Chromium for tests of pages, and what went wrong on them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync")  # fmt: skip


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser, closed afterwards; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: this test needs a browser")
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("Chromium is not installed: this test needs a browser")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page and what happened on it.

    faults: errors and warnings of its console, uncaught exceptions, dialogs. requests: addresses.
    """

    page: Any
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, path: Path, place: str = "") -> Any:
        """The page of a file, loaded afresh."""
        self.page.goto("about:blank")
        self.page.goto(path.as_uri() + place)
        return self.page

    def outside(self, folder: Path) -> list[str]:
        """Requests for anything but the files of a folder."""
        own = folder.resolve().as_uri() + "/"
        return [each for each in self.requests if not each.startswith((own, "data:", "about:"))]


@contextmanager
def watched(browser: Any, *, width: int = 1280, scheme: str = "light") -> Iterator[Watched]:
    """A fresh page of this width and colour scheme."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce")
    found = Watched(context.new_page())

    def dialog(opened: Any) -> None:
        found.faults.append(f"dialog: {opened.message}")
        opened.dismiss()

    def said(message: Any) -> None:
        if message.type in ("error", "warning"):
            found.faults.append(f"console: {message.text}")

    found.page.on("console", said)
    found.page.on("pageerror", lambda error: found.faults.append(f"error: {error}"))
    found.page.on("dialog", dialog)
    found.page.on("request", lambda request: found.requests.append(request.url))
    yield found
    context.close()
