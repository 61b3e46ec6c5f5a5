"""The benchmark's arguments, statistics and parsers; no root, no daemons, no timing."""

import os
import struct
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from bench.peers import base  # noqa: E402
from bench import arguments, frames, netlink, report, saturation, summary, takeover  # noqa: E402


def record(peer, fault, takeover_ms, since_ms, nominal_ms=30.0):
    return {
        "peer": peer,
        "fault": fault,
        "takeover_ms": takeover_ms,
        "since_last_frame_ms": since_ms,
        "nominal_ms": nominal_ms,
    }


def result(trials=(), saturation=(), rest=()):
    plan = {
        "interval_ms": 10,
        "multiplier": 3,
        "peers": ["vsm-ha", "keepalived", "bfdd"],
        "faults": ["kill", "crash", "cable", "term"],
        "saturation_intervals_ms": [50],
        "saturation_seconds": 60.0,
        "loops": 8,
    }
    return {
        "plan": plan,
        "takeover": list(trials),
        "saturation": list(saturation),
        "rest": list(rest),
    }


def verdict(found, start):
    return next(v for v in found if v.goal.startswith(start))


def test_defaults_measure_everything():
    plan = arguments.parse([])
    assert (plan.interval_ms, plan.multiplier, plan.peers) == (10, 3, arguments.PEERS)
    assert (plan.stages, plan.saturation_intervals_ms) == (arguments.STAGES, (50, 10))


def test_choices_keep_the_order_given():
    plan = arguments.parse(["--peers", "bfdd,vsm-ha,bfdd", "--only", "rest", "--rounds", "7"])
    assert (plan.peers, plan.stages, plan.rounds) == (("bfdd", "vsm-ha"), ("rest",), 7)


@pytest.mark.parametrize(
    "words, named",
    [
        (["--rounds", "0"], "out of range (1..10000)"),
        (["--rounds", "many"], "'many' is not a number"),
        (["--multiplier", "2"], "out of range (3..100)"),
        (["--interval-ms", "5"], "out of range (10..1000)"),
        (["--peers", "heartbeat"], "'heartbeat' is none of"),
        (["--peers", ","], "names none of"),
        (["--saturation-intervals-ms", "50,x"], "'x' is not a number"),
    ],
)
def test_mistakes_are_named(words, named, capsys):
    with pytest.raises(SystemExit) as left:
        arguments.parse(words)
    assert left.value.code == 2
    assert named in capsys.readouterr().err


