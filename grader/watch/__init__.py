"""Watch mode: a warm process that sees a save and shows the verdict.

`session` holds what is known and decides what happens next, `screen` and `plain` say how that looks; all three are
pure. At the edge, `files` reads and resets modules, `running` runs suites, `terminals` draws and takes keys, and
`loop` carries events to the session and commands from it.
"""
