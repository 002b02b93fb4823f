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

std::string read_ca_file(const ConfigFile& file, const YamlMap& access) {
  if (!access.has("ca_file")) return {};
  return beside(file, access.string("ca_file")).string();
}

std::string read_required_url(const YamlMap& access) {
  return access.has("url") ? read_url(access, "url") : access.string("url");
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
    return {};
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

PrometheusAccess read_prometheus_access(const ConfigFile& file) {
  PrometheusAccess prometheus;
  if (!file.root.has("prometheus")) return prometheus;
  const YamlMap map = file.root.map("prometheus");
  prometheus.url = read_required_url(map);
  prometheus.basic_auth = read_basic_auth(file, map);
  prometheus.ca_file = read_ca_file(file, map);
  map.done();
  return prometheus;
}

AlertmanagerAccess read_alertmanager_access(const ConfigFile& file) {
  AlertmanagerAccess alertmanager;
  if (!file.root.has("alertmanager")) return alertmanager;
  const YamlMap map = file.root.map("alertmanager");
  alertmanager.url = read_required_url(map);
  alertmanager.receiver = map.string("receiver");
  alertmanager.basic_auth = read_basic_auth(file, map);
  alertmanager.ca_file = read_ca_file(file, map);
  map.done();
  return alertmanager;
}

}  // namespace fieldmedic
