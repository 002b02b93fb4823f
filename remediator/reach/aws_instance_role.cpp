#include "remediator/reach/aws_instance_role.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "remediator/reach/aws_credentials.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kEach{2'000};
constexpr std::size_t kMostAnswer = 16UL << 10;
constexpr std::size_t kLongestToken = 1024;
constexpr std::size_t kLongestRole = 64;
constexpr const char* kRoles = "/latest/meta-data/iam/security-credentials/";

Result<std::string> ask(HttpClient& http, HttpRequest request, const std::stop_token& stop) {
  request.timeout = kEach;
  request.body_limit = kMostAnswer;
  auto answer = http.send(request, stop);
  if (!answer) return wrap(std::move(answer.error()), "the metadata of this instance");
  if (answer->status == 200) return std::move(answer->body);
  return fail(answer->status == 404 ? Errc::NotFound : Errc::Denied,
              fmt::format("{} answered {}", redact_url(request.url), answer->status));
}

// It goes into a header.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kLongestToken &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

// It goes into a path. The characters of IAM's names.
bool is_role(std::string_view name) {
  static constexpr std::string_view kAlso = "+=,.@_-";
  return !name.empty() && name.size() <= kLongestRole &&
         name.find_first_not_of('.') != std::string_view::npos &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kAlso.contains(c);
         });
}

Result<AwsCredentials> credentials_in(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  const auto field = [&json](const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (const std::string code = field("Code"); code != "Success")
    return fail(Errc::Malformed, "the metadata of this instance holds no credentials of its role");
  AwsCredentials credentials{field("AccessKeyId"), Secret(field("SecretAccessKey")),
                             Secret(field("Token"))};
  if (auto right = check_aws_credentials(credentials); !right)
    return wrap(std::move(right.error()), "the role of this instance");
  if (credentials.session_token.empty())
    return fail(Errc::Malformed, "the role of this instance comes without a session token");
  return credentials;
}

}  // namespace

Result<AwsCredentials> ask_instance_role(HttpClient& http, const std::string& metadata,
                                         const std::stop_token& stop) {
  HttpRequest token;
  token.method = "PUT";
  token.url = metadata + "/latest/api/token";
  token.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "60"}};
  auto session = ask(http, std::move(token), stop);
  if (!session) return fail(session.error());
  if (!is_token(*session))
    return fail(Errc::Malformed, "what answers is no metadata service of AWS (IMDSv2)");
  HttpRequest read;
  read.headers = {{"X-aws-ec2-metadata-token", std::move(*session)}};
  read.url = metadata + kRoles;
  const auto roles = ask(http, read, stop);
  if (!roles && roles.error().code != Errc::NotFound) return fail(roles.error());
  const std::string role = roles ? roles->substr(0, roles->find_first_of("\r\n")) : std::string();
  if (!is_role(role)) return fail(Errc::Denied, "this instance has no role");
  read.url += role;
  const auto credentials = ask(http, std::move(read), stop);
  if (!credentials) return fail(credentials.error());
  return credentials_in(*credentials);
}

}  // namespace fieldmedic
