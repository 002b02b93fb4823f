// What bench/ssh runs: commands over kept SSH connections of ours.
//
//   bench_ssh latency PORT USER KEY KNOWN_HOSTS COUNT   COUNT commands one after the other over one
//       connection, after the first; prints the time of each in microseconds, a line each
//   bench_ssh together PORT USER KEY KNOWN_HOSTS COUNT  one command each over COUNT connections at
//       once; prints the highest memory of this process in KiB, before and after
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/clock.hpp"
#include "common/text_scan.hpp"
#include "remediator/reach/ssh_connection.hpp"

namespace fieldmedic {
namespace {

constexpr std::size_t kArguments = 7;

Command command(std::vector<std::string> argv) {
  Command made;
  made.argv = std::move(argv);
  made.timeout = std::chrono::seconds(300);
  return made;
}

bool succeeds(SshConnection& connection, const Command& wanted) {
  const auto ran = connection.run(wanted, {});
  if (!ran) std::cerr << ran.error().message << '\n';
  return ran && ran->exit_code == 0;
}

int latency(const SshAccess& access, int count, const Clock& clock) {
  SshConnection connection(access, clock);
  if (!succeeds(connection, command({"true"}))) return 2;
  for (int i = 0; i < count; ++i) {
    const SteadyTime before = clock.steady();
    if (!succeeds(connection, command({"true"}))) return 2;
    const auto taken = clock.steady() - before;
    std::cout << std::chrono::duration_cast<std::chrono::microseconds>(taken).count() << '\n';
  }
  return 0;
}

// Not from getrusage(2), which counts the program that started this one as well.
long highest_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (long kib = 0; word == "VmHWM:" && status >> kib) return kib;
  return 0;
}

int together(const SshAccess& access, int count, const Clock& clock) {
  const long before = highest_memory();
  std::atomic<int> succeeded = 0;
  std::vector<std::unique_ptr<SshConnection>> connections;
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    SshConnection& connection =
        *connections.emplace_back(std::make_unique<SshConnection>(access, clock));
    threads.emplace_back([&] {
      if (succeeds(connection, command({"sleep", "1"}))) ++succeeded;
    });
  }
  threads.clear();
  std::cout << before << '\n' << highest_memory() << '\n' << succeeded << '\n';
  return succeeded == count ? 0 : 2;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() != kArguments) return 2;
  std::uint16_t port = 0;
  int count = 0;
  if (!to_number(arguments[2], port) || !to_number(arguments[6], count)) return 2;
  const SshAccess access{.address = "127.0.0.1",
                         .port = port,
                         .user = arguments[3],
                         .key_file = arguments[4],
                         .known_hosts_file = arguments[5],
                         .connect_timeout = std::chrono::seconds(300)};
  const SystemClock clock;
  return arguments[1] == "latency" ? latency(access, count, clock) : together(access, count, clock);
}

}  // namespace
}  // namespace fieldmedic

int main(int argc, char** argv) {
  return fieldmedic::run({argv, argv + argc});
}
