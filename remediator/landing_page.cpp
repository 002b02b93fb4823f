#include "remediator/landing_page.hpp"

#include <fmt/format.h>

#include "common/version.hpp"

namespace fieldmedic {
namespace {

constexpr std::string_view kPage = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Fieldmedic remediator</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }}
</style>
</head>
<body>
<h1>Fieldmedic remediator</h1>
<p>Version {}. Brings collectors back that fail, and proves that they are back.</p>
<ul>
<li><a href="api/v1/incidents?state=open">Open incidents</a>, <a href="api/v1/incidents?state=ended">ended ones</a></li>
<li><a href="api/v1/leases">Temporary changes</a> that are still to be undone</li>
<li><a href="api/v1/brakes">Brakes</a>: what is paused, which breakers are open</li>
<li><a href="metrics">Metrics</a></li>
<li><a href="-/healthy">Healthy</a></li>
<li><a href="-/ready">Ready</a></li>
</ul>
<p>On the command line the same is <code>fieldmedic incidents</code>, <code>fieldmedic show ID</code> and
<code>fieldmedic --help</code>.</p>
</body>
</html>
)";

}  // namespace

Route landing_route() {
  return {.method = "GET",
          .path = "/",
          .handler =
              [](const ServerRequest&) {
                return ServerResponse{.content_type = "text/html; charset=utf-8",
                                      .body = fmt::format(kPage, kVersion),
                                      .headers = {}};
              },
          .too_large = {}};
}

}  // namespace fieldmedic
