#include "remediator/reach/auto_scaling_answers.hpp"
#include "remediator/reach/aws_credentials.hpp"
#include "remediator/reach/aws_refusal.hpp"
#include "tests/fuzz/text.hpp"

// One input as everything that AWS may answer, and as a credentials file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fieldmedic;
  const auto text = fuzz::text(data, size);
  const auto group = read_scaling_group("orders", text);
  if (group && (group->desired < 0 || group->well > group->in_service)) __builtin_trap();
  if (group && group->text().empty()) __builtin_trap();
  static_cast<void>(read_policy_at_work({.name = "orders"}, text));
  static_cast<void>(read_newest_failure({.name = "orders"}, text));
  static_cast<void>(is_aws_answer("SetDesiredCapacityResponse", text));
  const AwsCredentials ours{"AKIDEXAMPLE", Secret("s3cr3t/k3y"), Secret("t0k3n")};
  for (const int status : {307, 400, 503}) {
    const Error said = explain_aws_refusal({status, std::string(text), {}}, "set", ours, {});
    if (said.message.size() > 2'000 || said.message.contains("s3cr3t/k3y")) __builtin_trap();
  }
  if (const auto read = parse_aws_credentials(text, "default");
      read && read->access_key_id.find_first_of("\r\n /") != std::string::npos)
    __builtin_trap();
  return 0;
}
