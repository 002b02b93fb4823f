#include "exporter/files/helper_client.hpp"

#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "exporter/files/file_helper_link.hpp"
#include "exporter/files/file_wire.hpp"
#include "exporter/files/under_way.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kHelperPatience{2000};
constexpr std::size_t kMostLeftBehind = 3;
constexpr int kMostStarts = 3;  // of helpers that die at once, in one call

// Of the helper's own kernel, whatever hangs: no answer means that the whole helper is stuck.
const FileRequest kSignOfLife{.verb = FileVerb::Stat, .path = "/proc/self"};

class HelperClient final : public FileClient {
 public:
  HelperClient(std::filesystem::path program, const Clock& clock)
      : program_(std::move(program)), clock_(clock) {}

  [[nodiscard]] Answers ask(std::span<const FileRequest> requests, SteadyTime deadline) override {
    return Call(*this, requests).end(deadline);
  }
  [[nodiscard]] std::unique_ptr<Asked> begin(std::span<const FileRequest> requests) override {
    return std::make_unique<Call>(*this, requests);
  }

 private:
  // The requests of one caller: sent as far as there is room, and those that wait for it.
  class Call final : public Asked {
   public:
    Call(HelperClient& client, std::span<const FileRequest> requests)
        : client_(client), requests_(requests), waiting_(requests.size()) {
      batch_.answers.resize(requests.size(), fail(Errc::Timeout, "not asked in time"));
      batch_.open = requests.size();
      std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
      const std::lock_guard lock(client_.mutex_);
      client_.take_answers_if_nobody_reads();
      client_.leave_stuck_helper();
      client_.hand_out(requests_, waiting_, batch_, starts_);
    }
    ~Call() override {
      const std::lock_guard lock(client_.mutex_);
      if (batch_.open > 0) client_.under_way_.abandon(batch_);
    }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    [[nodiscard]] Answers end(SteadyTime deadline) override {
      std::unique_lock lock(client_.mutex_);
      while (true) {
        client_.take_answers_if_nobody_reads();
        client_.hand_out(requests_, waiting_, batch_, starts_);
        if (batch_.open == 0) return std::move(batch_.answers);
        const auto left = deadline - client_.clock_.steady();
        if (left <= SteadyTime::duration::zero()) break;
        client_.wait(lock, left);
      }
      client_.under_way_.abandon(batch_);
      batch_.open = 0;
      client_.ask_for_sign_of_life();
      return std::move(batch_.answers);
    }

   private:
    HelperClient& client_;
    std::span<const FileRequest> requests_;
    std::vector<std::size_t> waiting_;  // their places
    Batch batch_;
    int starts_ = 0;
  };

  static void settle(Batch& batch, std::size_t place, Result<FileAnswer> answer) {
    batch.answers[place] = std::move(answer);
    --batch.open;
  }

  // Sends what may be sent and takes it off `waiting`.
  void hand_out(std::span<const FileRequest> requests, std::vector<std::size_t>& waiting,
                Batch& batch, int& starts) {
    std::erase_if(waiting, [&](std::size_t place) {
      const auto& request = requests[place];
      if (auto good = check(request); !good) {
        settle(batch, place, fail(std::move(good.error())));
        return true;
      }
      switch (under_way_.judge(request)) {
        case UnderWay::Verdict::Send: return hand_out(request, place, batch, starts);
        case UnderWay::Verdict::Wait: return false;
        case UnderWay::Verdict::Hangs: break;
      }
      settle(batch, place, fail(Errc::Timeout, request.path + ": hangs since an earlier call"));
      return true;
    });
  }

  // False: not now.
  bool hand_out(const FileRequest& request, std::size_t place, Batch& batch, int& starts) {
    while (true) {
      if (auto running = ensure_helper(starts); !running) {
        settle(batch, place, fail(std::move(running.error())));
        return true;
      }
      const auto sent = send({.request = request, .batch = &batch, .place = place});
      if (sent) {
        batch.answers[place] = fail(Errc::Timeout, request.path + ": no answer in time");
        return true;
      }
      if (sent.error().code == Errc::Full) return false;
      lose_helper();
    }
  }

