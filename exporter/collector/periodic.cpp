#include "exporter/collector/periodic.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace fieldmedic {

struct Periodic::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
};

Periodic::Periodic(Turn turn) : shared_(std::make_shared<Shared>()) {
  std::thread([shared = shared_, turn = std::move(turn)] {
    std::unique_lock lock(shared->mutex);
    while (!shared->stopping) {
      lock.unlock();
      const auto pause = turn();
      lock.lock();
      shared->changed.wait_for(lock, pause, [&] { return shared->stopping; });
    }
  }).detach();
}

Periodic::~Periodic() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopping = true;
  shared_->changed.notify_all();
}

}  // namespace fieldmedic
