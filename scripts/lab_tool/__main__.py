"""The command line of scripts/lab."""
import argparse
import os
import sys

from . import topology
from .topology import Lab, LabError, Parameters, check_node, ports_of

MANUAL = """\
A pair of supervisors and their modules on this machine, in network namespaces (root).

  up [--vems N] [--timers nx-os|fast]   build the wires, start vsm-a, vsm-b, vem-3, vem-4 …
  down                                  remove everything, whatever state it is in
  status                                nodes, processes, roles and cables
  sh NODE [COMMAND…]                    a command of the supervisor: sh vsm-a show module;
                                        without one, its interactive shell
  cut NODE control|mgmt|all             break a cable where no end sees it
      [--direction in|out|both]           in, out: as the node sees it
      [--carrier]                       both ends see it
  loss NODE control|mgmt|all PERCENT    lose frames at random
  heal NODE control|mgmt|all            mend the cable
  start|stop|kill|freeze|thaw NODE      the node's daemon: run, SIGTERM, SIGKILL, SIGSTOP, SIGCONT
  crash NODE                            SIGKILL to the daemon alone: its guardian tells the others
  run SCENARIO.yaml…                    play scenario files (docs/scenarios.md)
  demo [--timers nx-os|fast]            the whole story, played and checked

Each verb takes --name LAB first (default: lab), so that several labs can be up at once.
"""


def parser():
    top = argparse.ArgumentParser(
        prog="scripts/lab",
        description=MANUAL,
        usage="scripts/lab VERB [--name LAB] …",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(dest="verb", metavar="VERB", required=True, prog="scripts/lab")

    def verb(name, *arguments):
        one = verbs.add_parser(name)
        one.add_argument("--name", default="lab", metavar="LAB")
        for argument in arguments:
            one.add_argument(argument)
        return one

    def shape(one):
        one.add_argument("--vems", type=int, default=3, metavar="N")
        one.add_argument("--timers", choices=["nx-os", "fast"], default="fast")
        one.add_argument(
            "--heartbeat-ms", type=int, default=0, metavar="MS", help="fast timers: 5 to 1000 (50)"
        )
        one.add_argument(
            "--multiplier", type=int, default=0, metavar="K", help="T = K heartbeats (3; nx-os: 15)"
        )

    up = verb("up")
    shape(up)
    up.add_argument(
        "--with-traffic", action="store_true", help="two VMs and an uplink at each module"
    )
    up.add_argument("--key", action="store_true", help="authenticate with a pre-shared key")
    up.add_argument("--domain", type=int, default=100, metavar="N")
    up.add_argument("--wires-only", action="store_true", help="start no daemon")
    verb("down")
    verb("status")
    shell = verb("sh", "node")
    shell.add_argument("command", nargs=argparse.REMAINDER)
    cut = verb("cut", "node", "which")
    cut.add_argument("--direction", choices=["in", "out", "both"], default="both")
    cut.add_argument("--carrier", action="store_true")
    verb("heal", "node", "which")
    loss = verb("loss", "node", "which", "percent")
    loss.add_argument("--direction", choices=["in", "out", "both"], default="both")
    start = verb("start", "node")
    start.add_argument("--role", choices=["standalone", "primary", "secondary"])
    for name in ("stop", "kill", "crash", "freeze", "thaw"):
        verb(name, "node")
    run = verb("run")
    run.add_argument("scenario", nargs="+", metavar="SCENARIO.yaml")
    run.add_argument("--timers", choices=["nx-os", "fast"], help="instead of the file's")
    run.add_argument(
        "--keep", metavar="FOLDER", help="copy logs and captured frames there when a scenario fails"
    )
    demo = verb("demo")
    demo.add_argument("--timers", choices=["nx-os", "fast"], default="fast")
    return top


def main(arguments):
    options = parser().parse_args(arguments)
    if os.geteuid() != 0:
        raise LabError("a lab needs root: network namespaces and raw sockets (try sudo)")
    lab = Lab(options.name)
    if options.verb in ("run", "demo"):
        from . import scenario

        return scenario.main(lab, options)
    from .control import Control

    control = Control(lab)
    if options.verb == "up":
        return bring_up(control, options)
    if options.verb == "down":
        control.down()
        return 0
    lab.load()
    return on_a_lab(control, options)


def bring_up(control, options):
    parameters = Parameters(
        vems=options.vems,
        timers=options.timers,
        heartbeat_ms=options.heartbeat_ms,
        multiplier=options.multiplier,
        traffic=options.with_traffic,
        key=options.key,
        domain=options.domain,
    )
    control.check_absent()
    parameters.check()
    if not options.wires_only:
        from .binaries import binaries

        binaries(build=True)
    control.up(parameters, start=not options.wires_only)
    print(
        f"Lab '{control.lab.name}' is up: {' '.join(topology.default_nodes(parameters))}. "
        f"Heartbeat {parameters.h_ms} ms, loss interval {parameters.t_ms} ms."
    )
    print(
        "Try: scripts/lab status; scripts/lab sh vsm-a show module; scripts/lab kill vsm-a; "
        "scripts/lab down"
    )
    return 0


def on_a_lab(control, options):
    verb = options.verb
    if verb == "status":
        from . import status

        status.show(control)
    elif verb == "sh":
        commands = [" ".join(options.command)] if options.command else []
        return control.shell(check_node(options.node), commands).returncode
    elif verb == "cut":
        ports_of(options.which)
        control.cut(options.node, options.which, options.direction, options.carrier)
    elif verb == "heal":
        control.heal(options.node, options.which)
    elif verb == "loss":
        try:
            percent = float(options.percent.rstrip("%"))
        except ValueError:
            raise LabError(f"loss is '{options.percent}': 0 to 100 percent") from None
        control.loss(options.node, options.which, percent, options.direction)
    elif verb == "start":
        control.start(options.node, {"setup": {"role": options.role}} if options.role else None)
    else:
        getattr(control, verb)(options.node)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except LabError as error:
        sys.exit(f"lab: {error}")
    except BrokenPipeError:
        # Whoever read the output has gone; what was built has been removed on the way here.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except KeyboardInterrupt:
        sys.exit(130)
