"""A real browser and a real Jupyter server, for tests that look at pages as people do."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
ALONE = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--window-size=1200,1600",
)
"""Options of a browser without a screen, possibly as root, that calls nobody."""
PATIENCE = 300
"""Seconds for what a page is waited for; a busy machine starts servers, pages and kernels slowly."""

needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="takes Chromium and ChromeDriver (Debian: chromium, chromium-driver)"
)


@contextlib.contextmanager
def browser(home: Path) -> Iterator[webdriver.Chrome]:
    """A browser that nobody sees, with a profile of its own in `home`."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in (*ALONE, f"--user-data-dir={home / 'profile'}"):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@contextlib.contextmanager
def jupyter(folder: Path, home: Path) -> Iterator[str]:
    """The address of a Jupyter server, with JupyterLab and formgrader, in a folder; with nobody's settings."""
    own = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "JUPYTER_RUNTIME_DIR": home / "runtime"}
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root", "--IdentityProvider.token="]
    environment = os.environ | {name: str(path) for name, path in own.items()}
    with (home / "server.log").open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jupyterlab", *options]
        with subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process:
            try:
                yield WebDriverWait(process, PATIENCE).until(lambda _: _address(home / "runtime"))
            finally:
                process.terminate()


def wait(driver: webdriver.Chrome) -> WebDriverWait[webdriver.Chrome]:
    """Waits for what a page shows, whatever the page is doing meanwhile."""
    return WebDriverWait(driver, PATIENCE, ignored_exceptions=(WebDriverException,))


def _address(runtime: Path) -> str:
    """Where the server answers, once it says so; "" before."""
    for file in runtime.glob("jpserver-*.json"):
        with contextlib.suppress(ValueError):  # it is being written
            return str(json.loads(file.read_text(encoding="utf-8"))["url"])
    return ""
