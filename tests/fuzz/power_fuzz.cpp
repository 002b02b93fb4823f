#include "remediator/reach/ipmi.hpp"
#include "remediator/reach/redfish_answers.hpp"
#include "tests/fuzz/text.hpp"

// One input as everything that a management controller may say, by Redfish and by ipmitool.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fieldmedic;
  const auto text = fuzz::text(data, size);
  if (const auto system = read_redfish_system(text)) {
    for (const std::string* path : {&system->reset_path, &system->info_path, &system->chassis_path})
      if (!path->empty() && (!path->starts_with("/redfish/") || path->contains("//")))
        __builtin_trap();
    if (system->sight.state.empty()) __builtin_trap();
  }
  static_cast<void>(read_action_info(text));
  if (read_redfish_parts(text).sick.size() > 9) __builtin_trap();
  const Secret password("s3cr3t");
  for (const int status : {302, 401, 503}) {
    const Error said = explain_redfish_refusal({status, std::string(text), {}}, "reset", password);
    if (said.message.size() > 1'000 || said.message.contains("s3cr3t")) __builtin_trap();
  }
  const auto half = text.size() / 2;
  if (const auto sight = read_ipmi_sight(text.substr(0, half), text.substr(half));
      sight && sight->state.empty())
    __builtin_trap();
  return 0;
}
