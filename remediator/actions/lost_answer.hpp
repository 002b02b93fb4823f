// An order whose answer was lost: it may be on its way still, and who looks at once would take it
// for one that never came. Internal to actions/.
#pragma once

#include <functional>
#include <stop_token>

namespace fieldmedic {

// Asks until `came` says that the order shows, for two seconds at the most; a stop ends it.
void wait_for_order(const std::function<bool()>& came, const std::stop_token& stop);

}  // namespace fieldmedic
