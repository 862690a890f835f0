"""The compared servers: starting, measuring and stopping them."""

import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from . import machine

ROWS = {
    "floor": "smallest C epoll server",
    "nginx": "nginx, `return 200`",
    "nginx-tls": "nginx, `return 200`, over TLS 1.3",
    "spoor": "Spoor, HelloServer",
    "spoor-tls": "Spoor, HelloServer, over TLS 1.3",
    "spoor-traced": "Spoor traced, every span reported",
    "hummingbird": "Hummingbird",
    "hummingbird-traced": "Hummingbird traced, no-op tracer",
    "flyingfox": "FlyingFox",
    "spoor-routes": "Spoor, 1 000 routes",
    "hummingbird-routes": "Hummingbird, 1 000 routes",
    "spoor-json": "Spoor, JSON echo",
    "hummingbird-json": "Hummingbird, JSON echo",
}

def speaks_tls(row):
    return row.endswith("-tls")


def rows_of(variant, rows):
    """Returns the rows that a variant measures: those of its kind, and the floor for routes, as it ignores the path."""
    if variant == "routes":
        return [row for row in rows if row == "floor" or row.endswith("-routes")]
    if variant.startswith("json"):
        return [row for row in rows if row.endswith("-json")]
    return [row for row in rows if speaks_tls(row) == (variant == "tls") and not row.endswith(("-routes", "-json"))]


_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Server:
    """A running server with all of its child processes."""

    name: str
    port: int
    process: subprocess.Popen
    log: str
    companions: list = field(default_factory=list)  # processes that it needs and that are not measured: its collector

    @property
    def scheme(self):
        return "https" if speaks_tls(self.name) else "http"

    def _pids(self, roots):
        children = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            if (stat := _stat(entry)) is not None:
                children.setdefault(int(stat[1]), []).append(int(entry))
        found, pending = [], [process.pid for process in roots]
        while pending:
            found.append(pending.pop())
            pending += children.get(found[-1], [])
        return found

    def cpu_seconds(self, with_companions=False):
        """Returns user plus system time of the process tree, all threads."""
        roots = [self.process] + (self.companions if with_companions else [])
        stats = filter(None, (_stat(pid) for pid in self._pids(roots)))
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / _TICK

    def resident_bytes(self):
        return sum(int(stat[21]) * _PAGE for stat in filter(None, map(_stat, self._pids([self.process]))))

    def stop(self):
        """Stops the server, then its companions, so that the last spans reach the collector."""
        for process in [self.process, *self.companions]:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                machine.say(f"{self.name}: still running 15 s after SIGTERM, killed")
                process.kill()
                process.wait()

    def last_log_lines(self):
        with open(self.log, errors="replace") as file:
            return file.read().strip().splitlines()[-3:]


def _stat(pid):
    """Returns the fields of /proc/PID/stat from the third (state) on; None for a process that has ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()
    except OSError:
        return None


class ServerSet:
    """Builds the programs of the chosen rows once, and starts them when they are measured."""

    def __init__(self, rows, build):
        os.makedirs(machine.WORK, exist_ok=True)
        own = {"collector": ["spoor-collector"], "spoor": ["HelloServer"], "spoor-tls": ["HelloServer"], "spoor-traced": ["HelloServer", "spoor-collector"]}
        peers = {"hummingbird": ["HummingbirdHello"], "flyingfox": ["FlyingFoxHello"], "spoor-routes": ["SpoorRoutes"],
                 "spoor-json": ["SpoorEcho"]}
        for row in ("hummingbird-traced", "hummingbird-routes", "hummingbird-json"):
            peers[row] = peers["hummingbird"]
        products = lambda of: sorted({product for row in rows for product in of.get(row, [])})
        self.paths = build(machine.ROOT, products(own)) | build(machine.BENCHMARKS, products(peers))
        if "floor" in rows:
            self.paths["floor"] = machine.build_floor()
        if any(map(speaks_tls, rows)):
            self.paths["certificate"], self.paths["key"] = machine.make_certificate()

    def start(self, name):
        port, companions = machine.free_port(), []
        if name == "floor":
            command = [self.paths["floor"], str(port)]
        elif name in ("nginx", "nginx-tls"):
            command = ["nginx", "-p", machine.WORK, "-c", self._nginx_configuration(name, port)]
        elif name == "spoor":
            command = [self.paths["HelloServer"], "--port", str(port), "--loops", "1"]
        elif name == "spoor-tls":
            command = [self.paths["HelloServer"], "--port", str(port), "--loops", "1"]
            command += ["--tls-cert", self.paths["certificate"], "--tls-key", self.paths["key"]]
        elif name == "spoor-traced":
            ingest, collector = self.start_collector()
            companions.append(collector)
            url = f"http://127.0.0.1:{ingest}/api/traces"
            command = [self.paths["HelloServer"], "--port", str(port), "--loops", "1", "--trace", url]
        elif name == "flyingfox":
            command = [self.paths["FlyingFoxHello"], "--port", str(port)]
        elif name == "spoor-routes":
            command = [self.paths["SpoorRoutes"], "--port", str(port)]
        elif name == "spoor-json":
            command = [self.paths["SpoorEcho"], "--port", str(port)]
        else:
            command = [self.paths["HummingbirdHello"], "--port", str(port)]
            command += {"hummingbird-traced": ["--traced"], "hummingbird-routes": ["--routes"]}.get(name, [])
        process, log = _spawn(name, command, machine.SERVER_CORE)
        server = Server(name, port, process, log, companions)
        try:
            _await(f"{server.scheme}://127.0.0.1:{port}/", server.process, log, expecting=b"Hello, world!")
        except BaseException:
            server.stop()
            raise
        return server

    def start_collector(self):
        """Starts a collector; returns its port for spans, and its process."""
        page, ingest = machine.free_port(), machine.free_port()
        command = [self.paths["spoor-collector"], "--query-port", str(page), "--ingest-port", str(ingest)]
        process, log = _spawn("spoor-collector", command, machine.collector_core())
        try:
            _await(f"http://127.0.0.1:{page}/api/services", process, log)
        except BaseException:
            process.kill()
            raise
        return ingest, process

    def _nginx_configuration(self, name, port):
        certificate = ""
        if speaks_tls(name):
            certificate = (f"ssl_certificate {self.paths['certificate']}; ssl_certificate_key {self.paths['key']}; "
                           "ssl_protocols TLSv1.3;")
        values = {"port": str(port), "directory": machine.WORK, "certificate": certificate,
                 "ssl": " ssl" if speaks_tls(name) else ""}
        with open(os.path.join(machine.BENCHMARKS, "nginx", "nginx.conf")) as file:
            text = file.read()
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        path = os.path.join(machine.WORK, f"nginx-{port}.conf")
        with open(path, "w") as file:
            file.write(text)
        return path


def _spawn(name, command, core):
    log = os.path.join(machine.WORK, f"{name}.log")
    with open(log, "w") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}))
    return process, log


def _await(url, process, log, expecting=None, seconds=15):
    """Waits until `url` answers 200 with exactly the expected body."""
    context = ssl.create_default_context()  # the certificate was created for this run
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2, context=context if url.startswith("https") else None) as response:
                body = response.read()
                if expecting is not None and body != expecting:
                    machine.fail(f"{url} answers {body!r} instead of {expecting!r}: not comparable")
                return
        except urllib.error.HTTPError as error:
            machine.fail(f"{url} answers {error.code}")
        except OSError:
            time.sleep(0.05)
    with open(log, errors="replace") as file:
        machine.fail(f"no response from {url}; log of the server:\n{file.read()[-2000:]}")
