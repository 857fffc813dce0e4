// SPDX-License-Identifier: MIT
#include "core/probe/jarm_probe.h"

#include <algorithm>
#include <cstring>

#include "core/base/text_buffer.h"

namespace observatory {
namespace {

bool says_nothing(NetError why) {
  return why == NetError::kTimedOut || why == NetError::kUnreachable || why == NetError::kExhausted;
}

}  // namespace

void JarmProbe::start(std::string_view host) {
  host_ = host;
  probe_ = 0;
  text_ = ByteWriter(raw_);
  timeouts_ = 0;
}

ByteView JarmProbe::open(const HelloRandom& bytes) {
  reply_size_ = 0;
  return write_jarm_hello(probe_, host_, bytes, hello_);
}

bool JarmProbe::receive(ByteView bytes) {
  const std::size_t taken = std::min(bytes.size(), reply_.size() - reply_size_);
  if (taken > 0) std::memcpy(reply_.data() + reply_size_, bytes.data(), taken);
  reply_size_ += taken;
  return jarm_reply_is_read(reply_.first(reply_size_));
}

void JarmProbe::close(NetError why) {
  if (probe_ > 0) text_.put(",");
  put_jarm_reply(reply_.first(reply_size_), text_);
  reply_size_ = 0;
  if (says_nothing(why)) ++timeouts_;
  if (++probe_ == kJarmProbes) record_all();
}

void JarmProbe::give_up() {
  while (!done()) close(NetError::kTimedOut);
}

void JarmProbe::record_all() {
  const bool cut = !ok(text_.status());
  record_.set_text(FieldId::kTlsJarmRaw, cut ? as_text(raw_) : text_.text());
  if (cut) record_.mark_cut(FieldId::kTlsJarmRaw);
  if (timeouts_ > 0) record_.set(FieldId::kTlsJarmTimeouts, timeouts_);
  if (cut || timeouts_ > 0) return;
  TextBuffer<kJarmHash> hash;
  put_jarm_hash(text_.text(), digest_, hash);
  record_.set_text(FieldId::kTlsJarm, hash.text());
}

}  // namespace observatory
