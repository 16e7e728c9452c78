"""How a test can end other than passed."""

from typing import Any, Literal

Outcome = Literal["passed", "failed", "error", "timeout", "crashed", "not written"]
"""`error`: the learner's code raised where it should not have. Errors of the kit itself are no verdict."""


class Verdict(Exception):
    """Ends a test; its text is what the learner reads.

    mistake: the known one that the text begins with, or empty; plain: the text without it;
    alike: the same for failures that have no name and are alike.
    """

    outcome: Outcome

    def __init__(self, outcome: Outcome, message: str, mistake: str = "") -> None:
        super().__init__(message)
        self.outcome = outcome
        self.mistake = mistake
        self.plain = message
        self.alike = ""

    def tell(self, mistake: str, said: str) -> None:
        """Begin the text with a known mistake, its name and what is said of it."""
        self.mistake = mistake
        self.args = (f"{said}\n{self.plain}",)


class Wrong(Verdict):
    """The code answered, and the answer breaks the rule.

    call: the call as messages write it; got, expected: the part that was compared; whole, whole_expected: the
    answers it is a part of; tolerance: within which they were compared. None where the text says all.
    """

    def __init__(self, message: str, got: Any = None, expected: Any = None, mistake: str = "") -> None:
        super().__init__("failed", message, mistake)
        self.call = message.partition("\n")[0]
        self.got, self.expected = self.whole, self.whole_expected = got, expected
        self.tolerance = 0.0


class NoAnswer(Verdict):
    """The code gave no answer: it raised, took too long, crashed, or is not written.

    `kinds` names the built-in exceptions that what was raised is one of; empty where nothing was.
    """

    def __init__(self, outcome: Outcome, message: str, kinds: tuple[str, ...] = (), text: str = "") -> None:
        super().__init__(outcome, message)
        self.kinds = kinds
        self.text = text
