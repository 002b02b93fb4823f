// TLS and users of an HTTP server, in Prometheus' own web.config.file format (exporter-toolkit).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "common/result.hpp"

namespace fieldmedic {

struct TlsServerConfig {
  std::string cert_file;
  std::string key_file;
  std::string client_ca_file;
  enum class ClientAuth { None, Request, RequireAny, VerifyIfGiven, RequireAndVerify };
  ClientAuth client_auth = ClientAuth::None;
};

struct WebConfig {
  bool tls_enabled = false;
  TlsServerConfig tls;
  std::map<std::string, std::string, std::less<>> basic_auth_users;  // name -> bcrypt hash

  [[nodiscard]] bool requires_user() const { return !basic_auth_users.empty(); }
};

// All errors at once in one message, a line each, as file:line:column. Relative paths are relative
// to the file. Keys of exporter-toolkit that are not supported are refused by name.
[[nodiscard]] Result<WebConfig> read_web_config(const std::filesystem::path& file);

}  // namespace fieldmedic
