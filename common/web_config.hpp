// TLS and users of an HTTP server, in Prometheus' own web.config.file format (exporter-toolkit).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.hpp"
#include "common/tls_server.hpp"

namespace fieldmedic {

struct WebConfig {
  std::shared_ptr<const TlsServerContext> tls;                       // null: plain HTTP
  std::map<std::string, std::string, std::less<>> basic_auth_users;  // name -> bcrypt hash
  std::vector<std::pair<std::string, std::string>> headers;          // of every response
  // Somebody wrote down that everybody may come in.
  enum class OpenMode { NotAsked, AskedByName } open_mode = OpenMode::NotAsked;

  [[nodiscard]] bool requires_user() const { return !basic_auth_users.empty(); }
};

// Reads the file and the certificates it names. All errors at once in one message, a line each, as
// file:line:column. Relative paths are relative to the file. Keys of exporter-toolkit that are not
// supported are refused by name.
[[nodiscard]] Result<WebConfig> read_web_config(const std::filesystem::path& file);

// A running server may be opened by a restart or by name, not by a file that lost its lines: users
// (unless `next` asks for open mode), TLS and the verification of clients must stay. Errc::Conflict
// says what was lost.
[[nodiscard]] Status keeps_protection(const WebConfig& now, const WebConfig& next);

}  // namespace fieldmedic
