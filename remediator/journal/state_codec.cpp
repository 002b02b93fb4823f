#include "remediator/journal/state_codec.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "remediator/journal/field_reader.hpp"
#include "remediator/journal/field_writer.hpp"
#include "remediator/journal/state_fields.hpp"

namespace fieldmedic {
namespace journal {

// What of the state is no list.
struct Scalars {
  int version = 0;
  core::Epoch epoch = 0;
  std::string journal_id;
  core::Time last;
  core::IncidentId last_incident = 0;
  core::MessageId last_message = 0;
  bool reconcile_wanted = false;
  std::uint64_t losses = 0;
  bool watchdog_lost = false;
};

template <>
struct Fields<Scalars> {
  static constexpr std::tuple list{Field{"v", &Scalars::version},
                                   Field{"epoch", &Scalars::epoch},
                                   Field{"journal_id", &Scalars::journal_id},
                                   Field{"last", &Scalars::last},
                                   Field{"last_incident", &Scalars::last_incident},
                                   Field{"last_message", &Scalars::last_message},
                                   Field{"reconcile_wanted", &Scalars::reconcile_wanted},
                                   Field{"losses", &Scalars::losses},
                                   Field{"watchdog_lost", &Scalars::watchdog_lost}};
};

}  // namespace journal

namespace {

using journal::Json;
using journal::Scalars;

constexpr int kVersion = 1;

// Those of the lines below, the scalars, and what follows from `open`: open_by_target,
// under_repair, related.
static_assert(journal::member_count<core::State>() == 21,
              "a member of the state is not in its snapshot: write it below and read it back");

using PlaybookPointer = std::shared_ptr<const core::Playbook>;

// ---- writing ------------------------------------------------------------------------------------

class Writer {
 public:
  template <class T>
  void line(std::string_view kind, const T& value) {
    begin(kind);
    journal::write(text_, value);
    text_ += '\n';
  }
  template <class T>
  void line(std::string_view kind, const std::string& key, const T& value) {
    begin(kind);
    journal::write_pair(text_, key, value);
    text_ += '\n';
  }
  // With the number of its playbook, which stands before the first line that names it.
  void line(std::string_view kind, const core::Incident& incident) {
    with_playbook(kind, incident);
  }
  void line(std::string_view kind, const core::Lease& lease) { with_playbook(kind, lease); }
  void pinned(const PlaybookPointer& playbook) { line("pinned", number_of(playbook)); }
  void alert(const core::AlertKey& key, const core::AlertRecord& record) {
    begin("alert");
    text_ += '[';
    journal::write_pair(text_, key, record);
    text_ += "]\n";
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  template <class T>
  void with_playbook(std::string_view kind, const T& owner) {
    const std::size_t number = number_of(owner.playbook);
    begin(kind);
    journal::write_pair(text_, number, owner);
    text_ += '\n';
  }
  void begin(std::string_view kind) {
    text_ += kind;
    text_ += ' ';
  }
  std::size_t number_of(const PlaybookPointer& playbook) {
    const auto [place, fresh] = numbers_.emplace(playbook.get(), numbers_.size());
    if (fresh) line("playbook", *playbook);
    return place->second;
  }

  std::string text_;
  std::map<const core::Playbook*, std::size_t> numbers_;
};

// ---- reading ------------------------------------------------------------------------------------

class Reader {
 public:
  Status line(std::string_view kind, const Json& json) {
    for (const auto& [name, read] : kReaders)
      if (name == kind) return (this->*read)(json);
    return fail(Errc::Malformed, "of a kind that is not known");
  }
  Result<core::State> take() {
    if (state_.epoch == 0) return fail(Errc::Malformed, "without its first line");
    return std::move(state_);
  }

