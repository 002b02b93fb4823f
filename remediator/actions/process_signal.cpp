#include "remediator/actions/process_signal.hpp"

#include <signal.h>

#include <array>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/reach/process_handle.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::array kSignals{std::pair{"HUP", SIGHUP}, std::pair{"USR1", SIGUSR1},
                              std::pair{"USR2", SIGUSR2}};

}  // namespace

std::string seen_processes(const std::vector<ProcessInfo>& members) {
  Json processes = Json::array();
  for (const ProcessInfo& member : members)
    processes.push_back({{"pid", member.identity.pid}, {"start", member.identity.start_ticks}});
  return Json{{"processes", std::move(processes)}}.dump();
}

Status signal_processes(const std::string& seen, int number, const HostRoot& host) {
  try {
    const Json parsed = Json::parse(seen);  // must outlive the loop over a part of it
    for (const Json& process : parsed.at("processes")) {
      const auto handle = ProcessHandle::open(
          host.procfs, {process.at("pid").get<pid_t>(), process.at("start").get<std::uint64_t>()});
      if (!handle && handle.error().code == Errc::NotFound) continue;
      if (!handle) return fail(handle.error());
      if (auto sent = handle->signal(number); !sent && sent.error().code != Errc::NotFound)
        return sent;
    }
    return {};
  } catch (const Json::exception& error) {
    return fail(Errc::Invalid, fmt::format("no processes: {}", error.what()));
  }
}

int read_signal(const YamlMap& arguments, int otherwise) {
  if (!arguments.has("signal")) return otherwise;
  const std::string name = arguments.one_of("signal", {"HUP", "USR1", "USR2"}, "HUP");
  for (const auto& [known, number] : kSignals)
    if (name == known) return number;
  return otherwise;
}

}  // namespace fieldmedic
