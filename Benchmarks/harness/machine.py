"""The machine that runs the benchmarks: tools, cores, limits, builds and description."""

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
    """Returns a separate core if there is one, otherwise that of the load; on the server's core, batches would be larger."""
    return 2 if os.cpu_count() > 2 else LOAD_CORE


def require_cores():
    if len(os.sched_getaffinity(0)) < 2:
        fail("two cores are needed, one for the servers and one for the load")


def install(tools):
    """Installs the missing `tools` ({command: Debian package}), and prints which."""
    missing = sorted(package for command, package in tools.items() if not shutil.which(command))
    if not missing:
        return
    if not shutil.which("apt-get"):
        fail(f"missing, and there is no apt-get: {' '.join(missing)}")
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if sudo and not shutil.which("sudo"):
        fail(f"missing: {' '.join(missing)}; run as root: apt-get install {' '.join(missing)}")
    say(f"Installing {' '.join(missing)} by apt-get (needed by the benchmark).")
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
            fail(f"{product} does not build; omit its rows with --rows")
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
    """Creates a temporary certificate for 127.0.0.1 (ECDSA, P-256) for all rows; returns the paths of certificate and key."""
    certificate, key = os.path.join(WORK, "certificate.pem"), os.path.join(WORK, "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


def busy_seconds():
    """Returns the busy time of the two cores so far, of all processes (proc(5), /proc/stat)."""
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
    """Raises the limit on open files of this process to `wanted`, or fails with the remedy."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        fail(f"only {hard} open files are allowed and {wanted} are needed: raise `ulimit -n`, or lower --idle-connections")


def description():
    """Returns a line with processor, kernel and Swift version."""
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
    result = subprocess.run(command, capture_output=True, text=True)
    return result.stdout.strip() if result.returncode == 0 else "unknown commit"
