#include "remediator/reach/kubeconfig.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "common/base64.hpp"
#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/reach/workload_name.hpp"

namespace fieldmedic {
namespace {

using std::filesystem::path;

// KEY-data, a text of base64.
std::string read_data(const YamlMap& map, const std::string& key) {
  const std::string name = key + "-data";
  if (!map.has(name)) return {};
  if (map.has(key)) map.error(name, fmt::format("'{}' and '{}' exclude each other", name, key));
  auto data = decode_base64(map.string(name));
  if (!data || data->empty()) {
    map.error(name, fmt::format("'{}' wants base64", name));
    return {};
  }
  return std::move(*data);
}

std::string read_file_name(const YamlMap& map, std::string_view key, const path& folder) {
  return map.has(key) ? (folder / map.string(key)).string() : std::string();
}

// The element of a list of {name: …, WHAT: {…}} that has this name.
YamlMap find_named(const YamlMap& root, std::string_view list, std::string_view what,
                   const std::string& name) {
  for (const YamlMap& element : root.maps(list))
    if (element.string("name", "") == name) return element.map(what);
  root.error(list, fmt::format("'{}' has no {} {}", list, what, quote(name)));
  return {};
}

void refuse_keys(const YamlMap& map,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> keys) {
  for (const auto& [key, why] : keys)
    if (map.has(key)) map.error(key, fmt::format("'{}' is not taken: {}", key, why));
}

std::string read_server(const YamlMap& cluster) {
  std::string server = read_url(cluster, "server");
  if (!cluster.has("server")) cluster.error("'server' is missing");
  if (server.starts_with("http://"))
    cluster.error("server", "'server' wants https://, since the token goes there");
  if (server.find_first_of("?#") != std::string::npos)
    cluster.error("server", "'server' wants no query or fragment");
  while (server.ends_with('/')) server.pop_back();
  return server;
}

void read_cluster(const YamlMap& cluster, const path& folder, KubernetesAccess& access) {
  access.server = read_server(cluster);
  access.tls.ca_file = read_file_name(cluster, "certificate-authority", folder);
  access.material.ca = read_data(cluster, "certificate-authority");
  access.tls.server_name = cluster.string("tls-server-name", "");
  // Not read as a boolean, whose error shows what is there: a secret that was pasted one line off.
  if (cluster.string("insecure-skip-tls-verify", "false") != "false")
    cluster.error("insecure-skip-tls-verify",
                  "'insecure-skip-tls-verify' is not taken: whoever answered would get the token; "
                  "give certificate-authority");
  refuse_keys(cluster, {{"proxy-url", "no proxy is used"}});
}

// It goes into one line of a request's head, and would end it with a line break of its own.
Secret read_token(const YamlMap& user) {
  std::string token = user.string("token");
  if (std::ranges::any_of(token, [](char c) { return c <= ' ' || c > '~'; })) {
    user.error("token", "'token' wants printable ASCII without spaces");
    return {};
  }
  return Secret(std::move(token));
}

void read_user(const YamlMap& user, const path& folder, KubernetesAccess& access) {
  refuse_keys(user, {{"exec",
                      "no program is run to get credentials; give a token, a tokenFile or "
                      "a client certificate"},
                     {"auth-provider",
                      "Kubernetes 1.26 dropped it; give a token, a tokenFile or a "
                      "client certificate"},
                     {"username", "API servers take no passwords since Kubernetes 1.19"},
                     {"password", "API servers take no passwords since Kubernetes 1.19"},
                     {"as", "impersonation is not used"}});
  access.tls.cert_file = read_file_name(user, "client-certificate", folder);
  access.material.certificate = read_data(user, "client-certificate");
  access.tls.key_file = read_file_name(user, "client-key", folder);
  access.material.key = Secret(read_data(user, "client-key"));
  access.token_file = read_file_name(user, "tokenFile", folder);
  if (user.has("token")) access.token = read_token(user);
  if (user.has("token") && user.has("tokenFile"))
    user.error("token", "'token' and 'tokenFile' exclude each other");
  const bool certificate = !access.tls.cert_file.empty() || !access.material.certificate.empty();
  const bool key = !access.tls.key_file.empty() || !access.material.key.empty();
  if (certificate != key) user.error("'client-certificate' and 'client-key' want each other");
  // One in a file and one in here: libcurl would take them, nobody writes that.
  if (access.tls.cert_file.empty() != access.tls.key_file.empty())
    user.error("'client-certificate' and 'client-key' want to be both files, or both data");
}

std::string_view key_of_material(const std::string& key) {
  if (key == "ca") return "certificate-authority-data";
  return key == "key" ? "client-key-data" : "client-certificate-data";
}

// Whether what the files and the data hold can be used.
void check_credentials(const YamlMap& where, const KubernetesAccess& access) {
  for (const TlsFault& fault : check_files(access.tls)) where.error(fault.what);
  for (const TlsFault& fault : check_material(access.material))
    where.error(fmt::format("{}: {}", key_of_material(fault.key), fault.what));
  if (access.token_file.empty()) return;
  if (const auto token = read_secret_file(access.token_file); !token)
    where.error("tokenFile: " + token.error().message);
}

}  // namespace

KubernetesAccess read_kubeconfig(const path& file, const std::string& context,
                                 ConfigErrors& errors) {
  KubernetesAccess access;
  const YamlMap root = read_yaml_file(file, errors);
  if (!errors.empty()) return access;
  const path folder = file.parent_path();
  const std::string name = context.empty() ? root.string("current-context", "") : context;
  if (name.empty()) {
    root.error("no 'context' is named, and 'current-context' is none either");
    return access;
  }
  const YamlMap chosen = find_named(root, "contexts", "context", name);
  if (!errors.empty()) return access;
  const YamlMap cluster = find_named(root, "clusters", "cluster", chosen.string("cluster"));
  const YamlMap user = find_named(root, "users", "user", chosen.string("user"));
  if (!errors.empty()) return access;
  read_cluster(cluster, folder, access);
  read_user(user, folder, access);
  access.name_space = chosen.string("namespace", access.name_space);
  if (!is_namespace_name(access.name_space))
    chosen.error("namespace", "'namespace' wants the name of a namespace");
  if (errors.empty()) check_credentials(user, access);
  return access;
}

KubernetesAccess read_service_account(const path& folder, std::string server,
                                      ConfigErrors& errors) {
  KubernetesAccess access;
  access.server = std::move(server);
  access.tls.ca_file = (folder / "ca.crt").string();
  access.token_file = (folder / "token").string();
  for (const TlsFault& fault : check_files(access.tls)) errors.add(folder.string(), fault.what);
  if (const auto token = read_secret_file(access.token_file); !token)
    errors.add(folder.string(), token.error().message);
  // The namespace is no secret, but as short, in one line and as bounded.
  const auto name_space = read_secret_file(folder / "namespace");
  if (!name_space)
    errors.add(folder.string(), name_space.error().message);
  else if (!is_namespace_name(name_space->reveal()))
    errors.add(folder.string(), "the file namespace holds no name of a namespace");
  else
    access.name_space = name_space->reveal();
  return access;
}

}  // namespace fieldmedic
