"""Every option that a program's help names is one that bash completes, as installed."""
import re

import pytest

# An option at the beginning of a line of the help, "  -c, --config FILE".
LONG = re.compile(r"(?m)^ +(?:-\w, )?(--[a-z][a-z-]+)")


@pytest.fixture
def installed(packages, make_system):
    system = make_system()
    system.install(packages, "vsm-ha-common", "vsm-ha", "vsm-ha-vem")
    return system


def completed(system, *words):
    """What bash offers for the last word, as its loader of completions would ask."""
    script = f"""
        . /usr/share/bash-completion/completions/{words[0]}
        COMP_WORDS=({' '.join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1}
        function=$(complete -p {words[0]} | sed 's/.* -F \\([^ ]*\\) .*/\\1/')
        $function {words[0]} '{words[-1]}' '{words[-2]}'
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return set(system.run("bash", "-c", script).split())


@pytest.mark.parametrize("program", ["vsmd", "vemd", "vsmsh", "vsm-sim"])
def test_every_option_of_the_help_is_completed(installed, program):
    options = set(LONG.findall(installed.run(program, "--help")))
    assert "--help" in options and "--version" in options
    assert options <= completed(installed, program, "--")


def test_every_verb_of_the_simulator_is_completed_with_its_options(installed):
    verbs = re.findall(r"(?m)^  ([a-z]+) ", installed.run("vsm-sim", "--help"))
    assert len(verbs) >= 4 and set(verbs) <= completed(installed, "vsm-sim", "")
    for verb in verbs:
        if verb != "help":
            options = set(LONG.findall(installed.run("vsm-sim", "help", verb)))
            assert options <= completed(installed, "vsm-sim", verb, "--"), verb


def test_files_of_the_daemons_are_completed(installed):
    offered = completed(installed, "vsmd", "--config", "/etc/vsm-ha/")
    assert {"/etc/vsm-ha/vsmd.yaml", "/etc/vsm-ha/vemd.yaml"} <= offered
