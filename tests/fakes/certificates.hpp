// Authorities and certificates made by the openssl program for one test; nothing with a key is
// checked in.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/process_runner.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

inline void run_openssl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "openssl");
  LocalProcessRunner runner;
  const auto result = runner.run({.argv = std::move(arguments), .environment = {}}, {});
  REQUIRE(result);
  INFO(result->err);
  REQUIRE(result->exit_code == 0);
}

// NAME.pem and NAME.key in the tree.
class Authority {
 public:
  Authority(const TempTree& tree, std::string name) : tree_(tree), name_(std::move(name)) {
    make(name_, "/CN=" + name_, {"-addext", "basicConstraints=critical,CA:TRUE"});
  }

  [[nodiscard]] std::string certificate() const { return pem(name_); }

  // A leaf that serves and asks, good for `names` such as "IP:127.0.0.1,DNS:localhost".
  void sign(const std::string& leaf, const std::string& names) const {
    make(leaf, "/CN=" + leaf, signing({"-addext", "subjectAltName=" + names}));
  }

  // One that asks, whose subject has no common name.
  void sign_unnamed(const std::string& leaf) const { make(leaf, "/O=" + leaf, signing({})); }

  // The like, which expired a day ago.
  void sign_expired(const std::string& leaf, const std::string& names) const {
    const std::string request = path(leaf + ".csr");
    run_openssl({"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-subj", "/CN=" + leaf, "-addext", "subjectAltName=" + names, "-keyout", key(leaf),
                 "-out", request});
    run_openssl({"x509", "-req", "-in", request, "-days", "-1", "-CA", certificate(), "-CAkey",
                 key(name_), "-copy_extensions", "copyall", "-out", pem(leaf)});
  }

  [[nodiscard]] std::string pem(const std::string& leaf) const { return path(leaf + ".pem"); }
  [[nodiscard]] std::string key(const std::string& leaf) const { return path(leaf + ".key"); }

 private:
  [[nodiscard]] std::string path(const std::string& file) const {
    return (tree_.root / file).string();
  }
  [[nodiscard]] std::vector<std::string> signing(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"-CA",     certificate(),
                                       "-CAkey",  key(name_),
                                       "-addext", "basicConstraints=critical,CA:FALSE",
                                       "-addext", "extendedKeyUsage=serverAuth,clientAuth"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  void make(const std::string& leaf, const std::string& subject,
            const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{
        "req",     "-x509", "-newkey", "ec",    "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-days", "2",       "-subj", subject,    "-keyout",
        key(leaf), "-out",  pem(leaf)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    run_openssl(std::move(arguments));
  }

  const TempTree& tree_;
  std::string name_;
};

}  // namespace fieldmedic
