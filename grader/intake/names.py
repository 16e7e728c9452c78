"""What the name of a file says that it is, whatever browsers, clouds, editors and learners made of it.

`Copy of 01_numpy_manual.ipynb`, `stage2_forward (1).py`, `Stage3_Backward.py`, `stage1_relu.py.txt`,
`stage1_relu__20251121104101.py`, `01_numpy_manual (Ann Lee's conflicted copy 2025-11-21).ipynb`,
`stage1_relu-DESKTOP-4711.py`: the name of a stage or of a notebook stands in each of them.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage

Form = Literal["module", "notebook", "text"]
MODULES = (".py", ".pyw", ".py.txt", ".py.py", ".py.download")
NOTEBOOK_ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".ipynb.download")
TEXTS = (".txt", ".json")
"""How files may end whose name alone does not say what is in them."""


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile(r"[\W_]*+".join(parts))


_STAGES = {s: _pattern("stage", f"0*+{s.number}", *s.name.split("_")[1:]) for s in STAGES}
_NUMBERS = {s: _pattern(r"(?<![a-z])stage", f"0*+{s.number}(?!\\d)") for s in STAGES}
_WORDS = {s: s.name.partition("_")[2] for s in STAGES}
_NOTEBOOKS = {
    one: re.compile(rf"{_pattern(*one.name.split('_')).pattern}|(?<![a-z])notebook[\W_]*+0*+{number}(?!\d)")
    for number, one in enumerate(NOTEBOOKS, 1)
}
_TESTS = re.compile(r"(?:^|[\W_])tests?[\W_]*+$")


@dataclass(frozen=True)
class Claim:
    """What a file's name says: of which stages it is.

    is_sure: whether the name is enough; else what it holds must bear it out. plain: smaller for plainer names.
    """

    form: Form
    stage: Stage | None = None
    notebook: Notebook | None = None
    is_sure: bool = True
    plain: tuple[bool, int] = (False, 0)


def form_of(file: str) -> Form | None:
    """What a file is by the end of its name; None for what is not read."""
    name = file.lower()
    if name.endswith(NOTEBOOK_ENDINGS):
        return "notebook"
    if name.endswith(MODULES):
        return "module"
    return "text" if name.endswith(TEXTS) else None


@lru_cache(4096)
def claim_of(file: str) -> Claim | None:
    """What a file's name says; None where it says nothing, or is of no kind that is read."""
    form, name = form_of(file), _plain(file)
    if form is None:
        return None
    notebooks = [one for one, pattern in _NOTEBOOKS.items() if pattern.search(name)]
    stages = [stage for stage, pattern in _STAGES.items() if _is_in(pattern, name)]
    numbered = [stage for stage, pattern in _NUMBERS.items() if _is_in(pattern, name)]
    if form != "notebook" and len(stages) == 1 and not notebooks:
        return Claim(form, stages[0], is_sure=form == "module", plain=_rank(file, stages[0].file))
    if len(notebooks) == 1 and not stages:
        return Claim(form, notebook=notebooks[0], is_sure=form == "notebook", plain=_rank(file, notebooks[0].file))
    if form == "module" and len(numbered) == 1 and not (stages or notebooks):
        return Claim(form, numbered[0], is_sure=False, plain=_rank(file, numbered[0].file))
    return Claim(form, is_sure=False, plain=(True, len(file))) if form == "notebook" else None


def looks_like(file: str) -> list[Stage]:
    """The stages that a file may be of, by any sign in its name."""
    name = _plain(file)
    if _TESTS.search(name.partition("stage")[0]) and "stage" in name:
        return []
    found = [s for s, pattern in _STAGES.items() if pattern.search(name)]
    found = found or [s for s, pattern in _NUMBERS.items() if pattern.search(name)]
    found = found or [s for one, pattern in _NOTEBOOKS.items() if pattern.search(name) for s in one.stages]
    stem = name.partition(".")[0]
    return found or [s for s, word in _WORDS.items() if stem.strip("_- ") == word]


def may_be_read(file: str) -> bool:
    """Whether a file of this name may be asked for: by its end, or by what it claims."""
    form = form_of(file)
    return form in ("module", "notebook") or (form == "text" and claim_of(file) is not None)


def _plain(file: str) -> str:
    return unicodedata.normalize("NFKC", file[:1000]).lower()


def _is_in(pattern: re.Pattern[str], name: str) -> bool:
    """Whether a stage's name is in a file's, but not as `test_stage1_relu.py`."""
    found = pattern.search(name)
    return found is not None and not _TESTS.search(name[: found.start()])


def _rank(file: str, wanted: str) -> tuple[bool, int]:
    return file != wanted, abs(len(file) - len(wanted))
