#include "exporter/sampler.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace fieldmedic {
namespace {

constexpr std::size_t kMostWaiting = 8;  // scrapes that wait for one module at once

// prometheus-cpp, RE2 and the allocator may throw; a module that does costs its own families only.
template <class Answer, class Ask>
Answer guarded(const Ask& ask) {
  try {
    return ask();
  } catch (const std::exception& e) {
    return fail(Errc::Unavailable, std::string("threw: ") + e.what());
  } catch (...) {
    return fail(Errc::Unavailable, "threw something that is no std::exception");
  }
}

Sample collect_timed(Module& module, SteadyTime deadline, const Clock& clock) {
  const auto begun = clock.steady();
  auto families = guarded<Result<Families>>([&] { return module.collect(deadline); });
  return {std::move(families), clock.steady() - begun};
}

class InlineSampler final : public Sampler {
 public:
  InlineSampler(std::unique_ptr<Module> module, const Clock& clock)
      : module_(std::move(module)), clock_(clock) {}
  [[nodiscard]] const Module& module() const override { return *module_; }
  [[nodiscard]] std::unique_ptr<Pending> begin(SteadyTime deadline) override {
    auto turn = std::make_unique<Turn>(*this, deadline);
    turn->ask_ahead();
    return turn;
  }

 private:
  class Turn final : public Pending {
   public:
    Turn(InlineSampler& sampler, SteadyTime deadline) : sampler_(sampler), deadline_(deadline) {}
    ~Turn() override {
      if (taken_) sampler_.give_turn();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Only when no other scrape has the turn: nothing waits here.
    void ask_ahead() {
      if (sampler_.module_->cost() != Cost::KeepsDeadline) return;
      taken_ = sampler_.take_turn(SteadyTime::duration::zero());
      if (!taken_) return;
      ahead_ = guarded<Status>([this]() -> Status {
        sampler_.module_->ask_ahead();
        return {};
      });
    }
    [[nodiscard]] Sample end(SteadyTime deadline) override {
      const auto begun = sampler_.clock_.steady();
      if (!taken_) taken_ = sampler_.take_turn(deadline - begun);
      if (!taken_) {
        return {fail(Errc::Timeout, "another scrape keeps it beyond this one's deadline"),
                sampler_.clock_.steady() - begun};
      }
      if (!ahead_) return {fail(std::move(ahead_.error())), sampler_.clock_.steady() - begun};
      auto sample = collect_timed(*sampler_.module_, deadline_, sampler_.clock_);
      sampler_.give_turn();
      taken_ = false;
      return sample;
    }

   private:
    InlineSampler& sampler_;
    SteadyTime deadline_;  // what the module is told
    bool taken_ = false;
    Status ahead_;
  };

  // One collection at a time; parallel scrapes take turns.
  bool take_turn(SteadyTime::duration patience) {
    std::unique_lock lock(mutex_);
    if (!free_.wait_for(lock, patience, [this] { return !busy_; })) return false;
    busy_ = true;
    return true;
  }

  void give_turn() {
    const std::lock_guard lock(mutex_);
    busy_ = false;
    free_.notify_one();
  }

  std::unique_ptr<Module> module_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable free_;
  bool busy_ = false;
};

// Shared by the sampler, the scrapes that wait and the thread, which may outlive the others.
struct Desk {
  struct Request {
    SteadyTime deadline;
    std::optional<Sample> sample;  // set by the thread
  };

  Desk(std::unique_ptr<Module> served, const Clock& time)
      : module(std::move(served)), clock(time) {}

  const std::unique_ptr<Module> module;
  const Clock& clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Request>> queue;  // not begun yet
  bool stopping = false;
};

void serve(const std::shared_ptr<Desk>& desk) {
  std::unique_lock lock(desk->mutex);
  while (true) {
    desk->changed.wait(lock, [&] { return desk->stopping || !desk->queue.empty(); });
    if (desk->stopping) return;
    const auto request = std::move(desk->queue.front());
    desk->queue.pop_front();
    lock.unlock();
    auto sample = collect_timed(*desk->module, request->deadline, desk->clock);
    lock.lock();
    request->sample = std::move(sample);
    lock.unlock();  // whom it wakes need not wait for the lock again
    desk->changed.notify_all();
    lock.lock();
  }
}

class ThreadSampler final : public Sampler {
 public:
  ThreadSampler(std::unique_ptr<Module> module, const Clock& clock)
      : desk_(std::make_shared<Desk>(std::move(module), clock)) {
    std::thread([desk = desk_] { serve(desk); }).detach();
  }
  ~ThreadSampler() override {
    const std::lock_guard lock(desk_->mutex);
    desk_->stopping = true;
    desk_->changed.notify_all();
  }
  ThreadSampler(const ThreadSampler&) = delete;
  ThreadSampler& operator=(const ThreadSampler&) = delete;

  [[nodiscard]] const Module& module() const override { return *desk_->module; }
  [[nodiscard]] std::unique_ptr<Pending> begin(SteadyTime deadline) override {
    auto request = std::make_shared<Desk::Request>(deadline);
    {
      const std::lock_guard lock(desk_->mutex);
      if (desk_->queue.size() >= kMostWaiting) {
        request->sample = Sample{fail(Errc::Full, "too many scrapes wait for this module"), {}};
      } else {
        desk_->queue.push_back(request);
      }
    }
    desk_->changed.notify_all();
    return std::make_unique<Wait>(desk_, std::move(request));
  }

 private:
  class Wait final : public Pending {
   public:
    Wait(std::shared_ptr<Desk> desk, std::shared_ptr<Desk::Request> request)
        : desk_(std::move(desk)), request_(std::move(request)), begun_(desk_->clock.steady()) {}
    ~Wait() override {
      const std::lock_guard lock(desk_->mutex);
      std::erase(desk_->queue, request_);  // nobody waits for it any more
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;

    [[nodiscard]] Sample end(SteadyTime deadline) override {
      std::unique_lock lock(desk_->mutex);
      const auto left = deadline - desk_->clock.steady();
      auto& sample = request_->sample;
      desk_->changed.wait_for(lock, left, [&] { return sample.has_value(); });
      if (sample) return std::move(*sample);
      return {fail(Errc::Timeout, "not done by the scrape's deadline"),
              desk_->clock.steady() - begun_};
    }

   private:
    std::shared_ptr<Desk> desk_;
    std::shared_ptr<Desk::Request> request_;
    SteadyTime begun_;
  };

  std::shared_ptr<Desk> desk_;
};

}  // namespace

std::unique_ptr<Sampler> make_sampler(std::unique_ptr<Module> module, const Clock& clock) {
  switch (module->cost()) {
    case Cost::Inline:
    case Cost::KeepsDeadline: return std::make_unique<InlineSampler>(std::move(module), clock);
    case Cost::MayWait: return std::make_unique<ThreadSampler>(std::move(module), clock);
  }
  return nullptr;
}

}  // namespace fieldmedic
