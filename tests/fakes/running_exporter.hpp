// The real fieldmedic-exporter on a port of its own choice, and a client of it.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "common/http_client.hpp"
#include "tests/catch.hpp"
#include "tests/fakes/child_program.hpp"
#include "tests/fakes/exposition_text.hpp"

namespace fieldmedic {

inline constexpr const char* kExporterProgram = FIELDMEDIC_BIN_DIR "/fieldmedic-exporter";

[[nodiscard]] inline std::vector<std::string> exporter_command(std::vector<std::string> more = {}) {
  std::vector<std::string> argv{kExporterProgram, "--web.listen-address=127.0.0.1:0"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

// Children of any of its threads.
[[nodiscard]] inline std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "children");
    for (pid_t child = 0; file >> child;) children.push_back(child);
  }
  return children;
}

// What goes wrong fails the test that uses it.
struct RunningExporter {
  explicit RunningExporter(std::vector<std::string> more = {})
      : program(exporter_command(std::move(more))) {
    const auto listening = program.port();
    REQUIRE(listening);
    port = *listening;
  }
  [[nodiscard]] HttpResponse request(const std::string& path,
                                     std::vector<std::pair<std::string, std::string>> headers = {},
                                     const std::string& method = "GET") {
    HttpRequest asked;
    asked.method = method;
    asked.url = "http://127.0.0.1:" + std::to_string(port) + path;
    asked.headers = std::move(headers);
    asked.timeout = std::chrono::seconds(60);
    auto response = http.send(asked, {});
    REQUIRE(response);
    return *response;
  }
  [[nodiscard]] ExpositionText metrics(
      const std::string& query = "",
      std::vector<std::pair<std::string, std::string>> headers = {}) {
    const auto response = request("/metrics" + query, std::move(headers));
    REQUIRE(response.status == 200);
    return read_exposition(response.body);
  }

  ChildProgram program;
  CurlHttpClient http;
  int port = 0;
};

}  // namespace fieldmedic
