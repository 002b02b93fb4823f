#include "remediator/actions/reboot_place.hpp"

#include <fstream>

#include <fmt/core.h>

#include "remediator/actions/command_answer.hpp"
#include "remediator/actions/far_exec.hpp"
#include "remediator/actions/process_start.hpp"
#include "remediator/actions/where.hpp"

namespace fieldmedic {

namespace {

constexpr std::size_t kBootIdSize = 36;

Result<std::string> own_boot_id(const HostRoot& host) {
  const auto path = host.procfs / "sys/kernel/random/boot_id";
  std::ifstream file(path);
  std::string id;
  if (std::getline(file, id) && id.size() == kBootIdSize) return id;
  return fail(Errc::Unavailable, fmt::format("{} does not tell the boot id", path.string()));
}

}  // namespace

Result<RebootPlace> reboot_place(const core::Target& target, const ActionTools& tools) {
  const auto far = far_host(tools, target);
  if (!far) return fail(far.error());
  if (*far == nullptr) return RebootPlace{nullptr, &tools.systemd, "here"};
  return RebootPlace{*far, (*far)->systemd.get(), (*far)->access.name()};
}

Result<std::string> boot_id_of(const RebootPlace& place, const HostRoot& host,
                               const std::stop_token& stop) {
  return place.far == nullptr ? own_boot_id(host) : far_boot_id(*place.far, stop);
}

ApplyAnswer run_there(const RebootPlace& place, const Command& command, const ApplyRequest& request,
                      const ActionTools& tools, const std::stop_token& stop) {
  if (place.far != nullptr) return apply_far(*place.far, command, request, stop);
  return command_answer(tools.runner.run(command, stop));
}

ConfirmAnswer look_up_there(const RebootPlace& place, const std::string& boot_id,
                            const ApplyRequest& request, const ActionTools& tools,
                            const std::stop_token& stop) {
  using core::Confirmed;
  if (place.far != nullptr) return confirm_far(*place.far, boot_id, request, stop);
  const auto running = find_attempt(tools.host, request.attempt);
  if (!running) return {Confirmed::Unknown, running.error().message};
  if (*running) return {Confirmed::InProgress, fmt::format("pid {} of it runs", **running)};
  return {Confirmed::Unknown, "what it did cannot be told by looking"};
}

}  // namespace fieldmedic
