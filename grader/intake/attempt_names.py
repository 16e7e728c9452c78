"""What the names say that Blackboard and Brightspace (D2L) give to each attempt when all are downloaded at once.

Blackboard downloads one flat zip: `Homework_ab1234_attempt_2025-11-21-10-22-33_stage1_relu.py` is of the user
ab1234 in the assignment Homework. What the platform tells of the attempt lies beside it, under the same name
without a file's: `Homework_ab1234_attempt_2025-11-21-10-22-33.txt`. The names of assignments and of users may hold
`_`, so a roster has to tell where the user begins.

Brightspace downloads folders, `184832-1210450 - Ann Lee - Nov 22, 2025 0900 AM`, or flat files, whose names go on
with ` - stage1_relu.py`, and an `index.html`. Months are in the course's language.

The platform's part stands first, so the first time in a name counts: what follows is the learner's. Times name no
zone. Names are read by plain string methods.
"""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from dateutil import parser  # type: ignore[import-untyped]

from grader.intake.learning_platforms import MOODLES, PlatformName, Submitter, of_canvas, of_canvas_anonymous

COMPANIONS = ("index.html",)
"""Brightspace's own file beside the attempts."""
MAX_TIME = 40
"""Characters of Brightspace's time at the most."""
_MARK = "_attempt_"
_STAMP = "%Y-%m-%d-%H-%M-%S"
_LENGTH = 19
_PARTS = " - "


class _Months(parser.parserinfo):  # type: ignore[misc]
    """Months as German, French, Spanish, Italian, Portuguese and Dutch write them, beside English."""

    MONTHS = [  # noqa: RUF012  (dateutil's own attribute)
        ("jan", "january", "januar", "janv", "janvier", "ene", "enero", "gen", "gennaio", "janeiro", "januari"),
        ("feb", "february", "februar", "févr", "février", "febrero", "febbraio", "fev", "fevereiro", "februari"),
        ("mar", "march", "märz", "mär", "mars", "marzo", "março", "maart", "mrt"),
        ("apr", "april", "avr", "avril", "abr", "abril", "aprile"),
        ("may", "mai", "mayo", "mag", "maggio", "maio", "mei"),
        ("jun", "june", "juni", "juin", "junio", "giu", "giugno", "junho"),
        ("jul", "july", "juli", "juil", "juillet", "julio", "lug", "luglio", "julho"),
        ("aug", "august", "août", "ago", "agosto", "augustus"),
        ("sep", "sept", "september", "septembre", "septiembre", "set", "settembre", "setembro"),
        ("oct", "october", "okt", "oktober", "octobre", "octubre", "ott", "ottobre", "out", "outubro"),
        ("nov", "november", "novembre", "noviembre", "novembro"),
        ("dec", "december", "dez", "dezember", "déc", "décembre", "dic", "diciembre", "dicembre", "dezembro"),
    ]


_PARSER = parser.parser(_Months())


def of_blackboard(name: str, is_folder: bool) -> PlatformName | None:
    """What a name of Blackboard's says; None for any other name.

    What the platform itself tells of an attempt has no name of a file's, and counts as typed in.
    """
    owner, mark, tail = name.partition(_MARK)
    before, parted, user = owner.rpartition("_")
    rest = tail[_LENGTH:]
    if not (mark and parted and before and user and (rest == ".txt" or (rest.startswith("_") and rest[1:]))):
        return None
    try:
        created = datetime.strptime(tail[:_LENGTH], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    learners = f"{owner}_x"  # in other platforms' names what follows their marks is the learner's
    others = of_canvas(learners, False) or of_canvas_anonymous(learners, False) or of_brightspace(learners, True)
    if others or MOODLES in owner:
        return None
    file = "" if rest == ".txt" else rest[1:]
    return _attempt("Blackboard", owner, Submitter(user, before=before), created, file, is_folder)


def of_brightspace(name: str, is_folder: bool) -> PlatformName | None:
    """What a name of Brightspace's says; None for any other name."""
    number, _, rest = name.partition(_PARTS)
    first, parted, second = number.partition("-")
    if not (parted and all(part.isascii() and part.isdigit() for part in (first, second))):
        return None
    parts = rest.split(_PARTS)[:20]
    place = next((place for place in range(1, len(parts)) if _is_time(parts[place])), 0)
    who = _PARTS.join(parts[:place])
    file = name[len(_PARTS.join([number, who, parts[place], ""])) :]
    if not who or not (file or is_folder):
        return None
    user = Submitter(number, who, local=True)
    return _attempt("Brightspace", number, user, _time(parts[place]), file, is_folder)


def _attempt(
    platform: Literal["Blackboard", "Brightspace"],
    owner: str,
    who: Submitter,
    created: datetime | None,
    file: str,
    is_folder: bool,
) -> PlatformName:
    own = None if is_folder else file or None
    number = int(created.timestamp()) if created else 0
    return PlatformName(platform, owner, (who,), own, number, typed=not (is_folder or file), created=created)


def _is_time(text: str) -> bool:
    """Whether it is a day, a year and a time, in whatever language and order."""
    if len(text) > MAX_TIME or sum(c.isdecimal() for c in text) < 8:
        return False
    return any(len(word) == 4 and word.isdecimal() for word in text.replace(",", " ").replace(".", " ").split())


def _time(text: str) -> datetime | None:
    """The time, where the month's name is known; `900 AM` and `0900` lack the colon that no file may have."""
    words = [word.strip(".,") for word in text.split() if word.casefold() not in ("de", "um", "à", "at")]
    place = next((n for n in range(len(words) - 1, -1, -1) if words[n][:1].isdecimal()), 0)
    clock = words[place]
    if clock.isascii() and clock.isdecimal() and 3 <= len(clock) <= 4:
        words[place] = f"{clock[:-2]}:{clock[-2:]}"
    with suppress(ValueError, ArithmeticError, TypeError, LookupError, AttributeError):  # dateutil's, for no times
        found: datetime = _PARSER.parse(" ".join(words), dayfirst=words[0].isdecimal())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None
