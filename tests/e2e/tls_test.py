"""TLS as Prometheus means it: one web.config.file serves a real Prometheus and the exporter alike, Prometheus
scrapes the exporter over mutual TLS with basic authentication, and both judge the same files alike."""
import base64
import json
import ssl
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from loop.credentials import bcrypt, write_secret
from loop.layout import Layout
from loop.ports import Ports
from loop.processes import Processes, wait_for

from story import PATIENCE, Story, programs

PASSWORD = "open sesame"
WEB = """tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.pem
  min_version: TLS13
http_server_config:
  headers: {X-Frame-Options: deny}
basic_auth_users:
  medic: '%s'
"""
SCRAPES = """global: {scrape_interval: 5s, scrape_timeout: 5s}
scrape_configs:
  - job_name: known
    scheme: https
    static_configs: [{targets: ["127.0.0.1:%(port)d"]}]
    basic_auth: {username: medic, password_file: password}
    tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
  - job_name: nobody
    scheme: https
    static_configs: [{targets: ["127.0.0.1:%(port)d"]}]
    basic_auth: {username: medic, password_file: password}
    tls_config: {ca_file: ca.pem}
"""
CERTIFICATE = "tls_server_config: {cert_file: server.pem, key_file: server.key%s}\n"
JUDGED = {
    "{}\n": True,
    CERTIFICATE % "": True,
    CERTIFICATE % ", client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem": True,
    CERTIFICATE % ", client_auth_type: RequireAnyClientCert": True,
    CERTIFICATE % ", min_version: TLS12, max_version: TLS13, curve_preferences: [CurveP384, X25519]": True,
    CERTIFICATE % ", cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]": True,
    CERTIFICATE % ", cipher_suites: [TLS_NO_SUCH]": False,
    CERTIFICATE % ", curve_preferences: [P384]": False,
    CERTIFICATE % ", client_ca_file: ca.pem": False,
    CERTIFICATE % ", client_auth_type: Sometimes": False,
    CERTIFICATE % ", min_version: SSL30": False,
    CERTIFICATE % ", unknown: 1": False,
    "tls_server_config: {cert_file: server.pem}\n": False,
    "tls_server_config: {cert_file: none.pem, key_file: server.key}\n": False,
    "tls_server_config: {cert_file: server.pem, key_file: client.key}\n": False,
    "http_server_config: {headers: {X-Frame-Options: sometimes}}\n": False,
    "http_server_config: {headers: {X-Own: a}}\n": False,
}
# Prometheus would believe whom any public authority has certified.
OURS_REFUSES = CERTIFICATE % ", client_auth_type: RequireAndVerifyClientCert"


class Tls(Story):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.layout = Layout(cls.folder).make()
        cls.conf = cls.layout.conf
        cls.openssl("ca", "-addext", "basicConstraints=critical,CA:TRUE")
        for name in ("server", "client"):
            cls.openssl(name, "-CA", cls.conf / "ca.pem", "-CAkey", cls.conf / "ca.key",
                        "-addext", "basicConstraints=critical,CA:FALSE",
                        "-addext", "subjectAltName=IP:127.0.0.1",
                        "-addext", "extendedKeyUsage=serverAuth,clientAuth")
        cls.openssl("stranger", "-addext", "basicConstraints=critical,CA:TRUE")
        write_secret(cls.conf / "password", PASSWORD)
        cls.web = cls.conf / "web.yml"
        write_secret(cls.web, WEB % bcrypt(PASSWORD))

    @classmethod
    def openssl(cls, name, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", cls.conf / f"{name}.key",
                        "-out", cls.conf / f"{name}.pem", *more], check=True, capture_output=True)

    def ask(self, port, path, certificate="client", password=PASSWORD, newest=ssl.TLSVersion.TLSv1_3):
        """The answer with its headers and body; OSError when the connection is refused."""
        context = ssl.create_default_context(cafile=self.conf / "ca.pem")
        context.maximum_version = newest
        if certificate:
            context.load_cert_chain(self.conf / f"{certificate}.pem", self.conf / f"{certificate}.key")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=context))
        token = base64.b64encode(f"medic:{password}".encode()).decode()
        request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", headers={"Authorization": f"Basic {token}"})
        with opener.open(request, timeout=30) as answer:
            return answer.headers, answer.read().decode()

    def answers(self, port, path):
        try:
            self.ask(port, path)
        except OSError:
            return False
        return True

    def start(self):
        self.ports = Ports.free()
        processes = Processes(self.layout)
        self.addCleanup(processes.stop_all)
        exporter, prometheus = self.ports.exporter, self.ports.prometheus
        processes.start("exporter", [programs().exporter, f"--web.listen-address=127.0.0.1:{exporter}",
                                     f"--web.config.file={self.web}"], lambda: self.answers(exporter, "/-/healthy"))
        (self.conf / "prometheus.yml").write_text(SCRAPES % {"port": exporter})
        processes.start("prometheus", [programs().prometheus, f"--config.file={self.conf}/prometheus.yml",
                                       f"--storage.tsdb.path={self.layout.data}/prometheus",
                                       f"--web.listen-address=127.0.0.1:{prometheus}",
                                       f"--web.config.file={self.web}"], lambda: self.answers(prometheus, "/-/ready"))

    def up(self, job):
        """The last value of `up`, None before the first scrape."""
        query = urllib.parse.urlencode({"query": f'up{{job="{job}"}}'})
        result = json.loads(self.ask(self.ports.prometheus, f"/api/v1/query?{query}")[1])["data"]["result"]
        return result[0]["value"][1] if result else None

    def test_prometheus_scrapes_over_mutual_tls_and_both_let_in_the_same(self):
        self.start()
        wait_for(lambda: self.up("known") == "1", PATIENCE, "the exporter is not scraped over TLS")
        wait_for(lambda: self.up("nobody") is not None, PATIENCE, "the job without a certificate is not scraped")
        self.assertEqual("0", self.up("nobody"))
        for port in (self.ports.exporter, self.ports.prometheus):
            with self.subTest(port=port):
                headers, body = self.ask(port, "/metrics")
                self.assertEqual("deny", headers["X-Frame-Options"])
                self.assertIn("# TYPE ", body)
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    self.ask(port, "/metrics", password="wrong")
                self.assertEqual(401, refused.exception.code)
                for refusal in ({"certificate": None}, {"certificate": "stranger"},
                                {"newest": ssl.TLSVersion.TLSv1_2}):
                    with self.assertRaises(OSError, msg=refusal) as ended:
                        self.ask(port, "/metrics", **refusal)
                    self.assertNotIsInstance(ended.exception, urllib.error.HTTPError, refusal)

    def test_both_judge_the_same_files_alike(self):
        file, exporter_file = self.conf / "judged.yml", self.conf / "well.yml"
        exporter_file.write_text("{}\n")
        cases = [(text, good, good) for text, good in JUDGED.items()] + [(OURS_REFUSES, True, False)]
        for text, theirs, ours in cases:
            with self.subTest(text):
                file.write_text(text)
                answer = subprocess.run(["promtool", "check", "web-config", file], capture_output=True, text=True)
                self.assertEqual(0 if theirs else 1, answer.returncode, answer.stderr)
                answer = subprocess.run([programs().exporter, "--check-config", f"--config.file={exporter_file}",
                                         f"--web.config.file={file}"], capture_output=True, text=True)
                self.assertEqual(0 if ours else 78, answer.returncode, answer.stderr)
                self.assertEqual(f"{exporter_file}: OK\n{file}: OK\n" if ours else "", answer.stdout)


if __name__ == "__main__":
    unittest.main()
