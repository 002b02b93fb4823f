// kubeconfigs with certificates made by openssl.
#include "remediator/reach/kubeconfig.hpp"

#include <fstream>
#include <iterator>

#include <fmt/core.h>
#include <openssl/evp.h>

#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"

namespace fieldmedic {

namespace {

struct Lab {
  TempTree tree;
  Authority ours{tree, "ours"};

  Lab() { ours.sign("client", "DNS:medic"); }

  [[nodiscard]] std::string text(const std::string& file) const {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  [[nodiscard]] std::string base64(const std::string& file) const {
    const std::string plain = text(file);
    std::string coded((plain.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(coded.data()),
                    reinterpret_cast<const unsigned char*>(plain.data()),
                    static_cast<int>(plain.size()));
    coded.pop_back();
    return coded;
  }

  KubernetesAccess read(const std::string& cluster, const std::string& user,
                        const std::string& context = "") {
    const auto file = tree.write(
        "config",
        fmt::format("apiVersion: v1\nkind: Config\npreferences: {{}}\n"
                    "current-context: main\n"
                    "contexts:\n"
                    "- {{name: main, context: {{cluster: c, user: u, namespace: collect}}}}\n"
                    "- {{name: bare, context: {{cluster: c, user: u}}}}\n"
                    "- {{name: lost, context: {{cluster: gone, user: u}}}}\n"
                    "clusters:\n- name: c\n  cluster: {{{}}}\n"
                    "users:\n- name: u\n  user: {{{}}}\n",
                    cluster, user));
    errors = {};
    return read_kubeconfig(file, context, errors);
  }

  ConfigErrors errors;
};

const std::string kServer = "server: 'https://10.0.0.1:6443/'";

}  // namespace

TEST_CASE("kubeconfig: token, files and data") {
  Lab lab;
  const KubernetesAccess by_token = lab.read(
      kServer + ", certificate-authority: ours.pem, tls-server-name: kubernetes", "token: t0k3n");
  CHECK(lab.errors.text().empty());
  CHECK(by_token.server == "https://10.0.0.1:6443");
  CHECK(by_token.name_space == "collect");
  CHECK(by_token.token.reveal() == "t0k3n");
  CHECK(by_token.tls ==
        TlsClientConfig{.ca_file = lab.ours.certificate(), .server_name = "kubernetes"});

  lab.tree.write("token", "from a file");
  CHECK(lab.read(kServer, "tokenFile: token", "bare").token_file ==
        (lab.tree.root / "token").string());
  CHECK(lab.errors.text().empty());

  const KubernetesAccess by_files =
      lab.read(kServer, "client-certificate: client.pem, client-key: client.key", "bare");
  CHECK(lab.errors.text().empty());
  CHECK(by_files.name_space == "default");
  CHECK(by_files.tls.cert_file == lab.ours.pem("client"));
  CHECK(by_files.tls.key_file == lab.ours.key("client"));

  const KubernetesAccess by_data =
      lab.read(fmt::format("{}, certificate-authority-data: {}", kServer,
                           lab.base64(lab.ours.certificate())),
               fmt::format("client-certificate-data: {}, client-key-data: {}",
                           lab.base64(lab.ours.pem("client")), lab.base64(lab.ours.key("client"))));
  CHECK(lab.errors.text().empty());
  CHECK(by_data.material.ca == lab.text(lab.ours.certificate()));
  CHECK(by_data.material.certificate == lab.text(lab.ours.pem("client")));
  CHECK(by_data.material.key.reveal() == lab.text(lab.ours.key("client")));
}

TEST_CASE(
    "kubeconfig: what is not taken is refused with its reason and place, without its content") {
  Lab lab;
  Authority others{lab.tree, "others"};
  const std::string s = kServer;
  const std::string cert = lab.base64(lab.ours.pem("client"));
  struct Case {
    std::string cluster, user, context, text;
  };
  const Case cases[] = {
      {s, "exec: {command: /s3cret, args: [a]}", "", "'exec' is not taken: no program is run"},
      {s, "auth-provider: {name: gcp}", "", "'auth-provider' is not taken"},
      {s, "username: s3cret, password: s3cret", "", "no passwords since Kubernetes 1.19"},
      {s, "token: s3cret, as: admin", "", "impersonation"},
      {s, "token: s3cret, tokenFile: token", "", "exclude each other"},
      {s, "token: [s3cret]", "", "'token'"},
      {s, R"(token: "s3cret\r\nX-More: 1")", "", "printable ASCII"},
      {"server: 'https://10.0.0.1/?a=s3cret'", "token: s3cret", "", "no query"},
      {s, "tokenFile: nowhere", "", "nowhere: No such file"},
      {"server: 'http://10.0.0.1'", "token: s3cret", "", "wants https://"},
      {"tls-server-name: x", "token: s3cret", "", "'server' is missing"},
      {s + ", insecure-skip-tls-verify: true", "token: s3cret", "", "would get the token"},
      {s + ", insecure-skip-tls-verify: s3cret", "token: s3cret", "", "would get the token"},
      {s + ", proxy-url: 'http://p'", "token: s3cret", "", "no proxy is used"},
      {s + ", certificate-authority: nowhere", "token: s3cret", "", "nowhere"},
      {s + ", certificate-authority-data: s3cret!", "token: s3cret", "", "wants base64"},
      {s + ", certificate-authority-data: c3RyaW5n", "token: s3cret", "",
       "certificate-authority-data: it holds no certificate"},
      {s, "client-certificate: client.pem", "", "want each other"},
      {s, "client-certificate: client.pem, client-key: others.key", "", "does not belong"},
      {s, "client-certificate: client.pem, client-key-data: " + cert, "", "both files, or both"},
      {s, fmt::format("client-certificate-data: {0}, client-key-data: {0}", cert), "",
       "client-key-data: it holds no private key"},
      {s, "token: s3cret", "other", "'contexts' has no context 'other'"},
      {s, "token: s3cret", "lost", "'clusters' has no cluster 'gone'"},
  };
  for (const Case& wanted : cases) {
    INFO(wanted.cluster << " | " << wanted.user);
    (void)lab.read(wanted.cluster, wanted.user, wanted.context);
    const std::string text = lab.errors.text();
    INFO(text);
    CHECK(text.contains(wanted.text));
    CHECK(text.contains("config:"));  // file:line:column
    CHECK_FALSE(text.contains("s3cret"));
  }
  ConfigErrors errors;
  (void)read_kubeconfig(lab.tree.root / "missing", "", errors);
  CHECK(errors.text().contains("cannot be read"));
}

TEST_CASE("kubeconfig: the service account of a pod") {
  Lab lab;
  const auto folder = lab.tree.root / "account";
  ConfigErrors missing;
  (void)read_service_account(folder, "https://10.0.0.1:443", missing);
  CHECK(missing.lines().size() == 3);
  lab.tree.write("account/ca.crt", lab.text(lab.ours.certificate()));
  lab.tree.write("account/token", "t0k3n");
  lab.tree.write("account/namespace", "collect");
  ConfigErrors errors;
  const KubernetesAccess access = read_service_account(folder, "https://10.0.0.1:443", errors);
  CHECK(errors.text().empty());
  CHECK(access.server == "https://10.0.0.1:443");
  CHECK(access.name_space == "collect");
  CHECK(access.tls.ca_file == (folder / "ca.crt").string());
  CHECK(access.token_file == (folder / "token").string());
  CHECK(access.token.empty());
  lab.tree.write("account/namespace", "No Namespace");
  (void)read_service_account(folder, "https://10.0.0.1:443", errors);
  CHECK(errors.text().contains("no name of a namespace"));
}

}  // namespace fieldmedic
