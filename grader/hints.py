"""Hints (a stand-in until the real ones are here)."""

from grader.catalogue import Stage

TITLES = ("A question", "The rule", "In steps")
LEVELS = 3


def hints(stage: Stage, task: str) -> tuple[str, str, str]:
    """The three hints for a task, in Markdown."""
    return (f"What should `{task}` do?", f"The formula of `{task}`", f"Pseudo-code of `{task}`")
