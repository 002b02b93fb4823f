// data_divert by a file, alone and as the move of a failover, with a real nginx on loopback.
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/core.h>

#include "common/http_client.hpp"
#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/free_port.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/own_attempt.hpp"
#include "tests/fakes/temp_tree.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::seconds;
namespace fs = std::filesystem;

constexpr const char* kNginx = "/usr/sbin/nginx";
constexpr const char* kOwn = "server unix:{}/own.sock;\n";
constexpr const char* kSpare = "server unix:{}/spare.sock;\n";

// Two back ends that say who they are, and what leads to one of them.
constexpr const char* kConfiguration = R"(daemon off;
pid {0}/nginx.pid;
error_log {0}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {0}/body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  upstream collect {{ include {0}/upstream.conf; }}
  server {{ listen 127.0.0.1:{1}; location / {{ proxy_pass http://collect; }} }}
  server {{ listen unix:{0}/own.sock; return 200 own; }}
  server {{ listen unix:{0}/spare.sock; return 200 spare; }}
}}
)";

bool installed() {
  if (fs::exists(kNginx)) return true;
  std::cout << "SKIP: " << kNginx << " is not installed\n";
  return false;
}

struct Lab {
  TempTree tree{{{"empty", ""}}};
  std::string root = tree.root.string();
  int port = free_port();
  std::string file = tree.write("upstream.conf", fmt::format(fmt::runtime(kOwn), root)).string();
  std::string spare =
      tree.write("without-lab.conf", fmt::format(fmt::runtime(kSpare), root)).string();
  std::string configuration =
      tree.write("nginx.conf", fmt::format(fmt::runtime(kConfiguration), root, port)).string();
  ChildProgram nginx{{kNginx, "-e", root + "/error.log", "-c", configuration}};
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  CurlHttpClient http;

  Lab() {
    // Root's nginx has its workers run as another user, who has to come in.
    fs::permissions(tree.root, fs::perms::others_exec | fs::perms::owner_all);
    REQUIRE(eventually([&] { return served() == "own"; }));
  }
  // Its workers go with it only when it is asked.
  ~Lab() {
    kill(nginx.pid, SIGTERM);
    (void)nginx.exit_code();
  }

  std::string divert() const {
    return fmt::format(
        "{{data_divert: {{file: {0}/upstream.conf, to: \"{0}/without-{{{{ target.host }}}}.conf\", "
        "check: [{1}, -t, -e, {0}/check.log, -c, {2}], "
        "reload: [{1}, -s, reload, -e, {0}/check.log, -c, {2}]}}}}",
        root, kNginx, configuration);
  }
  std::unique_ptr<Action> action(const std::string& yaml) {
    ConfigErrors errors;
    const auto spec = read_action(parse_yaml("test.yml", yaml, errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    return make_action(spec, {runner, clock, inventory_of({}), {}, systemd}).value();
  }
  std::string served() {
    HttpRequest request;
    request.url = fmt::format("http://127.0.0.1:{}/", port);
    const auto response = http.send(request, {});
    return response && response->status == 200 ? response->body : std::string();
  }
  std::string content() const {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static ApplyAnswer apply(Action& action, const core::Plan& plan, std::size_t step) {
    return action.apply({own_attempt(), kOrders, plan, step, seconds(60)}, {});
  }
};

}  // namespace

TEST_CASE("file_divert: nginx leads past the sick one, and back as it was") {
  if (!installed()) return;
  Lab lab;
  const std::string before = lab.content();
  const auto action = lab.action(lab.divert());
  const auto plan = action->plan({kOrders, {}}, {});
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 2);
  CHECK(plan->lease->resource == "file" + lab.file);
  CHECK(action->confirm({own_attempt(), kOrders, *plan, 0, seconds(60)}, {}).answer ==
        Confirmed::NotApplied);
  for (const std::size_t step : {0U, 1U}) {
    const auto answer = Lab::apply(*action, *plan, step);
    INFO(answer.evidence);
    CHECK(answer.outcome == Applied::Done);
  }
  CHECK(eventually([&] { return lab.served() == "spare"; }));
  CHECK(action->confirm({own_attempt(), kOrders, *plan, 0, seconds(60)}, {}).answer ==
        Confirmed::Applied);

  const auto undo = action->plan_undo({kOrders, {}, own_attempt(), *plan}, {});
  REQUIRE(undo);
  for (const std::size_t step : {0U, 1U})
    CHECK(Lab::apply(*action, *undo, step).outcome == Applied::Done);
  CHECK(lab.content() == before);
  CHECK(eventually([&] { return lab.served() == "own"; }));
}

TEST_CASE("file_divert: what nginx does not take is put back before it is read") {
  if (!installed()) return;
  Lab lab;
  const std::string before = lab.content();
  lab.tree.write("without-lab.conf", "sever nowhere;\n");
  const auto action = lab.action(lab.divert());
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE(plan);
  const auto answer = Lab::apply(*action, *plan, 0);
  INFO(answer.evidence);
  CHECK(answer.outcome == Applied::Refused);
  CHECK(lab.content() == before);
  CHECK(lab.served() == "own");
  CHECK(action->confirm({own_attempt(), kOrders, *plan, 0, seconds(60)}, {}).answer ==
        Confirmed::NotApplied);
}

TEST_CASE("failover: nginx leads to the standby as the last part, and back as the first") {
  if (!installed()) return;
  Lab lab;
  const auto action = lab.action(fmt::format(R"(
  failover:
    proof: {{exec: {{argv: [/bin/true]}}}}
    promote: {{exec: {{argv: [/usr/bin/touch, "{0}/promoted"], at_most_once: true}}}}
    move: {1}
    demote: {{exec: {{argv: [/bin/rm, "{0}/promoted"], at_most_once: true}}}}
)",
                                             lab.root, lab.divert()));
  const auto plan = action->plan({kOrders, {}}, {});
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  REQUIRE(plan->steps.size() == 3);
  for (const std::size_t step : {0U, 1U, 2U})
    CHECK(Lab::apply(*action, *plan, step).outcome == Applied::Done);
  CHECK(eventually([&] { return lab.served() == "spare"; }));
  const auto undo = action->plan_undo({kOrders, {}, own_attempt(), *plan}, {});
  INFO((undo ? std::string() : undo.error().message));
  REQUIRE(undo);
  REQUIRE(undo->steps.size() == 3);
  CHECK(Lab::apply(*action, *undo, 0).outcome == Applied::Done);
  CHECK(Lab::apply(*action, *undo, 1).outcome == Applied::Done);
  CHECK(eventually([&] { return lab.served() == "own"; }));
  CHECK(fs::exists(lab.tree.root / "promoted"));
  CHECK(Lab::apply(*action, *undo, 2).outcome == Applied::Done);
  CHECK_FALSE(fs::exists(lab.tree.root / "promoted"));
}

}  // namespace fieldmedic
