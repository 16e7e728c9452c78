"""How a test can end other than passed."""

from typing import Any, Literal

Outcome = Literal["passed", "failed", "error", "timeout", "crashed", "not written"]
"""`error`: the learner's code raised where it should not have. Errors of the kit itself are no verdict."""


class Verdict(Exception):
    """Ends a test; its text is what the learner reads.

    mistake: the known one that the text begins with, or empty; plain: the text without it.
    """

    outcome: Outcome

    def __init__(self, outcome: Outcome, message: str, mistake: str = "") -> None:
        super().__init__(message)
        self.outcome = outcome
        self.mistake = mistake
        self.plain = message
        self._fitting: dict[str, str] = {}

    def tell(self, fitting: dict[str, str]) -> None:
        """Begin the text with the first of the known mistakes that fit: their names, with what is said of each."""
        self._fitting = fitting
        self.mistake = next(iter(fitting), "")
        self.args = (f"{fitting[self.mistake]}\n{self.plain}" if fitting else self.plain,)

    def tell_what_fits_too(self, other: "Verdict | None") -> None:
        """Of the mistakes that were found to fit, keep those that fit another verdict on the same code as well."""
        if self._fitting:
            known = other._fitting if other is not None else {}
            self.tell({name: said for name, said in self._fitting.items() if name in known})


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
