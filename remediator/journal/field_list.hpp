// How the members of a stored type are listed: one list, read by both directions of the codec, so
// that they cannot drift apart.
#pragma once

#include <cstddef>
#include <string>
#include <tuple>

namespace fieldmedic::journal {

template <class Owner, class Member>
struct Field {
  const char* name;
  Member Owner::* member;
};

// One that came later: not written while it has its default, and absent in older journals.
template <class Owner, class Member>
struct LaterField {
  const char* name;
  Member Owner::* member;
};

// A string that holds a JSON object, and is stored as one.
template <class Owner>
struct JsonField {
  const char* name;
  std::string Owner::* member;
};

// A member that is stored beside its owner, by whoever stores the owner.
template <class Owner, class Member>
struct Elsewhere {
  Member Owner::* member;
};

template <class T>
struct Fields;

// Converts to whatever is asked for; only to count members, never run.
struct Anything {
  template <class T>
  operator T() const;
};

// How many members an aggregate has, so that the codec can refuse to compile when one is not named
// below.
template <class T, class... Members>
consteval std::size_t member_count() {
  if constexpr (requires { T{Members{}..., Anything{}}; })
    return member_count<T, Members..., Anything>();
  else
    return sizeof...(Members);
}

}  // namespace fieldmedic::journal
