#include "remediator/actions/etcd_arguments.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/secret.hpp"
#include "common/tls_client.hpp"

namespace fieldmedic {

namespace {

void check_tls(const YamlMap& map, const EtcdAccess& access) {
  const TlsClientConfig tls{
      .ca_file = access.ca_file, .cert_file = access.cert_file, .key_file = access.key_file};
  const std::array files{&tls.ca_file, &tls.cert_file, &tls.key_file};
  // A path that is none has been told.
  if (!std::ranges::all_of(files, [](const auto* f) { return f->empty() || f->starts_with('/'); }))
    return;
  for (const TlsFault& fault : check_files(tls))
    map.error(fault.key, fmt::format("'{}' {}", fault.key, fault.what));
}

void read_user(const YamlMap& map, EtcdAccess& access) {
  access.user = map.string("user", "");
  access.password_file = read_path(map, "password_file");
  if (map.has("user") != map.has("password_file"))
    map.error("'user' and 'password_file' want each other");
  if (access.password_file.empty()) return;
  if (const auto password = read_secret_file(access.password_file); !password)
    map.error("password_file", fmt::format("'password_file': {}", password.error().message));
}

}  // namespace

EtcdAccess read_etcd_access(const YamlMap& map) {
  EtcdAccess access;
  map.require("urls");
  for (std::string& url : read_urls(map, "urls")) {
    // It is journaled, and asked for a path of its own.
    if (url.find_first_of("?#") != std::string::npos)
      map.error("urls", "each element of 'urls' wants no query or fragment");
    while (url.ends_with('/')) url.pop_back();
    access.urls.push_back(std::move(url));
  }
  if (access.urls.size() > kMostEtcdMembers)
    map.error("urls", fmt::format("'urls' wants at most {}", kMostEtcdMembers));
  access.ca_file = read_path(map, "ca_file");
  access.cert_file = read_path(map, "cert_file");
  access.key_file = read_path(map, "key_file");
  check_tls(map, access);
  read_user(map, access);
  return access;
}

}  // namespace fieldmedic
