// Several addresses of one service: the replicas of a Prometheus, the members of an Alertmanager
// cluster.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_client.hpp"
#include "common/result.hpp"
#include "common/server_access.hpp"

namespace fieldmedic {

// How many addresses one service may have.
inline constexpr std::size_t kMostServers = 8;

// Thread-safe; copies share what is remembered. Holds secrets.
class ServerPool {
 public:
  ServerPool() = default;
  explicit ServerPool(std::vector<ServerAccess> servers);

  [[nodiscard]] bool empty() const { return servers_.empty(); }
  [[nodiscard]] const std::vector<ServerAccess>& servers() const { return servers_; }

  // Sends `question` (method, headers, body, limits; its URL and who asks are filled in) to the
  // path, which begins with a slash, of one after the other until one answers; the one that did
  // last time is asked first. No answer is an error of the client (but not Errc::Cancelled, which
  // ends it) or a status of 500 and above. `question.timeout` is for all of them together: each
  // gets an even share. Errors name every address; Errc::Unavailable when there is none to ask.
  [[nodiscard]] Result<HttpResponse> ask(HttpClient& http, std::string_view path,
                                         HttpRequest question, std::stop_token stop) const;

  // The same question to each; what each said, in their order.
  [[nodiscard]] std::vector<Result<HttpResponse>> ask_all(HttpClient& http, std::string_view path,
                                                          HttpRequest question,
                                                          std::stop_token stop) const;

  struct Count {
    std::string address;  // as it may be shown
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
  };
  // Since the configuration was read.
  [[nodiscard]] std::vector<Count> counts() const;

 private:
  struct Tally {
    std::atomic<std::uint64_t> answered = 0;
    std::atomic<std::uint64_t> failed = 0;
  };
  struct Remembered {
    explicit Remembered(std::size_t servers) : tallies(servers) {}
    std::atomic<std::size_t> first = 0;  // answered last time
    std::vector<Tally> tallies;
  };

  [[nodiscard]] Result<HttpResponse> ask_one(HttpClient& http, std::size_t server,
                                             std::string_view path, HttpRequest question,
                                             std::stop_token stop) const;

  std::vector<ServerAccess> servers_;
  std::shared_ptr<Remembered> remembered_;  // null without servers
};

}  // namespace fieldmedic
