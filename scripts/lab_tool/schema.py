"""What a scenario file may say (docs/scenarios.md), checked key by key before anything is built."""
import re
from dataclasses import dataclass, field
from pathlib import Path

from .capture import KINDS, OTHER_TYPES, TYPES
from .topology import MAXIMUM_VEMS, NODE, LabError, Parameters
from .yaml_lines import List, Map, Reader, SchemaError, plain

TAG = r"(ROLE|BOOT|HB|LOSS|SB|COL|VEM|SYNC|SW|OPS|SVC|NET|OS|ANY)-\d+|PAIN-\d+"
CABLES = ("control", "mgmt", "all")
DIRECTIONS = ("in", "out", "both")
NODE_VERBS = ("start", "stop", "kill", "freeze", "thaw", "hang_up")
STATES = ("running", "frozen", "stopped", "killed", "crashed", "failed", "not started")
VM = r"vem-\d+-vm[12]|station"
CHECKS = ("equals", "not", "matches", "contains", "at_least", "at_most", "absent")
TIMES = ("within", "always_for", "never_for")
SUBJECTS = {  # subject key -> keys it takes beside checks and times
    "command": ("node", "path"),
    "log": ("node", "since"),
    "address": ("node",),
    "process": ("node",),
    "frames": ("since",),
    "ping": (),
    # Short forms of a command and a path in its data.
    "state": ("node",),
    "redundancy": ("node",),
    "mode": ("node",),
    "degraded": ("node",),
    "module": ("node", "is"),
}
# Short forms of one key of the status.
SHORT = {
    "state": "this_sup_internal_state",
    "redundancy": "this_sup_rdn_state",
    "mode": "rdn_mode_oper",
    "degraded": "degraded",
}
WORDS = {
    "state": "internal state",
    "redundancy": "redundancy state",
    "mode": "redundancy mode",
    "degraded": "degraded",
}
STATUS = "show system redundancy status"


@dataclass
class Step:
    line: int
    verb: str
    value: object
    say: str = ""
    at: str = ""
    after: str = ""


@dataclass
class Scenario:
    path: Path
    description: str = ""
    tags: list = field(default_factory=list)
    parameters: Parameters = field(default_factory=Parameters)
    ready: object = "ha"  # ha: everything started and synchronized first; or a list of nodes
    slack_ms: int = 500
    expect_errors: list = field(default_factory=list)
    steps: list = field(default_factory=list)

    @property
    def name(self):
        return self.path.stem


def load(path):
    return _Loader(Reader(path)).scenario()


