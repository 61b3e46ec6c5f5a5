"""What is in the packages: nothing for lintian, hardened programs, the same bytes each time."""
import hashlib
import re

from conftest import SOURCE, make, run

PROGRAMS = {
    "vsm-ha": ("usr/sbin/vsmd", "usr/bin/vsm-sim"),
    "vsm-ha-vem": ("usr/sbin/vemd",),
    "vsm-ha-common": ("usr/bin/vsmsh",),
}
PAGES = {
    "vsm-ha": ("man8/vsmd.8", "man5/vsmd.yaml.5", "man1/vsm-sim.1"),
    "vsm-ha-vem": ("man8/vemd.8", "man5/vemd.yaml.5"),
    "vsm-ha-common": ("man1/vsmsh.1", "man7/vsm-ha.7"),
}


def test_lintian_finds_no_errors(packages):
    found = run("lintian", "--no-cfg", "--allow-root", "--fail-on", "none", *packages.values())
    print(found)
    findings = [line for line in found.splitlines() if re.match(r"[EW]: ", line)]
    assert not findings, "\n".join(findings)


def test_every_program_is_hardened_stripped_and_documented(packages, tmp_path):
    for name, programs in PROGRAMS.items():
        tree = tmp_path / name
        run("dpkg-deb", "--extract", packages[name], tree)
        for program in programs:
            head, dynamic = (run("readelf", "-W", what, tree / program) for what in ("-h", "-d"))
            assert "DYN (Position-Independent" in head, f"{program} is no PIE"
            assert "BIND_NOW" in dynamic or "NOW" in dynamic, f"{program} binds late"
            assert "GNU_RELRO" in run("readelf", "-W", "-l", tree / program)
            assert "RPATH" not in dynamic and "RUNPATH" not in dynamic
            sections = run("readelf", "-W", "-S", tree / program)
            assert ".symtab" not in sections, f"{program} is not stripped"
            symbols = run("readelf", "-W", "--dyn-syms", tree / program)
            assert "__stack_chk_fail" in symbols and "_chk@" in symbols, f"{program}: no checks"
            assert str(SOURCE).encode() not in (tree / program).read_bytes(), f"{program}: a path"
            completion = tree / "usr/share/bash-completion/completions" / program.split("/")[-1]
            assert completion.is_file()
        for page in PAGES[name]:
            assert (tree / "usr/share/man" / f"{page}.gz").is_file()
        document = tree / "usr/share/doc" / name
        assert (document / "copyright").is_file() and (document / "changelog.gz").is_file()


def test_conffiles_are_the_files_that_one_fills_in(packages):
    expected = {"vsm-ha": "vsmd.yaml", "vsm-ha-vem": "vemd.yaml"}
    for name in packages:
        listed = run("dpkg-deb", "--info", packages[name], "conffiles", check=False)
        files = re.findall(r"(?m)^/etc/\S+$", listed)
        assert files == ([f"/etc/vsm-ha/{expected[name]}"] if name in expected else [])


def test_the_version_is_the_same_everywhere(packages):
    project = (SOURCE / "CMakeLists.txt").read_text()
    assert f"project(vsm-ha VERSION {packages.version} " in project


def test_made_again_they_have_the_same_bytes(packages, tmp_path):
    make(tmp_path)

    def digests(folder):
        files = folder.glob("*")
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    assert digests(tmp_path) == digests(packages.folder) and len(packages) == 4
