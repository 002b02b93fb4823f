#include "common/server_pool.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace fieldmedic {
namespace {

constexpr int kServersFault = 500;  // and above: the next one may know

bool is_answer(const Result<HttpResponse>& said) {
  return said && said->status < kServersFault;
}

bool was_cancelled(const Result<HttpResponse>& said) {
  return !said && said.error().code == Errc::Cancelled;
}

}  // namespace

ServerPool::ServerPool(std::vector<ServerAccess> servers) : servers_(std::move(servers)) {
  if (!servers_.empty()) remembered_ = std::make_shared<Remembered>(servers_.size());
}

Result<HttpResponse> ServerPool::ask_one(HttpClient& http, std::size_t server,
                                         std::string_view path, HttpRequest question,
                                         std::stop_token stop) const {
  HttpRequest request = servers_[server].request(path);
  request.method = std::move(question.method);
  request.headers = std::move(question.headers);
  request.body = std::move(question.body);
  request.timeout = question.timeout / static_cast<int>(servers_.size());
  request.body_limit = question.body_limit;
  auto response = http.send(request, std::move(stop));
  if (was_cancelled(response)) return response;
  Tally& tally = remembered_->tallies[server];
  ++(is_answer(response) ? tally.answered : tally.failed);
  return response;
}

Result<HttpResponse> ServerPool::ask(HttpClient& http, std::string_view path, HttpRequest question,
                                     std::stop_token stop) const {
  if (servers_.empty()) return fail(Errc::Unavailable, "no address is configured");
  const std::size_t first = remembered_->first;
  std::optional<Result<HttpResponse>> said;  // by the last one that failed
  std::string why;
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    const std::size_t server = (first + i) % servers_.size();
    said = ask_one(http, server, path, question, stop);
    if (is_answer(*said)) remembered_->first = server;
    if (is_answer(*said) || was_cancelled(*said)) return *std::move(said);
    why += why.empty() ? "" : "; ";
    why += *said ? fmt::format("{} answers {}", redact_url(servers_[server].url), (*said)->status)
                 : said->error().message;
  }
  // One address: what it said of its own trouble is worth reading.
  if (servers_.size() == 1) return *std::move(said);
  return fail(*said ? Errc::Unavailable : said->error().code, std::move(why));
}

std::vector<Result<HttpResponse>> ServerPool::ask_all(HttpClient& http, std::string_view path,
                                                      HttpRequest question,
                                                      std::stop_token stop) const {
  std::vector<Result<HttpResponse>> answers;
  for (std::size_t server = 0; server < servers_.size(); ++server)
    answers.push_back(ask_one(http, server, path, question, stop));
  return answers;
}

std::vector<ServerPool::Count> ServerPool::counts() const {
  std::vector<Count> counts;
  for (std::size_t server = 0; server < servers_.size(); ++server) {
    const Tally& tally = remembered_->tallies[server];
    counts.push_back({redact_url(servers_[server].url), tally.answered, tally.failed});
  }
  return counts;
}

}  // namespace fieldmedic
