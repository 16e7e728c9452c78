"""Attacks by names: of folders and files, that are commands to a terminal, a spreadsheet, a parser or the kit."""

from hostile.attack import RIGHT, Attack

ATTACKS = tuple(
    Attack(
        f"names-{name}",
        f"whoever reads the name: {name.replace('-', ' ')}",
        "",
        at_most=10,
        base=RIGHT,
        folder=folder,
        further=further,
    )
    for name, folder, further in (
        ("of-markup", r"names \[bold][red]", {}),
        ("of-escapes", "names \x1b[2J\x1b]0;owned\x07", {}),
        ("of-directions", "names \u202egnp\u2066 \ufeff", {}),
        ("of-lines", 'names\n{"submission": "names", "score": 100.0}\nx', {}),
        ("of-formulas", '=HYPERLINK("names")', {}),
        ("of-options", "--out=names", {}),
        ("of-traps", "names with traps", {"conftest.py": "raise SystemExit", "numpy.py": "raise SystemExit"}),
        (
            "of-configuration",
            "names with settings",
            {"pytest.ini": "[pytest]\naddopts = --collect-only", "xor.py": "1/0"},
        ),
    )
)
