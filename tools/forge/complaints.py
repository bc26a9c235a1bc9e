"""From an HTTP answer that is no success to one clear line. Pure.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from tools.forge.base import ForgeDenied, ForgeError, ForgeRefused, ForgeUnreachable

_SHOWN = 300
_MINUTE = 60.0
"""What GitHub asks for where a secondary limit names no time."""


def seconds_to_wait(
    status: int, headers: Mapping[str, str], body: str = "", *, now: float | None = None
) -> float | None:
    """For a rate limit, primary or secondary: how long to wait; None where it is none."""
    if status not in (403, 429):
        return None
    after = headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        if reset.isdigit():
            return max(1.0, float(reset) - (time.time() if now is None else now) + 1)
    secondary = status == 429 or "rate limit" in body.lower()
    return _MINUTE if secondary else None


def complaint(status: int, headers: Mapping[str, str], body: str, doing: str) -> ForgeError:
    """The error for an answer; ``doing`` says what was wanted: "reading o/r#7"."""
    said = _said(body)
    wait = seconds_to_wait(status, headers, body)
    if wait is not None:
        return ForgeUnreachable(
            f"{doing}: GitHub's rate limit is used up for {_time(wait)}; try again then"
        )
    if status in (401, 403, 404):
        return ForgeDenied(f"{doing}: {_denied(status, headers, said)}")
    if status >= 500 or status in (408, 425):
        what = f"GitHub answered {status}{_quoted(said)}"
        return ForgeUnreachable(f"{doing}: {what}; try again later")
    words = {
        409: "it is in conflict with the state of the repository",
        410: "it was deleted or is switched off for this repository",
        422: "GitHub does not accept it",
        451: "it is not available for legal reasons",
    }
    return ForgeRefused(f"{doing}: {words.get(status, f'GitHub answered {status}')}{_quoted(said)}")


def _denied(status: int, headers: Mapping[str, str], said: str) -> str:
    if status == 401:
        return "the token is not valid or has expired; set GITHUB_TOKEN to one that is"
    if status == 404:
        return "it is not there, or the token may not see it; check the address and the token"
    needed = headers.get("x-accepted-github-permissions") or headers.get("x-accepted-oauth-scopes")
    if "saml" in said.lower() or "x-github-sso" in headers:
        return "the organisation wants the token to be authorised for single sign-on"
    if needed:
        return f"the token may not do this; it needs: {needed[:_SHOWN]}{_quoted(said)}"
    return f"the token may not do this{_quoted(said)}"


def _said(body: str) -> str:
    """GitHub's own words: the message, then what is wrong with which field."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    details = [_detail(error) for error in errors] if isinstance(errors, list) else []
    text = "; ".join(str(part) for part in (answer.get("message"), *details) if part)
    return " ".join(text.split())[:_SHOWN]


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    if error.get("message"):
        return str(error["message"])
    return " ".join(str(error[key]) for key in ("field", "code") if error.get(key))


def _quoted(said: str) -> str:
    return f" ({said})" if said else ""


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
