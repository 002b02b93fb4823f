// A real etcd of one member on loopback, over TLS to clients with a certificate of its authority.
#pragma once

#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "common/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// Not thread-safe. The member ends with it.
class TlsEtcd {
 public:
  [[nodiscard]] static bool installed() {
    if (std::filesystem::exists(kProgram)) return true;
    std::cout << "SKIP: " << kProgram << " is not installed\n";
    return false;
  }

  // Serves with the certificate `server` of `authority`; asked with the one of `client`.
  TlsEtcd(const Authority& authority, const std::string& server, const std::string& client)
      : member_({kProgram,
                 "--data-dir",
                 (tree_.root / "data").string(),
                 "--listen-client-urls",
                 url_,
                 "--advertise-client-urls",
                 url_,
                 "--listen-peer-urls",
                 peers_,
                 "--initial-advertise-peer-urls",
                 peers_,
                 "--initial-cluster",
                 "default=" + peers_,
                 "--cert-file",
                 authority.pem(server),
                 "--key-file",
                 authority.key(server),
                 "--client-cert-auth",
                 "--trusted-ca-file",
                 authority.certificate(),
                 "--log-level",
                 "error"}) {
    tls_.ca_file = authority.certificate();
    tls_.cert_file = authority.pem(client);
    tls_.key_file = authority.key(client);
    // Its certificate may be one that nobody should believe.
    tls_.verify = TlsClientConfig::Verify::Nobody;
  }

  [[nodiscard]] bool ready() {
    return eventually([&] { return !ask("/v3/kv/range", R"({"key":"Lw=="})").empty(); });
  }
  // Whether anything answers: who is not believed by itself serves nothing.
  [[nodiscard]] bool listens() {
    return eventually([&] { return http_.send(request("/version", ""), {}).has_value(); });
  }

  [[nodiscard]] const std::string& url() const { return url_; }
  // Of its port for other members, which has no TLS.
  [[nodiscard]] std::string peer_url() const { return "https" + peers_.substr(peers_.find(':')); }

  // Empty when there is no answer, or it is an error.
  [[nodiscard]] std::string ask(const std::string& path, const std::string& body) {
    const auto response = http_.send(request(path, body), {});
    return response && response->status == 200 ? response->body : std::string();
  }

  // From now on only users are served: root, whose password is "root", and `user`, whose password
  // is `password` and who may do everything with keys that begin with /collect/.
  void demand_users(const std::string& user, const std::string& password) {
    const auto order = [&](const std::string& path, const std::string& body) {
      INFO(path);
      REQUIRE_FALSE(ask("/v3/auth/" + path, body).empty());
    };
    order("user/add", R"({"name":"root","password":"root"})");
    order("user/grant", R"({"user":"root","role":"root"})");
    order("role/add", R"({"name":"keys"})");
    // "/collect/" to "/collect0"
    order("role/grant", R"({"name":"keys","perm":{"permType":"READWRITE","key":"L2NvbGxlY3Qv",)"
                        R"("range_end":"L2NvbGxlY3Qw"}})");
    order("user/add", fmt::format(R"({{"name":"{}","password":"{}"}})", user, password));
    order("user/grant", fmt::format(R"({{"user":"{}","role":"keys"}})", user));
    order("enable", "{}");
  }

 private:
  static constexpr const char* kProgram = "/usr/bin/etcd";

  [[nodiscard]] HttpRequest request(const std::string& path, const std::string& body) const {
    HttpRequest request;
    request.method = "POST";
    request.url = url_ + path;
    request.body = body;
    request.tls = tls_;
    request.timeout = std::chrono::seconds(20);
    return request;
  }

  TempTree tree_;
  std::string url_ = fmt::format("https://127.0.0.1:{}", free_port());
  std::string peers_ = fmt::format("http://127.0.0.1:{}", free_port());
  ChildProgram member_;
  TlsClientConfig tls_;
  CurlHttpClient http_;
};

}  // namespace fieldmedic
