"""How a test can end other than passed."""

from typing import Literal

Outcome = Literal["passed", "failed", "error", "timeout", "crashed", "not written"]
"""`error`: the learner's code raised where it should not have. Errors of the kit itself are no verdict."""


class Verdict(Exception):
    """Ends a test; its text is what the learner reads."""

    outcome: Outcome

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome


class Wrong(Verdict):
    """The code answered, and the answer breaks the rule."""

    def __init__(self, message: str) -> None:
        super().__init__("failed", message)


class NoAnswer(Verdict):
    """The code gave no answer: it raised, took too long, crashed, or is not written.

    `kinds` names the built-in exceptions that what was raised is one of; empty where nothing was.
    """

    def __init__(self, outcome: Outcome, message: str, kinds: tuple[str, ...] = (), text: str = "") -> None:
        super().__init__(outcome, message)
        self.kinds = kinds
        self.text = text
