#include "remediator/reach/auto_scaling.hpp"

#include <utility>

#include <fmt/core.h>

#include "remediator/reach/aws_instance_role.hpp"
#include "remediator/reach/aws_refusal.hpp"

namespace fieldmedic {

namespace {

constexpr std::size_t kMostAnswer = 4UL << 20;  // a group of some thousand instances
constexpr std::chrono::milliseconds kRead{5'000};
constexpr const char* kForm = "application/x-www-form-urlencoded; charset=utf-8";

std::string form_text(const AwsFields& form) {
  std::string text;
  for (const auto& [name, value] : form)
    text += fmt::format("{}={}&", aws_encoded(name), aws_encoded(value));
  return text + "Version=2011-01-01";
}

// As curl says it: without the scheme, and without a port that is the scheme's own.
std::string host_header(const std::string& endpoint) {
  std::string host = endpoint.substr(endpoint.find("://") + 3);
  host = host.substr(0, host.find('/'));
  const std::string_view usual = endpoint.starts_with("https:") ? ":443" : ":80";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  return host;
}

}  // namespace

std::string auto_scaling_endpoint(const std::string& region) {
  return fmt::format("https://autoscaling.{}.amazonaws.com{}", region,
                     region.starts_with("cn-") ? ".cn" : "");
}

AutoScaling::AutoScaling(AutoScalingAccess access, HttpClient& http, const Clock& clock)
    : access_(std::move(access)), http_(http), clock_(clock) {
  if (access_.endpoint.empty()) access_.endpoint = auto_scaling_endpoint(access_.region);
}

Result<std::string> AutoScaling::call(std::string_view asked, AwsFields form,
                                      std::chrono::milliseconds timeout,
                                      const std::stop_token& stop) const {
  const AwsCredentialSource& source = access_.credentials;
  const auto credentials = source.metadata.empty()
                               ? read_aws_credentials(source)
                               : ask_instance_role(http_, source.metadata, stop);
  // Nothing was asked for yet.
  if (!credentials) return fail(Errc::Denied, credentials.error().message);
  AwsRequest signing;
  signing.headers = {{"Host", host_header(access_.endpoint)}, {"Content-Type", kForm}};
  signing.body = form_text(form);
  HttpRequest request;
  request.method = "POST";
  request.url = access_.endpoint + "/";
  request.headers = signing.headers;
  request.body = signing.body;
  request.timeout = timeout;
  request.body_limit = kMostAnswer;
  request.tls.ca_file = access_.ca_file;
  for (auto& header : aws_signature(std::move(signing), *credentials,
                                    {access_.region, "autoscaling"}, clock_.wall()))
    request.headers.push_back(std::move(header));
  auto answer = http_.send(request, stop);
  if (!answer) {
    // A server whose name has no address is away, which says nothing about the group.
    if (answer.error().code == Errc::NotFound) answer.error().code = Errc::Unavailable;
    return wrap(std::move(answer.error()), asked);
  }
  if (answer->status == 200) return std::move(answer->body);
  return fail(explain_aws_refusal(*answer, asked, *credentials, clock_.wall()));
}

Result<ScalingGroup> AutoScaling::group(const std::string& name,
                                        const std::stop_token& stop) const {
  const auto xml =
      call(fmt::format("describe {}", name),
           {{"Action", "DescribeAutoScalingGroups"}, {"AutoScalingGroupNames.member.1", name}},
           kRead, stop);
  if (!xml) return fail(xml.error());
  return read_scaling_group(name, *xml);
}

Result<std::string> AutoScaling::policy_at_work(const ScalingGroup& group,
                                                const std::stop_token& stop) const {
  const auto xml = call(
      fmt::format("describe the policies of {}", group.name),
      {{"Action", "DescribePolicies"}, {"AutoScalingGroupName", group.name}, {"MaxRecords", "100"}},
      kRead, stop);
  if (!xml) return fail(xml.error());
  return read_policy_at_work(group, *xml);
}

Result<std::string> AutoScaling::newest_failure(const ScalingGroup& group,
                                                const std::stop_token& stop) const {
  const auto xml = call(fmt::format("describe the activities of {}", group.name),
                        {{"Action", "DescribeScalingActivities"},
                         {"AutoScalingGroupName", group.name},
                         {"MaxRecords", "1"}},
                        kRead, stop);
  if (!xml) return fail(xml.error());
  return read_newest_failure(group, *xml);
}

Status AutoScaling::set_desired(const std::string& name, std::int64_t count,
                                std::chrono::milliseconds timeout,
                                const std::stop_token& stop) const {
  const std::string asked = fmt::format("set {} to {}", name, count);
  // The cooldown is for the group's own policies; ours are the playbook's limits.
  const auto xml = call(asked,
                        {{"Action", "SetDesiredCapacity"},
                         {"AutoScalingGroupName", name},
                         {"DesiredCapacity", std::to_string(count)},
                         {"HonorCooldown", "false"}},
                        timeout, stop);
  if (!xml) return fail(xml.error());
  if (is_aws_answer("SetDesiredCapacityResponse", *xml)) return {};
  return fail(Errc::Malformed, asked + ": what came is no such answer of AWS Auto Scaling");
}

}  // namespace fieldmedic
