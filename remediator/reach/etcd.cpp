#include "remediator/reach/etcd.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

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

HttpRequest request_of(const EtcdAccess& access, const std::string& url, const std::string& path,
                       const std::string& body) {
  HttpRequest request;
  request.method = "POST";
  request.url = url + path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = body;
  request.tls.ca_file = access.ca_file;
  request.tls.cert_file = access.cert_file;
  request.tls.key_file = access.key_file;
  request.body_limit = kAnswerLimit;
  return request;
}

// Before a connection nothing was sent.
bool never_sent(Errc code) {
  return code == Errc::Unavailable || code == Errc::NotFound;
}

}  // namespace

Result<std::string> ask_etcd(HttpClient& http, const EtcdAccess& access, const std::string& path,
                             const std::string& body, milliseconds timeout,
                             const std::stop_token& stop) {
  Error last{Errc::Unavailable, "etcd: no member is named"};
  bool unclear = false;
  for (const std::string& url : access.urls) {
    HttpRequest request = request_of(access, url, path, body);
    request.timeout = timeout / static_cast<int>(access.urls.size());
    const auto response = http.send(request, stop);
    if (!response) {
      last = response.error();
      unclear = unclear || !never_sent(last.code);
      if (last.code == Errc::Cancelled) return fail(last);
      continue;
    }
    if (response->status == 200 && is_of_etcd(response->body)) return response->body;
    last.message = fmt::format("{} answers {} and nothing of etcd's", url, response->status);
    if (const auto code = refusal(response->status); code && !unclear)
      return fail(*code, last.message);
    unclear = true;
  }
  return fail(unclear ? Errc::Timeout : Errc::Unavailable, last.message);
}

}  // namespace fieldmedic
