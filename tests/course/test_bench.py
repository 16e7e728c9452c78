"""The benchmark's cohort is what it says: 12 submissions in several styles, that differ where they should."""

from bench import cohort

from grader.course.catalogue import STAGES


def modules(learner: cohort.Learner) -> list[str]:
    """A learner's six modules."""
    return [cohort.module(learner, stage) for stage in STAGES]


def test_every_module_compiles() -> None:
    """Each learner hands in all six stages, as Python without the solutions' marks."""
    made = cohort.submissions()
    assert len(made) == 12
    for name, files in made.items():
        assert sorted(files) == [stage.file for stage in STAGES]
        for file, source in files.items():
            compile(source, f"{name}/{file}", "exec")
            assert "### BEGIN SOLUTION" not in source


def test_styles_differ_in_every_stage() -> None:
    """The styles share no stage."""
    written = [modules(cohort.Learner("one", style * 6)) for style in "rst"]
    for number in range(len(STAGES)):
        assert len({sources[number] for sources in written}) == len(written)


def test_a_mistake_is_made() -> None:
    """A learner with a mistake hands in another module than one without, in the mistake's stage alone."""
    for learner in cohort.LEARNERS:
        if learner.mistake is not None:
            right = modules(cohort.Learner("right", learner.styles))
            wrong = modules(learner)
            stage = cohort.MISTAKES[learner.mistake][0]
            assert [n for n, pair in enumerate(zip(right, wrong, strict=True), 1) if pair[0] != pair[1]] == [stage]


def test_copies_are_alike_in_nothing_but_a_comment() -> None:
    """Copies for a larger cohort do the same work, and are no submission that was seen before."""
    made = cohort.submissions(copies=3)
    assert len(made) == 36
    assert len({tuple(files.values()) for files in made.values()}) == 36
    for name, files in made.items():
        first = made[name[: len("learner-00")]]
        assert all(files[file].startswith(first[file]) for file in files)
