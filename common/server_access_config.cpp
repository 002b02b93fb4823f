#include "common/server_access_config.hpp"

#include <set>
#include <utility>

#include <fmt/core.h>

#include "common/config_fields.hpp"

namespace fieldmedic {
namespace {

using std::filesystem::path;

// `username` and `password_file`: both or neither.
std::optional<BasicAuth> read_basic_auth(const YamlMap& access, const path& folder) {
  const bool has_user = access.has("username");
  const bool has_password = access.has("password_file");
  if (has_user != has_password)
    access.error(has_user ? "'username' wants a password_file beside it"
                          : "'password_file' wants a username beside it");
  if (!has_user || !has_password) return std::nullopt;
  BasicAuth auth{.username = access.string("username"), .password = {}};
  const std::string file = access.string("password_file");
  if (file.empty()) return auth;  // told by string()
  Result<Secret> password = read_secret_file(folder / file);
  if (password)
    auth.password = std::move(*password);
  else
    access.error("password_file", "'password_file' " + password.error().message);
  return auth;
}

// `bearer_file`.
std::optional<Secret> read_bearer_token(const YamlMap& access, const path& folder) {
  if (!access.has("bearer_file")) return std::nullopt;
  const std::string file = access.string("bearer_file");
  if (file.empty()) return std::nullopt;  // told by string()
  if (access.has("username"))
    access.error("bearer_file", "'bearer_file' and 'username' exclude each other");
  Result<Secret> token = read_secret_file(folder / file);
  if (!token) {
    access.error("bearer_file", "'bearer_file' " + token.error().message);
    return std::nullopt;
  }
  return std::move(*token);
}

// `tls_config`.
TlsClientConfig read_tls_config(const YamlMap& access, const path& folder) {
  TlsClientConfig tls;
  if (!access.has("tls_config")) return tls;
  const YamlMap map = access.map("tls_config");
  const auto beside = [&](std::string_view key) {
    return map.has(key) ? (folder / map.string(key)).string() : std::string();
  };
  tls.ca_file = beside("ca_file");
  tls.cert_file = beside("cert_file");
  tls.key_file = beside("key_file");
  tls.server_name = map.string("server_name", "");
  if (map.boolean("insecure_skip_verify", false)) tls.verify = TlsClientConfig::Verify::Nobody;
  for (const TlsFault& fault : check_files(tls))
    map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
  map.done();
  return tls;
}

}  // namespace

namespace {

ServerAccess read_access_to(std::string url, const YamlMap& map, const path& folder) {
  return {.url = std::move(url),
          .basic_auth = read_basic_auth(map, folder),
          .bearer_token = read_bearer_token(map, folder),
          .tls = read_tls_config(map, folder)};
}

// `urls`: one of them twice would be asked twice in vain.
std::vector<std::string> read_addresses(const YamlMap& map) {
  std::vector<std::string> urls = read_urls(map, "urls");
  if (map.has("url")) map.error("urls", "'urls' and 'url' exclude each other");
  for (std::string& url : urls)
    while (url.ends_with('/')) url.pop_back();
  if (urls.size() > kMostServers)
    map.error("urls", fmt::format("'urls' wants at most {} of them", kMostServers));
  std::set<std::string> seen;
  for (const std::string& url : urls)
    if (!seen.insert(url).second)
      map.error("urls", fmt::format("'urls' names {} twice", redact_url(url)));
  return urls;
}

}  // namespace

ServerAccess read_server_access(const YamlMap& map, const path& folder) {
  return read_access_to(map.has("url") ? read_url(map, "url") : map.string("url"), map, folder);
}

ServerPool read_server_pool(const YamlMap& map, const path& folder) {
  if (!map.has("urls")) return ServerPool({read_server_access(map, folder)});
  map.require("urls");
  ServerAccess access = read_access_to("", map, folder);
  std::vector<ServerAccess> servers;
  for (std::string& url : read_addresses(map)) {
    access.url = std::move(url);
    servers.push_back(access);
  }
  return ServerPool(std::move(servers));
}

}  // namespace fieldmedic
