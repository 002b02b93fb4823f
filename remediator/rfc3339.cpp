#include "remediator/rfc3339.hpp"

#include <optional>

namespace fieldmedic {
namespace {

// Takes from the front of a text; once something was not there, everything after fails too.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  // Exactly `digits` digits that make a number in [least, most].
  int number(int digits, int least, int most) {
    int value = 0;
    for (int i = 0; i < digits; ++i) {
      if (!at_digit()) return refuse();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value < least || value > most ? refuse() : value;
  }
  // One character of `wanted`; '\0' if another one is there.
  char one_of(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) {
      refuse();
      return '\0';
    }
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }
  // ".73" as 730, or nothing as 0.
  int milliseconds() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    int value = 0;
    int digits = 0;
    for (; at_digit(); rest_.remove_prefix(1))
      if (++digits <= 3) value = value * 10 + (rest_.front() - '0');
    if (digits < 1 || digits > 9) return refuse();
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }
  [[nodiscard]] bool ended_well() const { return ok_ && rest_.empty(); }

 private:
  [[nodiscard]] bool at_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  int refuse() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace

Result<core::Time> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  Cursor cursor(text);
  const year y(cursor.number(4, 0, 9999));
  cursor.one_of("-");
  const month m(static_cast<unsigned>(cursor.number(2, 1, 12)));
  cursor.one_of("-");
  const day d(static_cast<unsigned>(cursor.number(2, 1, 31)));
  cursor.one_of("Tt");
  const hours hour(cursor.number(2, 0, 23));
  cursor.one_of(":");
  const minutes minute(cursor.number(2, 0, 59));
  cursor.one_of(":");
  const seconds second(cursor.number(2, 0, 59));
  const core::Duration fraction(cursor.milliseconds());

  minutes offset(0);
  const char zone = cursor.one_of("Zz+-");
  if (zone == '+' || zone == '-') {
    offset = hours(cursor.number(2, 0, 23));
    cursor.one_of(":");
    offset += minutes(cursor.number(2, 0, 59));
    if (zone == '-') offset = -offset;
  }
  const year_month_day date(y, m, d);
  if (!cursor.ended_well() || !date.ok())
    return fail(Errc::Malformed, "wants a time such as 2026-11-23T06:03:57.73Z");
  return core::Time(sys_days(date)) + hour + minute + second + fraction - offset;
}

}  // namespace fieldmedic
