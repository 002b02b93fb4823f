#include "exporter/pages.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/exposition_page.hpp"
#include "common/version.hpp"

namespace fieldmedic {
namespace {

// Names are letters, digits and "_.-": nothing to escape.
std::string diagnose_links(const std::vector<CollectorConfig>& collectors) {
  if (collectors.empty()) return {};
  std::string list = "<h2>Why is it sick?</h2>\n<ul class=\"modules\">\n";
  for (const auto& collector : collectors) {
    list += fmt::format("<li><a href=\"diagnose?collector={0}&amp;format=text\">{0}</a></li>\n",
                        collector.name);
  }
  return list + "</ul>\n";
}

}  // namespace

ServerResponse metrics_page(Scrape& scrape, Families more, const ServerRequest& request,
                            const Clock& clock) {
  ModuleSelection selection;
  if (!request.query.empty()) {
    selection.collect = request.parameters("collect[]");
    selection.exclude = request.parameters("exclude[]");
  }
  if (const auto checked = scrape.check(selection); !checked) {
    return {.status = 400, .body = checked.error().message + "\n", .headers = {}};
  }
  const auto budget = scrape_budget(request.header("X-Prometheus-Scrape-Timeout-Seconds"));
  auto pages = scrape.run(selection, clock.steady() + budget);
  pages.push_back(std::move(more));

  return exposition_page(pages, request);
}

ServerResponse landing_page(const std::vector<std::string_view>& modules,
                            const std::vector<CollectorConfig>& collectors) {
  std::string list;
  for (const auto name : modules) {
    list += fmt::format("<li><a href=\"metrics?collect[]={0}\">{0}</a></li>\n", name);
  }
  return {.content_type = "text/html; charset=utf-8",
          .body = fmt::format(R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Fieldmedic exporter</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }}
ul.modules {{ columns: 3; }}
</style>
</head>
<body>
<h1>Fieldmedic exporter</h1>
<p>Version {}. Metrics of this host and of the data collectors that run on it.</p>
<ul>
<li><a href="metrics">Metrics</a></li>
<li><a href="-/healthy">Healthy</a></li>
<li><a href="-/ready">Ready</a></li>
</ul>
{}<h2>Modules</h2>
<ul class="modules">
{}</ul>
</body>
</html>
)",
                              kVersion, diagnose_links(collectors), list),
          .headers = {}};
}

}  // namespace fieldmedic