  Status send(SentRequest sent) {
    NumberedRequest numbered{.number = 0, .request = sent.request};
    numbered.number = under_way_.add(std::move(sent));
    auto status = helper_->send(encode(numbered));
    if (!status) under_way_.forget(numbered.number);
    return status;
  }

  Status ensure_helper(int& starts) {
    if (helper_) return {};
    std::erase_if(left_behind_, [](const auto& process) { return process->ended(); });
    if (left_behind_.size() >= kMostLeftBehind) {
      return fail(Errc::Unavailable, "file helper: three of them are stuck, no other is started");
    }
    if (++starts > kMostStarts) {
      return fail(Errc::Unavailable, "file helper: ends as soon as it is started");
    }
    auto started = FileHelperLink::start(program_);
    if (!started) return fail(std::move(started.error()));
    helper_ = std::move(*started);
    return {};
  }

  // One of the threads that wait reads for all.
  void wait(std::unique_lock<std::mutex>& lock, SteadyTime::duration left) {
    if (reading_ || !helper_) {
      changed_.wait_for(lock, left);
      return;
    }
    reading_ = true;
    const auto helper = helper_;  // stays open while we look at its socket
    lock.unlock();
    pollfd socket{helper->socket(), POLLIN, 0};
    constexpr long kLongest = 60'000;
    const long wait = std::chrono::ceil<milliseconds>(left).count();
    poll(&socket, 1, static_cast<int>(std::clamp<long>(wait, 0, kLongest)));
    lock.lock();
    reading_ = false;
    take_answers();
    changed_.notify_all();
  }

  // The thread that waits at the socket must not find it emptied of its own answer.
  void take_answers_if_nobody_reads() {
    if (!reading_) take_answers();
  }

  void take_answers() {
    while (helper_ && !under_way_.empty()) {
      const auto message = helper_->receive();
      if (!message) {
        if (message.error().code != Errc::Timeout) lose_helper();
        return;
      }
      auto numbered = decode_outcome(*message);
      if (!numbered) return lose_helper();
      if (auto sent = under_way_.take(numbered->number); sent && sent->batch != nullptr) {
        settle(*sent->batch, sent->place, to_result(sent->request, std::move(numbered->outcome)));
      }
      if (sign_of_life_ && sign_of_life_->number == numbered->number) sign_of_life_.reset();
    }
  }

  // What it had to do is not done.
  void lose_helper() {
    helper_.reset();
    sign_of_life_.reset();
    for (auto& [number, sent] : under_way_.take_all()) {
      if (sent.batch == nullptr) continue;
      settle(*sent.batch, sent.place,
             fail(Errc::Unavailable, sent.request.path + ": the file helper ended"));
    }
    changed_.notify_all();
  }

  void ask_for_sign_of_life() {
    if (!helper_ || sign_of_life_) return;
    const NumberedRequest numbered{.number = under_way_.add({.request = kSignOfLife}),
                                   .request = kSignOfLife};
    if (helper_->send(encode(numbered))) {
      sign_of_life_ = SignOfLife{.number = numbered.number, .asked_at = clock_.steady()};
    } else {
      under_way_.forget(numbered.number);
    }
  }

  void leave_stuck_helper() {
    if (!helper_ || !sign_of_life_) return;
    if (clock_.steady() - sign_of_life_->asked_at < kHelperPatience) return;
    helper_->end();
    left_behind_.push_back(helper_);
    lose_helper();
  }

  struct SignOfLife {
    std::uint64_t number = 0;
    SteadyTime asked_at;
  };

  const std::filesystem::path program_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool reading_ = false;  // a thread waits at the socket
  std::shared_ptr<FileHelperLink> helper_;
  std::vector<std::shared_ptr<FileHelperLink>> left_behind_;
  std::optional<SignOfLife> sign_of_life_;
  UnderWay under_way_;
};

}  // namespace

std::shared_ptr<FileClient> make_file_client(std::filesystem::path program, const Clock& clock) {
  return std::make_shared<HelperClient>(std::move(program), clock);
}

}  // namespace fieldmedic
