// A real Podman of its own in a folder, with an image of busybox, as a service that speaks like
// Docker. Needs root and the packages podman, runc and busybox-static. Its containers have no
// network. runc, since Debian's crun refuses a kernel with both kinds of control groups.
#pragma once

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "common/file_descriptor.hpp"
#include "common/process_runner.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

class PodmanHost {
 public:
  // Empty when one can be had here.
  static std::string why_not() {
    if (geteuid() != 0) return "Podman of its own needs root";
    for (const char* program : {kPodman, kRuntime, kBusybox})
      if (!std::filesystem::exists(program)) return std::string(program) + " is not installed";
    return {};
  }

  PodmanHost() {
    // Its own limits would be above those of a container that the tests run in.
    // Its locks in files of its own: those in shared memory are the machine's, and whoever starts
    // first frees those of all others.
    tree_.write("containers.conf",
                "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=4096:4096\"]\n"
                "[engine]\nlock_type = \"file\"\n");
    std::filesystem::create_directories(tree_.root / "image/bin");
    std::filesystem::copy_file(kBusybox, tree_.root / "image/bin/busybox");
    std::filesystem::create_symlink("busybox", tree_.root / "image/bin/sh");
    const std::string archive = path("image.tar");
    up = run({"/usr/bin/tar", "-c", "-C", path("image"), "-f", archive, "."}) &&
         podman({"import", archive, "busybox:1"});
    if (up) start();
  }
  ~PodmanHost() {
    podman({"rm", "--all", "--force", "--time", "0"});
    stop();
  }
  PodmanHost(const PodmanHost&) = delete;
  PodmanHost& operator=(const PodmanHost&) = delete;

  void start() {
    daemon_ = std::make_unique<ChildProgram>(
        argv({"system", "service", "--time=0", "unix://" + socket()}));
    up = eventually([&] { return is_listening(); });
  }
  void stop() {
    if (!daemon_) return;
    kill(daemon_->pid, SIGTERM);
    (void)daemon_->exit_code();
    daemon_.reset();
    std::filesystem::remove(socket());
  }

  bool run_container(const std::string& name, const std::string& script) {
    return podman({"run", "-d", "--network=none", "--name", name, "localhost/busybox:1", "/bin/sh",
                   "-c", script});
  }
  bool podman(const std::vector<std::string>& arguments) { return run(argv(arguments)); }

  [[nodiscard]] std::string socket() const { return path("podman.sock"); }
  [[nodiscard]] const std::filesystem::path& folder() const { return tree_.root; }

  bool up = false;
  std::string said;  // by the last command

 private:
  static constexpr const char* kPodman = "/usr/bin/podman";
  static constexpr const char* kRuntime = "/usr/sbin/runc";
  static constexpr const char* kBusybox = "/bin/busybox";

  // Its socket is there a moment before it is listened to.
  [[nodiscard]] bool is_listening() const {
    const FileDescriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    socket().copy(name.sun_path, sizeof name.sun_path - 1);
    return connect(client.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  }
  [[nodiscard]] std::string path(const char* name) const { return (tree_.root / name).native(); }
  [[nodiscard]] std::vector<std::string> argv(const std::vector<std::string>& arguments) const {
    std::vector<std::string> made{"/usr/bin/env",
                                  "CONTAINERS_CONF=" + path("containers.conf"),
                                  kPodman,
                                  "--root=" + path("root"),
                                  "--runroot=" + path("run"),
                                  "--tmpdir=" + path("tmp"),
                                  "--storage-driver=vfs",
                                  "--cgroup-manager=cgroupfs",
                                  "--events-backend=file",
                                  std::string("--runtime=") + kRuntime};
    made.insert(made.end(), arguments.begin(), arguments.end());
    return made;
  }
  bool run(const std::vector<std::string>& argv) {
    Command command;
    command.argv = argv;
    command.timeout = std::chrono::seconds(120);
    const auto ran = LocalProcessRunner().run(command, {});
    said = ran ? ran->out + ran->err : ran.error().message;
    return ran && ran->exit_code == 0;
  }

  TempTree tree_;
  std::unique_ptr<ChildProgram> daemon_;
};

}  // namespace fieldmedic
