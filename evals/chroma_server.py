"""A Chroma server of our own, on a free port of this computer, while something is measured."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

# Chroma's command imports all of Chroma, which takes long on a busy computer.
PATIENCE_S = 180.0
STOPPING_S = 30.0


@dataclass(frozen=True)
class Server:
    """A server that answers: its address and process."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def chroma_server(folder: Path, port: int = 0) -> Iterator[Server]:
    """Run `chroma run` until the block ends.

    Args:
        folder: where it keeps its data.
        port: to listen on; 0 for one that is free.

    Raises:
        RuntimeError: it does not answer in time.
    """
    port = port or _free_port()
    command = [Path(sys.executable).with_name("chroma"), "run", "--path", folder]
    process = subprocess.Popen(
        [*map(str, command), "--host", "127.0.0.1", "--port", str(port)],
        env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process)
        yield Server(url, process)
    finally:
        process.terminate()
        try:
            process.wait(STOPPING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/api/v2/heartbeat", timeout=2).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the Chroma server at {url} does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