class _Loader:
    def __init__(self, reader):
        self.reader = reader
        self.handlers = {
            "cut": self._cut,
            "heal": self._heal,
            "loss": self._loss,
            "unplug": self._unplug,
            "plug": self._plug,
            "command": self._command,
            "inject": self._inject,
            "ping": self._ping,
            "expect": self._expect,
            "link": self._link,
        }

    def scenario(self):
        r = self.reader
        root = r.mapping(r.read(), 1, "a scenario")
        r.keys(
            root,
            "a scenario",
            ("description", "tags", "lab", "expect_errors", "steps"),
            ("description", "tags", "steps"),
        )
        result = Scenario(Path(r.path), description=" ".join(r.text(root, "description").split()))
        sentences = [s for s in re.split(r"(?<=[.!?])\s", result.description) if s]
        if len(sentences) != 2:
            raise r.error(
                root.line_of("description"),
                f"description has {len(sentences)} sentences: two tell what happens and what holds",
            )
        result.tags = self._words(root, "tags", TAG, "HB-3 or PAIN-4")
        if "expect_errors" in root:
            result.expect_errors = self._words(
                root, "expect_errors", r"[A-Z][A-Z0-9_]*", "ROLE_COLLISION"
            )
        if "lab" in root:
            self._lab(r.mapping(root["lab"], root.line_of("lab"), "lab"), result)
        if not isinstance(root["steps"], List) or not root["steps"]:
            raise r.error(root.line_of("steps"), "steps is a list with one step or more")
        result.steps = [self._step(step, root["steps"].line) for step in root["steps"]]
        return result

    def _words(self, mapping, key, pattern, example):
        value, line = mapping[key], mapping.line_of(key)
        if not isinstance(value, List) or not value:
            raise self.reader.error(line, f"{key} is a list of words like {example}")
        for word in value:
            if not re.fullmatch(pattern, str(word)):
                raise self.reader.error(line, f"{key} has '{word}': like {example}")
        return [str(word) for word in value]

    def _lab(self, lab, result):
        r = self.reader
        r.keys(
            lab,
            "lab",
            (
                "vems",
                "timers",
                "heartbeat_ms",
                "multiplier",
                "traffic",
                "key",
                "domain",
                "nodes",
                "ready",
                "slack_ms",
                "worlds",
            ),
        )
        p = result.parameters
        for key, lowest, highest in (
            ("vems", 0, MAXIMUM_VEMS),
            ("heartbeat_ms", 5, 1000),
            ("multiplier", 3, 1000),
            ("domain", 1, 4095),
        ):
            if key in lab:
                setattr(p, key, r.number(lab, key, lowest, highest))
        if "slack_ms" in lab:
            result.slack_ms = r.number(lab, "slack_ms", 0, 60_000)
        if "timers" in lab:
            p.timers = r.text(lab, "timers", choices=("fast", "nx-os"))
        for key in ("traffic", "key"):
            if key in lab:
                setattr(p, key, r.truth(lab, key))
        if "nodes" in lab:
            p.nodes = r.mapping(lab["nodes"], lab.line_of("nodes"), "nodes")
            for name in p.nodes:
                self._check_node(name, p.nodes.line_of(name))
                r.mapping(p.nodes[name], p.nodes.line_of(name), name)
        if "ready" in lab:
            result.ready = self._ready(lab)
        try:
            p.check()
        except LabError as error:
            raise r.error(lab.line, error) from None

    def _ready(self, lab):
        if lab["ready"] == "ha":
            return "ha"
        if not isinstance(lab["ready"], List):
            raise self.reader.error(
                lab.line_of("ready"), "ready is 'ha' or a list of the nodes to start"
            )
        for name in lab["ready"]:
            self._check_node(name, lab.line_of("ready"))
        return list(lab["ready"])

    def _check_node(self, name, line):
        if not NODE.fullmatch(str(name)):
            raise self.reader.error(
                line, f"'{name}' is no node: vsm-a, vsm-b, vsm-c …, vem-3, vem-4 …"
            )
        return str(name)

    # -- steps -------------------------------------------------------------------------------------
    def _step(self, step, line):
        r = self.reader
        step = r.mapping(step, line, "a step")
        common = ("say", "at", "after")
        verbs = [key for key in step if key not in common]
        known = (*NODE_VERBS, *self.handlers, "all", "repeat")
        r.keys(step, "a step", (*known, *common))
        if len(verbs) > 1 or (not verbs and "say" not in step):
            raise r.error(step.line, f"a step does one thing: {', '.join(known)}")
        result = Step(step.line, verbs[0] if verbs else "say", None)
        if "say" in step:
            result.say = r.text(step, "say")
        for key in ("at", "after"):
            if key in step:
                setattr(result, key, r.duration(step, key))
        if verbs:
            result.value = self._verb(verbs[0], step[verbs[0]], step.line_of(verbs[0]))
        return result

    def _verb(self, verb, value, line):
        if verb in NODE_VERBS:
            return self._nodes(verb, value, line)
        if verb == "all":
            return self._all(value, line)
        if verb == "repeat":
            return self._repeat(self.reader.mapping(value, line, verb))
        return self.handlers[verb](self.reader.mapping(value, line, verb))

    def _nodes(self, verb, value, line):
        """NODE, [NODE, …], or for start {node, config}."""
        if isinstance(value, Map):
            if verb != "start":
                raise self.reader.error(line, f"{verb} takes a node or a list of nodes")
            self.reader.keys(value, "start", ("node", "config"), ("node",))
            self._check_node(value["node"], value.line_of("node"))
            return {"nodes": [value["node"]], "config": value.get("config")}
        names = value if isinstance(value, list) else [value]
        return {"nodes": [self._check_node(name, line) for name in names], "config": None}

    def _node_key(self, value):
        return self._check_node(value["node"], value.line_of("node"))

    def _cable(self, value, what, more=()):
        self.reader.keys(value, what, ("node", "cable", *more), ("node", "cable"))
        self._node_key(value)
        self.reader.text(value, "cable", choices=CABLES)
        if "direction" in value:
            self.reader.text(value, "direction", choices=DIRECTIONS)
        return dict(value)

    def _cut(self, value):
        if "carrier" in value:
            self.reader.truth(value, "carrier")
        return self._cable(value, "cut", ("direction", "carrier"))

    def _link(self, value):
        if "up" not in value:
            raise self.reader.error(value.line, "link needs 'up': true or false")
        self.reader.truth(value, "up")
        return self._cable(value, "link", ("up",))

    def _repeat(self, value):
        self.reader.keys(value, "repeat", ("times", "steps"), ("times", "steps"))
        self.reader.number(value, "times", 1, 10_000)
        if not isinstance(value["steps"], List) or not value["steps"]:
            raise self.reader.error(value.line_of("steps"), "steps is a list with one step or more")
        steps = [self._step(step, value["steps"].line) for step in value["steps"]]
        return {"times": value["times"], "steps": steps}

    def _heal(self, value):
        return self._cable(value, "heal")

    def _unplug(self, value):
        return self._cable(value, "unplug")

    def _plug(self, value):
        if "mac" in value:
            self.reader.text(
                value, "mac", r"([0-9a-f]{2}:){5}[0-9a-f]{2}", example="02:00:00:00:01:aa"
            )
        return self._cable(value, "plug", ("mac",))

    def _loss(self, value):
        result = self._cable(value, "loss", ("percent", "direction"))
        if "percent" not in value:
            raise self.reader.error(value.line, "loss needs 'percent'")
        self.reader.number(value, "percent", 0, 100)
        return result

    def _command(self, value):
        self.reader.keys(value, "command", ("node", "run", "exit", "print"), ("node", "run"))
        if "print" in value:
            self.reader.truth(value, "print")
        self._node_key(value)
        self.reader.text(value, "run")
        if "exit" in value:
            self.reader.number(value, "exit", 0, 255)
        return dict(value)

    def _inject(self, value):
        r = self.reader
        r.keys(
            value, "inject", ("port", "to", "hex", "kind", "like", "type", "count"), ("port", "to")
        )
        r.text(value, "port", choices=("control", "mgmt"))
        self._check_node(value["to"], value.line_of("to"))
        if ("hex" in value) == ("kind" in value):
            raise r.error(
                value.line, "inject needs either 'hex' (all after the EtherType) or 'kind'"
            )
        if "hex" in value:
            r.text(value, "hex", r"([0-9a-fA-F]{2}\s*)+", example="56534841 01 02")
        else:
            r.text(value, "kind", choices=KINDS)
            if "like" not in value and value["kind"] != "reflected":
                raise r.error(
                    value.line, "inject by kind needs 'like': the node whose frame it is made from"
                )
        if "like" in value:
            self._check_node(value["like"], value.line_of("like"))
        if "type" in value:
            r.text(value, "type", choices=TYPES)
        if "count" in value:
            r.number(value, "count", 1, 10_000)
        return dict(value)

    def _ping(self, value):
        r = self.reader
        r.keys(value, "ping", ("name", "from", "to", "interval_ms"), ("name", "from", "to"))
        r.text(value, "name", r"[a-z][a-z0-9-]*", example="between-vms")
        r.text(value, "from", VM, example="vem-3-vm1 or station")
        r.text(value, "to", VM + r"|[0-9a-f.:]+", example="vem-3-vm2 or an address")
        if "interval_ms" in value:
            r.number(value, "interval_ms", 1, 60_000)
        return dict(value)

    def _all(self, value, line):
        """Expectations that are watched together: each must hold in its own time."""
        if not isinstance(value, List) or not value:
            raise self.reader.error(line, "all is a list of expectations")
        return [self._expect(self.reader.mapping(one, line, "an expectation")) for one in value]

    # -- expectations ------------------------------------------------------------------------------
    def _expect(self, value):
        r = self.reader
        subjects = [key for key in SUBJECTS if key in value]
        if len(subjects) != 1:
            raise r.error(value.line, f"an expectation has one subject: {', '.join(SUBJECTS)}")
        subject = subjects[0]
        r.keys(
            value,
            f"an expectation of {subject}",
            (subject, *SUBJECTS[subject], *CHECKS, *TIMES),
            ("node",) if "node" in SUBJECTS[subject] else (),
        )
        if "node" in value:
            self._node_key(value)
        self._check_subject(subject, value)
        times = [key for key in TIMES if key in value]
        if len(times) > 1:
            raise r.error(value.line, f"an expectation has one time: {', '.join(TIMES)}")
        for key in times:
            r.duration(value, key)
        if "since" in value:
            r.text(value, "since", choices=("start", "action"))
        if "matches" in value:
            r.regular_expression(value, "matches")
        return {"line": value.line, "subject": subject, **self._long_form(subject, value)}

    def _long_form(self, subject, value):
        """The short forms as the command, path and check that they stand for."""
        times = {key: value[key] for key in TIMES if key in value}
        if subject in SHORT:
            path, wanted = SHORT[subject], value[subject]
            label = f"{WORDS[subject]} is {plain(wanted)}"
        elif subject == "module":
            rows = f"TABLE_modinfo.ROW_modinfo[modinf={value['module']}].status"
            check = {"absent": True} if value["is"] == "absent" else {"equals": value["is"]}
            return {
                "label": f"module {value['module']} is {value['is']}",
                "subject": "command",
                "node": value["node"],
                "command": "show module",
                "path": rows,
                **check,
                **times,
            }
        else:
            return value
        return {
            "label": label,
            "subject": "command",
            "node": value["node"],
            "command": STATUS,
            "path": path,
            "equals": wanted,
            **times,
        }

    def _check_subject(self, subject, value):
        r = self.reader
        checks = [key for key in CHECKS if key in value]
        if checks and subject not in ("command", "frames", "ping"):
            raise r.error(value.line, f"an expectation of {subject} takes no check but itself")
        if subject == "log":
            r.text(value, "log")
        elif subject == "address":
            r.text(value, "address", choices=("held", "free"))
        elif subject == "process":
            r.text(value, "process", choices=STATES)
        elif subject in ("state", "redundancy", "mode"):
            r.text(value, subject)
        elif subject == "degraded":
            r.truth(value, "degraded")
        elif subject == "module":
            r.number(value, "module", 1, MAXIMUM_VEMS + 2)
            if "is" not in value:
                raise r.error(value.line, "module needs 'is': ok, ha-standby …, or absent")
            r.text(value, "is")
        elif not checks:
            raise r.error(
                value.line, f"an expectation of {subject} needs a check: {', '.join(CHECKS)}"
            )
        elif len(checks) > 1:
            raise r.error(value.line, f"one check at a time: {' or '.join(checks)}")
        if subject == "command":
            r.text(value, "command")
        if subject == "frames":
            self._frames(r.mapping(value["frames"], value.line_of("frames"), "frames"))
        if subject == "ping":
            r.text(value, "ping")

    def _frames(self, frames):
        r = self.reader
        r.keys(frames, "frames", ("port", "from", "to", "type"))
        if "port" in frames:
            r.text(frames, "port", choices=("control", "mgmt"))
        if "type" in frames:
            r.text(frames, "type", choices=TYPES + OTHER_TYPES)
        if "from" in frames:
            self._check_node(frames["from"], frames.line_of("from"))
        if "to" in frames and frames["to"] not in ("broadcast", "unicast"):
            self._check_node(frames["to"], frames.line_of("to"))
            if "port" not in frames:
                raise r.error(frames.line, "frames to a node need 'port'")


__all__ = ["Scenario", "SchemaError", "Step", "load"]
