"""Drives vsmsh: one-shot, from a pipe, and interactively on a pseudo-terminal.

usage: vsmsh_test.py VSMSH [unittest arguments]

Nothing here waits for a time: every step waits for a text to appear, with a limit.
"""

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from fake_daemon import FakeDaemon, LINES, event  # noqa: E402

VSMSH = ""
LIMIT = 20.0
HERE = os.path.dirname(os.path.abspath(__file__))
XML_ANSWERS = os.path.join(HERE, "..", "unit", "cli", "golden", "pair-active-xml.txt")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


class Screen:
    """vsmsh on a terminal of 24 lines and 80 columns."""

    def __init__(self, arguments):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm", LC_ALL="C.UTF-8")
            # libedit keeps the names of added functions for ever: no leak of ours.
            os.environ["ASAN_OPTIONS"] = "detect_leaks=0"
            os.execv(VSMSH, ["vsmsh", *arguments])
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.text = ""
        self.seen = 0

    def expect(self, wanted):
        """Waits for `wanted` behind what was expected before; returns what came before it."""
        deadline = time.monotonic() + LIMIT
        while True:
            at = self.text.find(wanted, self.seen)
            if at >= 0:
                before = self.text[self.seen : at]
                self.seen = at + len(wanted)
                return before
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                rest = self.text[self.seen :]
                raise AssertionError(f"{wanted!r} never came; since then: {rest!r}")

    def _read(self, limit):
        if not select.select([self.master], [], [], limit)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        if not data:
            return False
        self.text += ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
        return True

    def type(self, keys):
        os.write(self.master, keys.encode())

    def finish(self):
        """The exit status, once the program has ended by itself."""
        deadline = time.monotonic() + LIMIT
        while self._read(max(deadline - time.monotonic(), 0)):
            pass
        if time.monotonic() >= deadline:
            raise AssertionError(f"did not end; since then: {self.text[self.seen:]!r}")
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)
        self.pid = 0
        return status

    def abandon(self):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.master)


class ShellTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="vsmsh-")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)

    def daemon(self, name="vsm-a"):
        daemon = FakeDaemon(os.path.join(self.directory, name))
        daemon.__enter__()
        self.addCleanup(daemon.__exit__)
        return daemon

    def run_shell(self, *arguments, **options):
        return subprocess.run(
            [VSMSH, "--run-directory", self.directory, *arguments],
            capture_output=True, text=True, timeout=LIMIT, check=False, **options)

    def screen(self, *arguments):
        screen = Screen(["--run-directory", self.directory, *arguments])
        self.addCleanup(screen.abandon)
        screen.expect("\nswitch# ")
        return screen


