"""The hostile corpus: submissions that forge, steal, reach out, outlive, exhaust and crash. All must fail."""

from hostile import (
    endings,
    exhaustion,
    files,
    frames,
    hooks,
    imports,
    names,
    network,
    objects,
    pipe,
    processes,
    secrets,
    system_calls,
)

FAMILIES = (
    objects,
    hooks,
    frames,
    pipe,
    files,
    secrets,
    network,
    processes,
    exhaustion,
    endings,
    system_calls,
    imports,
    names,
)
ATTACKS = tuple(attack for family in FAMILIES for attack in family.ATTACKS)
"""Every attack of the corpus."""
