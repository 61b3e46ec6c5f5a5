"""What is printed while a scenario plays: what was done, what was observed, after how long,
and the bound it had to keep."""
import sys
import time

from .durations import show


class Timeline:
    def __init__(self, out=None):
        self._out = out or sys.stdout
        self._begun = time.monotonic()
        self._tty = self._out.isatty()

    def _print(self, text):
        print(text, file=self._out, flush=True)

    def _mark(self, good):
        word = "ok  " if good else "FAIL"
        if not self._tty:
            return word
        return f"\033[3{'2' if good else '1'}m{word}\033[0m"

    def elapsed(self):
        return time.monotonic() - self._begun

    def title(self, name, tags, description):
        self._print(f"{name}  [{' '.join(tags)}]")
        self._print(f"  {description}")

    def heading(self, text):
        self._print(f"\n{text}" if text else "")

    def action(self, text):
        self._print(f"  {self.elapsed():9.3f} s   do    {text}")

    def observed(self, good, text, after, bound):
        self._print(f"  {self.elapsed():9.3f} s   {self._mark(good)}  {text}")
        if after is not None:
            self._print(f"  {'':13} {'':5} after {show(after)} ({bound})")

    def detail(self, text):
        for line in text.splitlines():
            self._print(f"  {'':13} | {line}")

    def verdict(self, good, name, steps, reason=""):
        word = "PASS" if good else "FAIL"
        if self._tty:
            word = f"\033[1;3{'2' if good else '1'}m{word}\033[0m"
        self._print(
            f"{word} {name}: {steps} steps, {self.elapsed():.1f} s{': ' + reason if reason else ''}"
        )