class OneShot(ShellTest):
    def test_words_and_options_are_commands(self):
        daemon = self.daemon()
        for arguments in (
            ["show", "clock"],
            ["show clock"],
            ["-c", "show clock"],
            ["-i", "vsm-a", "-c", "show clock"],
            ["--socket", daemon.path, "show", "clock"],
        ):
            result = self.run_shell(*arguments)
            self.assertEqual(result.stdout, "18:59:17.250 UTC Tue Sep 11 2012\n", arguments)
            self.assertEqual((result.stderr, result.returncode), ("", 0), arguments)

    def test_an_error_goes_to_standard_error_and_the_rest_still_runs(self):
        daemon = self.daemon()
        result = self.run_shell("-c", "show foo", "-c", "show clock")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "show foo\n     ^\n% Invalid command at '^' marker.\n")
        self.assertIn("18:59:17", result.stdout)
        self.assertEqual(daemon.commands(), ["show foo", "show clock"])

    def test_commands_of_one_call_share_their_mode(self):
        daemon = self.daemon()
        result = self.run_shell("-c", "configure terminal", "-c", "interface control0",
                                "-c", "exit", "-c", "show clock", "-c", "end", "-c", "show clock")
        self.assertEqual((result.stderr, result.returncode), ("", 0))
        self.assertEqual(daemon.modes, ["", "config", "config/interface control0",
                                        "config", "config", ""])
        self.run_shell("-c", "show clock")
        self.assertEqual(daemon.modes[-1], "")

    def test_lines_of_a_pipe(self):
        self.daemon()
        lines = "terminal length 0\nshow clock\r\n\nshow lines\nexit\nshow foo\n"
        result = self.run_shell(input=lines)
        self.assertEqual(result.stdout, "18:59:17.250 UTC Tue Sep 11 2012\n" + LINES)
        self.assertEqual((result.stderr, result.returncode), ("", 0))

    def test_the_instance_is_found_or_named(self):
        result = self.run_shell("show", "clock")
        self.assertEqual(result.returncode, 3)
        self.assertIn("no instance runs", result.stderr)
        self.daemon("vsm-a")
        self.daemon("vsm-b")
        result = self.run_shell("show", "clock")
        self.assertEqual(result.returncode, 3)
        self.assertIn("several instances run (vsm-a, vsm-b): choose one with -i", result.stderr)
        self.assertEqual(self.run_shell("-i", "vsm-b", "show", "clock").returncode, 0)
        result = self.run_shell("-i", "vsm-c", "show", "clock")
        self.assertEqual(result.returncode, 3)
        self.assertIn("vsm-c/control.sock", result.stderr)
        self.daemon("vsmd")
        self.assertEqual(self.run_shell("show", "clock").returncode, 0)

    def test_events_are_followed_over_lost_connections(self):
        daemon = self.daemon()
        result = self.run_shell("--follow", "--since", "0", env={**os.environ, "TZ": "UTC"})
        lines = result.stdout.splitlines()
        self.assertEqual(
            lines[0],
            "1 2026 Nov 21 10:31:00 vsm-a module.online "
            "%VEM_MGR-2-MOD_ONLINE: Module 1 is online",
        )
        self.assertEqual([int(line.split()[0]) for line in lines], list(range(1, 11)))
        self.assertNotIn("\x1b", result.stderr)
        self.assertIn("% since 10 is ahead", result.stderr)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(daemon.commands(), [f"follow {number}" for number in (0, 2, 4, 6, 8, 10)])
        result = self.run_shell("--follow", "--since", "1", "--json")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(events, [event(number) for number in range(4, 12)])
        self.assertIn("vsmsh: events 2 to 3 are not kept any more\n", result.stderr)

    def test_wrong_usage_is_refused(self):
        for arguments in (["-x"], ["-i"], ["-i", "../x"], ["--no-such-option"],
                          ["--follow", "show", "clock"], ["--since", "1"], ["--json"],
                          ["--follow", "--since", "-1"], ["--follow", "--since", ""]):
            result = self.run_shell(*arguments)
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn("usage: vsmsh", result.stderr)
        self.assertIn("usage: vsmsh", self.run_shell("--help").stdout)
        self.assertRegex(self.run_shell("--version").stdout, r"^vsmsh \d+\.\d+\.\d+\n$")

    def test_hostile_arguments_are_passed_on_or_refused(self):
        daemon = self.daemon()
        for hostile in ("a" * 65536, "caf\u00e9", "a\x01b\x7f", b"\xff\xfe"):
            result = subprocess.run(
                [VSMSH, "--run-directory", self.directory, "-c", hostile],
                capture_output=True, timeout=LIMIT, check=False)
            self.assertGreaterEqual(result.returncode, 0)
        self.assertIn("caf\u00e9", daemon.commands())


class Completion(ShellTest):
    def complete(self, *words):
        """What bash offers for the last of these words."""
        script = os.path.join(HERE, "..", "..", "completions", "vsm-ha.bash")
        code = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vsm_ha_shell; '
        code += 'printf "%s\\n" "${COMPREPLY[@]}"'
        arguments = ["bash", "-c", code, script, VSMSH, "--run-directory", self.directory, *words]
        result = subprocess.run(
            arguments, capture_output=True, text=True, timeout=LIMIT, check=True)
        return sorted(result.stdout.split())

    def test_instances_options_and_commands(self):
        self.daemon("vsm-a")
        self.daemon("vsm-b")
        self.assertEqual(self.complete("-i", ""), ["vsm-a", "vsm-b"])
        self.assertIn("--socket", self.complete("--s"))
        self.assertEqual(self.complete("-i", "vsm-a", "sh"), ["show"])
        self.assertEqual(self.complete("-i", "vsm-a", "show", ""), ["clock", "lines", "module"])
        self.assertEqual(self.complete("-i", "vsm-c", "sh"), [])


