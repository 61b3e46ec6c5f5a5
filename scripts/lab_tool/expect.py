"""Expectations: what is observed on a lab, compared, and watched for its time.

within      must come true before the time is up, and not before `not_before`
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

from .nodes import Node
from .timeline import show
from .topology import MGMT_ADDRESSES, is_vem, mac_of

POLL = 0.01
STATUS = "show system redundancy status"


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


def plain(value):
    """How a value is compared and shown: true, null, 3, text."""
    return value if isinstance(value, str) else json.dumps(value)


def compare(check, value):
    """Whether a value is what a check wants; `absent` is for who looks to tell."""
    kind, wanted, text = check["kind"], check["wanted"], plain(value)
    try:
        return {
            "equals": lambda: text == wanted,
            "not": lambda: text != wanted,
            "matches": lambda: re.search(wanted, text) is not None,
            "contains": lambda: wanted in text,
            "at_least": lambda: float(text) >= float(wanted),
            "at_most": lambda: float(text) <= float(wanted),
            "absent": lambda: False,
        }[kind]()
    except ValueError:
        return False


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
        path, absent = expectation["path"], expectation["check"]["kind"] == "absent"
        command = expectation["command"] + (" | json" if path else "")
        answer = Node(self.lab, expectation["node"]).ask(command)
        if answer is None:
            return Observation(False, "no answer", known=False)
        if answer.get("exit"):
            return self._value(expectation, answer.get("error", ""), refused=True)
        if not path:
            return self._value(expectation, answer.get("output", ""))
        try:
            return self._value(expectation, follow(json.loads(answer["output"]), path))
        except ValueError:
            return Observation(False, "the answer is no JSON")
        except PathError as error:
            return Observation(absent, str(error))

    def _value(self, expectation, value, refused=False):
        text = plain(value)
        seen = text if len(text) < 100 else text[:97] + "…"
        return Observation(
            compare(expectation["check"], value), ("refused: " if refused else "") + seen
        )

    def _log(self, expectation):
        since_start = expectation["since"] == "start"
        names = [expectation["node"]] if expectation["node"] else self.lab.nodes()
        for name in names:
            first = 0 if since_start else self._log_action.get(name, 0)
            for line in Node(self.lab, name).log()[first:]:
                if expectation["log"] in line:
                    return Observation(True, line.strip())
        return Observation(False, "not in the log" if expectation["node"] else "not in any log")

    def _address(self, expectation):
        held = Node(self.lab, expectation["node"]).held_addresses()
        wanted = MGMT_ADDRESSES if expectation["held"] else []
        return Observation(len(held) == len(wanted), f"holds {' and '.join(held) or 'none'}")

    def _process(self, expectation):
        state = Node(self.lab, expectation["node"]).state()
        return Observation(state.startswith(expectation["process"]), state)

    def _frames(self, expectation):
        since = self.started_at if expectation["since"] == "start" else self.action_at
        port, source, target = (expectation[key] for key in ("port", "from", "to"))
        ports = [port] if port else ["control", "mgmt"]
        sources = {mac_of(source, one) for one in ports} if source else None
        if target not in (None, "broadcast", "unicast"):
            target = mac_of(target, port)
        seen = self.capture.matching(since, port, None, expectation["type"], target)
        count = sum(1 for frame in seen if sources is None or frame.source in sources)
        return Observation(compare(expectation["check"], count), f"{count} frames")

    def _ping(self, expectation):
        sent, lost = self.pings[expectation["ping"]].count()
        return Observation(
            sent > 0 and compare(expectation["check"], lost), f"{lost} of {sent} lost"
        )

    def _domain(self, _expectation):
        """One active and one HA standby, and the active shows each running module as ok."""
        states = {}
        for name in self.lab.nodes():
            if not is_vem(name) and Node(self.lab, name).process():
                states[name] = self._data(name, STATUS).get("this_sup_internal_state", "no answer")
        found = " and ".join(f"{name} {state}" for name, state in states.items()) or "no supervisor"
        active = [name for name, state in states.items() if state == "Active with HA standby"]
        if len(active) != 1 or list(states.values()).count("HA standby") != 1:
            return Observation(False, found)
        shown = self._data(active[0], "show module")
        try:
            numbers = {
                row["srvname"]: row["modsrv"] for row in shown["TABLE_modsrvinfo"]["ROW_modsrvinfo"]
            }
            words = {
                str(row["modinf"]): row["status"] for row in shown["TABLE_modinfo"]["ROW_modinfo"]
            }
        except (KeyError, TypeError):
            return Observation(False, f"{active[0]} shows no modules")
        for name in filter(is_vem, self.lab.nodes()):
            if Node(self.lab, name).process():
                word = words.get(str(numbers.get(f"host-{name}")), "absent")
                if word != "ok":
                    return Observation(False, f"{active[0]} shows {name} as {word}")
        return Observation(True, found)

    def _data(self, name, command):
        """The data of a command; {} when there is no answer."""
        answer = Node(self.lab, name).ask(f"{command} | json")
        try:
            return json.loads(answer["output"]) if answer and not answer.get("exit") else {}
        except ValueError:
            return {}


class Watch:
    """One expectation, until it is decided."""

    def __init__(self, expectation, observer, since, slack):
        self.expectation = expectation
        self.observer = observer
        self.since = since
        self.mode = expectation["mode"]
        self.bound = expectation["time_ms"] / 1000
        self.earliest = since + (expectation["not_before_ms"] or 0) / 1000
        self.limit = since + self.bound + (slack if self.mode == "within" else 0)
        self.decided = None  # True or False
        self.held_early = False
        self.after = None
        self.seen = ""
        words = {"within": "within", "always_for": "always for", "never_for": "never for"}
        self.bound_words = f"{words[self.mode]} {show(self.bound)}"
        if expectation["not_before_ms"]:
            self.bound_words += f", not before {show(self.earliest - since)}"

    def look(self):
        observation = self.observer.observe(self.expectation)
        now = time.monotonic()
        self.seen = observation.seen
        if self.mode == "within":
            if observation.holds:
                self.held_early = now < self.earliest
                self._decide(not self.held_early, now)
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
