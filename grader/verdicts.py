"""How a test can end other than passed."""

from typing import Any, Literal

Outcome = Literal["passed", "failed", "error", "timeout", "crashed", "not written"]
"""`error`: the learner's code raised where it should not have. Errors of the kit itself are no verdict."""


class Verdict(Exception):
    """Ends a test; its text is what the learner reads. `mistake`: the known one that it begins with, or empty."""

    outcome: Outcome

    def __init__(self, outcome: Outcome, message: str, mistake: str = "") -> None:
        super().__init__(message)
        self.outcome = outcome
        self.mistake = mistake
        self._plain = message

    def tell(self, mistake: str, sentences: str) -> None:
        """Begin the text with what is known of the mistake."""
        self.mistake = mistake
        self.args = (f"{sentences}\n{self._plain}",)

    def untell(self) -> None:
        """Leave the mistake out of the text."""
        self.mistake = ""
        self.args = (self._plain,)


class Wrong(Verdict):
    """The code answered, and the answer breaks the rule.

    got, expected: the part that was compared; whole: the answer it is a part of. None where the text says all.
    """

    def __init__(self, message: str, got: Any = None, expected: Any = None, mistake: str = "") -> None:
        super().__init__("failed", message, mistake)
        self.got, self.expected, self.whole = got, expected, got


class NoAnswer(Verdict):
    """The code gave no answer: it raised, took too long, crashed, or is not written.

    `kinds` names the built-in exceptions that what was raised is one of; empty where nothing was.
    """

    def __init__(self, outcome: Outcome, message: str, kinds: tuple[str, ...] = (), text: str = "") -> None:
        super().__init__(outcome, message)
        self.kinds = kinds
        self.text = text
