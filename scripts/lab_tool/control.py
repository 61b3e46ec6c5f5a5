"""The verbs of scripts/lab on a lab that is up: what both the command line and scenarios do."""
import subprocess

from .binaries import binaries
from .nodes import Node, wait_for
from .topology import LabError, check_node, default_nodes, is_vem, number_of
from .wires import Wires


class Control:
    def __init__(self, lab, paths=None):
        self.lab = lab
        self.wires = Wires(lab)
        self._paths = paths
        self.attach_limit = 6.0  # seconds for a module to attach while a lab starts

    def node(self, name):
        return Node(self.lab, name)

    def _existing(self, name):
        if check_node(name) not in self.lab.namespaces():
            raise LabError(
                f"lab '{self.lab.name}' has no node {name}; it has: "
                f"{' '.join(self.lab.nodes()) or 'none'}"
            )
        return self.node(name)

    def _binary(self, name):
        if self._paths is None:
            self._paths = binaries(build=False)
        return self._paths["vemd" if is_vem(name) else "vsmd"]

    def check_absent(self):
        if self.lab.exists():
            raise LabError(
                f"lab '{self.lab.name}' is up already; "
                f"scripts/lab down --name {self.lab.name} removes it"
            )

    def up(self, parameters, start=True):
        parameters.check()
        self.check_absent()
        self.lab.parameters = parameters
        self.lab.save()
        nodes = default_nodes(parameters)
        self.wires.build(nodes)
        if start:
            self.start_in_order(nodes)

    def start_in_order(self, nodes):
        """Supervisors at once; then one module after the other, so that vem-3 becomes module 3."""
        for name in nodes:
            if not is_vem(name):
                self.start(name)
        for name in sorted(filter(is_vem, nodes), key=number_of):
            self.start(name)
            try:
                wait_for(lambda n=name: self.attached(n), self.attach_limit, f"{name} to attach")
            except LabError:
                # Nobody is there to attach to: the others need not wait for that either.
                self.attach_limit = 0

    def attached(self, name):
        """Does any active supervisor show a module of this node's host?"""
        for one in self.lab.nodes():
            answer = None if is_vem(one) else self.node(one).ask("show module | json")
            if answer and f'"host-{name}"' in answer.get("output", ""):
                return True
        return False

    def down(self):
        """Everything of this lab goes: processes, namespaces, files."""
        self.wires.demolish()
        self.lab.remove_files()

    def start(self, name, extra=None):
        """Starts a node's daemon; a node the lab does not have yet is plugged in first."""
        if check_node(name) not in self.lab.namespaces():
            self.wires.add_node(name)
        self.node(name).start(self._binary(name), extra)

    def stop(self, name):
        self._existing(name).stop()

    def kill(self, name):
        self._existing(name).kill()

    def crash(self, name):
        self._existing(name).crash()

    def freeze(self, name):
        self._existing(name).freeze()

    def thaw(self, name):
        self._existing(name).thaw()

    def hang_up(self, name):
        self._existing(name).hang_up()

    def cut(self, name, which, direction="both", carrier=False):
        self._existing(name)
        self.wires.cut(name, which, direction, carrier)

    def heal(self, name, which):
        self._existing(name)
        self.wires.heal(name, which)

    def separate(self, groups, which):
        """Nodes of different groups do not hear each other."""
        members = [(name, number) for number, group in enumerate(groups) for name in group]
        for name, _ in members:
            self._existing(name)
        self.wires.separate(
            [(one, other) for one, its in members for other, theirs in members if its != theirs],
            which,
        )

    def cut_between(self, name, other, which, direction="both"):
        """Of what these two send each other; `in` is what `name` would hear."""
        self._existing(name)
        self._existing(other)
        ways = {"in": [(other, name)], "out": [(name, other)]}
        self.wires.separate(ways.get(direction, ways["in"] + ways["out"]), which)

    def set_quality(self, name, which, direction, **changes):
        self._existing(name)
        self.wires.set_quality(name, which, direction, **changes)

    def power_off(self, name, disk="kept"):
        """The host dies, whatever its daemon was doing. A write that was under way is on the disk
        or is not, as with every SIGKILL: files are replaced as a whole."""
        node = self._existing(name)
        if node.process():
            node.kill()
        node.drop_addresses()
        if disk == "torn":
            node.tear_files()

    def mend(self):
        """Everything works again and everything that was ever started runs."""
        self.wires.heal_everything()
        for name in self.lab.nodes():
            node = self.node(name)
            state = node.state()
            if state == "frozen":
                node.thaw()
            elif state not in ("running", "not started"):
                self.start(name)

    def loss(self, name, which, percent, direction="both"):
        self._existing(name)
        self.wires.loss(name, which, percent, direction)

    def shell(self, name, commands, **options):
        """One session of vsmsh in the node with these commands; without any an interactive one."""
        return subprocess.run(self._shell(name, commands), check=False, **options)

    def begin_shell(self, name, commands):
        """The same, whose end nobody waits for yet."""
        return subprocess.Popen(
            self._shell(name, commands),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _shell(self, name, commands):
        node = self._existing(name)
        if self._paths is None:
            self._paths = binaries(build=False)
        words = self.lab.enter(name)
        words += [str(self._paths["vsmsh"]), "--socket", str(node.socket_path)]
        for command in commands:
            words += ["-c", command]
        return words
