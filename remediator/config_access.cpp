#include <string_view>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/server_access_config.hpp"
#include "remediator/config_parts.hpp"

namespace fieldmedic {
namespace {

std::filesystem::path beside(const ConfigFile& file, const std::string& path) {
  return file.folder / path;  // an absolute path stays as it is
}

// 0: for ever. A week is what people look back on at least.
std::chrono::milliseconds read_keep(const YamlMap& journal) {
  constexpr std::chrono::days kLeast{7};
  const auto keep = journal.duration("keep", {});
  if (keep.count() != 0 && keep < kLeast)
    journal.error("keep", "'keep' wants at least 7d, or 0s for ever");
  return keep;
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

JournalConfig read_journal(const ConfigFile& file) {
  JournalConfig config;
  if (!file.root.has("journal")) return config;
  const YamlMap journal = file.root.map("journal");
  if (journal.has("keep")) config.keep = read_keep(journal);
  if (!journal.has("sqlite")) {
    journal.error("'journal' wants sqlite: {path: FILE}");
    return config;
  }
  const YamlMap sqlite = journal.map("sqlite");
  if (sqlite.has("path")) config.path = beside(file, sqlite.string("path"));
  sqlite.done();
  journal.done();
  return config;
}

ServerPool read_prometheus_access(const ConfigFile& file) {
  if (!file.root.has("prometheus")) return {};
  const YamlMap map = file.root.map("prometheus");
  ServerPool prometheus = read_server_pool(map, file.folder);
  map.done();
  return prometheus;
}

AlertmanagerAccess read_alertmanager_access(const ConfigFile& file) {
  AlertmanagerAccess alertmanager;
  if (!file.root.has("alertmanager")) return alertmanager;
  const YamlMap map = file.root.map("alertmanager");
  alertmanager.servers = read_server_pool(map, file.folder);
  alertmanager.receiver = map.string("receiver");
  map.done();
  return alertmanager;
}

}  // namespace fieldmedic
