// Counters of success in the lines of a log.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/collector/counter_reading.hpp"

namespace fieldmedic {

// Each term is an RE2 expression, found anywhere in a line. What its first group captured is the
// number, 1 where it has none; a group that captured no finite number of at least 0 counts nothing.
// A backlog is the number of the last line that told one. Not thread-safe.
class LineCounters {
 public:
  // By term: totals of deltas, or the last numbers told. What survives a restart.
  using Numbers = std::map<std::string, double, std::less<>>;

  // Expressions that are no RE2 match nothing; read_success_config() refuses them.
  LineCounters(const SuccessTerms& terms, Counts counts);
  ~LineCounters();

  // Whether the line told something.
  bool take(std::string_view line);
  // Errc::NotFound: no total was told yet. Deltas are known from the beginning.
  [[nodiscard]] Result<CounterReading> reading() const;

  [[nodiscard]] const Numbers& numbers() const { return numbers_; }
  // Of terms that are there; others are left out.
  void resume(const Numbers& numbers);

 private:
  struct Expression;

  SuccessTerms terms_;
  std::vector<Expression> expressions_;
  Numbers numbers_;
};

}  // namespace fieldmedic
