#include "remediator/checks/process.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "remediator/checks/where.hpp"
#include "remediator/reach/far_processes.hpp"

namespace fieldmedic {

namespace {

using core::Verdict;

constexpr std::size_t kMostShown = 8;

bool runs(const ProcessInfo& process) {
  return process.state != 'T' && process.state != 't' && process.state != 'Z' &&
         process.state != 'X';
}

core::CheckAnswer judge(const std::vector<ProcessInfo>& processes) {
  std::vector<pid_t> running;
  for (const ProcessInfo& process : processes)
    if (runs(process)) running.push_back(process.identity.pid);
  if (processes.empty()) return {Verdict::Fail, "no process matches"};
  if (running.empty())
    return {Verdict::Fail, fmt::format("pid {} is stopped (state {})",
                                       processes.front().identity.pid, processes.front().state)};
  const std::size_t count = running.size();
  if (count > kMostShown) running.resize(kMostShown);
  return {Verdict::Pass, fmt::format("{} running: pid {}", count, fmt::join(running, ", "))};
}

class ProcessCheck final : public Check {
 public:
  explicit ProcessCheck(const CheckTools& tools) : tools_(tools) {}

  core::CheckAnswer run(const core::Target& target, std::stop_token stop) override {
    const CollectorSpec* collector = tools_.inventory->collector(target);
    if (collector == nullptr)
      return {Verdict::Unknown,
              fmt::format("{} is no collector of the inventory", core::key_of(target))};
    if (collector->process.empty())
      return {Verdict::Unknown, fmt::format("{} has no process pattern", collector->name)};
    const auto far = far_host(tools_, target);
    if (!far) return {Verdict::Unknown, far.error().message};
    const auto processes = *far == nullptr ? find_here(collector->process)
                                           : find_there(**far, collector->process, stop);
    if (!processes) return {Verdict::Unknown, processes.error().message};
    return judge(*processes);
  }

 private:
  [[nodiscard]] Result<std::vector<ProcessInfo>> find_here(const ProcessPattern& pattern) const {
    const auto matcher = ProcessMatcher::compile(pattern);
    if (!matcher) return fail(matcher.error());
    return matcher->find(tools_.host.procfs);
  }

  [[nodiscard]] static Result<std::vector<ProcessInfo>> find_there(const FarHost& host,
                                                                   const ProcessPattern& pattern,
                                                                   const std::stop_token& stop) {
    auto processes = read_far_processes(*host.runner, pattern.pid_file, stop);
    if (!processes) return fail(processes.error());
    return find_matching(*processes, pattern);
  }

  CheckTools tools_;
};

}  // namespace

std::string read_process_check(const YamlMap&) {
  return "{}";
}

Result<std::unique_ptr<Check>> make_process_check(const std::string& arguments,
                                                  const CheckTools& tools) {
  if (!nlohmann::json::parse(arguments, nullptr, false).is_object())
    return fail(Errc::Invalid, "arguments of the check process are no JSON object");
  return std::make_unique<ProcessCheck>(tools);
}

}  // namespace fieldmedic
