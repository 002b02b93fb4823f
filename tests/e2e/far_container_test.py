"""R2 on another host: a container of its Docker Engine, which is reached by TCP with TLS, is restarted by the running
remediator. The engine beside the remediator has a container of the same name, which is left alone."""
import os
import subprocess
import unittest

from loop.drill import events
from loop.ports import free_port
from loop.processes import wait_for

from docker_host import DockerHost
from lone_remediator import LoneRemediator
from ssh_host import SshHost
from webhooks import DOWN, alert

FAR = "sh-01"
# Told by its command line, which this machine sees: another run of this test may be beside it.
PROGRAMS = {"far": f"busybox sleep {100_000 + os.getpid()}", "here": "busybox sleep 86400"}
SCRIPT = "echo begun >> /shared/{name}; echo said by {name}; trap 'exit 0' TERM; {program} & wait"


class FarContainer(LoneRemediator):
    def setUp(self):
        super().setUp()
        self.certificates = self.layout.state / "certificates"
        self.certificates.mkdir()
        self.openssl("ca", "basicConstraints=critical,CA:TRUE")
        for name in ("engine", "medic"):
            self.openssl(name, "basicConstraints=critical,CA:FALSE", "subjectAltName=IP:127.0.0.1",
                         "extendedKeyUsage=serverAuth,clientAuth", "authorityKeyIdentifier=keyid",
                         issuer=("-CA", self.certificates / "ca.pem", "-CAkey", self.certificates / "ca.key"))
        self.port = free_port()
        self.shared = self.layout.state / "shared"
        self.shared.mkdir()
        self.engines = {
            "far": DockerHost.or_skip("-H", f"tcp://127.0.0.1:{self.port}", "--tlsverify", *(
                f"--tls{kind}={self.certificates / file}"
                for kind, file in (("cacert", "ca.pem"), ("cert", "engine.pem"), ("key", "engine.key")))),
            "here": DockerHost.or_skip()}
        self.ssh = SshHost.or_skip(self.layout.state / "ssh")
        self.addCleanup(self.ssh.stop)
        for name, engine in self.engines.items():
            self.addCleanup(engine.stop)
            engine.run_container("orders", SCRIPT.format(name=name, program=PROGRAMS[name]), "-v", f"{self.shared}:/shared")
            wait_for(lambda name=name: self.starts(name), 60, f"the container {name} does not run")
        self.addCleanup(self.processes.stop_all)

    def openssl(self, name, *extensions, issuer=()):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={name}", "-keyout", self.certificates / f"{name}.key",
                        "-out", self.certificates / f"{name}.pem", *issuer,
                        *(part for extension in extensions for part in ("-addext", extension))],
                       check=True, capture_output=True)

    def starts(self, name):
        """How often a container was started, by its own lines."""
        file = self.shared / name
        return file.read_text().splitlines() if file.exists() else []

    def configuration(self):
        configuration = super().configuration()
        (group,) = configuration["groups"]
        collector = group["collectors"][0] | {"container": "orders", "process": {"command_line": f"^{PROGRAMS['far']}$"}}
        group["collectors"] = [collector]
        far = {"name": FAR, "reach": self.ssh.access(), "container_engine": {
            "url": f"https://127.0.0.1:{self.port}",
            "tls_config": {"ca_file": str(self.certificates / "ca.pem"), "cert_file": str(self.certificates / "medic.pem"),
                           "key_file": str(self.certificates / "medic.key")}}}
        configuration["groups"].append({"name": "shanghai", "hosts": [far], "collectors": [collector]})
        configuration["container_engine"] = {"socket": str(self.engines["here"].socket)}
        (playbook,) = configuration["playbooks"]
        playbook["tiers"] = [{"name": "restart the container", "timeout": "120s",
                              "action": {"container_restart": {"grace": "5s"}}}]
        playbook["verify"]["within"] = "60s"
        return configuration

    def test_the_container_of_that_engine_is_restarted_once_and_its_log_kept_here(self):
        self.start()
        subprocess.run(["pkill", "-KILL", "-f", "-x", PROGRAMS["far"]], check=True, timeout=30)
        self.accept(alert(DOWN | {"host": FAR}))
        incident = self.only_incident()
        self.assertEqual("recovered", incident["state"], incident["reason"])
        self.assertEqual({"done"}, {event["outcome"] for event in events(incident, "apply_finished")})
        self.assertEqual((2, 1), (len(self.starts("far")), len(self.starts("here"))))
        kept = [path for path in (self.journal.parent / "containers").rglob("*") if path.is_file()]
        self.assertIn("said by far", "".join(path.read_text(errors="replace") for path in kept))


if __name__ == "__main__":
    unittest.main(verbosity=2)
