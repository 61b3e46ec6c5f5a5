"""The Debian packages of the project, and the same programs as another version."""
import os
import re
from pathlib import Path

from .image import SOURCE, command

COMMON = "vsm-ha-common"


class Packages(dict):
    """{name: path of its .deb}; all of them in `folder`, and of one version."""

    def __init__(self, folder):
        self.folder = Path(folder)
        super().__init__({path.name.split("_")[0]: path for path in self.folder.glob("*.deb")})
        self.version = next(iter(self.values())).name.split("_")[1]

    def under(self, version, folder, change=None):
        """The same packages under another version, made in `folder`. `change` is called with the
        folder of each one's files before it is packed."""
        folder.mkdir()
        for name, path in self.items():
            tree = folder / name
            command(["dpkg-deb", "--raw-extract", path, tree])
            control = tree / "DEBIAN" / "control"
            text = control.read_text().replace(f"= {self.version})", f"= {version})")
            control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", text))
            if change:
                change(tree)
            command(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, folder])
        return Packages(folder)

    def next_release(self, folder):
        """What an upgrade brings: a version that the programs say as well, and samples with one
        line more."""
        first, last = self.version.rsplit(".", 1)
        version = f"{first}.{int(last) + 1}"
        assert len(version) == len(self.version), "the programs have no room for it"

        def change(tree):
            for program in tree.glob("usr/*bin/*"):
                content = program.read_bytes()
                program.write_bytes(content.replace(self.version.encode(), version.encode()))
            for sample in tree.glob("etc/vsm-ha/*.yaml"):
                sample.write_text(sample.read_text() + f"# As of {version}.\n")

        return self.under(version, folder, change)


def make(folder, *options, **environment):
    """Without the packages of debugging symbols, which only take time in tests."""
    environment = {**os.environ, **environment}
    environment["DEB_BUILD_OPTIONS"] = f"parallel={os.cpu_count()} noautodbgsym"
    command(
        [SOURCE / "scripts" / "package", "--output", folder, *options],
        cwd=SOURCE,
        env=environment,
    )
    return folder
