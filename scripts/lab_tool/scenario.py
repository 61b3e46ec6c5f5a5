"""Plays scenario files: wires up, daemons started, each step done and observed, all removed."""
import dataclasses
import re
import shutil
import signal
import sys
import time
from pathlib import Path

from .binaries import binaries
from .capture import Capture, Injector
from .control import Control
from .durations import Units, show
from .expect import Observer, Watch, describe, watch_all
from .ping import Ping
from .schema import SchemaError, load
from .timeline import Timeline
from .topology import LabError, default_nodes, is_vem, mac_of, ports_of

DEMO = Path(__file__).with_name("demo.yaml")
# Severity 0 to 3 means that somebody must act, except for these: the product has always logged
# normal events of the supervisors and modules at severity 2 (docs/scenarios.md).
NORMAL = {
    "HASWITCHOVER_PRE_START",
    "HASWITCHOVER_START",
    "SWITCHOVER_OVER",
    "MOD_REMOVE",
    "VEM_MGR_DETECTED",
    "MOD_ONLINE",
    "MOD_OFFLINE",
}
SEVERE = re.compile(r"%[A-Z][A-Z0-9_]*(?:-(?:SLOT\d+|STANDBY))?-([0-3])-([A-Z][A-Z0-9_]*)")
SANITIZER = re.compile(
    r"ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|runtime error:"
)


class Failed(Exception):
    """The scenario does not hold; the words say why."""


