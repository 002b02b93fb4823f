#include "exporter/host/uname.hpp"

#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "common/metric_families.hpp"

namespace fieldmedic {
namespace {

class UnameModule final : public Module {
 public:
  [[nodiscard]] std::string_view name() const override { return "uname"; }
  [[nodiscard]] Cost cost() const override { return Cost::Inline; }
  // Asked each time: the host's name may change while we run.
  [[nodiscard]] Result<Families> collect(SteadyTime) override {
    utsname names{};
    if (uname(&names) != 0) return fail(Errc::Io, std::string("uname: ") + std::strerror(errno));
    return uname_families(names);
  }
};

}  // namespace

Families uname_families(const utsname& names) {
  Families families;
  auto& info = families.emplace_back(make_family(
      "node_uname_info", "Labeled system information as provided by the uname system call.",
      prometheus::MetricType::Gauge, 1));
  add_sample(info, 1,
             {{"sysname", names.sysname},
              {"release", names.release},
              {"version", names.version},
              {"machine", names.machine},
              {"nodename", names.nodename},
              {"domainname", names.domainname}});
  return families;
}

std::unique_ptr<Module> make_uname_module() {
  return std::make_unique<UnameModule>();
}

}  // namespace fieldmedic
