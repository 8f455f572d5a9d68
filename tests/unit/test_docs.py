"""What is written beside the code is true: settings, commands, links, and nothing of any one machine."""

from __future__ import annotations

import asyncio
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.commands import COMMANDS
from bot.settings import ADDRESSES, SECTIONS, Settings, defaults
from bot.settings.sections import Budget, Relay
from upstream import Upstreams

ROOT = Path(__file__).parents[2]
SKIPPED = {".git", ".venv", "data", "build", "dist", "node_modules"}
PAGES = (
    "README.md",
    "CHANGELOG.md",
    *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").rglob("*.md"))),
)

OF_A_MACHINE = re.compile(
    r"(?<![\w.~-])/(?:work|root|home/[a-z]\w*|Users/[A-Za-z]\w*)/\w"  # somebody's folders
    r"|(?<!no-emit-)(?:index-url|find-links)[ =]\S"  # where packages come from
    r"|https?://[^\s\"'<>]*(?:/simple\b|pypi|artifactory|nexus)"
)

BOTFATHERS = {"newbot", "mybots", "setprivacy", "setinline"}


def example() -> dict[str, tuple[str, str]]:
    """``.env.example`` as ``{name: (value, the explanation above it)}``; names in one block share theirs."""
    found: dict[str, tuple[str, str]] = {}
    for block in (ROOT / ".env.example").read_text(encoding="utf-8").split("\n\n"):
        lines = block.splitlines()
        above = " ".join(line.removeprefix("# ") for line in lines if line.startswith("# "))
        settings = (line.split("=", 1) for line in lines if line and not line.startswith("#"))
        found |= {name: (value, above) for name, value in settings}
    return found


def text_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name for name in folders if name not in SKIPPED and not name.endswith(("_cache", ".egg-info"))
        ]
        folders[:] = [name for name in folders if name not in ("__pycache__", ".hypothesis")]
        yield from (
            Path(folder) / name
            for name in files
            if name not in (".env", ".git") and not name.endswith(".pyc")
        )


def test_every_setting_stands_in_the_example_with_its_default() -> None:
    assert {name: value for name, (value, _) in example().items()} == defaults()


def test_every_setting_does_something() -> None:
    """Its section's field is read somewhere outside of the settings, or by a property of theirs."""
    settings = ROOT / "bot" / "settings"
    files = [
        settings / "__init__.py",
        *(f for f in (ROOT / "bot").rglob("*.py") if settings not in f.parents),
    ]
    read = set(re.findall(r"\.(\w+)\b", "\n".join(file.read_text(encoding="utf-8") for file in files)))
    fields = {field for section in SECTIONS for field in section.model_fields}
    through_a_property = set(Relay.model_fields) | set(Budget.model_fields)
    assert fields - read - through_a_property == set()


@pytest.mark.parametrize("name", sorted(defaults()))
def test_every_setting_is_explained(name: str) -> None:
    assert len(example()[name][1]) > 40


def test_the_example_names_every_dialect_and_no_other() -> None:
    named = set(re.findall(r"\w+", example()["UPSTREAM_DIALECT"][1])) & set(ADDRESSES)
    assert named == set(Upstreams(asyncio.Semaphore(1)).dialects)


def test_the_example_is_a_configuration_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in defaults():
        monkeypatch.delenv(name, raising=False)
    settings = Settings.load(ROOT / ".env.example")
    assert settings.describe() == []
    assert settings.warnings == ()


def test_the_readme_leads_to_every_setting() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    unnamed = [name for name in defaults() if f"`{name}`" not in readme]
    assert not unnamed or "(.env.example)" in readme


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    local = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    assert [target for target in local if not (ROOT / page).parent.joinpath(target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_name_commands_and_targets_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`(?:\$ )?make ([a-z-]+)", text)) <= targets
    ours = {command.name for command in COMMANDS} | {"health", "metrics"}
    assert set(re.findall(r"`/([a-z]+)[ `]", text)) <= ours | BOTFATHERS


def test_the_container_is_made_of_what_there_is() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [
        name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    ]
    assert {"bot", "adapters", "storage", "upstream", "requirements.txt"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(ignored)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    assert re.findall(r'^ENTRYPOINT \["(\w+)"\]', dockerfile, re.MULTILINE) == list(scripts)


def test_nothing_names_a_machine_or_a_package_index() -> None:
    found = []
    for file in text_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found += [f"{file.relative_to(ROOT)}: {match[0]}" for match in OF_A_MACHINE.finditer(text)]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        "see /work" + "/main/bot",
        "--index-url" + " https://x",
        "https://mirror.example" + "/simple/",
        "/home/ada" + "/x",
    ],
)
def test_the_check_itself_sees_them(text: str) -> None:
    assert OF_A_MACHINE.search(text)
