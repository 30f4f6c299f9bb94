"""Runs the program with little memory and little time, and says how it ended."""
import os
import resource
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field, fields

MEMORY = 6 << 30
LARGE = 4 << 30
# Seconds of work after which a process is at fault, and seconds after which it is ended.
SLOW = 10.0
LIMIT = 30.0
# By what both limits of time are multiplied.
PATIENCE = 1.0


@dataclass
class Ended:
    """How a process ended."""
    status: int
    seconds: float
    memory: int
    error: str
    output: str = ""
    is_hung: bool = False
    # Seconds of the processors.
    busy: float = 0.0

    @property
    def signal(self):
        return -self.status if self.status < 0 and not self.is_hung else 0

    @property
    def has_dump(self):
        return "*** " in self.error or "Fatal error" in self.error or "Stack dump" in self.error

    @property
    def fault(self):
        """What is wrong with the way it ended, or nothing."""
        if self.is_hung:
            return "hang"
        if self.signal:
            return f"signal {self.signal}"
        if self.has_dump:
            return "dump"
        if self.memory > LARGE:
            return "memory"
        if self.status not in (0, 1, 2):
            return f"status {self.status}"
        if self.status and "palimpsest: " not in self.error:
            return "no sentence"
        return ""


class Watch:
    """The time of one process: what it had of the processors counts, not how long it waited for them."""

    def __init__(self, process):
        self.process, self.start, self.waited = process, time.monotonic(), 0.0

    def own(self):
        """Seconds since the start, less those in which the process could have worked and others did."""
        try:
            with open(f"/proc/{self.process}/schedstat") as file:
                self.waited = int(file.read().split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            pass
        return time.monotonic() - self.start - self.waited

    def busy(self):
        """Seconds of the processors that it had so far, all its threads together."""
        try:
            with open(f"/proc/{self.process}/stat") as file:
                return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")
        except (OSError, IndexError, ValueError):
            return 0.0

    def is_over(self, limit):
        seconds = time.monotonic() - self.start
        return seconds > limit * PATIENCE and max(self.own(), self.busy()) > limit * PATIENCE

    def is_hung(self, was_ended, busy):
        """Whether it worked, or waited for something other than a processor, for more than ten seconds."""
        own = time.monotonic() - self.start - self.waited
        return was_ended or busy > SLOW * PATIENCE or (own > SLOW * PATIENCE and busy < own / 5)


def environment():
    return {**os.environ, "SWIFT_BACKTRACE": "enable=no", "OMP_NUM_THREADS": "1"}


def texts(paths):
    """What a process wrote, at most a MiB of each file; the files are taken away."""
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append(file.read(1 << 20).decode("utf-8", "replace"))
        os.unlink(path)
    return found


def places(tag):
    """Files for the output and the errors of a process."""
    return [os.path.join(tempfile.gettempdir(), f"fuzz-{os.getpid()}-{tag}.{name}") for name in ("out", "err")]


def run(program, arguments, folder, limit=LIMIT, file_size=None):
    """Runs the program to its end, or to the limit of time."""
    def prepare():
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    paths = places(time.monotonic_ns())
    with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
        process = subprocess.Popen(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=prepare, env=environment())
    watch = Watch(process.pid)
    was_ended = False
    pause = 0.002
    while True:
        identifier, status, usage = os.wait4(process.pid, os.WNOHANG)
        if identifier:
            break
        if not was_ended and watch.is_over(limit):
            was_ended = True
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.05, pause * 1.3)
    process.returncode = os.waitstatus_to_exitcode(status)
    output, error = texts(paths)
    # What is allowed more time than that may also work longer.
    is_hung = watch.is_hung(was_ended, usage.ru_utime + usage.ru_stime) if limit <= LIMIT else was_ended
    busy = usage.ru_utime + usage.ru_stime
    return Ended(process.returncode, time.monotonic() - watch.start, usage.ru_maxrss << 10, error, output, is_hung, busy)


@dataclass
class Tally:
    """What came of many inputs of a format."""
    inputs: int = 0
    processes: int = 0
    succeeded: int = 0
    failed: int = 0
    refused: int = 0
    other: int = 0
    signals: int = 0
    hangs: int = 0
    large: int = 0
    dumps: int = 0
    silent: int = 0
    busy: float = 0
    slowest: float = 0
    largest: int = 0
    commands: dict = field(default_factory=dict)

    def add(self, ended, words, inputs):
        self.inputs += inputs
        self.processes += 1
        name = " ".join(words[:2]) if words[0] == "analyze" else words[0]
        self.commands[name] = self.commands.get(name, 0) + 1
        match ended.status:
            case 0: self.succeeded += 1
            case 1: self.failed += 1
            case 2: self.refused += 1
            case _: self.other += not ended.signal and not ended.is_hung
        self.signals += bool(ended.signal)
        self.hangs += ended.is_hung
        self.large += ended.memory > LARGE
        self.dumps += ended.has_dump
        self.silent += ended.fault == "no sentence"
        self.busy += ended.busy
        self.slowest = max(self.slowest, ended.busy)
        self.largest = max(self.largest, ended.memory)

    def counts(self):
        """The numbers that can be summed over formats."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name not in ("busy", "slowest", "largest", "commands")}
