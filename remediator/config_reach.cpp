// How hosts are reached, and whether a check or an action can be done there.
#include <arpa/inet.h>

#include <algorithm>

#include <fmt/core.h>

#include "common/config_fields.hpp"
#include "common/quote.hpp"
#include "remediator/config_parts.hpp"
#include "remediator/reach/ssh_files.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr DurationBounds kConnectTimeout{milliseconds{100}, milliseconds{60'000}};
constexpr std::size_t kLongestUser = 32;  // useradd(8)
constexpr std::string_view kWanted = "local, {ssh: {address: …}} or {kubernetes: {kubeconfig: …}}";

bool is_ip(const std::string& text) {
  in6_addr any{};
  return inet_pton(AF_INET, text.c_str(), &any) == 1 ||
         inet_pton(AF_INET6, text.c_str(), &any) == 1;
}

// What useradd(8) takes; one that starts with '-' would be read as an option by other programs.
bool is_user(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= kLongestUser && text.front() != '-' &&
         std::ranges::all_of(text, allowed);
}

// A file that must be as `check` wants it; relative ones stand beside the configuration.
std::string read_file(const YamlMap& map, std::string_view key, const std::filesystem::path& folder,
                      Status (*check)(const std::filesystem::path&)) {
  const std::string name = map.string(key);
  if (name.empty()) return {};  // told by string()
  std::string file = (folder / name).string();
  if (auto right = check(file); !right)
    map.error(key, fmt::format("{} {}", quote(key), right.error().message));
  return file;
}

SshAccess read_ssh(const YamlMap& map, const std::filesystem::path& folder) {
  SshAccess ssh;
  ssh.address = map.string("address");
  // A name would have to be looked up, for as long as that takes, and may mean another host.
  if (!ssh.address.empty() && !is_ip(ssh.address))
    map.error("address", fmt::format("'address' wants an IP address, got {}", quote(ssh.address)));
  ssh.port = static_cast<std::uint16_t>(map.integer("port", ssh.port, 1, 65'535));
  ssh.user = map.string("user");
  if (!ssh.user.empty() && !is_user(ssh.user))
    map.error("user", fmt::format("'user' wants the name of a user, got {}", quote(ssh.user)));
  ssh.key_file = read_file(map, "key_file", folder, check_ssh_key);
  ssh.known_hosts_file = read_file(map, "known_hosts_file", folder, check_known_hosts);
  ssh.connect_timeout =
      read_bounded_duration(map, "connect_timeout", ssh.connect_timeout, kConnectTimeout);
  if (map.boolean("sudo", false)) ssh.as_root = AsRoot::BySudo;
  map.done();
  return ssh;
}

}  // namespace

void read_reach(const YamlMap& map, const std::filesystem::path& folder, HostSpec& host) {
  // Never guessed: a remote host taken for the local one would be harm.
  if (!map.has("reach")) return map.error(fmt::format("'reach' is missing, wants {}", kWanted));
  if (!map.is_map("reach")) {
    if (const std::string word = map.string("reach"); word != "local" && !word.empty())
      map.error("reach", fmt::format("'reach' wants {}, got {}", kWanted, quote(word)));
    return;
  }
  const YamlMap reach = map.map("reach");
  host.reach = reach.has("kubernetes") ? Reach::Kubernetes : Reach::Ssh;
  if (reach.has("ssh") == reach.has("kubernetes"))
    map.error("reach", fmt::format("'reach' wants {}", kWanted));
  else if (host.reach == Reach::Kubernetes)
    host.kubernetes = read_kubernetes_reach(reach.map("kubernetes"), folder);
  else
    host.ssh = read_ssh(reach.map("ssh"), folder);
  reach.done();
}

bool require_reachable(const YamlMap& map, const core::Spec& spec, const Subjects& subjects,
                       bool (*serves)(const core::Spec& spec, const HostSpec& host)) {
  if (spec.type.empty() || subjects.hosts.empty()) return true;
  const auto reached = [&](const HostSpec* host) { return serves(spec, *host); };
  if (std::ranges::any_of(subjects.hosts, reached)) return true;
  const Reach reach = subjects.hosts.front()->reach;
  map.error(spec.type, fmt::format("{} can never work: every host that this playbook can be about "
                                   "is reached {}, where it is not done",
                                   quote(spec.type), in_words(reach)));
  return false;
}

}  // namespace fieldmedic
