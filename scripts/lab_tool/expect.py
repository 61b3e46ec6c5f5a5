"""Expectations: what is observed on a lab, compared, and watched for its time.

within      must come true before the time is up
always_for  must be true all the time
never_for   must not come true

Times count from the last action, so that a bound of the product is a bound here; `slack` is added
to `within` for the observation itself (a poll, a busy machine).
"""
import concurrent.futures
import json
import re
import threading
import time
from dataclasses import dataclass

from .durations import show
from .nodes import Node
from .topology import MGMT_ADDRESSES, mac_of
from .yaml_lines import plain

POLL = 0.01


@dataclass
class Observation:
    holds: bool
    seen: str  # for the timeline
    known: bool = True  # False: nothing could be observed


class PathError(Exception):
    pass


def follow(document, path):
    """`a.b[2].c`, `rows[Mod=3].status`, `rows.length`; PathError says where it ends."""
    value = document
    for name, index, key, wanted in re.findall(
        r"([^.\[\]]+)|\[(\d+)\]|\[([^=\]]+)=([^\]]*)\]", path
    ):
        try:
            if name == "length":
                value = len(value)
            elif name:
                value = value[name]
            elif index:
                value = value[int(index)]
            else:
                value = next(row for row in value if plain(row.get(key)) == wanted)
        except (KeyError, IndexError, TypeError, StopIteration, AttributeError):
            raise PathError(f"nothing at {name or index or key + '=' + wanted} of {path}") from None
    return value


def compare(expectation, value):
    for check, test in (
        ("equals", lambda wanted: plain(value) == plain(wanted)),
        ("not", lambda wanted: plain(value) != plain(wanted)),
        ("matches", lambda wanted: re.search(str(wanted), plain(value)) is not None),
        ("contains", lambda wanted: str(wanted) in plain(value)),
        ("at_least", lambda wanted: float(value) >= float(wanted)),
        ("at_most", lambda wanted: float(value) <= float(wanted)),
    ):
        if check in expectation:
            try:
                return test(expectation[check])
            except (TypeError, ValueError):
                return False
    return False


def describe_check(expectation):
    for check in ("equals", "not", "matches", "contains", "at_least", "at_most"):
        if check in expectation:
            word = {"equals": "is", "not": "is not"}.get(check, check.replace("_", " "))
            return f"{word} {plain(expectation[check])}"
    return "is absent" if expectation.get("absent") else "is there"


class Observer:
    """Looks at a running lab on behalf of expectations."""

    def __init__(self, lab, capture, pings):
        self.lab = lab
        self.capture = capture
        self.pings = pings
        self.started_at = time.monotonic()
        self.action_at = self.started_at
        self._log_start = {}
        self._log_action = {}

    def mark_action(self):
        """What follows is observed since now."""
        self.action_at = time.monotonic()
        self._log_action = {name: len(Node(self.lab, name).log()) for name in self.lab.nodes()}

    def observe(self, expectation):
        return getattr(self, f"_{expectation['subject']}")(expectation)

    def _command(self, expectation):
        path = expectation.get("path")
        command = str(expectation["command"]) + (" | json" if path else "")
        answer = Node(self.lab, expectation["node"]).ask(command)
        if answer is None:
            return Observation(False, "no answer", known=False)
        if answer.get("exit"):
            return self._value(expectation, answer.get("error", ""), refused=True)
        if not path:
            return self._value(expectation, answer.get("output", ""))
        try:
            document = json.loads(answer["output"])
            return self._value(expectation, follow(document, str(path)))
        except ValueError:
            return Observation(False, "the answer is no JSON")
        except PathError as error:
            return Observation(bool(expectation.get("absent")), str(error))

    def _value(self, expectation, value, refused=False):
        if expectation.get("absent"):
            return Observation(False, plain(value))
        text = plain(value)
        seen = text if len(text) < 100 else text[:97] + "…"
        return Observation(compare(expectation, value), ("refused: " if refused else "") + seen)

    def _log(self, expectation):
        first = (
            0
            if expectation.get("since") == "start"
            else self._log_action.get(expectation["node"], 0)
        )
        words = str(expectation["log"])
        for line in Node(self.lab, expectation["node"]).log()[first:]:
            if words in line:
                return Observation(True, line.strip())
        return Observation(False, "not in the log")

    def _address(self, expectation):
        held = Node(self.lab, expectation["node"]).held_addresses()
        wanted = MGMT_ADDRESSES if expectation["address"] == "held" else []
        return Observation(len(held) == len(wanted), f"holds {' and '.join(held) or 'none'}")

    def _process(self, expectation):
        state = Node(self.lab, expectation["node"]).state()
        return Observation(state.startswith(expectation["process"]), state)

    def _frames(self, expectation):
        wanted = expectation["frames"]
        since = self.started_at if expectation.get("since") == "start" else self.action_at
        source = destination = None
        if "from" in wanted and "port" in wanted:
            source = mac_of(wanted["from"], wanted["port"])
        if "to" in wanted:
            known = wanted["to"] in ("broadcast", "unicast")
            destination = wanted["to"] if known else mac_of(wanted["to"], wanted["port"])
        seen = self.capture.matching(
            since, wanted.get("port"), source, wanted.get("type"), destination
        )
        if "from" in wanted and "port" not in wanted:
            either = {mac_of(wanted["from"], port) for port in ("control", "mgmt")}
            seen = [frame for frame in seen if frame.source in either]
        return Observation(compare(expectation, len(seen)), f"{len(seen)} frames")

    def _ping(self, expectation):
        sent, lost = self.pings[expectation["ping"]].count()
        return Observation(sent > 0 and compare(expectation, lost), f"{lost} of {sent} lost")


