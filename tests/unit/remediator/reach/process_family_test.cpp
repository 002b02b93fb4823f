#include "remediator/reach/process_family.hpp"

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

ProcessInfo process(pid_t pid, pid_t parent, pid_t group, pid_t session) {
  ProcessInfo info;
  info.identity = {pid, static_cast<std::uint64_t>(pid) * 10};
  info.parent = parent;
  info.process_group = group;
  info.session = session;
  return info;
}

std::vector<pid_t> pids(const std::vector<ProcessInfo>& processes) {
  std::vector<pid_t> result;
  for (const ProcessInfo& one : processes) result.push_back(one.identity.pid);
  return result;
}

const ProcessIdentity kLeader{100, 1000};

}  // namespace

TEST_CASE("workers of a leader are its members") {
  CHECK(pids(members_of({kLeader}, {process(100, 1, 100, 100), process(101, 100, 100, 100),
                                    process(102, 101, 102, 102)})) ==
        std::vector<pid_t>{100, 101, 102});
  // also when a child is listed before its parent
  CHECK(pids(members_of({kLeader}, {process(102, 101, 102, 102), process(101, 100, 90, 90),
                                    process(100, 1, 100, 100)})) ==
        std::vector<pid_t>{102, 101, 100});
}

TEST_CASE("orphans in the session or group that a leader leads are its members") {
  CHECK(pids(members_of({kLeader}, {process(101, 1, 101, 100), process(102, 1, 100, 7)})) ==
        std::vector<pid_t>{101, 102});
}

TEST_CASE("another collector started by the same script is no member") {
  // Both were started by script 90, which leads the group and the session of both.
  CHECK(pids(members_of({kLeader}, {process(100, 90, 90, 90), process(103, 90, 90, 90)})) ==
        std::vector<pid_t>{100});
  // The script is gone by now.
  CHECK(pids(members_of({kLeader}, {process(100, 1, 90, 90), process(103, 1, 90, 90)})) ==
        std::vector<pid_t>{100});
}

TEST_CASE("a reused pid leads nothing") {
  ProcessInfo other = process(100, 1, 100, 100);
  other.identity.start_ticks = 2000;
  CHECK(members_of({kLeader}, {other, process(104, 100, 100, 100)}).empty());
}

}  // namespace fieldmedic
