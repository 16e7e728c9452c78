"""How processes end, in words. For the process that reads uploads too, which imports no library with threads."""

import signal


def how_it_ended(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "no exit code"
    if code == -signal.SIGKILL:
        return "killed: out of memory or of processor time"
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:  # a signal without a name
        return f"signal {-code}"
