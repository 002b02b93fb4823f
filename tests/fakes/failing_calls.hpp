// A file system whose nth call of one kind fails, and those after it too if that is asked for.
#pragma once

#include <cstddef>

#include "tests/fakes/file_calls_vfs.hpp"

namespace fieldmedic {

class FailingCalls final : public FileWatch {
 public:
  enum class Again { Once, ForGood };

  // `answer` is the result code of SQLite that `op` fails with.
  FailingCalls(FileOp op, int answer, std::size_t at, Again again)
      : op_(op), answer_(answer), at_(at), again_(again) {}

  [[nodiscard]] int before(const FileCall& call) override {
    const int made = call.op == FileOp::Sync ? kClaimed : 0;
    if (call.op != op_ || healed_) return made;
    ++calls_;
    if (calls_ < at_ || (again_ == Again::Once && calls_ > at_)) return made;
    failed_ = true;
    return answer_;
  }
  // Nothing fails any more.
  void heal() { healed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  FileOp op_;
  int answer_;
  std::size_t at_;
  Again again_;
  std::size_t calls_ = 0;
  bool failed_ = false;
  bool healed_ = false;
};

}  // namespace fieldmedic
