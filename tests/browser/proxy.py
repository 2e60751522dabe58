"""A reverse proxy on this machine that serves a dashboard below a path, like nginx or Traefik."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import suppress
from typing import Self


class StrippingProxy:
    """A proxy that removes a path from the front of each request, websockets included.

    Attributes:
        url: Its address, with the path.
    """

    def __init__(self, port: int, path: str, *, headers: str = "") -> None:
        """Listen on a free port and begin to answer.

        Args:
            port: Port of the server behind it.
            path: Path with a leading slash; requests outside of it get a 404.
            headers: Lines to add to each request, each with CR LF at its end.
        """

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                method, target, version = self.rfile.readline().split()
                lines = list(iter(self.rfile.readline, b"\r\n"))
                if not target.startswith(f"{path}/".encode()):
                    self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    return
                if not any(line.lower().startswith(b"upgrade:") for line in lines):
                    # One request per connection.
                    lines = [line for line in lines if not line.lower().startswith(b"connection:")]
                    lines.append(b"Connection: close\r\n")
                request_line = b" ".join((method, target[len(path) :], version)) + b"\r\n"
                with socket.create_connection(("127.0.0.1", port)) as server:
                    server.sendall(request_line + b"".join(lines) + headers.encode() + b"\r\n")
                    answering = threading.Thread(target=_copy, args=(server, self.connection))
                    answering.start()
                    with suppress(OSError):
                        while data := self.rfile.read1(65_536):
                            server.sendall(data)
                        server.shutdown(socket.SHUT_WR)
                    answering.join()

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{path}"
        threading.Thread(target=self._server.serve_forever, name="proxy", daemon=True).start()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # One of the two has closed the connection.
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
