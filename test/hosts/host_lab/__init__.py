"""Whole hosts for tests: machines with a systemd of their own, on the wires of a lab.

image    the root file system: made once from Debian's packages
packages the product's own packages, which are installed on the running machines
machine  one host: power on and off, commands inside, its journal
cores    core dumps of a machine, collected by the systemd-coredump inside
client   somebody who changes the configuration all the time
site     two supervisors and two modules on four machines, and what tests ask of them
cleanup  what is left when a run ends, however it ends

The wires, and the faults on them, are those of scripts/lab: a machine boots in the network
namespace of a node. Nothing here decides what the product does.
"""
