#include "remediator/core/condition.hpp"

#include <cctype>
#include <string>
#include <utility>

namespace fieldmedic::core {
namespace {

constexpr std::string_view kLabels = "labels.";
constexpr std::string_view kCheck = "check.";

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
         c == ':' || c == '/';
}

struct Token {
  enum class Kind { End, Word, Quoted, Sign };  // a sign: ( ) , == !=
  Kind kind = Kind::End;
  std::string text;
  std::size_t at = 0;

  [[nodiscard]] bool is(std::string_view sign) const { return kind == Kind::Sign && text == sign; }
  [[nodiscard]] bool says(std::string_view word) const {
    return kind == Kind::Word && text == word;
  }
};

Truth negated(Truth truth) {
  switch (truth) {
    case Truth::No: return Truth::Yes;
    case Truth::Yes: return Truth::No;
    case Truth::Unknown: return Truth::Unknown;
  }
  return Truth::Unknown;
}

// What decides alone: a No among "and", a Yes among "or".
Truth joined(Truth a, Truth b, Truth decides) {
  if (a == decides || b == decides) return decides;
  return a == Truth::Unknown || b == Truth::Unknown ? Truth::Unknown : negated(decides);
}

}  // namespace

// By recursive descent; the first error stays.
class ConditionParser {
 public:
  explicit ConditionParser(std::string_view text) : text_(text) {}

  Result<Condition> parse() {
    if (text_.size() > kLongestCondition)
      return fail(Errc::Invalid, "wants at most " + std::to_string(kLongestCondition) + " bytes");
    next();
    any();
    if (error_.empty() && token_.kind != Token::Kind::End) wants("'and', 'or' or the end");
    if (!error_.empty()) return fail(Errc::Invalid, error_);
    return std::move(made_);
  }

 private:
  using Op = Condition::Op;

  void wants(const std::string& what) {
    if (!error_.empty()) return;
    error_ = "column " + std::to_string(token_.at + 1) + ": wants " + what + ", got " +
             (token_.kind == Token::Kind::End ? "the end" : "'" + token_.text + "'");
  }

  void next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n'))
      ++at_;
    token_ = {Token::Kind::End, {}, at_};
    if (at_ >= text_.size()) return;
    const char c = text_[at_];
    if (c == '"') return quoted();
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) ++end;
    if (end > at_) {
      token_ = {Token::Kind::Word, std::string(text_.substr(at_, end - at_)), at_};
    } else {
      const bool two = text_.substr(at_, 2) == "==" || text_.substr(at_, 2) == "!=";
      end = at_ + (two ? 2 : 1);
      token_ = {Token::Kind::Sign, std::string(text_.substr(at_, end - at_)), at_};
    }
    at_ = end;
  }

  void quoted() {
    std::string value;
    std::size_t i = at_ + 1;
    for (; i < text_.size() && text_[i] != '"'; ++i) {
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      value += text_[i];
    }
    const bool open = i >= text_.size();
    token_ = {Token::Kind::Quoted, std::move(value), at_};
    if (open) wants("a closing '\"'");
    at_ = i + 1;
  }

  void any() {
    all();
    while (error_.empty() && token_.says("or")) {
      next();
      all();
      made_.ops_.push_back(Op::Or);
    }
  }

  void all() {
    one();
    while (error_.empty() && token_.says("and")) {
      next();
      one();
      made_.ops_.push_back(Op::And);
    }
  }

  void one() {
    if (++depth_ > kDeepestCondition) wants("less nesting");
    if (!error_.empty()) return;
    if (token_.says("not")) {
      next();
      one();
      made_.ops_.push_back(Op::Not);
    } else if (token_.is("(")) {
      next();
      any();
      if (!token_.is(")")) wants("')'");
      next();
    } else {
      term();
    }
    --depth_;
  }

  void term() {
    Condition::Term term;
    if (token_.kind == Token::Kind::Word && token_.text.starts_with(kLabels)) {
      term.about = Condition::About::Label;
      term.name = token_.text.substr(kLabels.size());
    } else if (token_.kind == Token::Kind::Word && token_.text.starts_with(kCheck)) {
      term.about = Condition::About::Check;
      term.name = token_.text.substr(kCheck.size());
    }
    if (term.name.empty() && !token_.says("alert"))
      return wants("labels.NAME, check.NAME or alert");
    next();
    const bool differs = token_.is("!=");
    const bool among = token_.says("in");
    if (!differs && !among && !token_.is("==")) return wants("'==', '!=' or 'in'");
    next();
    if (among)
      list(term);
    else
      value(term);
    made_.terms_.push_back(std::move(term));
    made_.ops_.push_back(Op::Term);
    if (differs) made_.ops_.push_back(Op::Not);
  }

  void list(Condition::Term& term) {
    if (!token_.is("(")) return wants("'('");
    do {
      next();
      value(term);
    } while (error_.empty() && token_.is(","));
    if (!token_.is(")")) wants("',' or ')'");
    next();
  }

  void value(Condition::Term& term) {
    if (term.about == Condition::About::Check && !token_.says("pass") && !token_.says("fail"))
      return wants("pass or fail");
    if (token_.kind != Token::Kind::Word && token_.kind != Token::Kind::Quoted)
      return wants("a word or \"text\"");
    term.values.push_back(token_.text);
    next();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
  int depth_ = 0;
  std::string error_;
  Condition made_;
};

Result<Condition> Condition::parse(std::string_view text) {
  return ConditionParser(text).parse();
}

Truth Condition::holds(const std::vector<Truth>& known) const {
  std::vector<Truth> stack;
  std::size_t term = 0;
  const auto pop = [&stack] {
    const Truth top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const Op op : ops_) switch (op) {
      case Op::Term: stack.push_back(known[term++]); break;
      case Op::Not: stack.push_back(negated(pop())); break;
      case Op::And: {
        const Truth last = pop();
        stack.push_back(joined(pop(), last, Truth::No));
        break;
      }
      case Op::Or: {
        const Truth last = pop();
        stack.push_back(joined(pop(), last, Truth::Yes));
        break;
      }
    }
  return stack.back();
}

}  // namespace fieldmedic::core
