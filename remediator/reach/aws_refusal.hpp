// What AWS says when it does not do what it was asked. Pure.
#pragma once

#include <string_view>

#include "common/clock.hpp"
#include "common/http_client.hpp"
#include "common/result.hpp"
#include "remediator/reach/aws_signature.hpp"

namespace fieldmedic {

// Of an answer other than 200, with what to do. Unavailable, Conflict, Denied, Invalid: nothing was
// changed; Io: that is not known. `asked` is said of it; none of the credentials is in it, also
// where the server sends them back.
[[nodiscard]] Error explain_aws_refusal(const HttpResponse& answer, std::string_view asked,
                                        const AwsCredentials& credentials, WallTime now);

}  // namespace fieldmedic
