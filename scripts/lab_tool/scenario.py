"""Plays scenario files: wires up, daemons started, each step done and observed, all removed."""
import re
import shutil
import signal
import sys
import time
from pathlib import Path

from .binaries import binaries
from .capture import Capture, Injector, bytes_mac
from .control import Control
from .expect import Observer, Watch, watch_all
from .ping import Ping
from .scenario_file import load
from .timeline import Timeline
from .topology import LabError, default_nodes, is_vem, mac_of, ports_of

DEMO = Path(__file__).with_name("demo.yaml")
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
        self.slack = scenario.slack
        self.capture = None
        self.pings = {}
        self.done = 0
        self.shown = ""  # output of a command to print below its line
        self.unawaited = []  # sessions whose answer nobody waits for
        self.may_end = set()  # nodes whose failure an expectation asked for

    def play(self):
        scenario = self.scenario
        self.control.up(scenario.parameters, start=False)
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
            if step["say"]:
                self.timeline.heading(step["say"])
            if step["at_ms"] is not None:
                self._until(self.begun + step["at_ms"] / 1000)
            if step["after_ms"] is not None:
                self._until(step_at + step["after_ms"] / 1000)
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
            bound_ms = 6000 * self.scenario.units["T"]
            expectations = [{**one, "time_ms": bound_ms} for one in ha_expectations(nodes)]
            self._expect(expectations, quiet=True)

    # -- steps -------------------------------------------------------------------------------------
    def _step(self, step):
        verb, value = step["verb"], step["value"]
        if verb == "nothing":
            return
        if verb == "repeat":
            for _ in range(value["times"]):
                self._steps(value["steps"])
            return
        if verb == "expect":
            self._expect(value)
            return
        # Marked before: what an action causes may be seen while it still goes on.
        self.observer.mark_action()
        try:
            getattr(self, f"_do_{verb}")(value)
        except LabError as error:
            raise Failed(f"line {step['line']}: {error}") from None
        if verb in ("start", "mend"):
            self.observer.action_at = time.monotonic()  # starting processes takes its own time
        self.timeline.action(step["words"])
        if self.shown:
            self.timeline.detail(self.shown)
            self.shown = ""

    def _do_start(self, value):
        for name in value["nodes"]:
            self.control.start(name, value["config"])

    def _do_stop(self, value):
        self._each(value, self.control.stop)

    def _do_kill(self, value):
        self._each(value, self.control.kill)

    def _do_crash(self, value):
        self._each(value, self.control.crash)

    def _do_freeze(self, value):
        self._each(value, self.control.freeze)

    def _do_thaw(self, value):
        self._each(value, self.control.thaw)

    def _do_hang_up(self, value):
        self._each(value, self.control.hang_up)

    @staticmethod
    def _each(value, action):
        for name in value["nodes"]:
            action(name)

    def _do_power_off(self, value):
        self.control.power_off(value["node"], value["disk"])

    def _do_mend(self, _value):
        self.control.mend()

    def _do_cut(self, value):
        node, cable, direction = value["node"], value["cable"], value["direction"]
        if value["from"]:
            self.control.cut_between(node, value["from"], cable, direction)
        else:
            self.control.cut(node, cable, direction, value["carrier"])

    def _do_partition(self, value):
        self.control.separate(value["groups"], value["cable"])

    def _do_link(self, value):
        for port in ports_of(value["cable"]):
            self.control.wires.set_link(value["node"], port, value["up"])

    def _do_heal(self, value):
        self.control.heal(value["node"], value["cable"])

    def _do_loss(self, value):
        self.control.loss(value["node"], value["cable"], value["percent"], value["direction"])

    def _do_delay(self, value):
        self._set_quality(
            value,
            delay_ms=value["ms"],
            jitter_ms=value["jitter_ms"],
            reorder=value["reorder"],
        )

    def _do_duplicate(self, value):
        self._set_quality(value, duplicate=value["percent"])

    def _do_corrupt(self, value):
        self._set_quality(value, corrupt=value["percent"])

    def _do_wire_version(self, value):
        self._set_quality(value, wire_version=value["number"])

    def _set_quality(self, value, **changes):
        self.control.set_quality(value["node"], value["cable"], value["direction"], **changes)

    def _do_unplug(self, value):
        for port in ports_of(value["cable"]):
            self.control.wires.unplug(value["node"], port)

    def _do_plug(self, value):
        for port in ports_of(value["cable"]):
            self.control.wires.plug(value["node"], port, value["mac"])

    def _do_command(self, value):
        node = value["node"]
        if not value["wait"]:
            self.unawaited.append(self.control.begin_shell(node, value["run"]))
            return
        run = " ; ".join(value["run"])
        done = self.control.shell(node, value["run"], capture_output=True, text=True)
        if done.returncode != value["exit"]:
            raise LabError(
                f"'{run}' on {node} exits {done.returncode}, "
                f"expected {value['exit']}: {(done.stderr or done.stdout).strip()}"
            )
        if value["print"]:
            self.shown = done.stdout

    def _do_inject(self, value):
        port, to, count = value["port"], value["to"], value["count"]
        if value["kind"]:
            self.injector.inject(value["kind"], port, to, value["like"], value["type"], count)
            return
        data = bytes_mac(mac_of(to, port)) + bytes.fromhex("02dead000001" + "88b5" + value["hex"])
        for _ in range(count):
            self.injector.send(port, data)

    def _do_ping(self, value):
        self.pings[value["name"]] = Ping(
            self.lab, value["name"], value["from"], value["to"], value["interval_ms"]
        )

    # -- observing ---------------------------------------------------------------------------------
    def _expect(self, expectations, quiet=False):
        since = self.observer.action_at
        for one in expectations:
            if one["subject"] == "process" and one["process"] in ("failed", "crashed"):
                self.may_end.add(one["node"])
        watches = [Watch(one, self.observer, since, self.slack) for one in expectations]

        def report(one):
            if quiet and one.decided:
                return
            text = one.expectation["words"]
            if not one.decided or one.expectation["subject"] in ("frames", "ping"):
                text += f"; seen: {one.seen}"
            self.timeline.observed(one.decided, text, one.after, one.bound_words)

        if not watch_all(watches, report):
            bad = next(one for one in watches if not one.decided)
            line = bad.expectation["line"]
            where = f"line {line}: " if line else ""
            early = bad.mode == "within" and bad.held_early
            words = f"{bad.expectation['words']}{', too early' if early else ''}"
            raise Failed(f"{where}{words}; seen: {bad.seen}")
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
        announced = {*self.scenario.harmless_errors, *self.scenario.expect_errors}
        for name in self.lab.nodes():
            node = self.control.node(name)
            state = node.state()
            if state.startswith(("crashed", "failed", "ended")) and name not in self.may_end:
                raise Failed(f"{name} {state}: {' / '.join(node.log()[-3:])}")
            for line in node.log():
                match = SEVERE.search(line)
                if match and match.group(2) not in announced:
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
        self.control.wires.close()
        self.control.down()
        for session in self.unawaited:
            session.wait()  # its supervisor is gone: so is the session


