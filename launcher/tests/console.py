"""A person at the console: a browser on the platform's own address, and what its pages did wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect

from installation import Installation
from ld_launcher import browser

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE, NARROW = {"width": 1120, "height": 860}, {"width": 360, "height": 760}
LARGEST_IMAGE = 150_000
PATIENCE = 20_000
"""Milliseconds; a student's first decision may take seconds on a busy machine."""
expect.set_options(timeout=PATIENCE)
IMAGES = os.environ.get("PLATFORM_IMAGES")
"""Where screenshots go to be kept; without it they are taken and dropped."""


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=str(browser.find()), args=FLAGS)


@dataclass
class Visit:
    """One tab, signed in or not, that keeps account of what should never happen."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def go(self, fragment: str) -> Page:
        """Opens a page of the console and waits for all that it loads."""
        self.page.goto(f"{self.address}/console/{fragment}")
        self.settle()
        return self.page

    def settle(self) -> None:
        shown = self.page.evaluate("location.hash").lstrip("#").partition("?")[0]
        self.page.wait_for_selector(f'main[data-shows="{shown}"] h1')
        expect(self.page.locator(".loading, [aria-busy=true]")).to_have_count(0)

    def sign_in(self, key: str) -> None:
        self.page.goto(f"{self.address}/console/")
        self.page.get_by_label("API key").fill(key)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_selector("nav a")

    def width_is_enough(self) -> bool:
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    def serious(self) -> list[str]:
        """What axe finds serious or critical, one line each."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:160]} ({node['failureSummary']})"
            for one in found
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def picture(self, name: str, tmp: Path) -> None:
        folder = Path(IMAGES) if IMAGES else tmp
        image = folder / f"console-{name}.png"
        self.page.mouse.move(0, 0)
        self.page.screenshot(path=image, animations="disabled")
        assert image.stat().st_size < LARGEST_IMAGE, f"{image.name} weighs {image.stat().st_size} bytes"


@contextmanager
def visit(
    opened: Browser, installation: Installation, key: str | None, *, port: int = 0, issuer: str = "\0"
) -> Iterator[Visit]:
    """A tab at the installation's gateway, or at one on another port; beside it only the issuer may be asked."""
    address = f"http://127.0.0.1:{port or installation.port}"
    context = opened.new_context(viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    made = Visit(context.new_page(), address)
    made.page.set_default_timeout(PATIENCE)
    made.page.on("pageerror", lambda error: made.faults.append(f"error: {error}"))
    made.page.on("dialog", lambda dialog: made.faults.append(f"dialog: {dialog.message}"))
    made.page.on(
        "console", lambda said: made.faults.append(said.text) if "Content Security Policy" in said.text else None
    )
    made.page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith((address, issuer)) else made.faults.append(f"left the origin: {asked.url}")
        ),
    )
    try:
        if key:
            made.sign_in(key)
        yield made
        assert not made.faults
    finally:
        context.close()
