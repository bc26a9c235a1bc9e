"""A GitHub on the loopback: the REST calls that are used, with a memory, and git over HTTP.

The git half is git's own ``git http-backend`` behind this web server, with authentication. Faults
are written down beforehand: the next request that fits gets one.
"""

import base64
import gzip
import json
import os
import re
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from doubles.repositories import git

NOW = "2026-01-02T03:04:05Z"
LATER = "2026-01-03T03:04:05Z"


@dataclass
class Account:
    """Whose a token is, and what it may do."""

    login: str | None = "robot"
    push: bool = True
    propose: bool = True


@dataclass
class Fault:
    """What goes wrong with the next request that fits."""

    method: str
    path: str
    """A regular expression for the whole path."""
    status: int = 0
    """Answered instead; 0 carries the request out."""
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    """Close the connection instead of answering; what was asked for has been done."""
    cut: bool = False
    """Send half of the answer."""
    times: int = 1


@dataclass
class Project:
    """One repository with its issues and pull requests."""

    name: str
    bare: Path
    id: int = 1
    default_branch: str = "main"
    archived: bool = False
    drafts: bool = True
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    review_comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviews: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    timeline: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    writers: set[str] = field(default_factory=lambda: {"owner"})
    runs: dict[int, dict[str, Any]] = field(default_factory=dict)
    logs: dict[int, str] = field(default_factory=dict)

    @property
    def branches(self) -> dict[str, str]:
        """Branches and their commits."""
        listing = git(self.bare, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
        pairs = (line.split(" ") for line in listing.splitlines())
        return {name.removeprefix("refs/heads/"): commit for name, commit in pairs}


class FakeGitHub:
    """Serves until the ``with`` block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.accounts: dict[str, Account] = {}
        self.projects: dict[str, Project] = {}
        self.renamed: dict[str, str] = {}
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, str]] = []
        """Method, path with query, and the Authorization header."""
        self.sent: list[tuple[str, str, Any]] = []
        """Method, path and JSON of what was written."""
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._http.server_port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # What a test arranges

    def add(self, name: str, source: Path) -> Project:
        """A repository with the commits of another."""
        bare = self.folder / f"{name}.git"
        bare.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["git", "clone", "--quiet", "--bare", source, bare], check=True)
        project = Project(name, bare, id=len(self.projects) + 1)
        self.projects[name] = project
        return project

    def add_issue(
        self, project: Project, title: str, body: str, number: int = 0, **fields: Any
    ) -> int:
        number = number or self._number(project)
        project.issues[number] = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "locked": False,
            "user": person("reporter"),
            "author_association": "NONE",
            "created_at": NOW,
            "labels": [],
            "assignees": [],
            "repository_url": f"{self.url}/api/v3/repos/{project.name}",
            "html_url": f"{self.url}/{project.name}/issues/{number}",
            **fields,
        }
        return number

    def add_comment(
        self, project: Project, number: int, body: str, **fields: Any
    ) -> dict[str, Any]:
        comments = project.comments.setdefault(number, [])
        identifier = 1000 * number + len(comments)
        comment = {
            "id": identifier,
            "body": body,
            "user": person("reporter"),
            "author_association": "NONE",
            "created_at": NOW,
            "updated_at": NOW,
            "html_url": f"{self.url}/{project.name}/issues/{number}#issuecomment-{identifier}",
            **fields,
        }
        comments.append(comment)
        return comment

    def told(self, method: str, path: str) -> list[Any]:
        """The JSON of what was written to paths that fit."""
        return [body for m, p, body in self.sent if m == method and re.search(path, p)]

    # What is asked for

    def take_fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times and fault.method == method and re.search(fault.path, path):
                    fault.times -= 1
                    return fault
        return None

    def rest(
        self, method: str, path: str, query: dict[str, str], body: Any, account: Account | None
    ) -> tuple[int, Any, dict[str, str]]:
        """Answer one REST request."""
        with self._lock:
            if method != "GET":
                self.sent.append((method, path, body))
            if path == "/user":
                return self._user(account)
            found = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
            if found is None:
                return 404, {"message": "Not Found"}, {}
            name, rest = found[1], found[2] or ""
            if name in self.renamed:
                there = f"{self.url}/api/v3/repos/{self.renamed[name]}{rest}"
                return 301, {"message": "Moved Permanently"}, {"Location": there}
            project = self.projects.get(name)
            if project is None:
                return 404, {"message": "Not Found"}, {}
            for verb, pattern, answer in self._routes():
                match = re.fullmatch(pattern, rest)
                if verb == method and match:
                    call = Call(project, match, query, body, account)
                    status, data, headers = _answered(answer(call))
                    return self._paged(status, data, headers, path, query)
            return 404, {"message": "Not Found"}, {}

    def _routes(self) -> list[tuple[str, str, Callable[["Call"], Any]]]:
        issue, pull = r"/issues/(\d+)", r"/pulls/(\d+)"
        return [
            ("GET", "", self._repository),
            ("GET", "/issues", self._issues),
            ("GET", issue, lambda c: c.project.issues.get(c.number, _ABSENT)),
            ("GET", f"{issue}/comments", lambda c: c.project.comments.get(c.number, [])),
            ("GET", f"{issue}/timeline", lambda c: c.project.timeline.get(c.number, [])),
            ("POST", f"{issue}/comments", self._comment),
            ("GET", r"/git/matching-refs/heads/(.+)", self._references),
            ("GET", "/pulls", self._pulls),
            ("POST", "/pulls", self._propose),
            ("GET", pull, lambda c: c.project.pulls.get(c.number, _ABSENT)),
            ("GET", f"{pull}/comments", lambda c: c.project.review_comments.get(c.number, [])),
            ("GET", f"{pull}/reviews", lambda c: c.project.reviews.get(c.number, [])),
            ("POST", f"{pull}/reviews", self._review),
            ("GET", r"/collaborators/([^/]+)/permission", self._permission),
            ("GET", "/actions/permissions/workflow", lambda c: (403, {"message": "no"})),
            ("GET", r"/actions/runs/(\d+)", lambda c: c.project.runs.get(c.number, _ABSENT)),
            ("GET", r"/actions/runs/(\d+)/jobs", lambda c: c.project.runs[c.number]["jobs"]),
            ("GET", r"/actions/jobs/(\d+)/logs", self._log),
            ("POST", "/forks", self._fork),
            ("POST", "/merge-upstream", lambda c: (409, {"message": "Merge conflict"})),
        ]

    def _user(self, account: Account | None) -> tuple[int, Any, dict[str, str]]:
        if account is None:
            return 401, {"message": "Requires authentication"}, {}
        if account.login is None:
            return 403, {"message": "Resource not accessible by integration"}, {}
        return 200, person(account.login), {"X-OAuth-Scopes": "repo, workflow"}

    def _repository(self, call: "Call") -> Any:
        return self.described(call.project)

    def described(self, project: Project) -> dict[str, Any]:
        owner, _, name = project.name.partition("/")
        return {
            "id": project.id,
            "name": name,
            "full_name": project.name,
            "owner": person(owner),
            "default_branch": project.default_branch,
            "private": False,
            "archived": project.archived,
            "size": 10,
        }

    def _issues(self, call: "Call") -> Any:
        label = call.query.get("labels", "")
        return [
            issue
            for issue in call.project.issues.values()
            if issue["state"] == "open" and (not label or {"name": label} in issue["labels"])
        ]

    def _comment(self, call: "Call") -> Any:
        if call.account is None:
            return 403, {"message": "Resource not accessible"}
        login = call.account.login or "github-actions[bot]"
        return 201, self.add_comment(
            call.project, call.number, call.body["body"], user=person(login)
        )

    def _references(self, call: "Call") -> Any:
        return [
            {"ref": f"refs/heads/{name}", "object": {"sha": commit}}
            for name, commit in call.project.branches.items()
            if name.startswith(call.match[1])
        ]

    def _pulls(self, call: "Call") -> Any:
        owner, _, branch = call.query.get("head", "").partition(":")
        return [
            pull
            for pull in call.project.pulls.values()
            if pull["head"]["ref"] == branch
            and pull["head"]["repo"]["full_name"].startswith(f"{owner}/")
        ]

    def _propose(self, call: "Call") -> Any:
        body, project = call.body, call.project
        if call.account is None or not call.account.propose:
            return 403, {"message": "Resource not accessible by integration"}
        if body["head"] == body["base"]:
            return 422, _invalid("No commits between main and main")
        if body["draft"] and not project.drafts:
            return 422, {"message": "Draft pull requests are not supported in this repository."}
        owner, colon, branch = body["head"].rpartition(":")
        side = project
        if colon and owner != project.name.partition("/")[0]:
            side = next(p for name, p in self.projects.items() if name.startswith(f"{owner}/"))
        if branch not in side.branches or body["base"] not in project.branches:
            return 422, _invalid("head or base is invalid")
        if any(p["head"]["ref"] == branch and p["state"] == "open" for p in project.pulls.values()):
            return 422, _invalid(f"A pull request already exists for {body['head']}.")
        number = self._number(project)
        project.pulls[number] = {
            "number": number,
            "html_url": f"{self.url}/{project.name}/pull/{number}",
            "state": "open",
            "title": body["title"],
            "body": body["body"],
            "draft": body["draft"],
            "user": person(call.account.login or "github-actions[bot]"),
            "head": {"ref": branch, "sha": side.branches[branch], "repo": self.described(side)},
            "base": {
                "ref": body["base"],
                "sha": project.branches[body["base"]],
                "repo": self.described(project),
            },
        }
        self.add_issue(project, body["title"], body["body"], number, pull_request={"url": "x"})
        return 201, project.pulls[number]

    def _review(self, call: "Call") -> Any:
        review = {"body": call.body["body"], "html_url": f"{self.url}/review"}
        call.project.reviews.setdefault(call.number, []).append(review | call.body)
        return 200, review

    def _permission(self, call: "Call") -> Any:
        login = call.match[1]
        permission = "write" if login in call.project.writers else "read"
        return {"permission": permission, "user": person(login)}

    def _log(self, call: "Call") -> Any:
        return (
            302,
            "",
            {"Location": f"{self.url}/stored-elsewhere/{call.project.name}/{call.number}"},
        )

    def _fork(self, call: "Call") -> Any:
        if call.account is None or call.account.login is None:
            return 403, {"message": "no"}
        name = f"{call.account.login}/{call.project.name.partition('/')[2]}"
        if name not in self.projects:
            self.add(name, call.project.bare)
        return 202, self.described(self.projects[name])

    def _number(self, project: Project) -> int:
        return max([0, *project.issues, *project.pulls]) + 1

    def _paged(
        self, status: int, data: Any, headers: dict[str, str], path: str, query: dict[str, str]
    ) -> tuple[int, Any, dict[str, str]]:
        if not isinstance(data, list):
            return status, data, headers
        size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        if len(data) > size * page:
            following = f"{self.url}/api/v3{path}?per_page={size}&page={page + 1}"
            headers = headers | {"Link": f'<{following}>; rel="next", <{following}>; rel="last"'}
        return status, data[size * (page - 1) : size * page], headers


@dataclass
class Call:
    """One request, taken apart."""

    project: Project
    match: re.Match[str]
    query: dict[str, str]
    body: Any
    account: Account | None

    @property
    def number(self) -> int:
        return int(self.match[1])


_ABSENT = (404, {"message": "Not Found"})


def person(login: str) -> dict[str, Any]:
    """An account; a name that ends as a machine's is one."""
    kind = "Bot" if login.endswith("[bot]") else "User"
    return {"login": login, "id": sum(login.encode()), "type": kind}


def _invalid(message: str) -> dict[str, Any]:
    return {"message": "Validation Failed", "errors": [{"message": message, "code": "custom"}]}


def _answered(found: Any) -> tuple[int, Any, dict[str, str]]:
    if not isinstance(found, tuple):
        return 200, found, {}
    return (*found, {}) if len(found) == 2 else found


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of many a test."""


def _handler(fake: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._respond("GET")

        def do_POST(self) -> None:
            self._respond("POST")

        def do_PATCH(self) -> None:
            self._respond("PATCH")

        def _respond(self, method: str) -> None:
            url = urlsplit(self.path)
            fake.requests.append((method, self.path, self.headers.get("Authorization", "")))
            body = self._body()
            if url.path.startswith("/api/v3/"):
                self._rest(method, url.path.removeprefix("/api/v3"), url.query, body)
            elif url.path.startswith("/stored-elsewhere/"):
                _, _, rest = url.path.partition("/stored-elsewhere/")
                name, _, job = rest.rpartition("/")
                self._send(200, fake.projects[name].logs[int(job)].encode(), {})
            else:
                self._git(method, url.path, url.query, body)

        def _rest(self, method: str, path: str, query: str, body: bytes) -> None:
            fault = fake.take_fault(method, path)
            if fault and fault.status:
                data = json.dumps(fault.body or {"message": "made to fail"}).encode()
                self._send(fault.status, data, fault.headers)
                return
            kind, _, token = self.headers.get("Authorization", "").partition(" ")
            account = fake.accounts.get(token)
            if kind and account is None:
                self._send(401, b'{"message": "Bad credentials"}', {})
                return
            asked = {key: values[0] for key, values in parse_qs(query).items()}
            status, data, headers = fake.rest(
                method, path, asked, json.loads(body) if body else None, account
            )
            self._send(status, json.dumps(data).encode(), headers, fault)

        def _git(self, method: str, path: str, query: str, body: bytes) -> None:
            fault = fake.take_fault(method, path)
            if fault and fault.status:
                self._send(fault.status, b"", fault.headers)
                return
            pushing = "git-receive-pack" in path + query
            account = self._basic()
            name = re.sub(r"\.git/.*", "", path.strip("/"))
            if account is None or name not in fake.projects:
                status = 404 if account else 401
                self._send(status, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
                return
            if pushing and not (account.push or name.startswith(f"{account.login}/")):
                self._send(403, b"", {})
                return
            status, headers, answer = self._backend(method, path, query, body, account)
            self._send(status, answer, headers, fault)

        def _basic(self) -> Account | None:
            kind, _, value = self.headers.get("Authorization", "").partition(" ")
            if kind != "Basic":
                return None
            token = base64.b64decode(value).decode().partition(":")[2]
            return fake.accounts.get(token)

        def _backend(
            self, method: str, path: str, query: str, body: bytes, account: Account
        ) -> tuple[int, dict[str, str], bytes]:
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                capture_output=True,
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(fake.folder),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "uploadpack.allowAnySHA1InWant",
                    "GIT_CONFIG_VALUE_0": "true",
                    "REQUEST_METHOD": method,
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "REMOTE_USER": account.login or "app",
                    "REMOTE_ADDR": "127.0.0.1",
                },
            )
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            headers = dict(
                line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line
            )
            status = int(headers.pop("Status", "200").split(" ")[0])
            return status, headers, answer

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                data = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    data += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            else:
                data = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            gzipped = self.headers.get("Content-Encoding") == "gzip"
            return gzip.decompress(data) if gzipped else data

        def _send(
            self, status: int, data: bytes, headers: dict[str, str], fault: Fault | None = None
        ) -> None:
            if fault and fault.drop:
                self.close_connection = True
                return
            self.send_response(status)
            headers = {"Content-Type": "application/json", **headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if fault and fault.cut:
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
            else:
                self.wfile.write(data)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing on the screen of the tests."""

    return Handler
