// Whose requests to AWS are: from a credentials file as AWS' own tools write it, the environment,
// or the role of the instance that this runs on (aws_instance_role.hpp).
#pragma once

#include <string>
#include <string_view>

#include "common/result.hpp"
#include "remediator/reach/aws_signature.hpp"

namespace fieldmedic {

struct AwsCredentialSource {
  std::string file;  // empty: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN
  std::string profile = "default";
  std::string metadata{};  // URL of the instance's metadata: its role, and neither of these
};

// Of a file or the environment. Reads it anew with each call, since credentials rotate. Errors name
// the file and the profile, never a value: Errc::Invalid: it has none that fit.
[[nodiscard]] Result<AwsCredentials> read_aws_credentials(const AwsCredentialSource& source);

// Of a profile of the file's text. Pure.
[[nodiscard]] Result<AwsCredentials> parse_aws_credentials(std::string_view text,
                                                           std::string_view profile);

// Errc::Invalid: they are incomplete, or cannot stand in headers.
[[nodiscard]] Status check_aws_credentials(const AwsCredentials& credentials);

}  // namespace fieldmedic
