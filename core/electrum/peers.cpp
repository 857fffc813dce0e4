// SPDX-License-Identifier: MIT
#include "core/electrum/peers.h"

#include <array>

#include "core/base/hash.h"
#include "core/base/text_buffer.h"
#include "core/json/reader.h"

namespace observatory {
namespace {

// One byte more than a list takes, so that the list sees what is cut.
using Column = TextBuffer<kLongestItem + 1>;

void record_entry(std::string_view entry, ListField& list) {
  JsonDocument document;
  if (!ok(document.parse(entry))) return;
  const JsonValue address = document.root().element(0);
  const JsonValue host = document.root().element(1);
  const JsonValue words = document.root().element(2);
  if (address.type() != JsonType::kString || host.type() != JsonType::kString) return;
  std::array<Column, kRowWidth> columns;
  put_json_text(address.raw(), columns[0]);
  put_json_text(host.raw(), columns[1]);
  for (int i = 0; i < words.size(); ++i) {
    const JsonValue word = words.element(i);
    if (word.type() != JsonType::kString) continue;
    if (!columns[2].empty()) columns[2].put(" ");
    put_json_text(word.raw(), columns[2]);
  }
  list.add(columns[0].text(), columns[1].text(), columns[2].text());
}

}  // namespace

void record_peers(std::string_view result, Digest& digest, Record& record) {
  if (json_type(result) != JsonType::kArray) return;
  record.set_bytes(FieldId::kPeersSha256, sha256_of(as_bytes(result), digest));
  std::uint64_t count = 0;
  {
    ListField list(record, FieldId::kPeersList);
    JsonElements entries(result);
    std::string_view entry;
    for (; entries.next(entry); ++count) record_entry(entry, list);
  }
  record.set(FieldId::kPeersCount, count);
}

}  // namespace observatory
