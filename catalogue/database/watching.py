"""Watches the process at the other end of a socket, so that the embedded server need not be asked whether it runs."""

import os
import select
import socket
import struct
import sys

_CREDENTIALS = struct.Struct("3i")  # process, account, group


class Watch:
    """A process that is watched. Its number alone would say nothing: another may have it by now."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)

    def is_running(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return not poll.poll(0)


def watch(client: socket.socket) -> Watch | None:
    """Return a watch on the process that a Unix socket is connected to; None where the system has none (not Linux)."""
    if sys.platform != "linux":
        return None
    try:
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return Watch(os.pidfd_open(_CREDENTIALS.unpack(credentials)[0]))
    except OSError:
        return None
