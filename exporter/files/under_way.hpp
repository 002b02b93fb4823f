// The requests that one helper has and has not answered, and what may be sent beside them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "exporter/files/file_client.hpp"

namespace fieldmedic {

// The answers of one call to FileClient::ask, and how many of them are still to come.
struct Batch {
  FileClient::Answers answers;
  std::size_t open = 0;
};

struct SentRequest {
  FileRequest request;
  Batch* batch = nullptr;  // where its answer goes; none: nobody waits for it any more
  std::size_t place = 0;   // in it
};

// Not thread-safe.
class UnderWay {
 public:
  enum class Verdict {
    Send,
    Wait,   // somebody else asks the same just now, or there is no room
    Hangs,  // the same was asked before and is not answered yet
  };
  [[nodiscard]] Verdict judge(const FileRequest& request) const;

  // The number under which it goes out.
  std::uint64_t add(SentRequest sent);
  // Who waited for the answer with this number; none: it is not one of ours. The path is trusted.
  std::optional<SentRequest> take(std::uint64_t number);
  // It was not sent after all.
  void forget(std::uint64_t number) { sent_.erase(number); }
  // Nobody waits for the batch's answers any more.
  void abandon(const Batch& batch);
  [[nodiscard]] bool empty() const { return sent_.empty(); }
  // All of them: their helper is gone.
  std::map<std::uint64_t, SentRequest> take_all();

 private:
  std::map<std::uint64_t, SentRequest> sent_;  // by number
  std::set<std::string> trusted_;              // what answered when it was last asked
  std::uint64_t next_ = 1;
};

}  // namespace fieldmedic
