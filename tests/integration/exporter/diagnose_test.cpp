// /diagnose of the real exporter, about real processes, ports, logs and mounts.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <future>

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/fakes/eventually.hpp"
#include "tests/fakes/hung_mount.hpp"
#include "tests/fakes/loopback_listener.hpp"
#include "tests/fakes/own_child.hpp"
#include "tests/fakes/running_exporter.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;
using nlohmann::json;

namespace {

// What is looked for on the whole host: another run of these tests may be beside this one.
const std::string kOwn = std::to_string(getpid());

constexpr const char* kTrace =
    "ERROR cannot log in at http://medic:hunter2@db/ password=hunter2 \xff\x1b[2J\n"
    "java.lang.IllegalStateException: gone\n"
    "\tat com.example.Orders.send(Orders.java:42)\n"
    "\tat com.example.Orders.run(Orders.java:7)\n";

// An exporter for one collector, configured by the lines of its entry.
struct Site {
  TempTree tree;
  std::optional<RunningExporter> exporter;

  void start(const std::string& entry) {
    const auto config = tree.write("exporter.yml", "collectors:\n  - name: orders\n" + entry);
    exporter.emplace(std::vector<std::string>{"--config.file=" + config.native()});
  }
  [[nodiscard]] json diagnose(const std::string& more = "",
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
    const auto response =
        exporter->request("/diagnose?collector=orders" + more, std::move(headers));
    REQUIRE(response.status == 200);
    return json::parse(response.body);
  }
};

const json& check(const json& document, const std::string& name) {
  for (const char* list : {"checks", "beside"}) {
    for (const auto& one : document[list]) {
      if (one["name"] == name) return one;
    }
  }
  FAIL("no check " << name);
  return document;
}

std::string verdict(const json& document, const std::string& name) {
  return check(document, name)["verdict"].get<std::string>();
}

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

TEST_CASE("diagnose: a collector that is well, and then dies") {
  OwnChild collector({"/bin/sleep", "600.0901" + kOwn});
  REQUIRE(collector.running);
  const LoopbackListener port;
  port.listen(1);
  Site site;
  site.tree.write("orders.log", "INFO all is well\n");
  const auto root = site.tree.root.native();
  site.start("    process: {command_line: '^/bin/sleep 600\\.0901" + kOwn + "'}\n    ports: [\"" +
             port.address() + "\"]\n    log: {files: [" + root +
             "/orders.log]}\n    storage: {paths: [/proc]}\n");
  const auto well = site.diagnose();
  CHECK(well["collector"] == "orders");
  CHECK(well["checks"].size() == 5);
  CHECK(verdict(well, "process") == "ok");
  CHECK(verdict(well, "network") == "ok");
  CHECK(verdict(well, "log") == "ok");
  CHECK(verdict(well, "disk") != "unknown");
  CHECK(verdict(well, "resources") != "unknown");
  CHECK(well["took_seconds"] > 0);

  kill(collector.pid(), SIGKILL);
  REQUIRE(eventually([&] { return is_zombie(collector.pid()); }));
  const auto dead = site.diagnose();
  CHECK(verdict(dead, "process") == "suspect");
  CHECK(dead["verdict"] == "suspect");
  CHECK(check(dead, "process")["evidence"][0]["value"] == 0);
}

TEST_CASE("diagnose: a busy collector is at 100 % of what one thread can use") {
  OwnChild collector({"/bin/sh", "-c", "while :; do :; done; : orders-0902" + kOwn});
  REQUIRE(collector.running);
  Site site;
  site.start("    process: {command_line: 'orders-0902" + kOwn + "'}\n");
  // The machine may be so busy that the collector does not get its core.
  CHECK(eventually(
      [&] {
        const auto document = site.diagnose();
        for (const auto& one : check(document, "resources")["evidence"]) {
          if (one.value("unit", "") == "cores" && one["value"] > 0.05) return true;
        }
        return false;
      },
      std::chrono::seconds(60)));
}

TEST_CASE("diagnose: a closed port, and stacks in a hostile log without their secrets") {
  const LoopbackListener closed;
  Site site;
  site.tree.write("orders.log", std::string("INFO begun\n") + kTrace);
  site.start("    ports: [\"" + closed.address() + "\"]\n    log: {files: [" +
             site.tree.root.native() + "/*.log]}\n");
  const auto document = site.diagnose();
  CHECK(verdict(document, "network") == "suspect");
  CHECK(verdict(document, "log") == "suspect");
  CHECK(verdict(document, "process") == "unknown");
  const auto excerpt = check(document, "log")["evidence"][0]["excerpt"].get<std::string>();
  CHECK(excerpt.find("Orders.java:42") != std::string::npos);
  CHECK(excerpt.find("hunter2") == std::string::npos);
  const auto page = site.exporter->request("/diagnose?collector=orders&format=text");
  CHECK(header(page, "content-type").starts_with("text/plain"));
  CHECK(page.body.find("D4 log        SUSPECT") != std::string::npos);
  CHECK(page.body.find("Orders.java:42") != std::string::npos);
  CHECK(page.body.find("hunter2") == std::string::npos);
  CHECK(page.body.find('\x1b') == std::string::npos);
}

TEST_CASE("diagnose: a mount that hangs costs its own evidence only") {
  TempTree tree;
  const auto hung = (tree.root / "hung").native();
  const HungMount mount(hung);
  if (!mount.mounted()) {
    puts("SKIP: a hung mount needs root and /dev/fuse");
    return;
  }
  OwnChild collector({"/bin/sleep", "600.0903" + kOwn});
  REQUIRE(collector.running);
  Site site;
  site.start("    process: {command_line: '^/bin/sleep 600\\.0903" + kOwn +
             "'}\n    log: {files: [" + hung + "/orders.log]}\n    storage: {paths: [" + hung +
             ", " + site.tree.root.native() + "]}\n");
  for (int turn = 0; turn < 2; ++turn) {
    const auto document = site.diagnose("", {{"X-Prometheus-Scrape-Timeout-Seconds", "5"}});
    CHECK(document["took_seconds"] < 30);  // of a mount that never answers
    CHECK(verdict(document, "process") == "ok");
    CHECK(verdict(document, "resources") != "unknown");
    CHECK(verdict(document, "log") == "unknown");
    const auto& disk = check(document, "disk");
    REQUIRE(disk["evidence"].size() == 2);
    CHECK(disk["evidence"][0]["verdict"] == "unknown");
    CHECK(disk["evidence"][0]["text"].get<std::string>().find(hung) != std::string::npos);
    CHECK(disk["evidence"][1]["verdict"] != "unknown");
  }
}

TEST_CASE("diagnose: the answer is bounded, however much there is to tell") {
  Site site;
  std::string ports;
  for (int port = 1; port <= 3000; ++port)
    ports += (ports.empty() ? "\"127.0.0.1:" : ", \"127.0.0.1:") + std::to_string(port) + "\"";
  site.start("    ports: [" + ports + "]\n");
  const auto response = site.exporter->request("/diagnose?collector=orders");
  REQUIRE(response.status == 200);
  CHECK(response.body.size() <= 64UL * 1024);
  const auto document = json::parse(response.body);
  CHECK(check(document, "network")["left_out"] > 2000);
}

TEST_CASE("diagnose: who is asked for") {
  Site site;
  site.start("    ports: [\"127.0.0.1:1\"]\n  - name: payments\n");
  auto& exporter = *site.exporter;
  const auto none = exporter.request("/diagnose");
  CHECK(none.status == 400);
  CHECK(none.body.find("orders payments") != std::string::npos);
  CHECK(exporter.request("/diagnose?collector=").status == 400);
  CHECK(exporter.request("/diagnose?collector=orders&collector=payments").status == 400);
  CHECK(exporter.request("/diagnose?collector=orders&format=xml").status == 400);
  const auto stranger = exporter.request("/diagnose?collector=%3Cscript%3E%1b");
  CHECK(stranger.status == 404);
  CHECK(stranger.body.find("there are: orders payments") != std::string::npos);
  CHECK(stranger.body.find('\x1b') == std::string::npos);
  CHECK(header(stranger, "content-type").starts_with("text/plain"));
  CHECK(exporter.request("/diagnose?collector=orders", {}, "POST").status == 405);
  CHECK(exporter.request("/").body.find("diagnose?collector=payments&amp;format=text") !=
        std::string::npos);
}

TEST_CASE("diagnose: a browser gets text, a program JSON") {
  Site site;
  site.start("    ports: [\"127.0.0.1:1\"]\n");
  const auto type = [&](const std::string& accept) {
    return header(site.exporter->request("/diagnose?collector=orders", {{"Accept", accept}}),
                  "content-type");
  };
  CHECK(type("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8").starts_with("text/plain"));
  CHECK(type("*/*") == "application/json");
  CHECK(type("application/json, text/plain") == "application/json");
}

TEST_CASE("diagnose: is behind the same passwords as the metrics") {
  const TempTree tree;
  const auto web = tree.write(
      "web.yml",
      "basic_auth_users:\n  medic: $2b$04$abcdefghijklmnopqrstuu/LVz6MZlItEy42I2juLihZ66HnQx/cy\n");
  RunningExporter exporter({"--web.config.file=" + web.native()});
  CHECK(exporter.request("/diagnose?collector=orders").status == 401);
}

TEST_CASE("diagnose: a crowd that asks does not keep a scrape out") {
  Site site;
  site.start("    ports: [\"127.0.0.1:1\"]\n");
  std::vector<std::future<int>> crowd;
  for (int i = 0; i < 12; ++i) {
    crowd.push_back(std::async(std::launch::async, [port = site.exporter->port] {
      CurlHttpClient http;
      HttpRequest asked;
      asked.url = "http://127.0.0.1:" + std::to_string(port) + "/diagnose?collector=orders";
      asked.timeout = std::chrono::seconds(60);
      const auto answer = http.send(asked, {});
      return answer ? answer->status : 0;
    }));
  }
  CHECK(site.exporter->metrics().has("node_load1"));
  int served = 0;
  int refused = 0;
  for (auto& one : crowd) {
    const int status = one.get();
    served += status == 200 ? 1 : 0;
    refused += status == 503 ? 1 : 0;
  }
  CHECK(served >= 3);
  CHECK(served + refused == 12);
}

TEST_CASE("diagnose: a stop does not wait for it") {
  Site site;
  site.start("    ports: [\"127.0.0.1:1\"]\n");
  auto asked = std::async(std::launch::async, [port = site.exporter->port] {
    CurlHttpClient http;
    HttpRequest request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + "/diagnose?collector=orders";
    static_cast<void>(http.send(request, {}));  // answered or cut off: both are right
  });
  kill(site.exporter->program.pid, SIGTERM);
  CHECK(site.exporter->program.exit_code() == 0);
}