def describe(expectation):
    """ "vsm-a: show module: TABLE_x.… is ok", for the timeline."""
    subject = expectation["subject"]
    if "label" in expectation:
        return f"{expectation['node']}: {expectation['label']}"
    if subject == "command":
        where = f" {expectation['path']}" if "path" in expectation else ""
        return (
            f"{expectation['node']}: {expectation['command']}{where} {describe_check(expectation)}"
        )
    if subject == "log":
        return f"{expectation['node']}: logs \"{expectation['log']}\""
    if subject == "address":
        return f"{expectation['node']}: mgmt address {expectation['address']}"
    if subject == "process":
        return f"{expectation['node']}: process {expectation['process']}"
    if subject == "frames":
        wanted = expectation["frames"]
        words = f"{wanted.get('type', 'any')} frames"
        words += "".join(f" {key} {wanted[key]}" for key in ("from", "to") if key in wanted)
        return f"{words} on {wanted.get('port', 'both')}: count {describe_check(expectation)}"
    return f"ping {expectation['ping']}: lost {describe_check(expectation)}"


class Watch:
    """One expectation, until it is decided."""

    def __init__(self, expectation, observer, units, since, slack):
        self.expectation = expectation
        self.observer = observer
        self.since = since
        self.mode = next(
            (m for m in ("within", "always_for", "never_for") if m in expectation), "within"
        )
        self.bound = units.duration(expectation.get(self.mode, "2T"))
        self.limit = since + self.bound + (slack if self.mode == "within" else 0)
        self.decided = None  # True or False
        self.after = None
        self.seen = ""
        words = {"within": "within", "always_for": "always for", "never_for": "never for"}
        self.bound_words = f"{words[self.mode]} {show(self.bound)}"

    def look(self):
        observation = self.observer.observe(self.expectation)
        now = time.monotonic()
        self.seen = observation.seen
        if self.mode == "within":
            if observation.holds:
                self._decide(True, now)
            elif now >= self.limit:
                self._decide(False, now)
        elif observation.holds != (self.mode == "always_for"):
            self._decide(False, now)
        elif now >= self.limit:
            self._decide(True, now)

    def _decide(self, good, now):
        self.decided = good
        self.after = now - self.since


def watch_all(watches, report):
    """Looks at each until all are decided; `report` is called as each one is. True if all held.

    Each has a thread of its own: a daemon that does not answer delays nobody else's observation.
    """
    lock = threading.Lock()

    def follow_one(one):
        while one.decided is None:
            one.look()
            if one.decided is None:
                time.sleep(POLL)  # poll: every watch has a limit
        with lock:
            report(one)

    if len(watches) == 1:
        follow_one(watches[0])
    else:
        with concurrent.futures.ThreadPoolExecutor(len(watches)) as pool:
            for done in [pool.submit(follow_one, one) for one in watches]:
                done.result()
    return all(one.decided for one in watches)