 private:
  Status scalars(const Json& json) {
    Scalars scalars;
    if (auto status = journal::read(json, scalars); !status) return status;
    if (scalars.version != kVersion) return fail(Errc::Malformed, "of another version");
    state_.epoch = scalars.epoch;
    state_.journal_id = std::move(scalars.journal_id);
    state_.last = scalars.last;
    state_.last_incident = scalars.last_incident;
    state_.last_message = scalars.last_message;
    state_.reconcile_wanted = scalars.reconcile_wanted;
    state_.losses = scalars.losses;
    state_.watchdog_lost = scalars.watchdog_lost;
    return {};
  }
  Status playbook(const Json& json) {
    core::Playbook playbook;
    if (auto status = journal::read(json, playbook); !status) return status;
    playbooks_.push_back(std::make_shared<const core::Playbook>(std::move(playbook)));
    return {};
  }
  Result<PlaybookPointer> playbook_of(const Json& json) const {
    std::size_t number = 0;
    if (auto status = journal::read(json, number); !status) return fail(status.error());
    if (number >= playbooks_.size()) return fail(Errc::Malformed, "its playbook is not there");
    return playbooks_[number];
  }
  Status pinned(const Json& json) {
    auto playbook = playbook_of(json);
    if (!playbook) return fail(playbook.error());
    const std::string& name = (*playbook)->name;
    state_.pinned.insert_or_assign(name, *playbook);
    return {};
  }
  // An incident or a lease.
  template <class T>
  Result<T> with_playbook(const Json& json) const {
    const auto both = journal::pair_of(json);
    if (!both) return journal::unfit("a pair", json);
    auto playbook = playbook_of(both->first);
    if (!playbook) return fail(playbook.error());
    T owner;
    if (auto status = journal::read(both->second, owner); !status) return fail(status.error());
    owner.playbook = *std::move(playbook);
    return owner;
  }
  Status open(const Json& json) {
    auto read = with_playbook<core::Incident>(json);
    if (!read) return fail(read.error());
    if (read->in_flight()) state_.under_repair.add(*read);
    state_.related.add(*read);
    state_.open_by_target[core::key_of(read->target)] = read->id;
    const core::IncidentId id = read->id;
    state_.open.insert_or_assign(state_.open.end(), id, *std::move(read));
    return {};
  }
  Status ended(const Json& json) {
    auto read = with_playbook<core::Incident>(json);
    if (!read) return fail(read.error());
    state_.ended.push_back(*std::move(read));
    return {};
  }
  Status lease(const Json& json) {
    auto read = with_playbook<core::Lease>(json);
    if (!read) return fail(read.error());
    // What reads a lease takes these for granted.
    if (!read->plan.lease || read->tier >= read->playbook->tiers.size() || !read->made_by().lease)
      return fail(Errc::Malformed, "a lease without its terms");
    if (read->undoing()) state_.under_repair.hold(read->undo->plan.resources, read->id);
    const core::IncidentId id = read->id;
    state_.leases.insert_or_assign(id, *std::move(read));
    return {};
  }
  Status alert(const Json& json) {
    std::map<core::AlertKey, core::AlertRecord> one;
    if (auto status = journal::read(json, one); !status) return status;
    while (!one.empty()) {
      state_.alerts_in_order.push_back(one.begin()->first);
      state_.alerts.insert(one.extract(one.begin()));
    }
    return {};
  }
  template <class T>
  static Status keyed(const Json& json, std::map<std::string, T, std::less<>>& into) {
    const auto both = journal::pair_of(json);
    if (!both) return journal::unfit("a pair", json);
    std::string key;
    if (auto status = journal::read(both->first, key); !status) return status;
    return journal::read(both->second, into.try_emplace(into.end(), std::move(key))->second);
  }
  Status target(const Json& json) { return keyed(json, state_.targets); }
  Status paused(const Json& json) { return keyed(json, state_.paused); }
  Status breaker(const Json& json) { return keyed(json, state_.breakers); }
  Status message(const Json& json) {
    core::OutboxEntry entry;
    if (auto status = journal::read(json, entry); !status) return status;
    const core::MessageId id = entry.queued.id;
    state_.outbox.insert_or_assign(id, std::move(entry));
    return {};
  }

  using Read = Status (Reader::*)(const Json&);
  static constexpr std::array<std::pair<std::string_view, Read>, 11> kReaders{
      {{"state", &Reader::scalars},
       {"playbook", &Reader::playbook},
       {"pinned", &Reader::pinned},
       {"open", &Reader::open},
       {"ended", &Reader::ended},
       {"lease", &Reader::lease},
       {"alert", &Reader::alert},
       {"target", &Reader::target},
       {"paused", &Reader::paused},
       {"breaker", &Reader::breaker},
       {"message", &Reader::message}}};

  core::State state_;
  std::vector<PlaybookPointer> playbooks_;
};

}  // namespace

std::string encode_state(const core::State& state) {
  Writer writer;
  writer.line("state", Scalars{kVersion, state.epoch, state.journal_id, state.last,
                               state.last_incident, state.last_message, state.reconcile_wanted,
                               state.losses, state.watchdog_lost});
  for (const auto& [name, playbook] : state.pinned) writer.pinned(playbook);
  for (const auto& [id, incident] : state.open) writer.line("open", incident);
  for (const core::Incident& incident : state.ended) writer.line("ended", incident);
  for (const auto& [id, lease] : state.leases) writer.line("lease", lease);
  for (const core::AlertKey& key : state.alerts_in_order)
    if (const auto found = state.alerts.find(key); found != state.alerts.end())
      writer.alert(found->first, found->second);
  for (const auto& [key, history] : state.targets) writer.line("target", key, history);
  for (const auto& [id, entry] : state.outbox) writer.line("message", entry);
  for (const auto& [scope, why] : state.paused) writer.line("paused", scope, why);
  for (const auto& [scope, breaker] : state.breakers) writer.line("breaker", scope, breaker);
  return writer.take();
}

Result<core::State> decode_state(std::string_view text) {
  Reader reader;
  simdjson::dom::parser parser;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view value = line.substr(std::min(blank + 1, line.size()));
    Json json;
    const bool is_json = parser.parse(value.data(), value.size()).get(json) == simdjson::SUCCESS;
    Status status =
        is_json ? reader.line(line.substr(0, blank), json) : fail(Errc::Malformed, "not JSON");
    if (!status) return wrap(status.error(), fmt::format("snapshot, line {}", number));
  }
  return reader.take();
}

}  // namespace fieldmedic
