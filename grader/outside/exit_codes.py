"""How processes end, in words."""

import signal


def told(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "no exit code"
    if code == -signal.SIGKILL:
        return "killed: out of memory or of processor time"
    try:
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"
    except ValueError:  # a signal without a name
        return f"signal {-code}"
