#include "remediator/reach/etcd.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/secret.hpp"
#include "remediator/reach/etcd_refusal.hpp"

namespace fieldmedic {

namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t kAnswerLimit = 1024uz * 1024;

// Every answer of a member names its cluster, itself and its term: what has no such header may be
// anybody's, and says nothing about a key.
bool is_of_etcd(const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return false;
  const auto header = answer.find("header");
  if (header == answer.end() || !header->is_object()) return false;
  return std::ranges::all_of(std::array{"cluster_id", "member_id", "raft_term"},
                             [&](const char* key) { return header->contains(key); });
}

// What a status says for good; none: another member may answer.
std::optional<Errc> refusal(int status) {
  if (status == 401 || status == 403) return Errc::Denied;
  if (status == 400) return Errc::Invalid;
  if (status == 404) return Errc::NotFound;
  return std::nullopt;
}

struct Question {
  std::string path;
  std::string body;
  milliseconds timeout;
};

HttpRequest request_of(const EtcdAccess& access, const std::string& url, const Question& question) {
  HttpRequest request;
  request.method = "POST";
  request.url = url + question.path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = question.body;
  request.tls.ca_file = access.ca_file;
  request.tls.cert_file = access.cert_file;
  request.tls.key_file = access.key_file;
  request.body_limit = kAnswerLimit;
  request.timeout = question.timeout;
  return request;
}

// Before a connection nothing was sent.
bool never_sent(Errc code) {
  return code == Errc::Unavailable || code == Errc::NotFound;
}

Result<Question> login_of(const EtcdAccess& access, milliseconds timeout) {
  const auto password = read_secret_file(access.password_file);
  if (!password) return fail(Errc::Denied, "etcd: password_file: " + password.error().message);
  const Json body{{"name", access.user}, {"password", password->reveal()}};
  return Question{"/v3/auth/authenticate",
                  body.dump(-1, ' ', false, Json::error_handler_t::replace), timeout};
}

// What the user shows to a member; empty: without a user, or where it knows none, as etcd's own
// client does. Errc::Denied: the member said no. Cancelled. Any other: another may say yes.
Result<Secret> token_of(HttpClient& http, const EtcdAccess& access, const std::string& url,
                        milliseconds timeout, const std::stop_token& stop) {
  if (access.user.empty()) return Secret();
  const auto login = login_of(access, timeout);
  if (!login) return fail(login.error());
  const auto response = http.send(request_of(access, url, *login), stop);
  if (!response) return fail(response.error());
  if (knows_no_users(*response)) return Secret();
  if (response->status != 200 || !is_of_etcd(response->body))
    return fail(refusal(response->status) ? Errc::Denied : Errc::Unavailable,
                explain_refusal(url, *response));
  const Json body = Json::parse(response->body, nullptr, false);
  const auto token = body.find("token");
  if (token == body.end() || !token->is_string())
    return fail(Errc::Malformed, fmt::format("{} gives its user no token", url));
  return Secret(token->get<std::string>());
}

}  // namespace

Result<std::string> ask_etcd(HttpClient& http, const EtcdAccess& access, const std::string& path,
                             const std::string& body, milliseconds timeout,
                             const std::stop_token& stop) {
  Error last{Errc::Unavailable, "etcd: no member is named"};
  bool unclear = false;
  const std::size_t questions = access.urls.size() * (access.user.empty() ? 1 : 2);
  for (const std::string& url : access.urls) {
    const milliseconds time = timeout / static_cast<int>(questions);
    const auto token = token_of(http, access, url, time, stop);
    if (!token) {
      last = token.error();
      if (last.code == Errc::Cancelled || (last.code == Errc::Denied && !unclear))
        return fail(last);
      continue;  // a login changes nothing
    }
    HttpRequest request = request_of(access, url, {path, body, time});
    if (!token->empty()) request.headers.emplace_back("Authorization", token->reveal());
    const auto response = http.send(request, stop);
    if (!response) {
      last = response.error();
      unclear = unclear || !never_sent(last.code);
      if (last.code == Errc::Cancelled) return fail(last);
      continue;
    }
    if (response->status == 200 && is_of_etcd(response->body)) return response->body;
    last.message = explain_refusal(url, *response);
    if (const auto code = refusal(response->status); code && !unclear)
      return fail(*code, last.message);
    unclear = true;
  }
  return fail(unclear ? Errc::Timeout : Errc::Unavailable, last.message);
}

}  // namespace fieldmedic
