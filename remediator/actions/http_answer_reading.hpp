// What an answer says about an order that was sent. Internal to actions/.
#pragma once

#include <string>
#include <vector>

#include "common/http_client.hpp"
#include "common/secret.hpp"
#include "remediator/actions/http_order.hpp"

namespace fieldmedic {

enum class HttpVerdict {
  AsWanted,
  Otherwise,  // it says that it was not done: a status of refusal, or another value
  Unclear,    // it may or may not have been done
};

struct HttpReading {
  HttpVerdict verdict = HttpVerdict::Unclear;
  std::string found;     // the value at the pointer, as it came; empty: there is none
  std::string evidence;  // one short line without `secrets`
};

[[nodiscard]] HttpReading read_answer(const HttpWanted& wanted, const HttpResponse& response,
                                      const std::vector<Secret>& secrets);

}  // namespace fieldmedic
