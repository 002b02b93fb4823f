// AWS Signature Version 4 of one request. Pure.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/secret.hpp"

namespace fieldmedic {

struct AwsCredentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token;  // empty: they are not temporary
};

struct AwsScope {
  std::string region;  // "cn-north-1"
  std::string service;
};

using AwsFields = std::vector<std::pair<std::string, std::string>>;

// To the path "/", the only one of the query protocol.
struct AwsRequest {
  std::string method = "POST";
  AwsFields query;    // not encoded
  AwsFields headers;  // each name once; all are signed; Host must be one
  std::string body;
};

// Step 1: `headers` of the request must hold X-Amz-Date.
[[nodiscard]] std::string aws_canonical_request(const AwsRequest& request);

// The headers to be sent beside those of the request: X-Amz-Date, X-Amz-Security-Token where the
// credentials have one, and Authorization. They hold secrets. `now` to the second.
[[nodiscard]] AwsFields aws_signature(AwsRequest request, const AwsCredentials& credentials,
                                      const AwsScope& scope, WallTime now);

// What RFC 3986 leaves unreserved stays, all else becomes %XX: names and values of a form.
[[nodiscard]] std::string aws_encoded(std::string_view text);

}  // namespace fieldmedic
