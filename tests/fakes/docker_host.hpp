// A real Docker Engine of its own, in a folder, with an image of busybox. Needs root and the
// packages docker.io and busybox-static. Its containers have no network.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/process_runner.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

class DockerHost {
 public:
  // Empty when one can be had here.
  static std::string why_not() {
    if (geteuid() != 0) return "a Docker Engine needs root";
    for (const char* program : {kDaemon, kClient, kBusybox})
      if (!std::filesystem::exists(program)) return std::string(program) + " is not installed";
    return {};
  }

  // More arguments of its daemon, such as a TCP address.
  explicit DockerHost(std::vector<std::string> more = {}) : more_(std::move(more)) {
    start();
    std::filesystem::create_directories(tree_.root / "image/bin");
    std::filesystem::copy_file(kBusybox, tree_.root / "image/bin/busybox");
    std::filesystem::create_symlink("busybox", tree_.root / "image/bin/sh");
    const auto archive = (tree_.root / "image.tar").native();
    up = up &&
         run({"/usr/bin/tar", "-c", "-C", (tree_.root / "image").native(), "-f", archive, "."}) &&
         docker({"import", archive, "busybox:1"});
  }
  // The engine would wait for each container as long as it is asked to.
  ~DockerHost() {
    for (const std::string& name : names_) docker({"rm", "-f", name});
    stop(SIGTERM);
  }
  DockerHost(const DockerHost&) = delete;
  DockerHost& operator=(const DockerHost&) = delete;

  void start() {
    const auto path = [&](const char* name) { return (tree_.root / name).native(); };
    std::vector<std::string> argv{kDaemon,
                                  "--iptables=false",
                                  "--ip6tables=false",
                                  "--bridge=none",
                                  "--log-level=error",
                                  "--data-root",
                                  path("data"),
                                  "--exec-root",
                                  path("exec"),
                                  "--pidfile",
                                  path("pid"),
                                  "-H",
                                  "unix://" + socket()};
    argv.insert(argv.end(), more_.begin(), more_.end());
    daemon_ = std::make_unique<ChildProgram>(argv);
    up = eventually([&] { return docker({"version"}); });
  }
  void stop(int signal) {
    if (!daemon_) return;
    kill(daemon_->pid, signal);
    (void)daemon_->exit_code();
    daemon_.reset();
  }

  // A container that runs `script`; more arguments of `docker run` before it.
  bool run_container(const std::string& name, const std::string& script,
                     const std::vector<std::string>& options = {}) {
    names_.push_back(name);
    std::vector<std::string> argv{"run", "-d", "--network=none", "--name", name};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.insert(argv.end(), {"busybox:1", "/bin/sh", "-c", script});
    return docker(argv);
  }

  bool docker(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {kClient, "-H", "unix://" + socket()});
    return run(arguments);
  }

  [[nodiscard]] std::string socket() const { return (tree_.root / "docker.sock").native(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return tree_.root; }

  bool up = false;
  std::string said;  // by the last command

 private:
  static constexpr const char* kDaemon = "/usr/sbin/dockerd";
  static constexpr const char* kClient = "/usr/bin/docker";
  static constexpr const char* kBusybox = "/bin/busybox";

  bool run(const std::vector<std::string>& argv) {
    Command command;
    command.argv = argv;
    command.timeout = std::chrono::seconds(120);
    const auto ran = LocalProcessRunner().run(command, {});
    said = ran ? ran->out + ran->err : ran.error().message;
    return ran && ran->exit_code == 0;
  }

  TempTree tree_;
  std::vector<std::string> more_;
  std::unique_ptr<ChildProgram> daemon_;
  std::vector<std::string> names_;  // of containers
};

}  // namespace fieldmedic
