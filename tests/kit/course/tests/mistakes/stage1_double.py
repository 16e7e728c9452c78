"""The known mistakes of stage 1. Each predicts from the argument of its function."""

from grader.course.records import Pair
from grader.judging.mistakes import Mistake

DOUBLE = (
    Mistake(
        "squared",
        "The numbers were squared.",
        "What is twice 3, and what is 3 times 3?",
        lambda x: x * x,
    ),
    Mistake(
        "not_doubled",
        "The numbers came back as they were.",
        "By which number is each of them to be multiplied?",
        lambda x: x,
    ),
)
BOTH = (
    Mistake(
        "first_only",
        "Only the first array was doubled.",
        "How many arrays does a pair hold?",
        lambda pair: Pair(2 * pair.a, pair.b),
    ),
)
