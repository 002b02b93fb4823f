// The pool of helper processes behind make_statfs_client.
#include <poll.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "exporter/host/statfs_helper.hpp"
#include "exporter/host/statfs_process.hpp"

namespace fieldmedic {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMostHelpers = 8;
constexpr milliseconds kPatience{200};  // before the rest of the paths goes to another helper
constexpr long kLongestWait = 60'000;   // ms; poll takes an int

struct Helper {
  std::unique_ptr<StatfsProcess> process;
  std::string path;                 // the request under way; empty: none
  std::optional<std::size_t> slot;  // where its answer goes; none: the call that asked is over
  SteadyTime asked_at{};
};

class HelperPool final : public StatfsClient {
 public:
  HelperPool(std::filesystem::path program, const Clock& clock)
      : program_(std::move(program)), clock_(clock) {}

  [[nodiscard]] Result<Answers> ask(std::span<const std::string> paths,
                                    SteadyTime deadline) override {
    Answers answers(paths.size(), fail(Errc::Timeout, "no answer from this file system"));
    take_late_answers();
    std::deque<std::size_t> waiting;
    for (std::size_t i = 0; i < paths.size(); ++i) {
      if (!under_way(paths[i])) waiting.push_back(i);
    }
    while (true) {
      if (auto handed = hand_out(paths, waiting, answers); !handed) {
        return fail(std::move(handed.error()));
      }
      const auto now = clock_.steady();
      if (now >= deadline || !any_asked()) break;
      wait_for_answer(now, deadline, waiting.empty() ? Rest::HandedOut : Rest::Waiting);
      collect(answers);
    }
    for (auto& helper : helpers_) helper.slot.reset();
    return answers;
  }

 private:
  enum class Rest { HandedOut, Waiting };  // of the paths: whether some have no helper yet

  [[nodiscard]] bool under_way(const std::string& path) const {
    return std::ranges::find(helpers_, path, &Helper::path) != helpers_.end();
  }
  [[nodiscard]] bool any_asked() const {
    return std::ranges::any_of(helpers_, [](const Helper& h) { return h.slot.has_value(); });
  }

  // An answer to an earlier call's request tells only that its path hangs no more.
  void take_late_answers() {
    Answers nobody;
    collect(nobody);
  }

  // Gives requests to idle helpers; starts one only when all there are hang.
  Status hand_out(std::span<const std::string> paths, std::deque<std::size_t>& waiting,
                  Answers& answers) {
    for (std::size_t deaths = 0; !waiting.empty();) {
      auto idle = idle_helper();
      if (!idle) return fail(std::move(idle.error()));
      if (*idle == nullptr) return {};
      Helper& helper = **idle;
      const std::size_t next = waiting.front();
      if (auto sent = helper.process->send(paths[next]); sent) {
        helper.path = paths[next];
        helper.slot = next;
        helper.asked_at = clock_.steady();
      } else if (sent.error().code == Errc::Invalid) {
        answers[next] = fail(std::move(sent.error()));
      } else {  // it died while it had nothing to do: the same path to the next one
        if (++deaths > kMostHelpers) return fail(std::move(sent.error()));
        std::erase_if(helpers_, [&](const Helper& h) { return &h == &helper; });
        continue;
      }
      waiting.pop_front();
    }
    return {};
  }

  // nullptr: all are busy, and no other may be started yet.
  Result<Helper*> idle_helper() {
    bool all_hang = true;
    const auto now = clock_.steady();
    for (auto& helper : helpers_) {
      if (helper.path.empty()) return &helper;
      all_hang = all_hang && now - helper.asked_at >= kPatience;
    }
    if (!all_hang || helpers_.size() >= kMostHelpers) return nullptr;
    auto started = StatfsProcess::start(program_);
    if (!started) return fail(std::move(started.error()));
    helpers_.push_back({std::move(*started), {}, {}, {}});
    return &helpers_.back();
  }

  // Until a helper has something to say, the deadline, or, when paths still wait for a helper,
  // until the patience with a busy one is over.
  void wait_for_answer(SteadyTime now, SteadyTime deadline, Rest rest) {
    auto left = deadline - now;
    std::vector<pollfd> sockets;
    sockets.reserve(helpers_.size());
    for (const auto& helper : helpers_) {
      if (helper.path.empty()) continue;
      sockets.push_back({helper.process->socket(), POLLIN, 0});
      const auto spent = now - helper.asked_at;
      if (rest == Rest::Waiting && spent < kPatience) {
        left = std::min<SteadyTime::duration>(left, kPatience - spent);
      }
    }
    const auto wait = std::chrono::ceil<milliseconds>(left).count();
    poll(sockets.data(), sockets.size(), static_cast<int>(std::clamp<long>(wait, 0, kLongestWait)));
  }

  void collect(Answers& answers) {
    std::erase_if(helpers_, [&](Helper& helper) {
      if (helper.path.empty()) return false;
      auto answer = helper.process->receive();
      if (!answer && answer.error().code == Errc::Timeout) return false;
      const bool gone = !answer;
      if (helper.slot) {
        answers[*helper.slot] =
            gone ? Result<FilesystemSpace>(fail(std::move(answer.error()))) : std::move(*answer);
      }
      helper.path.clear();
      helper.slot.reset();
      return gone;
    });
  }

  std::filesystem::path program_;
  const Clock& clock_;
  std::vector<Helper> helpers_;
};

}  // namespace

std::unique_ptr<StatfsClient> make_statfs_client(std::filesystem::path program,
                                                 const Clock& clock) {
  return std::make_unique<HelperPool>(std::move(program), clock);
}

}  // namespace fieldmedic
