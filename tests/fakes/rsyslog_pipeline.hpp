// A real rsyslogd that tails a file and forwards it over TCP to a second one, on loopback, in a
// folder of its own.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <string>

#include <spawn.h>

#include "tests/fakes/free_port.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

inline constexpr const char* kRsyslogd = "/usr/sbin/rsyslogd";

// One rsyslogd, ended by its id.
class Rsyslogd {
 public:
  Rsyslogd(std::string config, std::string pid_file)
      : config_(std::move(config)), pid_file_(std::move(pid_file)) {}
  ~Rsyslogd() { end(SIGKILL); }
  Rsyslogd(const Rsyslogd&) = delete;
  Rsyslogd& operator=(const Rsyslogd&) = delete;

  // False when it cannot be started.
  [[nodiscard]] bool start() {
    const char* argv[] = {kRsyslogd, "-n", "-f", config_.c_str(), "-i", pid_file_.c_str(), nullptr};
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);
    const int error =
        posix_spawn(&pid, kRsyslogd, &quiet, nullptr, const_cast<char**>(argv), environ);
    posix_spawn_file_actions_destroy(&quiet);
    if (error != 0) pid = 0;
    return error == 0;
  }
  void end(int signal) {
    if (pid == 0) return;
    kill(pid, signal);
    waitpid(pid, nullptr, 0);
    pid = 0;
  }

  pid_t pid = 0;

 private:
  std::string config_;
  std::string pid_file_;
};

struct RsyslogPipeline {
  enum class Reports { Totals, Differences };

  // `forward_options` go into the forwarding action, named "forward".
  explicit RsyslogPipeline(const std::string& forward_options, Reports reports = Reports::Totals)
      : port(free_port()),
        address("127.0.0.1:" + std::to_string(port)),
        sender(tree.write("sender.conf", sender_config(forward_options, reports)),
               path("sender.pid")),
        receiver(tree.write("receiver.conf", receiver_config()), path("receiver.pid")) {
    for (const char* folder : {"sender", "receiver"}) {
      std::filesystem::create_directory(tree.root / folder);
    }
    tree.write("in.log", "");
  }
  [[nodiscard]] static bool installed() { return access(kRsyslogd, X_OK) == 0; }
  [[nodiscard]] std::string path(const char* name) const { return (tree.root / name).native(); }
  void write_lines(int count) const {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += "line " + std::to_string(i) + "\n";
    tree.append("in.log", lines);
  }
  [[nodiscard]] long received() const {
    std::ifstream file(tree.root / "out.log");
    return std::count(std::istreambuf_iterator<char>(file), {}, '\n');
  }

  TempTree tree;
  int port;
  std::string address;
  Rsyslogd sender;
  Rsyslogd receiver;

 private:
  [[nodiscard]] std::string sender_config(const std::string& forward_options,
                                          Reports reports) const {
    const std::string reset = reports == Reports::Differences ? "on" : "off";
    return "global(workDirectory=\"" + path("sender") +
           "\")\n"
           "module(load=\"impstats\" interval=\"1\" format=\"json\" resetCounters=\"" +
           reset +
           "\"\n"
           "  log.syslog=\"off\" log.file=\"" +
           path("impstats.json") +
           "\")\n"
           "module(load=\"imfile\")\n"
           "input(type=\"imfile\" file=\"" +
           path("in.log") +
           "\" tag=\"orders\" ruleset=\"forward\")\n"
           "ruleset(name=\"forward\") {\n"
           "  action(name=\"forward\" type=\"omfwd\" target=\"127.0.0.1\" protocol=\"tcp\" "
           "port=\"" +
           std::to_string(port) + "\" " + forward_options + ")\n}\n";
  }
  [[nodiscard]] std::string receiver_config() const {
    return "global(workDirectory=\"" + path("receiver") +
           "\")\n"
           "module(load=\"imtcp\")\n"
           "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" +
           std::to_string(port) +
           "\")\n"
           "action(type=\"omfile\" file=\"" +
           path("out.log") + "\")\n";
  }
};

}  // namespace fieldmedic
