"""The hostile corpus: submissions that forge, steal, reach out, outlive, exhaust and crash. All must fail."""

from hostile import (
    endings,
    exceptions,
    exhaustion,
    files,
    frames,
    hooks,
    imports,
    memory,
    messages,
    names,
    network,
    objects,
    other_processes,
    pipe,
    processes,
    secrets,
    system_calls,
)

FAMILIES = (
    objects,
    exceptions,
    hooks,
    frames,
    pipe,
    messages,
    files,
    secrets,
    network,
    processes,
    other_processes,
    memory,
    exhaustion,
    endings,
    system_calls,
    imports,
    names,
)
ATTACKS = tuple(attack for family in FAMILIES for attack in family.ATTACKS)
"""Every attack of the corpus."""
