"""What a virtual machine boots: Debian's kernel, a first root that mounts the disk, and what the
disk holds before the product.

All of it is kept in the cache of test/hosts under a name that follows from what is in it.
"""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from host_lab import image as host_image
from host_lab.image import command

PACKAGES = ["qemu-guest-agent", "kmod", "udev"]
# What must be loaded to find the disk; and the watchdog device, which systemd looks for at once.
FIRST_MODULES = ["virtio_pci", "virtio_blk", "ext4", "i6300esb"]
MODULES = ["virtio_net", "virtio_console", "virtio-rng", "8021q", "sch_netem"]
# Nobody logs in, nothing is cleaned or configured by itself: booting emulated takes long enough.
MASKED = [
    "e2scrub_reap.service",
    "getty@tty1.service",
    "ldconfig.service",
    "serial-getty@ttyS0.service",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-hwdb-update.service",
    "systemd-logind.service",
    "systemd-networkd-wait-online.service",
    "systemd-pstore.service",
    "systemd-update-utmp.service",
    "dev-hugepages.mount",
    "dev-mqueue.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
]
FIRST_INIT = """#!/bin/sh
box=/bin/busybox
$box mount -t proc proc /proc
$box mount -t devtmpfs dev /dev
for module in /modules/*; do $box insmod "$module"; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 500 ]; do
    $box usleep 10000 # poll: the disk has a limit
    tries=$((tries + 1))
done
$box mount -t ext4 -o rw,noatime /dev/vda /root || exec $box poweroff -f
$box umount /proc
$box mount --move /dev /root/dev
exec $box switch_root /root /sbin/init
"""
AGENT = """[Unit]
BindsTo=
[Service]
ExecStart=
ExecStart=/usr/sbin/qemu-ga -p /dev/virtio-ports/org.qemu.guest_agent.0 --retry-path
"""
# As a host that repairs itself: when systemd says nothing for so long, the device resets the host.
WATCHDOG_S = 30
MANAGER = f"[Manager]\nRuntimeWatchdogSec={WATCHDOG_S}\n"


def kernel_package():
    """The name of Debian's newest kernel; None where apt knows of none for this processor."""
    for refresh in (False, True):
        if refresh:
            subprocess.run(["apt-get", "-qq", "update"], capture_output=True, check=False)
        asked = ["apt-cache", "depends", "linux-image-amd64"]
        listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        for line in listed.splitlines():
            if "Depends: linux-image-" in line:
                return line.split()[-1]
    return None


def made():
    """The folder with `kernel`, `initrd` and `root`, made when it is not there."""
    base = host_image.base(PACKAGES)
    kernel = kernel_package()
    recipe = "\n".join([Path(__file__).read_text(encoding="utf-8"), base.name, kernel])
    return host_image.kept("vm", recipe, lambda folder: _make(base, kernel, folder))


def _make(base, package, folder):
    folder.mkdir()
    root = folder / "root"
    command(["cp", "-a", base, root])
    with tempfile.TemporaryDirectory(dir=folder) as work:
        kernel = Kernel(package, Path(work))
        shutil.copy(kernel.image, folder / "kernel")
        _add_modules(root, kernel)
        _make_first_root(kernel, Path(work) / "first", folder / "initrd")
    _configure(root)


class Kernel:
    """Debian's kernel, which is unpacked in a folder and installed nowhere."""

    def __init__(self, package, folder):
        subprocess.run(["chown", "_apt", folder], check=False)  # who downloads for apt
        command(["apt-get", "download", "-qq", package], cwd=folder)
        self.folder = folder / "kernel"
        command(["dpkg-deb", "-x", next(folder.glob(f"{package}_*.deb")), self.folder])
        self.version = next((self.folder / "lib/modules").iterdir()).name
        self.image = self.folder / f"boot/vmlinuz-{self.version}"
        self.modules = self.folder / "lib/modules" / self.version
        command(["depmod", "-b", self.folder, self.version])

    def with_what_they_need(self, names):
        """The files of modules, in an order in which they can be loaded."""
        files = {}
        for name in names:
            asked = ["modprobe", "-d", self.folder, "-S", self.version, "--show-depends", name]
            for line in command(asked).splitlines():
                if line.startswith("insmod "):
                    files[Path(line.split()[1])] = None
        return list(files)


def _add_modules(root, kernel):
    target = root / "lib/modules" / kernel.version
    for path in kernel.with_what_they_need(FIRST_MODULES + MODULES):
        to = target / path.relative_to(kernel.modules)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    for name in (*kernel.modules.glob("modules.builtin*"), kernel.modules / "modules.order"):
        shutil.copy(name, target)
    command(["depmod", "-b", root, kernel.version])


def _configure(root):
    units = root / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).symlink_to("/dev/null")
    wants = units / "multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    agent = wants / "qemu-guest-agent.service"
    agent.unlink(missing_ok=True)
    agent.symlink_to("/lib/systemd/system/qemu-guest-agent.service")
    written = {
        units / "qemu-guest-agent.service.d/tests.conf": AGENT,
        root / "etc/systemd/system.conf.d/watchdog.conf": MANAGER,
        root / "etc/modules-load.d/tests.conf": "\n".join(MODULES) + "\n",
        root / "etc/fstab": "",
    }
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _make_first_root(kernel, folder, packed):
    """The archive `packed` that the kernel unpacks into memory and starts from."""
    for name in ("bin", "modules", "proc", "dev", "root"):
        (folder / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", folder / "bin/busybox")
    (folder / "bin/sh").symlink_to("busybox")
    for number, path in enumerate(kernel.with_what_they_need(FIRST_MODULES)):
        shutil.copy(path, folder / "modules" / f"{number:02}-{path.name}")
    init = folder / "init"
    init.write_text(FIRST_INIT, encoding="ascii")
    init.chmod(0o755)
    names = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    with open(packed, "wb") as archive:
        subprocess.run(
            ["cpio", "--create", "--format=newc", "--quiet"],
            input=names.encode(),
            stdout=archive,
            cwd=folder,
            check=True,
            env={**os.environ, "LC_ALL": "C"},
        )
