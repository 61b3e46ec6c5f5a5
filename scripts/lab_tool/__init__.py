"""The lab: pairs of supervisors and their modules in Linux network namespaces.

topology   names, numbers and addresses of a lab and its nodes; what is up, found from the system
wires      namespaces, bridges, cables, and the faults on them
binaries   the daemons' binaries: found, or built
nodes      the daemons: configuration, start and end, control socket, logs
durations  times written in heartbeats (h) and loss intervals (T)
capture    frames seen on a lab's bridges, frames put on them
schema     scenario files: YAML with line numbers, checked key by key
expect     one expectation of a scenario: observed until it holds or its time is up
scenario   plays a scenario file and gives the verdict
timeline   what is printed while it plays

Nothing here decides what the product does: the lab builds wires, starts the real daemons, and
observes them as a user would.
"""
