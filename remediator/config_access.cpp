#include <string_view>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

std::filesystem::path beside(const ConfigFile& file, const std::string& path) {
  return file.folder / path;  // an absolute path stays as it is
}

// `username` and `password_file`: both or neither.
std::optional<BasicAuth> read_basic_auth(const ConfigFile& file, const YamlMap& access) {
  const bool has_user = access.has("username");
  const bool has_password = access.has("password_file");
  if (has_user != has_password)
    access.error(has_user ? "'username' wants a password_file beside it"
                          : "'password_file' wants a username beside it");
  if (!has_user || !has_password) return std::nullopt;
  BasicAuth auth{.username = access.string("username"), .password = {}};
  const std::string path = access.string("password_file");
  if (path.empty()) return auth;  // told by string()
  Result<Secret> password = read_secret_file(beside(file, path));
  if (password)
    auth.password = std::move(*password);
  else
    access.error("password_file", "'password_file' " + password.error().message);
  return auth;
}

// `bearer_file`.
std::optional<Secret> read_bearer_token(const ConfigFile& file, const YamlMap& access) {
  if (!access.has("bearer_file")) return std::nullopt;
  const std::string path = access.string("bearer_file");
  if (path.empty()) return std::nullopt;  // told by string()
  if (access.has("username"))
    access.error("bearer_file", "'bearer_file' and 'username' exclude each other");
  Result<Secret> token = read_secret_file(beside(file, path));
  if (!token) {
    access.error("bearer_file", "'bearer_file' " + token.error().message);
    return std::nullopt;
  }
  return std::move(*token);
}

// `tls_config`, with Prometheus' names.
TlsClientConfig read_tls_config(const ConfigFile& file, const YamlMap& access) {
  TlsClientConfig tls;
  if (!access.has("tls_config")) return tls;
  const YamlMap map = access.map("tls_config");
  const auto path = [&](std::string_view key) {
    return map.has(key) ? beside(file, map.string(key)).string() : std::string();
  };
  tls.ca_file = path("ca_file");
  tls.cert_file = path("cert_file");
  tls.key_file = path("key_file");
  tls.server_name = map.string("server_name", "");
  if (map.boolean("insecure_skip_verify", false)) tls.verify = TlsClientConfig::Verify::Nobody;
  for (const TlsFault& fault : check_files(tls))
    map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
  map.done();
  return tls;
}

ServerAccess read_server_access(const ConfigFile& file, const YamlMap& map) {
  return {.url = map.has("url") ? read_url(map, "url") : map.string("url"),
          .basic_auth = read_basic_auth(file, map),
          .bearer_token = read_bearer_token(file, map),
          .tls = read_tls_config(file, map)};
}

// The web configuration has its errors a line each, with their own places.
void add_web_errors(std::string_view lines, const std::string& name, ConfigErrors& errors) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos)
      errors.add(name, std::string(line));
    else
      errors.add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
}

}  // namespace

WebConfig read_web_access(const ConfigFile& file) {
  const YamlMap& root = file.root;
  const bool open = root.one_of("authentication", {"users", "none"}, "users") == "none";
  if (!root.has("web_config_file")) {
    if (!open)
      root.error(
          "wants 'web_config_file' with users in it ('authentication: none' lets everybody in)");
    WebConfig none;
    if (open) none.open_mode = WebConfig::OpenMode::AskedByName;
    return none;
  }
  const std::string name = root.string("web_config_file");
  if (name.empty()) return {};  // told by string()
  const std::filesystem::path path = beside(file, name);
  Result<WebConfig> web = read_web_config(path);
  if (!web) {
    add_web_errors(web.error().message, path.string(), file.errors);
    return {};
  }
  if (!open && !web->requires_user())
    root.error("web_config_file",
               "'web_config_file' names no users ('authentication: none' lets everybody in)");
  if (open) web->open_mode = WebConfig::OpenMode::AskedByName;
  if (open && web->requires_user())
    root.error("authentication", "'authentication' is none, but web_config_file names users");
  return std::move(*web);
}

std::filesystem::path read_journal(const ConfigFile& file) {
  std::filesystem::path path = RemediatorConfig{}.journal;
  if (!file.root.has("journal")) return path;
  const YamlMap journal = file.root.map("journal");
  if (!journal.has("sqlite")) {
    journal.error("'journal' wants sqlite: {path: FILE}");
    return path;
  }
  const YamlMap sqlite = journal.map("sqlite");
  if (sqlite.has("path")) path = beside(file, sqlite.string("path"));
  sqlite.done();
  journal.done();
  return path;
}

ServerAccess read_prometheus_access(const ConfigFile& file) {
  if (!file.root.has("prometheus")) return {};
  const YamlMap map = file.root.map("prometheus");
  ServerAccess prometheus = read_server_access(file, map);
  map.done();
  return prometheus;
}

AlertmanagerAccess read_alertmanager_access(const ConfigFile& file) {
  AlertmanagerAccess alertmanager;
  if (!file.root.has("alertmanager")) return alertmanager;
  const YamlMap map = file.root.map("alertmanager");
  alertmanager.server = read_server_access(file, map);
  alertmanager.receiver = map.string("receiver");
  map.done();
  return alertmanager;
}

}  // namespace fieldmedic
