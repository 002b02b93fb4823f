#include "remediator/reach/aws_credentials.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/core.h>

#include "common/secret_text.hpp"

namespace fieldmedic {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// They go into headers.
bool is_one_word(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

void keep(AwsCredentials& credentials, std::string_view key, std::string_view value) {
  if (key == "aws_access_key_id") credentials.access_key_id = value;
  if (key == "aws_secret_access_key") credentials.secret_access_key = Secret(std::string(value));
  if (key == "aws_session_token") credentials.session_token = Secret(std::string(value));
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets one
  return value == nullptr ? std::string() : std::string(value);
}

Result<AwsCredentials> from_environment() {
  AwsCredentials credentials{variable("AWS_ACCESS_KEY_ID"),
                             Secret(variable("AWS_SECRET_ACCESS_KEY")),
                             Secret(variable("AWS_SESSION_TOKEN"))};
  if (auto right = check_aws_credentials(credentials); !right)
    return fail(Errc::Invalid, "the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY): " +
                                   right.error().message);
  return credentials;
}

}  // namespace

Status check_aws_credentials(const AwsCredentials& credentials) {
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty())
    return fail(Errc::Invalid, "it wants an access key id and a secret access key");
  const bool right = is_one_word(credentials.access_key_id) &&
                     !credentials.access_key_id.contains('/') &&
                     is_one_word(credentials.secret_access_key.reveal()) &&
                     is_one_word(credentials.session_token.reveal());
  if (!right) return fail(Errc::Invalid, "what it holds are no credentials of AWS");
  return {};
}

Result<AwsCredentials> parse_aws_credentials(std::string_view text, std::string_view profile) {
  AwsCredentials credentials;
  bool within = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('[') && line.ends_with(']'))
      within = trimmed(line.substr(1, line.size() - 2)) == profile;
    const auto equals = line.find('=');
    if (!within || line.starts_with('#') || line.starts_with(';') ||
        equals == std::string_view::npos)
      continue;
    keep(credentials, trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
  }
  if (auto right = check_aws_credentials(credentials); !right)
    return fail(Errc::Invalid, fmt::format("profile '{}': {}", profile, right.error().message));
  return credentials;
}

Result<AwsCredentials> read_aws_credentials(const AwsCredentialSource& source) {
  if (source.file.empty()) return from_environment();
  const auto text = read_secret_text(source.file);
  if (!text) return fail(text.error());
  auto credentials = parse_aws_credentials(text->reveal(), source.profile);
  if (!credentials) return wrap(std::move(credentials.error()), source.file);
  return credentials;
}

}  // namespace fieldmedic
