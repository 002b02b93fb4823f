// The credentials of the role that an instance of EC2 has, from its metadata service (IMDSv2).
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
#pragma once

#include <stop_token>
#include <string>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "remediator/reach/aws_signature.hpp"

namespace fieldmedic {

// Link-local: the same on every instance.
inline constexpr const char* kInstanceMetadata = "http://169.254.169.254";

// Asks anew with each call (three requests of at most 2 s each), since they rotate. `metadata` is
// the service's URL without a path. Errc::Denied: it refuses us, or the instance has no role;
// Malformed: what answers is no such service; Cancelled; else it is not there. No error holds what
// it said but the status.
[[nodiscard]] Result<AwsCredentials> ask_instance_role(HttpClient& http,
                                                       const std::string& metadata,
                                                       const std::stop_token& stop);

}  // namespace fieldmedic
