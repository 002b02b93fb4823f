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
  bool turning = true;  // a turn is under way
};

Periodic::Periodic(Turn turn)
    : shared_(std::make_shared<Shared>()), thread_([shared = shared_, turn = std::move(turn)] {
        std::unique_lock lock(shared->mutex);
        while (!shared->stopping) {
          shared->turning = true;
          lock.unlock();
          const auto pause = turn();
          lock.lock();
          shared->turning = false;
          shared->changed.wait_for(lock, pause, [&] { return shared->stopping; });
        }
      }) {}

Periodic::~Periodic() {
  std::unique_lock lock(shared_->mutex);
  shared_->stopping = true;
  const bool turning = shared_->turning;
  lock.unlock();
  shared_->changed.notify_all();
  if (turning)
    thread_.detach();
  else
    thread_.join();
}

}  // namespace fieldmedic