class Player:
    def __init__(self, lab, scenario, paths, timeline):
        self.lab = lab
        self.scenario = scenario
        self.timeline = timeline
        self.control = Control(lab, paths)
        self.units = Units(scenario.parameters)
        self.slack = scenario.slack_ms / 1000
        self.capture = None
        self.pings = {}
        self.done = 0
        self.shown = ""  # output of a command to print below its line
        self.may_end = set()  # nodes whose failure an expectation asked for

    def play(self):
        scenario = self.scenario
        parameters = dataclasses.replace(scenario.parameters)
        self.control.up(parameters, start=False)
        self.capture = Capture(self.lab)
        self.injector = Injector(self.lab, self.capture)
        self.observer = Observer(self.lab, self.capture, self.pings)
        self._make_ready()
        self.begun = time.monotonic()
        self._steps(scenario.steps)
        self._check_logs()

    def _steps(self, steps):
        step_at = time.monotonic()
        for step in steps:
            if step.say:
                self.timeline.heading(step.say)
            if step.at:
                self._until(self.begun + self.units.duration(step.at))
            if step.after:
                self._until(step_at + self.units.duration(step.after))
            step_at = time.monotonic()
            self._step(step)
            self.done += 1

    def _until(self, instant):
        while (left := instant - time.monotonic()) > 0:
            time.sleep(left)  # poll: a time the scenario asks for

    def _make_ready(self):
        ready = self.scenario.ready
        nodes = default_nodes(self.lab.parameters) if ready == "ha" else ready
        if not nodes:
            return
        self.control.start_in_order(nodes)
        self.timeline.action(
            f"start {' '.join(nodes)}" + (", wait for HA" if ready == "ha" else "")
        )
        self.observer.mark_action()
        if ready == "ha":
            self._expect(ha_expectations(nodes), quiet=True)

    # -- steps -------------------------------------------------------------------------------------
    def _step(self, step):
        if step.verb == "say":
            return
        if step.verb == "repeat":
            for _ in range(step.value["times"]):
                self._steps(step.value["steps"])
            return
        if step.verb in ("expect", "all"):
            self._expect(step.value if step.verb == "all" else [step.value])
            return
        # Marked before: what an action causes may be seen while it still goes on.
        self.observer.mark_action()
        try:
            words = getattr(self, f"_do_{step.verb}", self._do_nodes)(step)
        except LabError as error:
            raise Failed(f"line {step.line}: {error}") from None
        if step.verb == "start":
            self.observer.action_at = time.monotonic()  # starting processes takes its own time
        self.timeline.action(words)
        if self.shown:
            self.timeline.detail(self.shown)
            self.shown = ""

    def _do_nodes(self, step):
        names, config = step.value["nodes"], step.value["config"]
        for name in names:
            if step.verb == "start":
                self.control.start(name, config)
            else:
                getattr(self.control, step.verb)(name)
        extra = f" with {config}" if config else ""
        return f"{step.verb.replace('_', ' ')} {' '.join(names)}{extra}"

    def _do_cut(self, step):
        value = step.value
        direction, carrier = value.get("direction", "both"), value.get("carrier", False)
        self.control.cut(value["node"], value["cable"], direction, carrier)
        return (
            f"cut {value['cable']} of {value['node']}"
            + ("" if direction == "both" else f", {direction} only")
            + (", carrier lost" if carrier else "")
        )

    def _do_link(self, step):
        value = step.value
        for port in ports_of(value["cable"]):
            self.control.wires.set_link(value["node"], port, value["up"])
        return f"{value['cable']} interface of {value['node']} {'up' if value['up'] else 'down'}"

    def _do_heal(self, step):
        self.control.heal(step.value["node"], step.value["cable"])
        return f"heal {step.value['cable']} of {step.value['node']}"

    def _do_loss(self, step):
        value = step.value
        self.control.loss(
            value["node"], value["cable"], value["percent"], value.get("direction", "both")
        )
        return f"lose {value['percent']} % on {value['cable']} of {value['node']}"

    def _do_unplug(self, step):
        for port in ports_of(step.value["cable"]):
            self.control.wires.unplug(step.value["node"], port)
        return f"remove the {step.value['cable']} interface of {step.value['node']}"

    def _do_plug(self, step):
        value = step.value
        for port in ports_of(value["cable"]):
            self.control.wires.plug(value["node"], port, value.get("mac"))
        return f"put a {value['cable']} interface back into {value['node']}" + (
            f" with MAC {value['mac']}" if "mac" in value else ""
        )

    def _do_command(self, step):
        value = step.value
        done = self.control.shell(value["node"], value["run"], capture_output=True, text=True)
        wanted = value.get("exit", 0)
        if done.returncode != wanted:
            raise Failed(
                f"line {step.line}: '{value['run']}' on {value['node']} exits {done.returncode}, "
                f"expected {wanted}: {(done.stderr or done.stdout).strip()}"
            )
        if value.get("print"):
            self.shown = done.stdout
        return f"{value['node']}# {value['run']}"

    def _do_inject(self, step):
        value = step.value
        if "hex" in value:
            data = bytes.fromhex(
                mac_of(value["to"], value["port"]).replace(":", "")
                + "02dead000001"
                + "88b5"
                + "".join(value["hex"].split())
            )
            for _ in range(value.get("count", 1)):
                self.injector.send(value["port"], data)
        else:
            self.injector.inject(
                value["kind"],
                value["port"],
                value["to"],
                value.get("like"),
                value.get("type"),
                value.get("count", 1),
            )
        return (
            f"inject {value.get('count', 1)} {value.get('kind', 'given')} frames to {value['to']}"
        )

    def _do_ping(self, step):
        value = step.value
        self.pings[value["name"]] = Ping(
            self.lab, value["name"], value["from"], value["to"], value.get("interval_ms", 10)
        )
        return f"ping from {value['from']} to {value['to']}"

    # -- observing ---------------------------------------------------------------------------------
    def _expect(self, expectations, quiet=False):
        since = self.observer.action_at
        for one in expectations:
            if one["subject"] == "process" and one["process"] in ("failed", "crashed"):
                self.may_end.add(one["node"])
        watches = [Watch(one, self.observer, self.units, since, self.slack) for one in expectations]

        def report(one):
            if quiet and one.decided:
                return
            text = describe(one.expectation)
            if not one.decided or one.expectation["subject"] in ("frames", "ping"):
                text += f"; seen: {one.seen}"
            self.timeline.observed(one.decided, text, one.after, one.bound_words)

        if not watch_all(watches, report):
            bad = next(one for one in watches if not one.decided)
            line = bad.expectation.get("line")
            where = f"line {line}: " if line else ""
            raise Failed(f"{where}{describe(bad.expectation)}; seen: {bad.seen}")
        if quiet:
            self.timeline.observed(
                True,
                "the pair is HA, all modules are ok",
                time.monotonic() - since,
                watches[0].bound_words,
            )
        # What was held for a while ends here: the next times count from now.
        if any(one.mode != "within" for one in watches):
            self.observer.action_at = time.monotonic()

    def _check_logs(self):
        """Errors nobody announced and processes that died fail a scenario whose steps all held."""
        for name in self.lab.nodes():
            node = self.control.node(name)
            state = node.state()
            if state.startswith(("crashed", "failed", "ended")) and name not in self.may_end:
                raise Failed(f"{name} {state}: {' / '.join(node.log()[-3:])}")
            for line in node.log():
                match = SEVERE.search(line)
                if match and match.group(2) not in NORMAL | set(self.scenario.expect_errors):
                    raise Failed(f"{name} logs an error that is not announced: {line.strip()}")
                if SANITIZER.search(line):
                    raise Failed(f"{name}: {line.strip()}")

    def explain(self):
        """The last words of every daemon, for a failure."""
        for name in self.lab.nodes():
            node = self.control.node(name)
            self.timeline.detail(f"--- {name} ({node.state()})")
            self.timeline.detail("\n".join(node.log()[-12:]))

    def keep(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in self.lab.nodes():
            for path in (
                self.lab.node_folder(name) / "log",
                self.lab.node_folder(name) / f"{name}.yaml",
            ):
                if path.exists():
                    shutil.copy(path, folder / (path.name if path.suffix else f"{name}.log"))
        if self.capture:
            self.capture.save(folder)

    def close(self):
        for ping in self.pings.values():
            ping.close()
        if self.capture:
            self.capture.close()
        self.control.down()


def ha_expectations(nodes):
    """The pair of these nodes is HA and their modules are attached: within a generous bound."""
    status, path, bound = "show system redundancy status", "this_sup_internal_state", "6T"
    result = []
    for name, words in (("vsm-a", "Active with HA standby"), ("vsm-b", "HA standby")):
        if name in nodes:
            result.append(
                {
                    "subject": "command",
                    "node": name,
                    "command": status,
                    "path": path,
                    "equals": words,
                    "within": bound,
                }
            )
    for name in nodes:
        if is_vem(name) and "vsm-a" in nodes:
            result.append(
                {
                    "subject": "command",
                    "node": "vsm-a",
                    "command": "show module",
                    "path": f"TABLE_modinfo.ROW_modinfo[modinf={name[4:]}].status",
                    "equals": "ok",
                    "within": bound,
                }
            )
    return result


def play(lab, path, paths, options):
    """One file; True when it holds."""
    scenario = load(path)
    if options.timers and options.timers != scenario.parameters.timers:
        scenario.parameters = dataclasses.replace(
            scenario.parameters, timers=options.timers, heartbeat_ms=0, multiplier=0
        )
    timeline = Timeline()
    units = {name: show(value) for name, value in Units(scenario.parameters).seconds.items()}
    timeline.title(
        scenario.name, scenario.tags, scenario.description, units, show(scenario.slack_ms / 1000)
    )
    player = Player(lab, scenario, paths, timeline)
    if lab.exists():
        raise LabError(
            f"lab '{lab.name}' is up; a scenario needs its own (--name LAB, or scripts/lab down)"
        )
    try:
        player.play()
    except (Failed, LabError) as failure:
        player.explain()
        if getattr(options, "keep", None):
            player.keep(Path(options.keep) / scenario.name)
        timeline.verdict(False, scenario.name, len(scenario.steps), str(failure))
        return False
    finally:
        player.close()
    timeline.verdict(True, scenario.name, len(scenario.steps))
    return True


def main(lab, options):
    # A plain termination also takes the lab down.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A shell's background job starts with SIGINT ignored; asked to end, it must still clean up.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    files = options.scenario if options.verb == "run" else [DEMO]
    try:
        for path in files:
            load(path)
        paths = binaries(build=True)
        results = [play(lab, path, paths, options) for path in files]
    except SchemaError as error:
        raise LabError(error) from None
    if len(results) > 1:
        print(f"{sum(results)} passed, {len(results) - sum(results)} failed, 0 skipped")
    return 0 if all(results) else 1
