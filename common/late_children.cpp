#include "common/late_children.hpp"

#include <sys/wait.h>

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace fieldmedic {
namespace {

constexpr std::size_t kMost = 64;

// Of the process and not of a runner: its children are.
struct LateChildren {
  std::mutex mutex;
  std::vector<UniqueFd> pidfds;
};

LateChildren& late() {
  static LateChildren children;
  return children;
}

bool reaped(const UniqueFd& child) {
  siginfo_t info{};
  const int asked = waitid(P_PIDFD, static_cast<id_t>(child.get()), &info, WEXITED | WNOHANG);
  return asked != 0 || info.si_pid != 0;  // not 0: it is no child of ours any more
}

}  // namespace

void reap_later(UniqueFd child) {
  LateChildren& children = late();
  const std::scoped_lock lock(children.mutex);
  if (children.pidfds.size() == kMost) children.pidfds.erase(children.pidfds.begin());
  children.pidfds.push_back(std::move(child));
}

void reap_late_children() {
  LateChildren& children = late();
  const std::scoped_lock lock(children.mutex);
  std::erase_if(children.pidfds, reaped);
}

}  // namespace fieldmedic
