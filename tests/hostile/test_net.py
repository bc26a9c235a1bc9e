"""NET: out over the network."""

import socket

import pytest


def python(box, script, **options):
    return box.run(["python3", "-c", script], timeout=30, **options)


def reached(box, tries):
    """Which of these can be reached: pairs of kind and address."""
    script = f"""
import socket
for kind, address in {tries!r}:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        with socket.socket(family, kind) as end:
            end.settimeout(2)
            end.connect(address)
            end.send(b"canary")
            print(address)
    except OSError:
        pass
"""
    completed = python(box, script)
    assert completed.exit_code == 0, completed.stderr.data
    return completed.stdout.data.decode().splitlines()


@pytest.mark.case("NET-01", "no address can be reached, by TCP or UDP")
def test_net_01(box, seen):
    addresses = [("1.1.1.1", 53), ("8.8.8.8", 443), ("2606:4700::1111", 53), ("10.0.0.1", 22)]
    tries = [(kind, address) for kind in (1, 2) for address in addresses]
    assert reached(box, tries) == []
    seen("network unreachable, 8 of 8")


@pytest.mark.case("NET-02", "no name can be resolved")
def test_net_02(box, seen):
    script = """
import socket
try:
    print(socket.getaddrinfo("example.com", 80))
except OSError:
    pass
"""
    assert python(box, script).stdout.data == b""
    seen("no resolver")


@pytest.mark.case("NET-03", "no metadata service")
def test_net_03(box, seen):
    assert reached(box, [(1, ("169.254.169.254", 80)), (1, ("fd00:ec2::254", 80))]) == []
    seen("unreachable")


@pytest.mark.case("NET-04", "no port of the host")
def test_net_04(box, seen):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        listener.settimeout(0)
        port = listener.getsockname()[1]
        hosts = ["127.0.0.1", "172.17.0.1", "10.0.2.2", "0.0.0.0"]
        own = socket.gethostbyname_ex(socket.gethostname())[2]
        ports = (port, 2375, 2376)
        assert reached(box, [(1, (host, one)) for host in (*hosts, *own) for one in ports]) == []
        with pytest.raises(BlockingIOError):
            listener.accept()
    seen("the listener heard nothing")


@pytest.mark.case("NET-05", "no socket to the hypervisor or the wire")
def test_net_05(box, seen):
    script = """
import socket
for family in (40, 17, 38, 31, 29, 44, 21):
    try:
        socket.socket(family, socket.SOCK_STREAM)
        print(family)
    except OSError:
        pass
"""
    assert python(box, script).stdout.data == b""
    seen("vsock, packet, alg, bluetooth, can, xdp, rds refused")


@pytest.mark.case("NET-06", "no socket file of the host, named or abstract")
def test_net_06(box, seen, tmp_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0patchwright-hostile-abstract")
        server.listen()
        server.settimeout(0)
        script = """
import socket
end = socket.socket(socket.AF_UNIX)
try:
    end.connect("\\0patchwright-hostile-abstract")
    print("reached")
except OSError:
    pass
"""
        assert python(box, script).stdout.data == b""
        with pytest.raises(BlockingIOError):
            server.accept()
    seen("the abstract socket heard nothing")
