"""This machine: git, what contains a run, and room on the disk."""

import re
import shutil

from agent.config import Settings
from agent.doctor.finding import Finding, failure, ok, warning
from agent.variables import docker_address, toolchains
from sandbox.base import GIB, MIB, Limits, Provider, SandboxError, SandboxUnavailable
from sandbox.choose import prepared_images, strongest
from tools.git import GitError
from tools.git.program import version

_OLDEST_GIT = (2, 32)
"""GIT_CONFIG_COUNT came with 2.31, GIT_CONFIG_GLOBAL with 2.32 (git's release notes)."""
_SECONDS = 30.0
_REMEDIES = {
    "docker": "make image",
    "bubblewrap": "apt install bubblewrap",
}


def check_git() -> list[Finding]:
    """Whether git is there and new enough."""
    try:
        said = version()
    except GitError as error:
        return [failure("git", str(error), "apt install git")]
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST_GIT:
        return [failure("git", f"{said} is too old", "apt install git (2.32 or newer)")]
    return [ok("git", said)]


def check_sandboxes(settings: Settings) -> list[Finding]:
    """Each kind of sandbox: whether a box of it starts, and which of them a run would take."""
    findings, works = [], []
    for kind in ("docker", "bubblewrap"):
        try:
            provider = _provider(kind, settings)
            _start(provider)
        except SandboxError as error:
            state = failure if settings.sandbox == kind else warning
            findings.append(state(kind, str(error), _REMEDIES[kind]))
        else:
            works.append(kind)
            findings.append(ok(kind, f"a box starts; contained: {provider.bounds}"))
    return [*findings, _isolation(settings, works)]


def check_disk(settings: Settings) -> list[Finding]:
    """Whether runs have room: a run keeps every tree of its repository."""
    place = next(path for path in (settings.runs, *settings.runs.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / GIB:.1f} GiB are free for runs in {settings.runs}"
    remedy = "choose another folder with PATCHWRIGHT_RUNS"
    if free < 256 * MIB:
        return [failure("disk", text, remedy)]
    if free < 4 * GIB:
        return [warning("disk", text, remedy)]
    return [ok("disk", text)]


def check_images() -> list[Finding]:
    """What ``--setup`` has made and kept; nothing where it has not."""
    images = prepared_images(docker_address())
    if not images:
        return []
    names = ", ".join(name for name, _ in images[:3]) + (" …" if len(images) > 3 else "")
    size = max(size for _, size in images) / GIB
    text = f"{len(images)} image(s) of set-ups are kept ({names}), the largest {size:.1f} GiB"
    return [ok("set-ups", f"{text}; `patchwright runs --clean-images` removes them")]


def _isolation(settings: Settings, works: list[str]) -> Finding:
    if settings.sandbox == "none":
        text = "none is asked for: tests and the model's commands run as you, uncontained"
        return warning("isolation", text, "unset PATCHWRIGHT_SANDBOX")
    wanted = works if settings.sandbox == "auto" else [settings.sandbox]
    usable = [kind for kind in wanted if kind in works]
    if not usable:
        return failure("isolation", "nothing contains a run here", "apt install bubblewrap")
    return ok("isolation", f"a run is contained by {usable[0]}")


def _provider(kind: str, settings: Settings) -> Provider:
    return strongest(
        kind, image=settings.image, toolchains=toolchains(), docker_address=docker_address()
    ).provider


def _start(provider: Provider) -> None:
    """Start a box and run one command in it."""
    with provider.start(Limits(), run="doctor") as box:
        done = box.run(["true"], timeout=_SECONDS)
    if done.exit_code:
        raise SandboxUnavailable(f"a box starts, but a command in it ends with {done.exit_code}")
