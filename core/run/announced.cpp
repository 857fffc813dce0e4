// SPDX-License-Identifier: MIT
#include "core/run/announced.h"

#include <algorithm>

#include "core/base/ip_text.h"
#include "core/base/text_buffer.h"

namespace observatory {
namespace {

Items rows_of(const Record& observation) {
  return observation.has(FieldId::kPeersList) ? observation.items(FieldId::kPeersList)
                                              : Items(ByteView());
}

std::string_view take_word(std::string_view& words) {
  const std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(std::min(words.size(), word.size() + 1));
  return word;
}

}  // namespace

Announcements::Announcements(const Record& observation, const DefaultPorts& ports)
    : ports_(ports), rows_(rows_of(observation)) {}

bool Announcements::next(Announcement& into) {
  while (!words_.empty() || next_row()) {
    const std::string_view word = take_word(words_);
    if (word.empty() || (word.front() != 't' && word.front() != 's')) continue;
    const bool tls = word.front() == 's';
    into = row_;
    into.endpoint.transport = tls ? Transport::kTls : Transport::kTcp;
    into.endpoint.port = tls ? ports_.tls : ports_.tcp;
    const bool port_fits = word.size() == 1 || read_port(word.substr(1), into.endpoint.port);
    bool& has_one = tls ? has_tls_ : has_tcp_;
    if (!into.problem.empty()) return true;
    if (!port_fits) into.problem = "a port that is not from 1 to 65535";
    if (has_one) into.problem = "a second port of a kind";
    if (cut_) into.problem = "words that were cut";
    has_one = true;
    return true;
  }
  return false;
}

bool Announcements::next_row() {
  std::string_view address;
  std::string_view host;
  if (!rows_.next(address) || !rows_.next(host) || !rows_.next(words_)) return false;
  cut_ = words_.size() >= kLongestItem;
  has_tcp_ = has_tls_ = false;
  read_row_host(address, host);
  return true;
}

void Announcements::read_row_host(std::string_view address, std::string_view host) {
  if (host.empty()) host = address;
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  row_.problem = read_host(host, row_.endpoint.host);
  row_.is_address = row_.problem.empty() && read_ip(row_.endpoint.host.view(), row_.ip);
  if (!row_.is_address) return;
  TextBuffer<kLongestIpText> text;
  put_ip(row_.ip, text);
  if (!row_.endpoint.host.assign(text.text())) row_.problem = "an address too long";
}

}  // namespace observatory
