"""Make docs/chat-and-tail.png, the README's picture, from the real chat and a real tail."""

import io
import os
import pty
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from servers import Site, site, valkey  # noqa: E402 - the tests' own, found beside us

WIDTH = 74
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SAID = [
    ("Ann", "Morning! Is the new build out?"),
    ("Bo", "Since nine: https://builds.example.org/412"),
    ("Mira", "Nobody has complained yet."),
    ("Ann", "Then I'll tell support."),
]
SPOKEN = [
    ["broadcast", "lobby", "Back in 5 minutes"],
    ["broadcast", "lobby", "The disk of db2 is 91 % full", "--level", "warning"],
    ["broadcast", "lobby", "We close at six", "--level", "critical", "--from", "Ops"],
]
WATCHED = ["tail", "lobby", "--type", "chat.[ms]*"]
ASKED = [["members", "lobby"]]
PASSWORD = "correct horse battery"  # noqa: S105 - of an account that lives as long as the picture
WINDOW = {"width": 1060, "height": 940}
PAGE = """
<body style="margin:0;padding:28px;display:flex;gap:24px;align-items:stretch;background:#dfe3ee">
<img src="{shot}" width="780" style="border-radius:12px;box-shadow:0 8px 30px #0003">
<div style="width:590px;border-radius:12px;background:#15161c;color:#d7dae0;padding:18px 20px;
box-shadow:0 8px 30px #0004;font:13.5px/1.6 monospace;white-space:pre-wrap">{lines}</div>
"""


def main() -> None:
    """Let people talk, an operator watch and speak, and photograph both."""
    chromium = shutil.which("chromium") or sys.exit("Chromium is needed.")
    with valkey() as broker, site(broker.url) as chat, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        pages = {
            name: _enter(browser.new_context(viewport=WINDOW, device_scale_factor=2), chat, name)
            for name in ("Ann", "Bo", "Chidi", "Dana", "Mira")
        }
        tail, output = _tail(chat)
        for name, text in SAID:
            pages[name].locator("#text").fill(text)
            pages[name].keyboard.press("Enter")
            for page in pages.values():
                page.get_by_text(text).wait_for()
        told = [_run(chat, words) for words in [*SPOKEN, *ASKED]]
        tail.wait(30)
        pages["Ann"].get_by_text("We close at six").last.wait_for()
        pages["Bo"].locator("#text").press_sequentially("Which")
        pages["Ann"].get_by_text("Bo is typing").wait_for()
        with tempfile.TemporaryDirectory() as folder:
            shot = Path(folder, "chat.png")
            pages["Ann"].screenshot(path=shot)
            _compose(browser.new_page(), shot, _read(output), told)


def _enter(context: BrowserContext, chat: Site, name: str) -> Page:
    """Come into the room: as a guest, or Mira, who has an account."""
    page = context.new_page()
    if name == "Mira":
        page.goto(f"{chat.url}/accounts/signup/")
        for field, value in (("username", name), ("password1", PASSWORD), ("password2", PASSWORD)):
            page.fill(f"[name={field}]", value)
        page.click("main [type=submit]")
        page.wait_for_url(f"{chat.url}/")
    else:
        page.goto(chat.url)
        page.get_by_label("Your name").fill(name)
        page.get_by_role("button", name="Save name").click()
    page.goto(f"{chat.url}/chat/lobby/")
    page.get_by_text("Connected").wait_for()
    return page


def _run(chat: Site, words: list[str]) -> tuple[str, str]:
    """Return a command as it is typed, and what it said."""
    env = {**chat.env, "COLUMNS": str(WIDTH)}
    done = subprocess.run(_chatops(*words), cwd=ROOT, env=env, check=True, stdout=-1)
    return shlex.join(words), done.stdout.decode()


def _chatops(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "chatops", *arguments]


def _tail(chat: Site) -> tuple[subprocess.Popen[bytes], int]:
    """Start a tail on a terminal of its own, and return once it watches."""
    ours, theirs = pty.openpty()
    env = {**chat.env, "TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    count = str(len(SAID) + len(SPOKEN))
    process = subprocess.Popen(
        _chatops(*WATCHED, "-n", count), cwd=ROOT, env=env, stdout=theirs, stderr=-1
    )
    os.close(theirs)
    assert process.stderr is not None  # noqa: S101 - a pipe, see above
    process.stderr.readline()
    return process, ours


def _read(output: int) -> str:
    chunks = []
    while True:
        try:
            chunks.append(os.read(output, 65536))
        except OSError:  # how a terminal says that it was closed
            return b"".join(chunks).decode()
        if not chunks[-1]:
            return b"".join(chunks).decode()


def _compose(page: Page, shot: Path, tail: str, told: list[tuple[str, str]]) -> None:
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ chatops {shlex.join(WATCHED)}", style="bold"))
    console.print(Text.from_ansi(tail.replace("\r", "").strip()))
    for typed, answer in told:
        console.print(Text(f"\n$ chatops {typed}", style="bold"))
        console.print(Text(answer.strip()))
    lines = console.export_html(inline_styles=True, code_format="{code}", theme=MONOKAI)
    file = shot.with_name("page.html")
    file.write_text(f"<meta charset=utf-8>{PAGE.format(shot=shot.name, lines=lines)}")
    page.set_viewport_size({"width": 1490, "height": 748})
    page.goto(file.as_uri())
    page.screenshot(path=ROOT / "docs/chat-and-tail.png")


if __name__ == "__main__":
    main()
