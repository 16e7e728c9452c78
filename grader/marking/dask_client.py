"""Finds the scheduler of a Dask cluster, and connects to it."""

import asyncio
import json
from pathlib import Path

from distributed import Client, Security
from distributed.comm import connect

from grader.outside.workers import NoWorkersError

CONNECT_LIMIT = 20.0
"""Seconds in which the scheduler must answer, also again after the connection was lost."""


class ClusterError(NoWorkersError):
    """A cluster cannot be used, or no longer."""


def address_of(scheduler: str) -> str:
    """A scheduler's address, which may be given by its file. Raises ClusterError."""
    path = Path(scheduler)
    if "://" in scheduler or not path.is_file():
        return scheduler
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["address"])
    except (ValueError, TypeError, KeyError):
        raise ClusterError(
            f"{path} is no scheduler file, which `dask scheduler --scheduler-file` writes"
        ) from None


def connected(address: str) -> Client:
    """A client of the scheduler. Raises ClusterError where there is none.

    It is tried with a connection first: a client that finds no scheduler complains when it is collected.
    """

    async def tried() -> None:
        options = Security().get_connection_args("client")
        await (await connect(address, CONNECT_LIMIT, **options)).close()

    try:
        asyncio.run(tried())
        return Client(address, timeout=CONNECT_LIMIT, set_as_default=False)
    except TypeError as error:  # of TLS without certificates
        told = "which are Dask's settings distributed.comm.tls.*, or DASK_DISTRIBUTED__COMM__TLS__*"
        raise ClusterError(f"no certificates are set for {address}, {told} ({error})") from None
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"no scheduler can be reached at {address}: {error}") from None
