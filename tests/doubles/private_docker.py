"""A Docker daemon of a test's own, which it may kill: nothing that others use is touched.

It lives in network and mount namespaces of its own, where it makes no bridge and no rule of a
firewall, and keeps all of its files in one folder. Its containers have no network anyway.
"""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_SECONDS = 60.0


class PrivateDocker:
    """Starts a daemon with an image, kills it, and starts it again; stop it at the end.

    Args:
        folder: For its files; a short path, because sockets are made in it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._daemon: subprocess.Popen[bytes] | None = None
        self.address = f"unix://{folder}/docker.sock"

    @staticmethod
    def missing() -> str:
        """Why one cannot be started here; empty when it can."""
        if os.geteuid() != 0:
            return "starting a daemon needs root"
        programs = [name for name in ("dockerd", "docker", "unshare") if not shutil.which(name)]
        return f"missing: {', '.join(programs)}" if programs else ""

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        words = [
            *("unshare", "--net", "--mount", "dockerd", "--host", self.address),
            *("--data-root", f"{self._folder}/data", "--exec-root", f"{self._folder}/exec"),
            *("--pidfile", f"{self._folder}/pid", "--bridge", "none", "--iptables=false"),
        ]
        with (self._folder / "log").open("ab") as log:
            self._daemon = subprocess.Popen(
                words,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                # When it is killed its containerd may leave a trace of itself there.
                env={**os.environ, "TMPDIR": str(self._folder)},
            )
        deadline = time.monotonic() + _SECONDS
        while self.docker("version").returncode:
            assert self._daemon.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the daemon does not answer"
            time.sleep(0.2)

    def load(self, image: str) -> None:
        """Give it an image of the machine's own engine."""
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
            done = self.docker("load", "--quiet", stdin=saved.stdout)
        assert (saved.returncode, done.returncode) == (0, 0), done.stderr

    def docker(self, *words: str, stdin: object = subprocess.DEVNULL) -> "Done":
        """Run the ``docker`` command against it."""
        return subprocess.run(
            ["docker", "--host", self.address, *words],
            stdin=stdin,  # type: ignore[call-overload]
            capture_output=True,
            text=True,
            timeout=120,
        )

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End the daemon, without a word by default; its containers' processes may live on."""
        assert self._daemon is not None
        self._daemon.send_signal(number)
        self._daemon.wait(30)
        # Its containerd dies with it, but where nobody reaps it the next one would wait for it.
        (self._folder / "exec/containerd/containerd.pid").unlink(missing_ok=True)

    def stop(self) -> None:
        """End the daemon and everything that it has started, and remove its files."""
        if self._daemon is not None and self._daemon.poll() is None:
            for container in self.docker("ps", "--all", "--quiet").stdout.split():
                self.docker("rm", "--force", container)
            self.kill(signal.SIGTERM)
        for pid in self._processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for mount in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if str(self._folder) in (place := mount.split()[1]):
                subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _processes(self) -> list[int]:
        """What runs by its order: containerd, and the shims that outlive it."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self._folder).encode() in (
                    (entry / "cmdline").read_bytes()
                ):
                    found.append(int(entry.name))
        return [pid for pid in found if pid != os.getpid()]


Done = subprocess.CompletedProcess[str]
