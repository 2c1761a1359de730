"""Documents against the code they describe."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from turnscope.cli import app

pytestmark = pytest.mark.contract

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.M))


def test_generated_documents_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/render_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr


def test_every_command_has_a_make_target() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]

    assert commands - TARGETS == set()


def test_every_make_target_is_phony_and_has_a_line_of_help() -> None:
    phony = set(MAKEFILE.split(".PHONY:")[1].split("\n\n")[0].replace("\\\n", " ").split())

    assert phony == TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_only_make_targets_that_exist(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z][a-z-]*)", page.read_text()))
    named |= set(re.findall(r"^make ([a-z][a-z-]*)", page.read_text(), re.M))

    assert named - TARGETS == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_nothing_names_a_package_registry_or_the_place_of_this_checkout() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines()
    forbidden = re.compile(
        "|".join(["pypi" + r"\.org", "python" + "hosted", "proxy.golang" + r"\.org"])
    )

    for name in listed:
        path = ROOT / name
        if path.is_file():
            text = path.read_text(errors="ignore")
            assert not forbidden.search(text), name
            assert str(ROOT) not in text, name
