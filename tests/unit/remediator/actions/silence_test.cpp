// Which trouble of reaching a host lets its power be reset, and which is our own.
#include <cerrno>
#include <cstring>

#include "remediator/actions/action.hpp"
#include "remediator/actions/power_reboot.hpp"
#include "remediator/core/unknown.hpp"
#include "remediator/reach/tcp_connect.hpp"
#include "tests/catch.hpp"

namespace fieldmedic {

TEST_CASE("host_reboot: what keeps this machine from asking is no silence of the host") {
  struct Case {
    int error;
    bool silent;
  };
  const Case cases[] = {{ETIMEDOUT, true},    {ECONNREFUSED, true}, {EHOSTUNREACH, true},
                        {ECONNRESET, true},   {EMFILE, false},      {ENFILE, false},
                        {ENOMEM, false},      {ENOBUFS, false},     {EADDRNOTAVAIL, false},
                        {EAGAIN, false},      {EPERM, false},       {EACCES, false},
                        {ENETUNREACH, false}, {ENETDOWN, false},    {EAFNOSUPPORT, false}};
  for (const Case& c : cases) {
    INFO(std::strerror(c.error));
    const Errc code = connect_fault(c.error);
    CHECK(is_silent(code) == c.silent);
    // Either way nothing was done over there, and the world is merely not known.
    CHECK(nothing_changed(code));
    CHECK(core::is_unknown(code));
  }
}

}  // namespace fieldmedic