def test_a_mistyped_run_installs_and_starts_nothing():
    done = subprocess.run(
        [os.path.join(HERE, "run"), "--peers", "nobody"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "'nobody' is none of" in done.stderr


def test_figures_interpolate():
    found = summary.figures([4.0, 1.0, None, 3.0, 2.0])
    assert (found.count, found.minimum, found.median, found.maximum) == (4, 1.0, 2.5, 4.0)
    assert found.p90 == pytest.approx(3.7)
    assert summary.figures([None]) is None


def test_a_late_an_early_and_a_missing_takeover_each_miss_the_detection_goal():
    good = [
        record("vsm-ha", "cable", 25.0, 30.2),
        record("vsm-ha", "kill", 25.0, 20.0),
        record("vsm-ha", "term", 1.0, 1.0),
    ]
    assert verdict(summary.verdicts(result(good)), "detection").met is True
    for bad in (
        record("vsm-ha", "cable", 30.0, 32.1),
        record("vsm-ha", "kill", 15.0, 19.9),
        record("vsm-ha", "kill", None, None),
    ):
        assert verdict(summary.verdicts(result([*good, bad])), "detection").met is False


def test_medians_are_compared_within_one_fault():
    trials = [
        record("vsm-ha", "kill", 25.0, 30.0),
        record("keepalived", "kill", 26.0, 31.0),
        record("bfdd", "kill", 24.0, 30.0),
    ]
    found = summary.verdicts(result(trials))
    assert verdict(found, "kill: median takeover no slower than keepalived").met is True
    assert verdict(found, "kill: median takeover no slower than bfdd").met is False
    assert verdict(found, "cable: median takeover no slower than bfdd").met is None


def test_a_difference_that_chance_explains_is_none():
    shaky = [record("bfdd", "kill", value, 30.0) for value in (20.0, 22.0, 24.0, 26.0, 28.0)]
    ours = [record("vsm-ha", "kill", value, 30.0) for value in (21.0, 23.0, 25.0, 27.0, 29.0)]
    slow = [record("vsm-ha", "kill", value, 30.0) for value in (31.0, 33.0, 35.0, 37.0, 39.0)]
    goal = "kill: median takeover no slower than bfdd"
    assert verdict(summary.verdicts(result(shaky + ours)), goal).met is True
    assert verdict(summary.verdicts(result(shaky + slow)), goal).met is False


def test_saturation_and_rest_goals():
    window = {
        "peer": "vsm-ha",
        "interval_ms": 50,
        "effective_interval_ms": 50,
        "priority": 20,
        "is_default": True,
        "false_failovers": 1,
    }
    cost = {"cpu_seconds_per_minute": 0.03, "rss_mb": 19.0, "pss_mb": 9.0, "processes": 1}
    calm = {
        "peer": "vsm-ha",
        "interval_ms": 1000,
        "nodes": {"active vsmd": cost, "standby vsmd": {**cost, "rss_mb": 21.0}},
    }
    found = summary.verdicts(result(saturation=[window], rest=[calm]))
    assert verdict(found, "no false failover").met is False
    assert verdict(found, "at rest <= 0.1 %").met is True
    assert verdict(found, "at rest <= 20 MB").met is False


def test_the_report_shows_every_peer_and_fault():
    text = report.takeover(
        result([record("vsm-ha", "kill", 25.0, 30.0), record("bfdd", "term", None, None)])
    )
    assert "kill -9" in text and "SIGTERM" in text and "25.00" in text


def test_phases_cover_the_interval_evenly():
    import random

    spread = takeover.spread_phases(random.Random(3), 10)
    phases = sorted(int(10 * (phase % 1)) for phase in spread)
    assert phases == list(range(10))


def test_netlink_messages_survive_what_is_cut_short():
    address = netlink.attribute(netlink.IFA_LOCAL, bytes([10, 98, 2, 100]))
    body = netlink.ADDRESS_HEADER.pack(2, 24, 0, 0, 3) + address
    whole = (
        netlink.HEADER.pack(netlink.HEADER.size + len(body), netlink.RTM_NEWADDR, 0, 0, 0) + body
    )
    ((kind, found),) = netlink.messages(whole)
    assert kind == netlink.RTM_NEWADDR
    assert netlink.attributes(found[netlink.ADDRESS_HEADER.size :])[netlink.IFA_LOCAL] == bytes(
        [10, 98, 2, 100]
    )
    for length in range(len(whole)):
        assert list(netlink.messages(whole[:length])) == []


def test_a_peer_that_cannot_go_as_low_is_saturated_once():
    names = [name for *_, name in saturation.schedule(arguments.parse([]))]
    assert names.count("ucarp") == 2  # at 1 s, with and without real-time priority
    assert names.count("vsm-ha") == 4  # at 50 and 10 ms; real-time 20 is its default
    assert names.count("bfdd") == 4


def test_an_address_added_again_is_no_second_takeover():
    def event(at_ns, added, address="10.98.2.100"):
        return netlink.AddressEvent(at_ns, added, address)

    events = [event(1, True), event(2, True), event(3, False), event(4, True, "10.0.0.1")]
    assert base.arrivals(events, "10.98.2.100", False) == ([1], False)
    assert base.arrivals([event(5, True)], "10.98.2.100", True) == ([], True)


def test_frames_are_told_apart():
    ethernet = bytes(6) + bytes.fromhex("020000000101")
    vsm = ethernet + struct.pack("!H", 0x88B5) + bytes(46)
    ip = bytes([0x45]) + bytes(8) + bytes([17]) + bytes(10)
    bfd = ethernet + struct.pack("!H", 0x0800) + ip + struct.pack("!HHHH", 49152, 3784, 32, 0)
    assert frames.parse(vsm) == (0x88B5, None, None, bytes(46))
    assert frames.parse(bfd)[:3] == (0x0800, 17, 3784)
    assert frames.parse(b"short") is None
