"""Runs a Kubernetes without nodes on loopback; scripts/kubernetes_server says what for."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import nodes
from api import Api, Refused

START_LIMIT = 180  # seconds
POD_TIME = 0.5  # seconds that a pod takes to start, and to end
CONTROLLERS = ("daemonset-controller", "deployment-controller", "disruption-controller", "garbage-collector-controller",
               "namespace-controller", "replicaset-controller", "root-ca-certificate-publisher-controller",
               "serviceaccount-controller", "statefulset-controller")


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_keys(folder):
    """authority signs server and admin; account is the key of service accounts' tokens."""
    def make(name, subject, *more):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", subject,
                "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", *more)

    signed = ("-CA", f"{folder}/authority.pem", "-CAkey", f"{folder}/authority.key", "-addext",
              "basicConstraints=critical,CA:FALSE", "-addext")
    make("authority", "/CN=authority", "-addext", "basicConstraints=critical,CA:TRUE")
    make("server", "/CN=server", *signed, "subjectAltName=IP:127.0.0.1,DNS:kubernetes.default.svc")
    make("admin", "/O=system:masters/CN=admin", *signed, "extendedKeyUsage=clientAuth")
    openssl("genrsa", "-out", f"{folder}/account.key", "2048")


def write_kubeconfig(folder, port):
    path = folder / "kubeconfig"
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
        "clusters": [{"name": "test", "cluster": {"server": f"https://127.0.0.1:{port}", "certificate-authority": "authority.pem"}}],
        "users": [{"name": "admin", "user": {"client-certificate": "admin.pem", "client-key": "admin.key"}}]}, indent=1) + "\n")
    return path


def commands(binaries, folder, ports):
    """Name and argv, in the order of their start."""
    client, peer, api = ports
    etcd = f"http://127.0.0.1:{client}"
    return (
        ("etcd", [shutil.which("etcd") or "etcd", "--data-dir", f"{folder}/etcd", "--listen-client-urls", etcd,
                  "--advertise-client-urls", etcd, "--listen-peer-urls", f"http://127.0.0.1:{peer}",
                  "--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}", "--initial-cluster",
                  f"default=http://127.0.0.1:{peer}"]),
        ("kube-apiserver", [
            f"{binaries}/kube-apiserver", f"--etcd-servers={etcd}", "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1", f"--secure-port={api}", f"--cert-dir={folder}",
            f"--tls-cert-file={folder}/server.pem", f"--tls-private-key-file={folder}/server.key",
            f"--client-ca-file={folder}/authority.pem", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.96.0.0/24",
            "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-key-file={folder}/account.key",
            f"--service-account-signing-key-file={folder}/account.key", "--endpoint-reconciler-type=none",
            "--disable-admission-plugins=TaintNodesByCondition"]),
        ("kube-controller-manager", [
            f"{binaries}/kube-controller-manager", f"--kubeconfig={folder}/kubeconfig", "--controllers=" + ",".join(CONTROLLERS),
            f"--root-ca-file={folder}/authority.pem", f"--service-account-private-key-file={folder}/account.key",
            "--secure-port=0", "--leader-elect=false"]),
    )


class Programs:
    """Started one by one, ended in reverse."""

    def __init__(self, folder):
        self._folder, self._running = folder, []

    def start(self, name, argv):
        with open(self._folder / f"{name}.log", "ab") as log:
            self._running.append((name, subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                         cwd=self._folder, start_new_session=True)))

    def ended(self):
        """The name of one that is no longer there, or None."""
        return next((name for name, program in self._running if program.poll() is not None), None)

    def end(self):
        for _, program in reversed(self._running):
            program.terminate()
            try:
                program.wait(15)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


def wait_until_ready(api, programs, stop):
    deadline = time.monotonic() + START_LIMIT
    while not stop.wait(0.2):
        if name := programs.ended():
            raise RuntimeError(f"{name} ended")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the API server is not ready after {START_LIMIT} s")
        try:
            if api.ask("GET", "/readyz") == "ok":
                return
        except (OSError, http.client.HTTPException, Refused):
            pass  # not yet


def run(binaries, folder, stop):
    make_keys(folder)
    ports = free_ports(3)
    kubeconfig = write_kubeconfig(folder, ports[-1])
    etcd, server, controllers = commands(binaries, folder, ports)
    programs = Programs(folder)
    try:
        programs.start(*etcd)
        programs.start(*server)
        api = Api(ports[-1], f"{folder}/authority.pem", f"{folder}/admin.pem", f"{folder}/admin.key")
        wait_until_ready(api, programs, stop)
        if stop.is_set():
            return 0
        programs.start(*controllers)
        nodes.make_nodes(api)
        print(f"Kubernetes {api.ask('GET', '/version')['gitVersion']} is ready; Ctrl-C ends it. Now run\n"
              f"  FIELDMEDIC_KUBECONFIG={kubeconfig} build/asan/bin/lab_kubernetes", flush=True)
        nodes.keep_going(api, POD_TIME, lambda: stop.wait(0.1) or programs.ended())
        if name := programs.ended():
            raise RuntimeError(f"{name} ended")
        return 0
    finally:
        programs.end()


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: scripts/kubernetes_server BINARIES FOLDER")
    binaries, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    missing = [name for name in ("kube-apiserver", "kube-controller-manager") if not os.access(binaries / name, os.X_OK)]
    if missing or shutil.which("etcd") is None:
        sys.exit(f"kubernetes_server: {', '.join(missing or ['etcd'])} is not there")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.exit(f"kubernetes_server: {folder} is not empty")
    stop = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, lambda *_: stop.set())
    try:
        sys.exit(run(binaries, folder, stop))
    except RuntimeError as error:
        sys.exit(f"kubernetes_server: {error}; see {folder}/*.log")


if __name__ == "__main__":
    main()
