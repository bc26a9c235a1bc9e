import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.code.frames import Frame, find_frames

PRINTED = {
    "python": (
        '  File "/site-packages/app/schema.py", line 628, in validate',
        Frame("/site-packages/app/schema.py", 628, "validate"),
    ),
    "python on windows": (
        '  File "C:\\Users\\me\\app\\reader.py", line 9, in <module>',
        Frame("C:/Users/me/app/reader.py", 9, ""),
    ),
    "java": (
        "\tat com.acme.JsonTreeReader.skipValue(JsonTreeReader.java:262)",
        Frame("JsonTreeReader.java", 262, "skipValue"),
    ),
    "java module": (
        "\tat java.base/java.util.Stack.peek(Stack.java:103)",
        Frame("Stack.java", 103, "peek"),
    ),
    "kotlin": ("    at okhttp3.Call$run.invoke(Call.kt:12)", Frame("Call.kt", 12, "invoke")),
    "node": (
        "    at Server.handle (/srv/lib/app.js:12:34)",
        Frame("/srv/lib/app.js", 12, "handle"),
    ),
    "node without a name": (
        "    at file:///srv/lib/app.mjs:12:34",
        Frame("/srv/lib/app.mjs", 12, ""),
    ),
    "firefox": ("handle@http://host/lib/app.js:12:34", Frame("host/lib/app.js", 12, "handle")),
    "go": (
        "main.main()\n\t/go/src/app/main.go:15 +0x1f",
        Frame("/go/src/app/main.go", 15, "main"),
    ),
    "go method": (
        "github.com/gin-gonic/gin.(*Engine).ServeHTTP(0xc0001)\n\t/go/pkg/gin@v1/gin.go:589 +0x1",
        Frame("/go/pkg/gin@v1/gin.go", 589, "ServeHTTP"),
    ),
    "rust": (
        "   3: globset::Glob::new\n             at ./src/lib.rs:421:9",
        Frame("./src/lib.rs", 421, "new"),
    ),
    "rust panic": (
        "thread 'main' panicked at crates/core/args.rs:527:5:",
        Frame("crates/core/args.rs", 527, ""),
    ),
    "gdb": (
        "#3  0x00005555 in jv_dump (x=1) at src/jv_print.c:221",
        Frame("src/jv_print.c", 221, "jv_dump"),
    ),
    "sanitizer": (
        "    #0 0x55d in decCompare src/decNumber/decNumber.c:6209:13",
        Frame("src/decNumber/decNumber.c", 6209, "decCompare"),
    ),
    "c#": (
        "   at Newtonsoft.Json.Reader.Read() in C:\\src\\Reader.cs:line 77",
        Frame("/src/Reader.cs", 77, "Read"),
    ),
    "ruby": (
        "/gems/fluentd/in_tail.rb:428:in `stop_watchers'",
        Frame("/gems/fluentd/in_tail.rb", 428, "stop_watchers"),
    ),
    "ruby block": (
        "lib/http.rb:70:in 'block in create'",
        Frame("lib/http.rb", 70, "create"),
    ),
    "php": (
        "#1 /srv/src/Style.php(218): App\\Style->applyFromArray()",
        Frame("/srv/src/Style.php", 218, "applyFromArray"),
    ),
    "a compiler": ("include/fmt/ranges.h:526:9: error: no", Frame("include/fmt/ranges.h", 526, "")),
    "a link's end": ("see lib/adapters/http.js#L236", Frame("lib/adapters/http.js", 236, "")),
}


@pytest.mark.parametrize(("printed", "frame"), PRINTED.values(), ids=PRINTED)
def test_a_frame_is_found(printed: str, frame: Frame) -> None:
    assert find_frames(f"It fails:\n{printed}\nOops") == [frame]


@pytest.mark.parametrize(
    "text", ["at 12:30 we met", "version 1.2.3: no", "a: b", "key: value.py", "(see below)", ""]
)
def test_prose_holds_no_frame(text: str) -> None:
    assert find_frames(text) == []


def test_frames_come_in_order_and_are_bounded() -> None:
    lines = [f"a{n}.py:{n}" for n in range(1000)]
    frames = find_frames("\n".join(lines))
    assert [frame.line for frame in frames] == list(range(400))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    for frame in find_frames(text):
        assert frame.path


@pytest.mark.parametrize("piece", ["at a", "a/", "#1 ", "a::", ":1", "(", 'File "', "@", "a.py:"])
def test_time_grows_with_the_text_only(piece: str) -> None:
    start = time.process_time()
    find_frames(piece * 20_000)
    find_frames(f"{piece * 100}\n" * 200)
    assert time.process_time() - start < 5