def ha_expectations(nodes):
    """The pair of these nodes is HA and their modules are attached: within a generous bound."""
    status = "show system redundancy status"
    wanted = [
        (name, status, "this_sup_internal_state", words)
        for name, words in (("vsm-a", "Active with HA standby"), ("vsm-b", "HA standby"))
        if name in nodes
    ]
    if "vsm-a" in nodes:
        wanted += [
            ("vsm-a", "show module", f"TABLE_modinfo.ROW_modinfo[modinf={name[4:]}].status", "ok")
            for name in filter(is_vem, nodes)
        ]
    return [
        {
            "line": 0,
            "words": f"{name}: {command} {path} is {words}",
            "subject": "command",
            "node": name,
            "command": command,
            "path": path,
            "check": {"kind": "equals", "wanted": words},
            "mode": "within",
            "not_before_ms": None,
        }
        for name, command, path, words in wanted
    ]


def play(lab, scenario, paths, options):
    """One scenario; True when it holds."""
    timeline = Timeline()
    timeline.title(
        scenario.name, scenario.tags, scenario.description, scenario.units, scenario.slack
    )
    if lab.exists():
        raise LabError(
            f"lab '{lab.name}' is up; a scenario needs its own (--name LAB, or scripts/lab down)"
        )
    player = Player(lab, scenario, paths, timeline)
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
    paths = binaries(build=True)
    results = []
    for scenario in load(files, paths["vsm-sim"], options.timers):
        if "lab" in scenario.worlds:
            results.append(play(lab, scenario, paths, options))
        else:
            Timeline().skipped(scenario.name, "not for real wires (lab: {worlds: [sim]})")
    if len(files) > 1:
        good, skipped = sum(results), len(files) - len(results)
        print(f"{good} passed, {len(results) - good} failed, {skipped} skipped")
    return 0 if all(results) else 1
