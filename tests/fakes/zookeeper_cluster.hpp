// A real ZooKeeper of three servers on loopback, and a client that is not ours.
#pragma once

#include <signal.h>

#include <array>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>

#define THREADED  // the client's calls that wait
#include <zookeeper/zookeeper.h>

#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

// Not thread-safe. Its servers end with it.
class ZookeeperCluster {
 public:
  [[nodiscard]] static bool installed() {
    for (const char* file : {kJava, kJar})
      if (!std::filesystem::exists(file)) {
        std::cout << "SKIP: " << file << " is not installed\n";
        return false;
      }
    return true;
  }

  ZookeeperCluster() {
    std::string servers;
    for (std::size_t i = 0; i < kServers; ++i) {
      ports_[i] = free_port();
      servers += fmt::format("server.{}=127.0.0.1:{}:{}\n", i + 1, free_port(), free_port());
    }
    for (std::size_t i = 0; i < kServers; ++i) {
      const std::string folder = fmt::format("s{}", i);
      tree_.write(folder + "/myid", std::to_string(i + 1));
      const auto file = tree_.write(
          folder + "/zoo.cfg",
          fmt::format("tickTime=500\ninitLimit=120\nsyncLimit=60\ndataDir={}\nclientPort={}\n"
                      "clientPortAddress=127.0.0.1\nadmin.enableServer=false\n{}",
                      (tree_.root / folder).string(), ports_[i], servers));
      members_[i] = std::make_unique<ChildProgram>(std::vector<std::string>{
          kJava, "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", kJar,
          "org.apache.zookeeper.server.quorum.QuorumPeerMain", file.string()});
    }
  }

  [[nodiscard]] std::vector<std::string> servers() const {
    std::vector<std::string> all;
    for (const int port : ports_) all.push_back(fmt::format("127.0.0.1:{}", port));
    return all;
  }
  void end_server(std::size_t which) { members_.at(which).reset(); }
  // It says nothing any more and keeps its connections, as behind a broken network.
  void halt_server(std::size_t which) { kill(members_.at(which)->pid, SIGSTOP); }

 private:
  static constexpr const char* kJava = "/usr/bin/java";
  static constexpr const char* kJar = "/usr/share/java/zookeeper.jar";
  static constexpr std::size_t kServers = 3;

  TempTree tree_;
  std::array<int, kServers> ports_{};
  std::array<std::unique_ptr<ChildProgram>, kServers> members_;
};

// One session with it, as a collector or a leader would hold it. Not thread-safe.
class ZookeeperClient {
 public:
  explicit ZookeeperClient(const ZookeeperCluster& cluster) {
    zoo_set_debug_level(static_cast<ZooLogLevel>(0));
    const std::string servers = fmt::format("{}", fmt::join(cluster.servers(), ","));
    handle_ = zookeeper_init(servers.c_str(), nullptr, 10'000, nullptr, nullptr, 0);
  }
  ~ZookeeperClient() { zookeeper_close(handle_); }
  ZookeeperClient(const ZookeeperClient&) = delete;
  ZookeeperClient& operator=(const ZookeeperClient&) = delete;

  // Whether its servers have agreed on a leader.
  [[nodiscard]] bool ready() {
    return eventually([this] { return zoo_exists(handle_, "/", 0, nullptr) == ZOK; });
  }
  // ZOO_EPHEMERAL in `flags`: it goes with this session.
  bool make(const std::string& path, const std::string& value, int flags = 0,
            const ACL_vector* grants = &ZOO_OPEN_ACL_UNSAFE) {
    return zoo_create(handle_, path.c_str(), value.data(), static_cast<int>(value.size()), grants,
                      flags, nullptr, 0) == ZOK;
  }
  bool set(const std::string& path, const std::string& value) {
    return zoo_set(handle_, path.c_str(), value.data(), static_cast<int>(value.size()), -1) == ZOK;
  }
  bool remove(const std::string& path) { return zoo_delete(handle_, path.c_str(), -1) == ZOK; }
  bool log_in(const std::string& pair) {
    return zoo_add_auth(handle_, "digest", pair.data(), static_cast<int>(pair.size()), nullptr,
                        nullptr) == ZOK;
  }
  // "-": there is none, or it may not be read.
  [[nodiscard]] std::string get(const std::string& path) {
    std::string value(4096, '\0');
    int size = static_cast<int>(value.size());
    if (zoo_get(handle_, path.c_str(), 0, value.data(), &size, nullptr) != ZOK) return "-";
    value.resize(static_cast<std::size_t>(std::max(size, 0)));
    return value;
  }

 private:
  zhandle_t* handle_ = nullptr;
};

}  // namespace fieldmedic
