"""Runs the program with little memory and little time, and says how it ended."""
import os
import resource
import signal
import subprocess
import time
from dataclasses import dataclass, field

MEMORY = 12 << 30
LARGE = 4 << 30
SLOW = 10.0
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


def run(program, arguments, folder, limit=30.0, file_size=None, environment=None):
    """Runs the program to its end, or to the limit of time."""
    def prepare():
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    start = time.monotonic()
    tag = f"{os.getpid()}-{time.monotonic_ns()}"
    paths = [os.path.join("/dev/shm" if os.path.isdir("/dev/shm") else folder, f"fuzz-{tag}.{name}") for name in ("out", "err")]
    with open(paths[0], "wb") as out, open(paths[1], "wb") as err:
        process = subprocess.Popen(
            [program, *arguments], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err, preexec_fn=prepare,
            env={**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})})
    is_hung = False
    pause = 0.002
    while True:
        identifier, status, usage = os.wait4(process.pid, os.WNOHANG)
        if identifier:
            break
        if time.monotonic() - start > limit * PATIENCE and not is_hung:
            is_hung = True
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(0.05, pause * 1.3)
    process.returncode = os.waitstatus_to_exitcode(status)
    texts = []
    for path in paths:
        with open(path, "rb") as file:
            texts.append(file.read(1 << 20).decode("utf-8", "replace"))
        os.unlink(path)
    seconds = time.monotonic() - start
    busy = usage.ru_utime + usage.ru_stime
    return Ended(
        process.returncode, seconds, usage.ru_maxrss << 10, texts[1], texts[0],
        is_hung or (seconds > SLOW * PATIENCE and busy > SLOW * PATIENCE * 0.8))


@dataclass
class Tally:
    """What came of many inputs of a format."""
    inputs: int = 0
    processes: int = 0
    statuses: dict = field(default_factory=lambda: {0: 0, 1: 0, 2: 0, "other": 0})
    signals: int = 0
    hangs: int = 0
    large: int = 0
    dumps: int = 0
    silent: int = 0
    seconds: float = 0
    slowest: float = 0
    largest: int = 0

    def add(self, ended, inputs=1):
        self.inputs += inputs
        self.processes += 1
        key = ended.status if ended.status in (0, 1, 2) else "other"
        self.statuses[key] += 1
        self.signals += bool(ended.signal)
        self.hangs += ended.is_hung
        self.large += ended.memory > LARGE
        self.dumps += ended.has_dump
        self.silent += ended.fault == "no sentence"
        self.seconds += ended.seconds
        self.slowest = max(self.slowest, ended.seconds)
        self.largest = max(self.largest, ended.memory)

    @property
    def faults(self):
        return self.signals + self.hangs + self.large + self.dumps + self.silent
