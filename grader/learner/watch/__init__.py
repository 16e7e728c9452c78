"""Watch mode: a warm process that sees a save and shows the verdict.

`state` is what is known, `session` decides what happens next, `words` says it; `screen` and `lines` show it, and
take keys; `files` reads and resets modules, `running` runs suites, and `loop` carries events to the session and
commands from it.
"""
