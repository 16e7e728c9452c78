"""A solved notebook in a real JupyterLab, opened in a browser and run by its menu."""

from pathlib import Path

import browsing
import nbformat
from selenium import webdriver
from selenium.webdriver.common.by import By

from grader.course.catalogue import NOTEBOOKS, check_cell
from grader.course.points import points
from grader.publishing.assembly import notebook, text

WHICH = NOTEBOOKS[0]
TASKS = [(stage, task) for stage in WHICH.stages for task in stage.tasks]
PICTURES = """
    const shown = document.querySelectorAll(".jp-Cell:last-child .jp-OutputArea img")
    return [...shown].filter(picture => picture.complete && picture.naturalWidth > 300).length
"""
"""How many pictures stand below the last cell."""


@browsing.needs_browser
def test_run_all_cells(tmp_path: Path) -> None:
    """Each check gives all its points, on the page and in the saved file; the pictures stand at the end."""
    folder = tmp_path / "course"
    folder.mkdir()
    file = folder / WHICH.file
    file.write_text(text(notebook(WHICH, solved=True)), encoding="utf-8")
    worth = {check_cell(stage, task): points()[stage.name, task] for stage, task in TASKS}
    with browsing.jupyter(folder, tmp_path) as server, browsing.browser(tmp_path) as browser:
        wait = browsing.wait(browser)
        browser.get(f"{server}lab/tree/{WHICH.file}")
        wait.until(lambda browser: browser.find_elements(By.CSS_SELECTOR, "[data-status=idle]"))
        _choose(browser, "Run", "Run All Cells")
        wait.until(lambda browser: browser.execute_script(PICTURES) == 2)
        *_, last = browser.find_elements(By.CSS_SELECTOR, ".jp-OutputArea-executeResult pre")
        assert float(last.text) == [*worth.values()][-1]
        _choose(browser, "File", "Save Notebook")
        wait.until(lambda _: _points(file).keys() == worth.keys())
    assert _points(file) == worth


def _choose(browser: webdriver.Chrome, menu: str, entry: str) -> None:
    """Choose an entry of JupyterLab's menus."""
    for style, label in ((".lm-MenuBar-itemLabel", menu), (".lm-Menu-itemLabel", entry)):

        def click(browser: webdriver.Chrome, style: str = style, label: str = label) -> bool:
            found = [element for element in browser.find_elements(By.CSS_SELECTOR, style) if element.text == label]
            for element in found:
                element.click()
            return bool(found)

        browsing.wait(browser).until(click)


def _points(file: Path) -> dict[str, float]:
    """What each check gave, as the saved notebook holds it."""
    cells = nbformat.read(file, as_version=4).cells
    results = {
        cell.id: [o for o in cell.get("outputs", ()) if o.output_type == "execute_result"] for cell in cells
    }
    return {id: float(found[0].data["text/plain"]) for id, found in results.items() if found}
