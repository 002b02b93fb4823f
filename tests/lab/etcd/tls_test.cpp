// data_divert by a key in a real etcd over TLS, that asks for a certificate and for a user.
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "common/base64.hpp"
#include "common/process_runner.hpp"
#include "remediator/actions/actions.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/certificates.hpp"
#include "tests/fakes/fake_systemd.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/one_collector.hpp"
#include "tests/fakes/temp_tree.hpp"
#include "tests/fakes/tls_etcd.hpp"

namespace fieldmedic {

namespace {

using core::Applied;
using core::Confirmed;
using std::chrono::seconds;

constexpr const char* kKey = "/collect/orders";

struct Files {
  TempTree tree{{{"password", "Tr1cky \"one\"\n"}, {"wrong", "hunter2"}}};
  Authority ours{tree, "ours"};
  Authority theirs{tree, "theirs"};

  Files() {
    ours.sign("server", "IP:127.0.0.1");
    ours.sign("named", "DNS:medic");
    ours.sign_unnamed("medic");
    ours.sign_expired("late", "IP:127.0.0.1");
    theirs.sign_unnamed("stranger");
  }
  [[nodiscard]] std::string in(const std::string& file) const {
    return (tree.root / file).string();
  }
};

// How etcd is reached, as it is written in the configuration.
struct Access {
  std::string url;
  std::string authority = "ours";
  std::string certificate = "medic";  // empty: none
  std::string key = kKey;
  std::string user{};
  std::string password{};
};

struct Lab {
  const Files& files;
  LocalProcessRunner runner;
  FakeSystemd systemd;
  ManualClock clock;
  CurlHttpClient http;

  explicit Lab(const Files& made) : files(made) {}

  std::unique_ptr<Action> action(const Access& access) {
    std::string etcd = fmt::format(R"(urls: ["{}"], key: "{}", ca_file: "{}")", access.url,
                                   access.key, files.in(access.authority + ".pem"));
    if (!access.certificate.empty())
      etcd += fmt::format(R"(, cert_file: "{0}.pem", key_file: "{0}.key")",
                          files.in(access.certificate));
    if (!access.user.empty())
      etcd +=
          fmt::format(R"(, user: {}, password_file: "{}")", access.user, files.in(access.password));
    ConfigErrors errors;
    const auto spec = read_action(parse_yaml(
        "test.yml", fmt::format("data_divert: {{etcd: {{{}}}, to: spare}}", etcd), errors));
    INFO(errors.text());
    REQUIRE(errors.empty());
    ActionTools tools{runner, clock, inventory_of({}), {}, systemd};
    tools.http = &http;
    return make_action(spec, tools).value();
  }
};

// What the plan, a step of a plan that was made before, and a look at it say by that access, none
// of which does anything.
void check_told(Lab& lab, const Access& access, const core::Plan& made, const std::string& words) {
  const auto action = lab.action(access);
  const auto plan = action->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan);
  CHECK_THAT(plan.error().message, Catch::Contains(words));
  CHECK_THAT(plan.error().message, !Catch::Contains("hunter2"));
  const auto applied = action->apply({"a-1-1", kOrders, made, 0, seconds(60)}, {});
  CHECK(applied.outcome == Applied::Refused);
  CHECK_THAT(applied.evidence, Catch::Contains(words));
  CHECK(action->confirm({"a-1-1", kOrders, made, 0, seconds(60)}, {}).answer == Confirmed::Unknown);
  CHECK_FALSE(action->plan_undo({kOrders, {}, "a-1-1", made}, {}));
}

// By the action, forth and back.
void check_diverts(Lab& lab, const Access& access) {
  const auto action = lab.action(access);
  const auto plan = action->plan({kOrders, {}}, {});
  INFO((plan ? std::string() : plan.error().message));
  REQUIRE(plan);
  const auto applied = action->apply({"a-1-1", kOrders, *plan, 0, seconds(60)}, {});
  INFO(applied.evidence);
  REQUIRE(applied.outcome == Applied::Done);
  CHECK(action->confirm({"a-1-1", kOrders, *plan, 0, seconds(60)}, {}).answer ==
        Confirmed::Applied);
  const auto undo = action->plan_undo({kOrders, {}, "a-1-1", *plan}, {});
  INFO((undo ? std::string() : undo.error().message));
  REQUIRE(undo);
  REQUIRE(action->apply({"a-1-2", kOrders, *undo, 0, seconds(60)}, {}).outcome == Applied::Done);
}

}  // namespace

