"""The class report on the hostile corpus, in a real browser."""

from pathlib import Path

import browsing
import pytest
from hostile import ATTACKS
from reports_by_hand import marked, page_of
from reports_in_browser import NAMES, assert_harmless, opened, page
from results_by_hand import result

from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission
from grader.judging.results import MAX_MESSAGE
from grader.outside.plain_text import LAYOUT, plain_text
from grader.reporting.report.highlight import code_text


@pytest.mark.proof
@browsing.needs_browser
def test_attacks_are_text(tmp_path: Path) -> None:
    """What attackers hand in is shown as text, as their code and where a message quotes it."""
    results, submissions = [], {}
    for attack in ATTACKS:
        stage, name = STAGES[attack.stage - 1], plain_text(attack.folder or attack.name)
        quoted = plain_text(code_text(attack.source, MAX_MESSAGE), MAX_MESSAGE, keep=LAYOUT)
        results.append(result(name, {(stage.name, stage.tasks[0]): quoted}))
        submissions[name] = Submission(name, {stage.name: attack.source})
    path = tmp_path / "report.html"
    path.write_text(page_of(marked(results, submissions)), encoding="utf-8")
    with browsing.browser(tmp_path) as browser:
        opened(browser, path)
        for number, name in enumerate(browser.execute_script(NAMES), 1):
            assert name in page(browser, number)
        assert_harmless(browser)
