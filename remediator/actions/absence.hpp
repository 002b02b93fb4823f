// What a proof answers that somebody is out. Internal to actions/.
#pragma once

#include <string>

namespace fieldmedic {

enum class Absence { Proved, NotYet, Unknown };

struct AbsenceAnswer {
  Absence absence = Absence::Unknown;
  std::string evidence;
};

}  // namespace fieldmedic
