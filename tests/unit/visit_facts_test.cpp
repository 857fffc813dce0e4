// SPDX-License-Identifier: MIT
#include "core/run/visit_facts.h"

#include <string>
#include <vector>

#include "tests/catch2.h"
#include "tests/unit/record_samples.h"

using namespace observatory;
using namespace observatory::samples;

namespace {

using Changed = std::vector<std::string>;

// What a server's tickets of one connection are like.
struct Tickets {
  std::string key_name;
  std::vector<std::uint64_t> lengths = {208, 208};
  bool same_key_name = true;
  std::uint64_t lifetime = 7200;
};

// Visits of one endpoint, one after the other.
class Visits {
 public:
  // The list `changed` of a visit that saw these.
  Changed next(const Tickets& tickets) {
    OwnedRecord box;
    Record& record = box.record;
    record.set(FieldId::kTicketCount, tickets.lengths.size());
    record.set(FieldId::kTicketLifetime, tickets.lifetime);
    record.set_bytes(FieldId::kTicketKeyName, as_bytes(tickets.key_name));
    record.set(FieldId::kTicketSameKeyName, tickets.same_key_name ? 1 : 0);
    {
      ListField lengths(record, FieldId::kTicketLengths);
      for (const std::uint64_t length : tickets.lengths) lengths.add(length);
    }
    record_changes(record, first_, facts_);
    CHECK(record.has(FieldId::kChanged) != first_);
    first_ = false;
    Changed names;
    if (!record.has(FieldId::kChanged)) return names;
    Items items = record.items(FieldId::kChanged);
    for (std::string_view item; items.next(item);) names.emplace_back(item);
    return names;
  }

 private:
  bool first_ = true;
  FactHashes facts_{};
};

constexpr const char* kOneKey = "key name, the 1st";
constexpr const char* kOtherKey = "key name, the 2nd";

}  // namespace

TEST_CASE("tickets that are longer by chance have not changed") {
  Visits visits;
  visits.next({.key_name = kOneKey});
  CHECK(visits.next({.key_name = kOneKey, .lengths = {224, 208}}).empty());
  CHECK(visits.next({.key_name = kOneKey, .lengths = {224, 224}}).empty());
  CHECK(visits.next({.key_name = kOneKey, .lengths = {208}}) == Changed{"tickets"});
  CHECK(visits.next({.key_name = kOneKey, .lifetime = 300}) == Changed{"tickets"});
}

TEST_CASE("another ticket key is a change, tickets that name none are not") {
  Visits same;
  same.next({.key_name = kOneKey});
  CHECK(same.next({.key_name = kOneKey}).empty());
  CHECK(same.next({.key_name = kOtherKey}) == Changed{"ticket_key"});

  Visits random;
  random.next({.key_name = kOneKey, .same_key_name = false});
  CHECK(random.next({.key_name = kOtherKey, .same_key_name = false}).empty());
  CHECK(random.next({.key_name = kOneKey}).empty());
  CHECK(random.next({.key_name = kOtherKey}) == Changed{"ticket_key"});
}