class Interactive(ShellTest):
    def test_prompt_history_and_end(self):
        self.daemon()
        screen = self.screen()
        screen.type("show clock\n")
        screen.expect("18:59:17.250 UTC")
        screen.expect("switch# ")
        screen.type("\x1b[A\n")  # cursor up: the last line again
        screen.expect("18:59:17.250 UTC")
        screen.expect("switch# ")
        screen.type("become standby\n")
        screen.expect("switch(standby)# ")
        screen.type("\x04")
        self.assertEqual(screen.finish(), 0)

    def test_the_prompt_shows_the_mode_and_exit_leaves_it(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("configure terminal\n")
        screen.expect("switch(config)# ")
        screen.type("interface control0\n")
        screen.expect("switch(config-if)# ")
        screen.type("sh\t")  # asked in the mode
        screen.expect("ow ")
        self.assertEqual(daemon.modes[-1], "config/interface control0")
        screen.type("\x15exit\n")
        screen.expect("switch(config)# ")
        screen.type("hostn\x1a")  # Ctrl-Z drops what is typed
        screen.expect("switch# ")
        self.assertEqual(daemon.commands()[-1], "end")
        screen.type("\x1a")
        screen.type("exit\n")
        self.assertEqual(screen.finish(), 0)

    def test_exit_words_end_the_session(self):
        self.daemon()
        for word in ("exit", "quit", "ex"):
            screen = self.screen()
            screen.type(word + "\n")
            self.assertEqual(screen.finish(), 0)

    def test_a_question_mark_helps_without_enter_and_keeps_the_line(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("show m?")
        screen.expect("  module  Module information\n")
        screen.expect("switch# show m")
        screen.type("\x15show clock\n")  # Ctrl-U
        screen.expect("18:59:17.250 UTC")
        screen.expect("switch# ")
        screen.type("show lines | include a?\n")
        screen.expect("switch# ")
        self.assertEqual(daemon.commands()[-1], "show lines | include a?")
        self.assertNotIn("show lines | include a??", daemon.commands())

    def test_tab_completes_or_lists(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("sh\t")
        screen.expect("ow ")  # the editor writes only what is new
        screen.type("\t")
        screen.expect("clock\nlines\nmodule\n")
        screen.expect("switch# show ")
        screen.type("m\t\n")
        screen.expect("switch# ")
        screen.type("exit\n")
        self.assertEqual(screen.finish(), 0)
        self.assertIn("show module ", daemon.commands())

    def test_control_c_clears_the_line(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("show fo")
        screen.expect("show fo")
        screen.type("\x03")
        screen.expect("^C\n")
        screen.expect("switch# ")
        screen.type("show clock\n")
        screen.expect("18:59:17.250 UTC")
        self.assertEqual(daemon.commands(), ["show clock"])

    def test_the_caret_stands_below_what_was_typed(self):
        self.daemon()
        screen = self.screen()
        screen.type("show foo\n")
        screen.expect("show foo\n")
        self.assertEqual(screen.expect("switch# "),
                         " " * len("switch# show ") + "^\n% Invalid command at '^' marker.\n")

    def test_a_screen_at_a_time(self):
        self.daemon()
        screen = self.screen()
        screen.type("show lines\n")
        first = screen.expect("--More--")
        self.assertTrue(first.endswith("line 23\n"), first)
        screen.type("\n")
        self.assertEqual(screen.expect("--More--").strip(), "line 24")
        screen.type(" ")
        self.assertTrue(screen.expect("--More--").endswith("line 47\n"))
        screen.type("q")
        self.assertNotIn("line 48", screen.expect("switch# "))
        screen.type("show lines | no-more\n")
        self.assertIn("line 60\n", screen.expect("switch# "))
        screen.type("term len 0\n")
        screen.expect("switch# ")
        screen.type("show lines\n")
        self.assertNotIn("--More--", screen.expect("line 60\nswitch# "))

    def test_a_reload_is_asked_about(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("reload\n")
        screen.expect("This command will reboot the system. (y/n)?  [n] ")
        screen.type("\n")
        screen.expect("switch# ")
        self.assertEqual(daemon.commands(), [])
        screen.type("rel\n")
        screen.expect("(y/n)?  [n] ")
        screen.type("y")
        screen.expect("switch# ")
        self.assertEqual(daemon.commands(), ["rel"])

    def test_erasing_is_asked_about(self):
        daemon = self.daemon()
        screen = self.screen()
        screen.type("write erase\n")
        screen.expect("Warning: This command will erase the startup-configuration.\n"
                      "Do you wish to proceed anyway? (y/n)  [n] ")
        screen.type("n")
        screen.expect("switch# ")
        self.assertEqual(daemon.commands(), [])
        screen.type("wr er\n")
        screen.expect("(y/n)  [n] ")
        screen.type("y")
        screen.expect("switch# ")
        self.assertEqual(daemon.commands(), ["wr er"])

    def test_a_daemon_that_goes_away_is_said_and_survived(self):
        daemon = self.daemon()
        screen = self.screen("-i", "vsm-a")
        os.rename(daemon.path, daemon.path + ".gone")
        screen.type("show clock\n")
        screen.expect("vsmsh: no daemon is running here")
        screen.expect("switch# ")
        os.rename(daemon.path + ".gone", daemon.path)
        screen.type("show clock\n")
        screen.expect("18:59:17.250 UTC")


class Documents(unittest.TestCase):
    def test_every_xml_answer_is_well_formed(self):
        with open(XML_ANSWERS, encoding="utf-8") as file:
            answers = re.split(r"^switch# (.*) \| xml$", file.read(), flags=re.M)[1:]
        self.assertGreater(len(answers), 20)
        for command, answer in zip(answers[::2], answers[1::2]):
            root = xml.etree.ElementTree.fromstring(answer.strip().encode())
            keywords = [word for word in command.split() if not word.isdigit()]
            words = [element.tag.rsplit("}", 1)[1] for element in root.iter()]
            self.assertEqual(words[2 : 2 + len(keywords)], keywords, command)

    def test_the_tag_that_tools_read_is_there(self):
        with open(XML_ANSWERS, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("<this_sup_int_st>Active with HA standby</this_sup_int_st>", text)
        self.assertIn("<TABLE_vem_map>", text)
        self.assertIn("<modNo>3</modNo>", text)
        self.assertIn("<svs_mode>L2</svs_mode>", text)


if __name__ == "__main__":
    VSMSH = sys.argv.pop(1)
    unittest.main()
