// A real etcd of three members on loopback.
#pragma once

#include <array>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "common/http_client.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// Not thread-safe. Its members end with it.
class EtcdCluster {
 public:
  [[nodiscard]] static bool installed() {
    if (std::filesystem::exists(kProgram)) return true;
    std::cout << "SKIP: " << kProgram << " is not installed\n";
    return false;
  }

  EtcdCluster() {
    std::string cluster;
    for (std::size_t i = 0; i < kMembers; ++i) {
      peers_[i] = fmt::format("http://127.0.0.1:{}", free_port());
      urls_[i] = fmt::format("http://127.0.0.1:{}", free_port());
      cluster += fmt::format("{}m{}={}", i == 0 ? "" : ",", i, peers_[i]);
    }
    for (std::size_t i = 0; i < kMembers; ++i)
      members_[i] = std::make_unique<ChildProgram>(std::vector<std::string>{
          kProgram, "--name", fmt::format("m{}", i), "--data-dir",
          (tree_.root / fmt::format("m{}", i)).string(), "--listen-client-urls", urls_[i],
          "--advertise-client-urls", urls_[i], "--listen-peer-urls", peers_[i],
          "--initial-advertise-peer-urls", peers_[i], "--initial-cluster", cluster,
          "--initial-cluster-state", "new", "--log-level", "error",
          // Their own 0.1 s and 1 s let a busy machine choose a new leader again and again.
          "--heartbeat-interval", "200", "--election-timeout", "2000"});
  }

  // Whether its members have agreed on a leader.
  [[nodiscard]] bool ready() {
    return eventually(
        [this] { return ask("/v3/kv/range", R"({"key":"Lw=="})").starts_with("{\"header"); });
  }
  [[nodiscard]] std::vector<std::string> urls() const { return {urls_.begin(), urls_.end()}; }
  void end_member(std::size_t which) { members_.at(which).reset(); }

  // The answer of the first member; empty when there is none, or it is an error.
  [[nodiscard]] std::string ask(const std::string& path, const std::string& body) {
    HttpRequest request;
    request.method = "POST";
    request.url = urls_.front() + path;
    request.body = body;
    request.timeout = std::chrono::seconds(20);
    const auto response = http_.send(request, {});
    return response && response->status == 200 ? response->body : std::string();
  }

 private:
  static constexpr const char* kProgram = "/usr/bin/etcd";
  static constexpr std::size_t kMembers = 3;

  TempTree tree_;
  std::array<std::string, kMembers> peers_;
  std::array<std::string, kMembers> urls_;
  std::array<std::unique_ptr<ChildProgram>, kMembers> members_;
  CurlHttpClient http_;
};

}  // namespace fieldmedic
