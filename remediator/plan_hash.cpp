#include "remediator/plan_hash.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>
#include <openssl/sha.h>

namespace fieldmedic {
namespace {

// With its length in front: no two lists of texts run together alike.
void add(std::string& text, std::string_view part) {
  text += fmt::format("{}:{},", part.size(), part);
}

}  // namespace

std::string plan_hash(const core::Spec& action, const core::Target& target,
                      const core::Plan& plan) {
  constexpr std::size_t kBytes = 8;
  std::string text;
  for (const std::string& part : {action.type, action.arguments, core::key_of(target)})
    add(text, part);
  for (const core::Step& step : plan.steps) {
    add(text, step.wanted);
    add(text, to_string(step.confirmable));
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  std::string hash;
  for (std::size_t i = 0; i < kBytes; ++i) hash += fmt::format("{:02x}", digest[i]);
  return hash;
}

}  // namespace fieldmedic
