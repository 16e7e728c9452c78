"""Stage 1 as it should not be written."""

from pair import Pair

from grader.course.mistakes import Edit


def double__squared(x):
    """The numbers were squared.

    What is twice 3, and what is 3 times 3?
    """
    return x * x


double__not_doubled = Edit(
    "The numbers came back as they were.",
    "By which number is each of them to be multiplied?",
    {"x + x": "x.copy()"},
)


def both__first_only(pair):
    """Only the first array was doubled.

    How many arrays does a pair hold?
    """
    return Pair(2 * pair.a, pair.b)
