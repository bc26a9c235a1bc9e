import json
from dataclasses import replace

import pytest

from sandbox.base import MIB, Limits, SandboxUnavailable
from sandbox.container import confinement, require_confined
from sandbox.floor import require_current
from sandbox.seccomp import _REFUSED


def test_what_we_give_an_engine_confines():
    require_confined(confinement(Limits(), ("/data",)))


@pytest.mark.parametrize(
    "opening",
    [
        {"privileged": True},
        {"binds": ["/:/host"]},
        {"mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}]},
        {"volumes_from": ["other"]},
        {"devices": ["/dev/vda"]},
        {"device_cgroup_rules": ["a *:* rwm"]},
        {"cap_add": ["SYS_ADMIN"]},
        {"pid_mode": "host"},
        {"userns_mode": "host"},
        {"uts_mode": "host"},
        {"cgroup_parent": "/"},
        {"sysctls": {"kernel.core_pattern": "|/evil"}},
        {"port_bindings": {80: 80}},
        {"network_mode": "host"},
        {"network_mode": "bridge"},
        {"ipc_mode": "host"},
        {"read_only": False},
        {"cap_drop": []},
        {"pids_limit": -1},
        {"mem_limit": 0},
        {"memswap_limit": -1},
        {"security_opt": ["no-new-privileges", "seccomp=unconfined"]},
        {"security_opt": ["no-new-privileges", "label=disable"]},
        {"security_opt": []},
    ],
    ids=str,
)
def test_what_opens_a_box_is_refused(opening):
    with pytest.raises(ValueError, match="box"):
        require_confined({**confinement(Limits(), ()), **opening})


def test_files_that_leave_no_memory_are_refused():
    with pytest.raises(SandboxUnavailable, match="leaves no room"):
        confinement(replace(Limits(), memory_bytes=512 * MIB), ())


def test_both_filters_of_system_calls_refuse_the_same():
    security = confinement(Limits(), ())["security_opt"]
    profile = json.loads(next(option for option in security if option.startswith("seccomp="))[8:])
    allowed, refused = set(), set()
    for rule in profile["syscalls"]:
        (allowed if rule["action"] == "SCMP_ACT_ALLOW" else refused).update(rule["names"])
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert refused.isdisjoint(allowed)
    assert set(_REFUSED) <= refused


@pytest.mark.parametrize("version", ["1.1.12", "1.3.0", "1.1.5+ds1-1+deb12u1", "", "1.2.0-rc.1"])
def test_a_current_runtime_is_used(version):
    require_current(version)


@pytest.mark.parametrize("version", ["1.0.0-rc93", "1.1.11"])
def test_a_runtime_that_lets_boxes_out_is_refused(version):
    with pytest.raises(SandboxUnavailable, match="CVE-2024-21626"):
        require_current(version)
