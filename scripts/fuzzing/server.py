"""The program, started and linked once and forked before its main function for each input: see fork_server.c."""
import os
import select
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

from .running import LIMIT, MEMORY, Ended, Watch, environment, places, run, texts

SOURCE = Path(__file__).with_name("fork_server.c")
LIBRARY = "libpalimpsest-torch.so"
REQUESTS, ANSWERS = 198, 199


def build(folder):
    """The library that makes a server of the program; nothing where there is no C compiler."""
    compiler = next(filter(None, map(shutil.which, ("cc", "clang", "gcc"))), None)
    if not compiler:
        return None
    path = Path(folder) / "fork_server.so"
    subprocess.run([compiler, "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", str(path), str(SOURCE), "-ldl"], check=True)
    return path


class Server:
    """One process that is forked for each input. Its `run` is that of `running`, for one thread."""

    def __init__(self, program, preload):
        self.program, self.preload, self.process = program, preload, None

    def start(self):
        take, self.requests = os.pipe()
        self.answers, give = os.pipe()

        def prepare():
            # By way of numbers that neither end has.
            high = [os.dup2(take, 196), os.dup2(give, 197)]
            os.dup2(high[0], REQUESTS)
            os.dup2(high[1], ANSWERS)
            for number in high:
                os.close(number)

        # The program chooses how its threads wait before it loads libtorch, which here is there before it.
        variables = {**environment(), "OMP_WAIT_POLICY": "PASSIVE", "LD_PRELOAD": str(self.preload), "FUZZ_SERVER": "1", "FUZZ_MEMORY": str(MEMORY)}
        library = Path(self.program).with_name(LIBRARY)
        if library.exists():
            variables["FUZZ_LIBRARY"] = str(library)
        self.process = subprocess.Popen(
            [self.program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=prepare,
            env=variables, close_fds=False)
        os.close(take)
        os.close(give)
        self.answer(60)

    def answer(self, seconds):
        """The next answer, or nothing where none came in time."""
        if not select.select([self.answers], [], [], seconds)[0]:
            return None
        data = os.read(self.answers, 64)
        if len(data) != 64:
            self.stop()
            raise RuntimeError(f"the fork server ended with {self.status}")
        return struct.unpack("<8q", data)

    def stop(self):
        if self.process:
            os.close(self.requests)
            os.close(self.answers)
            self.status = self.process.wait()
            self.process = None

    def run(self, arguments, folder):
        try:
            if not self.process:
                self.start()
            paths = places(time.monotonic_ns())
            body = b"".join(os.fsencode(word) + b"\0" for word in (folder, *paths, *arguments))
            os.write(self.requests, struct.pack("<I", len(body)) + body)
            child = self.answer(60)[0]
        except (OSError, RuntimeError, TypeError):
            self.stop()
            return run(self.program, arguments, folder)
        watch = Watch(child)
        was_ended = False
        while not (answer := self.answer(1)):
            if not was_ended and watch.is_over(LIMIT):
                was_ended = True
                for end in (os.killpg, os.kill):
                    try:
                        end(child, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
            elif not was_ended:
                watch.own()
        _, status, user, system, memory = answer[:5]
        seconds = time.monotonic() - watch.start
        busy = (user + system) / 1e6
        is_hung = watch.is_hung(was_ended, busy)
        output, error = texts(paths)
        return Ended(os.waitstatus_to_exitcode(status), seconds, memory << 10, error, output, is_hung, busy)
