#include "exporter/host/textfile.hpp"

#include "tests/catch.hpp"
#include "tests/fakes/fake_files.hpp"
#include "tests/fakes/host_fixture.hpp"
#include "tests/fakes/temp_tree.hpp"

using namespace fieldmedic;

namespace {

TextFile file(std::string path, std::string content) {
  return {std::move(path), std::move(content), WallTime(std::chrono::seconds(1000))};
}

}  // namespace

TEST_CASE("textfile: samples of several files become one page with when they were written") {
  const auto read =
      textfile_families({file("/t/a.prom", "# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1\n"),
                         file("/t/b.prom", "# TYPE a gauge\na{x=\"2\"} 2\nb 3\n")});
  CHECK(read.faults.empty());
  CHECK(value_of(read.families, "a", {{"x", "1"}}) == 1);
  CHECK(value_of(read.families, "a", {{"x", "2"}}) == 2);
  CHECK(value_of(read.families, "node_textfile_mtime_seconds", {{"file", "/t/b.prom"}}) == 1000);
  CHECK(value_of(read.families, "node_textfile_scrape_error") == 0);
  CHECK(find_family(read.families, "b")->help == "Metric read from /t/b.prom");
}

TEST_CASE("textfile: a file that is wrong is left out whole and named") {
  struct Case {
    const char* content;
    const char* fault;
  };
  for (const auto& odd :
       {Case{"c 1\nc{ 2\n", "line 2"}, Case{"c 1 1000\n", "timestamp"}, Case{"c 1", "cut off"},
        Case{"# TYPE a counter\na 1\n", "another type"}, Case{"a 5\n", "another file has too"}}) {
    INFO(odd.content);
    const auto read =
        textfile_families({file("/t/a.prom", "a 1\n"), file("/t/b.prom", odd.content)});
    CHECK(value_of(read.families, "a") == 1);
    CHECK_FALSE(find_family(read.families, "c"));
    CHECK(value_of(read.families, "node_textfile_scrape_error") == 1);
    CHECK_FALSE(value_of(read.families, "node_textfile_mtime_seconds", {{"file", "/t/b.prom"}}));
    REQUIRE(read.faults.size() == 1);
    CHECK(read.faults[0].starts_with("/t/b.prom: "));
    CHECK(read.faults[0].find(odd.fault) != std::string::npos);
  }
}

TEST_CASE("textfile: the module reads the files of its folder and no others") {
  const TempTree tree{{{"a.prom", "a 1\n"},
                       {"b.txt", "b 1\n"},
                       {"big.prom", std::string(200'000, '\n') + "big 2\n"},
                       {"huge.prom", std::string(1'100'000, '\n')}}};
  auto files = std::make_shared<FakeFiles>();
  const auto module = make_textfile_module({.directory = tree.root}, files);
  REQUIRE(module);
  auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "a") == 1);
  CHECK(value_of(*families, "big") == 2);
  CHECK_FALSE(find_family(*families, "b"));
  CHECK(value_of(*families, "node_textfile_scrape_error") == 1);  // huge.prom

  files->hang((tree.root / "a.prom").native());
  families = module->collect({});
  REQUIRE(families);
  CHECK_FALSE(find_family(*families, "a"));
  CHECK(value_of(*families, "big") == 2);
}

TEST_CASE("textfile: a folder that is configured but not there is an error that is told") {
  const auto module =
      make_textfile_module({.directory = "/nonexistent"}, std::make_shared<FakeFiles>());
  REQUIRE(module);
  const auto families = module->collect({});
  REQUIRE(families);
  CHECK(value_of(*families, "node_textfile_scrape_error") == 1);
}
