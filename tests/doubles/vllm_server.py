"""A real vLLM server on the CPU, as a process that can be killed and started again."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

NAME = "tiny"
SMALL_WINDOW = 8192
START_SECONDS = 420.0
STOP_SECONDS = 20.0
FLAGS = (
    "--max-model-len", "65536", "--enforce-eager", "--enable-prefix-caching",
    "--enable-chunked-prefill", "--enable-prompt-tokens-details", "--enable-auto-tool-choice",
    "--tool-call-parser", "hermes", "--kv-cache-memory-bytes", str(64 << 20),
    "--max-num-batched-tokens", "4096", "--max-num-seqs", "8",
    "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
)  # fmt: skip
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    # One process less, and 20 seconds less to wait for it.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    # Two threads wait for each other in a loop; one is ten times faster on a busy machine.
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
}
TESTS = Path(__file__).parents[1] / "vllm"


def build_tiny_model(venv: Path, folder: Path) -> Path:
    """Make the tiny model, with the environment's own torch."""
    subprocess.run(
        [venv / "bin" / "python", TESTS / "tiny_model.py", folder,
         "--script", TESTS / "script.json"],
        check=True, env=os.environ | {"OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"},
    )  # fmt: skip
    return folder


class VLLM:
    """One server on one port; ``start`` after ``kill`` or ``stop`` uses the same port again."""

    def __init__(self, venv: Path, model: Path, folder: Path, *flags: str) -> None:
        self.port = _free_port()
        self._command = [
            "nice", str(venv / "bin" / "vllm"), "serve", str(model), "--host", "127.0.0.1",
            "--port", str(self.port), "--served-model-name", NAME, *FLAGS, *flags,
        ]  # fmt: skip
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VLLM_", "OMP_"))}
        self._environment = kept | ENVIRONMENT | {
            "PATH": f"{venv}/bin:{os.environ['PATH']}",
            "VLLM_CACHE_ROOT": str(folder / "cache"),
            "HF_HOME": str(folder / "hub"),
        }  # fmt: skip
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._computing: int | None = None

    @property
    def url(self) -> str:
        """Base URL, with the version."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self, *, wait: bool = True) -> None:
        """Start the server; waiting is until it answers."""
        self._computing = None
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it answers; what dies before fails the test with the end of its log."""
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(f"{self.url}/models", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.5)
        raise AssertionError(f"vLLM did not start:\n{self._log.read_text()[-3000:]}")

    def signal_engine(self, number: signal.Signals) -> None:
        """Send a signal to the process that computes."""
        os.kill(self._engine(), number)

    def running(self) -> float:
        """How many requests are being worked on, as the server's metrics say."""
        text = httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=5).text
        lines = [
            line for line in text.splitlines() if line.startswith("vllm:num_requests_running{")
        ]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def kill(self) -> None:
        """End every process of the server at once, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)

    def wait_for_end(self) -> None:
        """Wait until the server has noticed that its engine is gone, and is gone too."""
        assert self._process is not None
        self._process.wait(60)

    def stop(self) -> None:
        """End the server as an operator would, and what is left of it by force."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        with contextlib.suppress(ProcessLookupError):  # nothing may be left
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _engine(self) -> int:
        """The process that computes; a stopped one is hard to look up, so it is remembered."""
        assert self._process is not None
        if self._computing is None:
            self._computing = next(filter(self._is_engine, map(int, _processes())))
        return self._computing

    def _is_engine(self, pid: int) -> bool:
        assert self._process is not None
        with contextlib.suppress(OSError):  # it may have ended
            ours = os.getsid(pid) == self._process.pid
            return ours and b"EngineCore" in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False


def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so; fail where it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def _processes() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
