// How one host is reached over SSH, as the configuration declares it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace fieldmedic {

// Whether what wants root is asked for by sudo -n.
enum class AsRoot { Already, BySudo };

struct SshAccess {
  std::string address{};  // an IPv4 or IPv6 number: a name would have to be asked for
  std::uint16_t port = 22;
  std::string user{};
  std::string key_file{};          // private key without a passphrase; read at each connect
  std::string known_hosts_file{};  // the host's key; read at each connect, never written
  std::chrono::milliseconds connect_timeout{5'000};  // TCP, keys and log-in together

  AsRoot as_root = AsRoot::Already;  // of systemctl

  // "medic@10.0.0.11:22".
  [[nodiscard]] std::string name() const {
    const bool six = address.find(':') != std::string::npos;
    return user + "@" + (six ? "[" + address + "]" : address) + ":" + std::to_string(port);
  }
  friend bool operator==(const SshAccess&, const SshAccess&) = default;
};

}  // namespace fieldmedic
