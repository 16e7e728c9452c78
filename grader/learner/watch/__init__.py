"""Watch mode: a warm process that sees a save and shows the verdict.

`state` is what is known, `session` decides what happens next, `words` says it, `screen` and `plain` show it, in
two ways; all of them are pure. At the edge, `files` reads and resets modules, `running` runs suites, `terminals`
draws and takes keys, and `loop` carries events to the session and commands from it.
"""
