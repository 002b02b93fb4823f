// What is told of files over SSH, judged here; the scripts themselves run in tests/lab/ssh.
#include "remediator/reach/far_files.hpp"

#include <string>

#include "tests/catch.hpp"

namespace fieldmedic {

namespace {

const std::string kDigest(64, 'a');

}  // namespace

TEST_CASE("far files: what is told of a file") {
  struct Case {
    std::string line;
    Errc code;
  };
  for (const auto& [line, code] :
       {Case{"gone", Errc::NotFound}, Case{"behind", Errc::Conflict},
        Case{"irregular", Errc::Conflict}, Case{"large", Errc::TooLarge},
        Case{"unread", Errc::Denied}, Case{"bad stat: cannot statx", Errc::Conflict},
        Case{"", Errc::Io}, Case{"file", Errc::Io}, Case{"file ", Errc::Io},
        Case{"file " + kDigest.substr(1), Errc::Io}, Case{"file " + kDigest + "a", Errc::Io},
        Case{"file " + std::string(64, 'A'), Errc::Io}, Case{"gone away", Errc::Io},
        Case{"Welcome to web-01", Errc::Io}}) {
    INFO(line);
    const auto digests = parse_digests(line + "\nend\n", {"/etc/o.conf"});
    REQUIRE(digests);
    REQUIRE(digests->size() == 1);
    REQUIRE_FALSE(digests->front());
    CHECK(digests->front().error().code == code);
    CHECK(digests->front().error().message.starts_with("/etc/o.conf: "));
  }
  const auto digests = parse_digests("gone\nfile " + kDigest + "\nend\n", {"/a/b", "/c/d"});
  REQUIRE(digests);
  CHECK(digests->at(0).error().message == "/a/b: it is not there");
  CHECK(digests->at(1) == kDigest);
}

TEST_CASE("far files: an answer that is cut off, or too long, tells nothing of any file") {
  const std::string file = "file " + kDigest + "\n";
  for (const std::string& text :
       {std::string(), std::string("end\n"), file, file + "en", file + file + "end\n",
        file + "end\nmore\n", "Welcome\n" + file + "end\n"}) {
    INFO(text);
    const auto digests = parse_digests(text, {"/etc/o.conf"});
    REQUIRE_FALSE(digests);
    CHECK(digests.error().code == Errc::Io);
  }
}

TEST_CASE("far files: terminals obey nothing of what is told") {
  const auto digests = parse_digests("bad \033[2J\nend\n", {"/etc/o.conf"});
  REQUIRE(digests);
  CHECK(digests->front().error().message == "/etc/o.conf: '\\x1b[2J'");
}

}  // namespace fieldmedic