TEST_CASE("etcd over TLS: a client with a certificate is served, any other told what to mend") {
  if (!TlsEtcd::installed()) return;
  const Files files;
  TlsEtcd etcd(files.ours, "server", "medic");
  REQUIRE(etcd.ready());
  Lab lab(files);
  check_diverts(lab, {.url = etcd.url()});
  const auto plan = lab.action({.url = etcd.url()})->plan({kOrders, {}}, {});
  REQUIRE(plan);

  const std::string port = etcd.url().substr(etcd.url().rfind(':'));
  struct {
    const char* name;
    Access access;
    const char* words;
  } const cases[] = {
      {"an authority that did not sign it",
       {.url = etcd.url(), .authority = "theirs"},
       "of an authority that is not believed here: name that one by ca_file"},
      {"a name that it does not hold",
       {.url = "https://localhost" + port},
       "names another host: use a name that it holds"},
      {"no certificate of ours", {.url = etcd.url(), .certificate = ""}, "a certificate of us"},
      {"one that nobody signed who is known there",
       {.url = etcd.url(), .certificate = "stranger"},
       "cert_file"},
      {"one that has expired", {.url = etcd.url(), .certificate = "late"}, "cert_file"},
      {"without TLS", {.url = "http://127.0.0.1" + port}, "the URL wants https"},
      {"to a port without TLS", {.url = etcd.peer_url()}, "speaks no TLS"},
  };
  for (const auto& one : cases) {
    INFO(one.name);
    check_told(lab, one.access, *plan, one.words);
  }
  CHECK(lab.action({.url = etcd.url()})->plan({kOrders, {}}, {}));  // nothing was changed by them
}

TEST_CASE("etcd over TLS: a server whose certificate has expired is not believed") {
  if (!TlsEtcd::installed()) return;
  const Files files;
  TlsEtcd etcd(files.ours, "late", "medic");
  REQUIRE(etcd.listens());
  Lab lab(files);
  const auto plan = lab.action({.url = etcd.url()})->plan({kOrders, {}}, {});
  REQUIRE_FALSE(plan);
  CHECK_THAT(plan.error().message, Catch::Contains("has expired: renew it over there"));
}

TEST_CASE("etcd over TLS: a user with a password does what its role allows, any other is told") {
  if (!TlsEtcd::installed()) return;
  const Files files;
  TlsEtcd etcd(files.ours, "server", "medic");
  REQUIRE(etcd.ready());
  Lab lab(files);
  const Access right{.url = etcd.url(), .user = "medic", .password = "password"};
  check_diverts(lab, right);  // before there are users
  etcd.demand_users("medic", R"(Tr1cky \"one\")");
  check_diverts(lab, right);
  const auto plan = lab.action(right)->plan({kOrders, {}}, {});
  REQUIRE(plan);

  struct {
    const char* name;
    Access access;
    const char* words;
  } const cases[] = {
      {"no user", {.url = etcd.url()}, "it has users: name one by user and password_file"},
      {"another password",
       {.url = etcd.url(), .user = "medic", .password = "wrong"},
       "another password than the one in password_file"},
      {"another user",
       {.url = etcd.url(), .user = "nobody", .password = "password"},
       "it knows no such user"},
      {"a certificate that names somebody",
       {.url = etcd.url(), .certificate = "named", .user = "medic", .password = "password"},
       "no client certificate with a common name"},
  };
  for (const auto& one : cases) {
    INFO(one.name);
    check_told(lab, one.access, *plan, one.words);
  }
  const auto other =
      lab.action({.url = etcd.url(), .key = "/other", .user = "medic", .password = "password"})
          ->plan({kOrders, {}}, {});
  REQUIRE_FALSE(other);
  CHECK(other.error().code == Errc::Denied);
  CHECK_THAT(other.error().message, Catch::Contains("grant it a role for the key"));
  CHECK(lab.action(right)->plan({kOrders, {}}, {}));
}

}  // namespace fieldmedic
