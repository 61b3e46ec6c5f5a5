"""Virtual machines for tests: hosts with a kernel of their own, emulated by qemu.

image    kernel, first root and disk, made once from Debian's packages
guest    one virtual machine: power, cable, commands inside
pair     two supervisors on virtual machines, their modules in namespaces, one trunk

What is shared with the machines of test/hosts (host_lab) is used from there.
"""
