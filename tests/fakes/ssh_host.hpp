// A real sshd of its own on a loopback port (or at another address), with keys and configuration in
// a folder. It serves the user that runs the test. Needs the packages openssh-server and
// openssh-client.
#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <pwd.h>

#include "common/process_files.hpp"
#include "common/process_runner.hpp"
#include "remediator/reach/ssh_access.hpp"
#include "remediator/reach/tcp_connect.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

class SshHost {
 public:
  // Empty when one can be had here.
  static std::string why_not() {
    for (const char* program : {kDaemon, kKeygen})
      if (!std::filesystem::exists(program)) return std::string(program) + " is not installed";
    return {};
  }

  // Where commands begin: the user's home, or a folder of the host's own.
  enum class Home { Real, Own };

  // Where `wrapper` is given, each command is its last argument. `address` is an IPv4 number of the
  // network namespace that this is called in.
  explicit SshHost(Home home = Home::Real, const std::string& wrapper = {},
                   const std::string& address = "127.0.0.1") {
    if (geteuid() == 0) std::filesystem::create_directories("/run/sshd");  // sshd wants it then
    std::filesystem::create_directories(tree_.root / "home");
    access.address = address;
    access.port = static_cast<std::uint16_t>(free_port());
    access.user = getpwuid(geteuid())->pw_name;
    access.key_file = path("id");
    access.known_hosts_file = path("known_hosts");
    access.connect_timeout = std::chrono::seconds(60);
    up = make_key("host") && make_key("other") && make_key("id") && make_key("stranger");
    std::filesystem::copy_file(path("id.pub"), path("authorized_keys"));
    know("host.pub");
    tree_.write("sshd_config",
                "ListenAddress " + address + "\nPort " + std::to_string(access.port) +
                    "\nAuthorizedKeysFile " + path("authorized_keys") +
                    "\nUsePAM no\nStrictModes no\nPidFile none\nPasswordAuthentication no\n"
                    "PermitRootLogin prohibit-password\nLogLevel ERROR\nMaxStartups 500\n"
                    "MaxSessions 20\n" +
                    forced(home == Home::Real ? wrapper : "cd " + path("home") + " && eval"));
    start("host");
  }
  ~SshHost() { stop(); }
  SshHost(const SshHost&) = delete;
  SshHost& operator=(const SshHost&) = delete;

  // Shows this key as the host's own.
  void start(const std::string& key) {
    daemon_ = std::make_unique<ChildProgram>(
        std::vector<std::string>{kDaemon, "-D", "-e", "-f", path("sshd_config"), "-h", path(key)});
    // Who asked leaves a process over there for a moment: it is none of the sessions that a test
    // counts.
    up = up && eventually([&] { return answers(); }) &&
         eventually([&] { return sessions().empty(); });
  }
  // The sessions too.
  void stop() {
    if (!daemon_) return;
    const auto left = sessions();
    kill(daemon_->pid, SIGTERM);
    (void)daemon_->exit_code();
    for (const pid_t pid : left) kill(pid, SIGKILL);
    daemon_.reset();
  }
  // What the file of known hosts says of it: NAME.pub.
  void know(const std::string& key) {
    std::string type;
    std::string base64;
    std::ifstream(path(key)) >> type >> base64;
    tree_.write("known_hosts", "[" + access.address + "]:" + std::to_string(access.port) + " " +
                                   type + " " + base64 + "\n");
  }
  // The processes that serve a connection each.
  [[nodiscard]] std::vector<pid_t> sessions() const {
    std::vector<pid_t> found;
    const auto procfs = open_procfs("/proc");
    const auto pids = list_pids(procfs->get());
    for (const pid_t pid : *pids) {
      const auto process = read_process("/proc", pid);
      if (process && process->parent == daemon_->pid) found.push_back(pid);
    }
    return found;
  }
  [[nodiscard]] std::string path(const std::string& name) const {
    return (tree_.root / name).native();
  }
  [[nodiscard]] const TempTree& tree() const { return tree_; }

  SshAccess access;
  bool up = false;

 private:
  static constexpr const char* kDaemon = "/usr/sbin/sshd";
  static constexpr const char* kKeygen = "/usr/bin/ssh-keygen";

  static std::string forced(const std::string& wrapper) {
    return wrapper.empty() ? "" : "ForceCommand " + wrapper + " \"$SSH_ORIGINAL_COMMAND\"\n";
  }
  bool make_key(const char* name) const {
    const auto made = LocalProcessRunner().run(
        {.argv = {kKeygen, "-q", "-t", "ed25519", "-N", "", "-f", path(name)}, .environment = {}},
        {});
    return made && made->exit_code == 0;
  }
  [[nodiscard]] bool answers() const {
    const auto waiter = Waiter::start(std::chrono::seconds(60), {});
    if (!waiter) return false;
    const auto connection = tcp_connect(access.address, access.port, *waiter);
    if (!connection) return false;
    pollfd said{.fd = connection->get(), .events = POLLIN, .revents = 0};
    char first = 0;
    return poll(&said, 1, 60'000) == 1 && recv(said.fd, &first, 1, 0) == 1;
  }

  TempTree tree_;
  std::unique_ptr<ChildProgram> daemon_;
};

}  // namespace fieldmedic
