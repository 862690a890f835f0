"""The machine under the measurement: its tools, its cores, its limits, what it builds and what it is called."""

import os
import platform
import resource
import shutil
import socket
import subprocess
import sys

BENCHMARKS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCHMARKS)
WORK = os.path.join(BENCHMARKS, ".build", "bench")

SERVER_CORE, LOAD_CORE = 0, 1


def say(text):
    print(text, file=sys.stderr, flush=True)


def fail(text):
    sys.exit(f"Benchmarks/run: {text}")


def collector_core():
    """A core of its own where there is one, else the load's: beside the server it would hand it larger batches."""
    return 2 if os.cpu_count() > 2 else LOAD_CORE


def require_cores():
    if len(os.sched_getaffinity(0)) < 2:
        fail("two cores are needed, one for the servers and one for the load")


def install(tools):
    """Installs what is missing of `tools` ({command: Debian package}) and says so."""
    missing = sorted(package for command, package in tools.items() if not shutil.which(command))
    if not missing:
        return
    if not shutil.which("apt-get"):
        fail(f"missing and not installable here (no apt-get): {' '.join(missing)}")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if sudo and not shutil.which("sudo"):
        fail(f"missing: {' '.join(missing)}; run as root: apt-get install {' '.join(missing)}")
    say(f"Installing {' '.join(missing)} by apt-get (the measurement needs it).")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(sudo + ["apt-get", "update", "-qq"], check=True, env=environment, stdout=sys.stderr)
    command = sudo + ["apt-get", "install", "-y", "-qq", "--no-install-recommends"] + missing
    subprocess.run(command, check=True, env=environment, stdout=sys.stderr)


def build(package, products):
    """Builds executables of the package at `package` in release; returns {product: path}."""
    command = ["swift", "build", "-c", "release", "--package-path", package]
    for product in products:
        say(f"Building {product} (release).")
        if subprocess.run(command + ["--product", product], stdout=sys.stderr).returncode:
            fail(f"{product} does not build; leave its rows out with --rows")
    if not products:
        return {}
    path = subprocess.run(command + ["--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return {product: os.path.join(path, product) for product in products}


def build_floor():
    path = os.path.join(WORK, "floor")
    compiler = shutil.which("cc") or shutil.which("clang") or fail("no C compiler: neither cc nor clang")
    subprocess.run(
        [compiler, "-O2", "-Wall", "-o", path, os.path.join(BENCHMARKS, "floor", "floor.c")], check=True)
    return path


def make_certificate():
    """A throw-away certificate for 127.0.0.1 (ECDSA, P-256) and its key, the same for every row: two paths."""
    certificate, key = os.path.join(WORK, "certificate.pem"), os.path.join(WORK, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


def busy_seconds():
    """What the measurement's cores have been busy with so far, whoever it was for (proc(5), /proc/stat)."""
    ticks = 0
    with open("/proc/stat") as file:
        for line in file:
            name, *fields = line.split()
            if name in (f"cpu{SERVER_CORE}", f"cpu{LOAD_CORE}"):
                user, nice, system, _, _, interrupt, soft_interrupt, stolen = map(int, fields[:8])
                ticks += user + nice + system + interrupt + soft_interrupt + stolen
    return ticks / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def allow_descriptors(wanted):
    """Raises this process's limit on open files as far as `wanted`, or fails with what to do."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        fail(f"only {hard} open files are allowed and {wanted} are needed: raise `ulimit -n`, or lower --idle-connections")


def description():
    """One line on what the figures were taken with."""
    model = "unknown processor"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = " ".join(line.split(":", 1)[1].split())
                break
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout
    swift = next((line for line in swift.splitlines() if "Swift version" in line), "Swift of unknown version")
    kernel = platform.release().split("-")[0]
    return f"{model}, {os.cpu_count()} cores, Linux {kernel}, {swift.split(' (')[0]}"


def commit():
    command = ["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=9"]
    answer = subprocess.run(command, capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else "unknown commit"
