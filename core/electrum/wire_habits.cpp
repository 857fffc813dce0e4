// SPDX-License-Identifier: MIT
#include "core/electrum/wire_habits.h"

#include <algorithm>

#include "core/base/number.h"
#include "core/base/utf8.h"
#include "core/json/reader.h"

namespace observatory {

void put_member_order(std::string_view object, ByteSink& into) {
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  for (bool first = true; members.next(key, value); first = false) {
    if (!first) into.put(",");
    put_json_text(key, into);
  }
}

void set_member_order(std::string_view object, FieldId field, Record& record) {
  TextField order(record, field);
  put_member_order(object, order);
}

bool is_spaced(std::string_view object) {
  JsonMembers members(object);
  std::string_view key;
  std::string_view value;
  // Between the end of the key and the start of the value stand a colon and, perhaps, blanks.
  return members.next(key, value) && value.data() - (key.data() + key.size()) > 1;
}

std::size_t padding_of(std::string_view line) {
  if (line.empty() || (line.back() != '}' && line.back() != ']')) return 0;
  line.remove_suffix(1);
  const std::size_t last = line.find_last_not_of(' ');
  return last == std::string_view::npos ? line.size() : line.size() - 1 - last;
}

Eol combine(Eol before, Eol now) {
  if (before == Eol::kNone || before == now) return now;
  return now == Eol::kNone ? before : Eol::kMixed;
}

void WireHabits::clear() {
  eol_ = Eol::kNone;
  padded_ = false;
  count_ = 0;
  arrival_.clear();
  echo_others_.clear();
}

void WireHabits::take(Request request, const Reply& reply, const LineReader& reader,
                      Record& record) {
  const std::string_view line = reader.line();
  if (!arrival_.empty()) arrival_.put(",");
  put_unsigned(static_cast<std::uint64_t>(request), arrival_);

  const std::size_t padding = padding_of(line);
  keep(reader.raw(), padding);
  padded_ = padded_ || padding > 0;
  record.set(FieldId::kWirePadded, padded_);
  eol_ = combine(eol_, reader.eol());
  record.set(FieldId::kWireEol, static_cast<std::uint64_t>(eol_));
  if (!is_valid_utf8(line)) record.set(FieldId::kWireInvalidUtf8, 1);
  take_orders(reply, line, record);
  take_echo(request, reply.id, record);
}

void WireHabits::take_version(const LineReader& reader, Record& record) {
  set_member_order(reader.line(), FieldId::kWireOrder, record);
  record.set(FieldId::kWireSpaced, is_spaced(reader.line()));
}

void WireHabits::keep(std::string_view raw, std::size_t padding) {
  if (count_ == kept_.size()) return;
  Kept& kept = kept_[count_++];
  kept.length = static_cast<std::uint32_t>(raw.size());
  kept.padding = static_cast<std::uint32_t>(padding);
  std::copy_n(raw.begin(), kept.head_size(), kept.head.begin());
  std::copy_n(raw.end() - static_cast<std::ptrdiff_t>(kept.tail_size()), kept.tail_size(),
              kept.tail.begin());
}

void WireHabits::take_orders(const Reply& reply, std::string_view line, Record& record) {
  if (!reply.error.empty()) {
    if (record.has(FieldId::kWireErrorOrder)) return;
    set_member_order(line, FieldId::kWireErrorOrder, record);
    if (json_type(reply.error) == JsonType::kObject) {
      set_member_order(reply.error, FieldId::kWireErrorMembers, record);
    }
    return;
  }
  if (!record.has(FieldId::kWireOrder)) return;
  TextBuffer<64> order;
  put_member_order(line, order);
  if (order.text() != record.text(FieldId::kWireOrder) && !record.has(FieldId::kWireOtherOrder)) {
    record.set_text(FieldId::kWireOtherOrder, order.text());
  }
  if (is_spaced(line) != (record.number(FieldId::kWireSpaced) != 0)) {
    record.set(FieldId::kWireSpacingVaries, 1);
  }
}

void WireHabits::take_echo(Request request, std::string_view id, Record& record) {
  switch (request) {
    case Request::kHeaders:
      return record.set_text(FieldId::kWireEchoFloat, id);
    case Request::kDonation:
      return record.set_text(FieldId::kWireEchoText, id);
    case Request::kPing:
      return record.set_text(FieldId::kWireEchoBig, id);
    default:
      break;
  }
  const char sent = static_cast<char>('0' + static_cast<int>(request));
  if (id.size() == 1 && id[0] == sent) return;
  if (!echo_others_.empty()) echo_others_.put(",");
  echo_others_.put(id);
}

void WireHabits::put(Record& record) const {
  if (count_ == 0) return;
  record.set_text(FieldId::kWireArrival, arrival_.text());
  if (!echo_others_.empty()) record.set_text(FieldId::kWireEchoOthers, echo_others_.text());
  put_list(FieldId::kWireHeads, record);
  put_list(FieldId::kWireTails, record);
  put_list(FieldId::kWireLengths, record);
  if (padded_) put_list(FieldId::kWirePadding, record);
}

void WireHabits::put_list(FieldId field, Record& record) const {
  ListField list(record, field);
  for (std::size_t i = 0; i < count_; ++i) {
    const Kept& kept = kept_[i];
    if (field == FieldId::kWireHeads) {
      list.add(ByteView(kept.head).first(kept.head_size()));
    } else if (field == FieldId::kWireTails) {
      list.add(ByteView(kept.tail).first(kept.tail_size()));
    } else {
      list.add(std::uint64_t{field == FieldId::kWireLengths ? kept.length : kept.padding});
    }
  }
}

}  // namespace observatory
