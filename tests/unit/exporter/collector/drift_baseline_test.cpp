#include "exporter/collector/drift_baseline.hpp"

#include "tests/catch.hpp"

using namespace fieldmedic;

namespace {

const std::string kDigest(64, 'a');
using Digests = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("sha256 baseline: digests are 64 hexadecimal digits of either case") {
  CHECK(parse_sha256(std::string(32, 'a') + std::string(32, 'F')) ==
        std::string(32, 'a') + std::string(32, 'f'));
  for (const auto& bad : {std::string(), std::string(63, 'a'), std::string(65, 'a'),
                          std::string(63, 'a') + "g", std::string(63, 'a') + " "}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_sha256(bad));
  }
}

TEST_CASE("sha256 baseline: what sha256sum writes is read") {
  const auto lines = kDigest + "  /etc/a.conf\n" + kDigest + " *b.conf\n\n" + kDigest +
                     "  ./c d.conf\n\\" + kDigest + "  /odd\\\\\\n.conf\n" + kDigest + "  last";
  const auto parsed = parse_sha256_baseline(lines, "/etc/fieldmedic");
  REQUIRE(parsed);
  CHECK(*parsed == Digests{{"/etc/a.conf", kDigest},
                           {"/etc/fieldmedic/b.conf", kDigest},
                           {"/etc/fieldmedic/c d.conf", kDigest},
                           {"/etc/fieldmedic/last", kDigest},
                           {"/odd\\\n.conf", kDigest}});
  CHECK(parse_sha256_baseline(kDigest + "  a\r\n", "/")->contains("/a"));
  CHECK(parse_sha256_baseline("", "/")->empty());
}

TEST_CASE("sha256 baseline: anything else is refused with its line") {
  const std::string good = kDigest + "  /a\n";
  for (const auto& bad :
       {std::string("nonsense"), kDigest, kDigest + " /b", kDigest + "  ", kDigest + "\t /b",
        "SHA256 (/b) = " + kDigest, "\\" + kDigest + "  /b\\x", "\\" + kDigest + "  /b\\", good}) {
    CAPTURE(bad);
    const auto parsed = parse_sha256_baseline(good + bad, "/");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::Malformed);
    CHECK(parsed.error().message.find("line 2") != std::string::npos);
  }
  std::string many;
  for (int i = 0; i < 4097; ++i) many += kDigest + "  /" + std::to_string(i) + "\n";
  CHECK(parse_sha256_baseline(many, "/").error().code == Errc::TooLarge);
}
