// SPDX-License-Identifier: MIT
#include "core/electrum/wire_habits.h"

#include "core/json/reader.h"

namespace observatory {

void set_member_order(std::string_view object, FieldId field, Record& record) {
  TextField order(record, field);
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  for (bool first = true; members.next(key, value); first = false) {
    if (!first) order.put(",");
    put_json_text(key, order);
  }
}

bool is_spaced(std::string_view object) {
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  // Between the end of the key and the start of the value stand a colon and, perhaps, blanks.
  return members.next(key, value) && value.data() - (key.data() + key.size()) > 1;
}

bool is_padded(std::string_view line) {
  if (line.size() < 2 || (line.back() != '}' && line.back() != ']')) return false;
  return line[line.size() - 2] == ' ';
}

Eol combine(Eol before, Eol now) {
  if (before == Eol::kNone || before == now) return now;
  return now == Eol::kNone ? before : Eol::kMixed;
}

}  // namespace observatory
