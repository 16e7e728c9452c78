"""Class reports as a real browser shows them."""

from pathlib import Path

import browsing
from selenium import webdriver
from selenium.webdriver.common.by import By

KINDS = """
html head meta title style noscript script body a main header nav section article h1 h2 h3 h4 p br ul li dl dt dd
b bdi span dfn figure figcaption svg rect div table colgroup col thead tbody tr th td details summary pre code mark
label input output button
"""
"""Every kind of element that the report has."""
NAMES = "return [...document.querySelectorAll('#table tbody th')].map((cell) => cell.textContent)"
SCORES = "return [...document.querySelectorAll('#table tbody tr')].map((row) => row.cells[2].textContent)"


def opened(driver: webdriver.Chrome, path: Path, part: str = "") -> None:
    """Open a report afresh, or a part of it."""
    driver.get("about:blank")
    driver.get(f"{path.as_uri()}{part}")


def page(driver: webdriver.Chrome, number: int) -> str:
    """The text of a submission's page, once it is shown."""
    driver.execute_script(f"location.hash = 's-{number}'")
    link = f"//*[@id='page' and not(@hidden) and @data-shown='{number}']"
    return str(browsing.wait(driver).until(lambda driver: driver.find_element(By.XPATH, link).text))


def assert_harmless(driver: webdriver.Chrome) -> None:
    """Nothing that learners wrote has become a part of the page, or has been run, or was asked for."""
    kinds = driver.execute_script(
        "return [...new Set([...document.querySelectorAll('*')].map((one) => one.localName))]"
    )
    assert set(kinds) <= {*KINDS.split()}
    assert driver.execute_script("return window.owned === undefined")
    away = (
        "return [...document.querySelectorAll('a')].filter((a) => !a.getAttribute('href').startsWith('#')).length"
    )
    assert driver.execute_script(away) == 0
    handlers = "return document.querySelectorAll('[onerror], [onload], [onmouseover], [style]').length"
    assert driver.execute_script(handlers) == 0
    assert driver.get_log("browser") == []
