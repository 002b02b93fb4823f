// The Auto Scaling groups of AWS, by its query protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "common/result.hpp"
#include "remediator/reach/auto_scaling_answers.hpp"
#include "remediator/reach/aws_credentials.hpp"

namespace fieldmedic {

struct AutoScalingAccess {
  std::string region;    // "cn-north-1"
  std::string endpoint;  // a URL without a path; empty: AWS' own of the region
  std::string ca_file;   // empty: the system's
  AwsCredentialSource credentials;
};

// AWS' own, by the partition of the region.
[[nodiscard]] std::string auto_scaling_endpoint(const std::string& region);

// Thread-safe. `http` and `clock` must outlive it. Nothing is sent twice. Errors are those of
// explain_aws_refusal(), read_aws_credentials() and HttpClient; none of them holds a credential.
class AutoScaling {
 public:
  AutoScaling(AutoScalingAccess access, HttpClient& http, const Clock& clock);

  [[nodiscard]] Result<ScalingGroup> group(const std::string& name,
                                           const std::stop_token& stop) const;
  // The policy by which the group scales itself; empty: none does.
  [[nodiscard]] Result<std::string> policy_at_work(const ScalingGroup& group,
                                                   const std::stop_token& stop) const;
  // Why its newest activity failed (no capacity in a zone …); empty: it did not.
  [[nodiscard]] Result<std::string> newest_failure(const ScalingGroup& group,
                                                   const std::stop_token& stop) const;
  // Malformed, Timeout, Io, Cancelled …: it may have been done (nothing_changed() tells).
  [[nodiscard]] Status set_desired(const std::string& name, std::int64_t count,
                                   std::chrono::milliseconds timeout,
                                   const std::stop_token& stop) const;

 private:
  [[nodiscard]] Result<std::string> call(std::string_view asked, AwsFields form,
                                         std::chrono::milliseconds timeout,
                                         const std::stop_token& stop) const;

  AutoScalingAccess access_;
  HttpClient& http_;
  const Clock& clock_;
};

}  // namespace fieldmedic
