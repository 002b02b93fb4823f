// A real systemd with its own D-Bus in a container (systemd-nspawn), with a few units of ours.
// Needs root and the packages systemd-container and dbus.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "common/process_files.hpp"
#include "common/process_runner.hpp"
#include "remediator/reach/sd_bus_systemd.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/own_cgroup.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

class SystemdHost {
 public:
  // Empty when one can be had here.
  static std::string why_not() {
    if (geteuid() != 0) return "a host with systemd needs root";
    for (const char* program : {"/usr/bin/systemd-nspawn", "/usr/bin/dbus-daemon"})
      if (!std::filesystem::exists(program)) return std::string(program) + " is not installed";
    return {};
  }

  explicit SystemdHost(const std::vector<std::pair<std::string, std::string>>& units) {
    std::vector<std::string> argv{"/usr/bin/systemd-nspawn",
                                  "-D",
                                  "/",
                                  "--volatile=yes",
                                  "--register=no",
                                  "--keep-unit",
                                  "--private-network",
                                  "-M",
                                  "fieldmedic" + std::to_string(getpid()),
                                  "--bind-ro=/etc/passwd",
                                  "--bind-ro=/etc/group",
                                  "--bind-ro=" + this_program() + ":" + kProgramInside,
                                  "--console=pipe"};
    for (const auto& [name, content] : units)
      argv.push_back("--bind-ro=" + units_.write(name, content).string() + ":/run/systemd/system/" +
                     name);
    for (const char* argument :
         {"-b", "systemd.firstboot=off", "systemd.mask=ssh.service", "systemd.mask=ssh.socket",
          "systemd.mask=masked.service", "systemd.unit=basic.target"})
      argv.emplace_back(argument);
    start(argv);
    up = eventually([&] { return find_leader() && answers(); });
  }
  SystemdHost(const SystemdHost&) = delete;
  SystemdHost& operator=(const SystemdHost&) = delete;
  ~SystemdHost() {
    kill(nspawn_, SIGTERM);  // powers the container off
    if (!eventually([&] { return waitpid(nspawn_, nullptr, WNOHANG) == nspawn_; })) {
      kill(nspawn_, SIGKILL);
      waitpid(nspawn_, nullptr, 0);
    }
  }

  [[nodiscard]] std::string bus() const {
    return "unix:path=/proc/" + std::to_string(leader_) + "/root/run/dbus/system_bus_socket";
  }
  // Runs one test case of this program in there: systemd's own socket serves nobody from another
  // pid namespace. A program of its own, since what may be called after the fork of a program with
  // threads (a sanitizer's count too) is next to nothing.
  [[nodiscard]] Result<ProcessResult> run_inside(const std::string& test_case) const {
    return LocalProcessRunner().run(
        {.argv = {"/usr/bin/nsenter", "--target", std::to_string(leader_), "--mount", "--pid",
                  kProgramInside, test_case},
         .environment = {std::string(kInside) + "=1"},
         .timeout = std::chrono::seconds(120)},
        {});
  }
  // A program of the host's own: what is wrong, empty when it went well.
  [[nodiscard]] std::string run_command(std::vector<std::string> argv) const {
    const std::vector<std::string> enter{"/usr/bin/nsenter", "--target", std::to_string(leader_),
                                         "--mount", "--pid"};
    argv.insert(argv.begin(), enter.begin(), enter.end());
    const auto ran = LocalProcessRunner().run(
        {.argv = argv, .environment = {}, .timeout = std::chrono::seconds(120)}, {});
    if (!ran) return ran.error().message;
    if (ran->exit_code == 0 && ran->term_signal == 0) return {};
    return "it ended with " + std::to_string(ran->exit_code) + " (signal " +
           std::to_string(ran->term_signal) + "): " + ran->out + ran->err;
  }
  // Whether this is the program that run_inside started.
  static bool is_inside() { return std::getenv(kInside) != nullptr; }
  [[nodiscard]] pid_t leader() const { return leader_; }

  // Kills the one child of systemd in there that runs this program.
  [[nodiscard]] bool kill_main(const std::string& program) const {
    const auto procfs = open_procfs("/proc");
    const auto pids = list_pids(procfs->get());
    for (const pid_t pid : *pids) {
      const auto process = read_process("/proc", pid);
      if (process && process->parent == leader_ && process->executable.ends_with("/" + program))
        return kill(pid, SIGKILL) == 0;
    }
    return false;
  }

  bool up = false;

 private:
  static constexpr const char* kProgramInside = "/run/fieldmedic-test";
  static constexpr const char* kInside = "FIELDMEDIC_TEST_INSIDE";

  static std::string this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }
  void start(const std::vector<std::string>& argv) {
    std::vector<char*> pointers;
    for (const std::string& argument : argv)
      pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    nspawn_ = fork();
    if (nspawn_ != 0) return;
    cgroup_.enter();
    const int null = open("/dev/null", O_RDWR);
    for (const int standard : {0, 1, 2}) dup2(null, standard);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  bool find_leader() {
    const auto procfs = open_procfs("/proc");
    const auto pids = list_pids(procfs->get());
    for (const pid_t pid : *pids) {
      const auto process = read_process("/proc", pid);
      if (process && process->parent == nspawn_ && process->executable.ends_with("/systemd"))
        leader_ = pid;
    }
    return leader_ > 0;
  }
  bool answers() const {
    SdBusSystemd systemd(bus());
    const auto target = systemd.unit("basic.target", {});
    return target && target->active_state == "active";
  }

  TempTree units_;
  OwnCgroup cgroup_{"fieldmedic" + std::to_string(getpid())};
  pid_t nspawn_ = -1;
  pid_t leader_ = -1;
};

}  // namespace fieldmedic
