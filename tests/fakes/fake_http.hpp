// An HTTP client that answers from a script and remembers what was sent.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "common/http_client.hpp"

namespace fieldmedic {

// Thread-safe. Answers are given in order; with none left: Errc::Unavailable.
class FakeHttp final : public HttpClient {
 public:
  void answer(Result<HttpResponse> response) {
    const std::lock_guard lock(mutex_);
    answers_.push_back(std::move(response));
  }
  void answer(int status, std::string body) { answer(HttpResponse{status, std::move(body), {}}); }

  [[nodiscard]] Result<HttpResponse> send(const HttpRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    sent_.push_back(request);
    if (answers_.empty()) return fail(Errc::Unavailable, "fake: no answer left");
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  [[nodiscard]] std::vector<HttpRequest> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Result<HttpResponse>> answers_;
  std::vector<HttpRequest> sent_;
};

}  // namespace fieldmedic
