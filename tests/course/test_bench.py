"""The benchmark's cohort is what it says: 12 submissions in several styles, that differ where they should."""

from bench import cohort

from grader.course.catalogue import STAGES


def modules(styles: str, mistake: str | None = None) -> list[str]:
    """A learner's modules."""
    return [cohort.module(cohort.Learner("one", styles, mistake), stage) for stage in STAGES]


def test_copies_are_alike_in_nothing_but_a_comment() -> None:
    """Each learner hands in all stages, as Python without marks; copies differ, and do the same work."""
    made = cohort.submissions(copies=3)
    assert len({tuple(files.values()) for files in made.values()}) == len(made) == 36
    for name, files in made.items():
        first = made[name[: len("learner-00")]]
        assert list(files) == [stage.file for stage in STAGES]
        for file, source in files.items():
            compile(source, f"{name}/{file}", "exec")
            assert "### BEGIN SOLUTION" not in source
            assert source.startswith(first[file])


def test_styles_and_mistakes_differ() -> None:
    """Styles share no stage that they are written for; with a mistake, the mistake's stage alone is another."""
    for number, sources in enumerate(zip(*(modules(style * len(STAGES)) for style in "rst"), strict=True), 1):
        assert len(set(sources)) == (3 if number in cohort.STYLES["s"] else 1)
    for learner in cohort.LEARNERS:
        if learner.mistake is not None:
            pairs = zip(modules(learner.styles), modules(learner.styles, learner.mistake), strict=True)
            differ = [number for number, (right, wrong) in enumerate(pairs, 1) if right != wrong]
            assert differ == [cohort.MISTAKES[learner.mistake][0]]
