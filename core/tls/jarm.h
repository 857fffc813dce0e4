// SPDX-License-Identifier: MIT
// JARM: how a TLS server answers ten odd hellos (client_hello.h), as a text of ten parts and as a
// hash of 62 characters. Method: salesforce/jarm (BSD-3-Clause), jarm.py; its oddities are kept,
// for a fingerprint is of use only where others have the same.
#pragma once

#include <string_view>

#include "core/base/byte_sink.h"
#include "platform/interface/digest.h"

namespace observatory {

// As much of a reply as counts.
inline constexpr std::size_t kJarmReply = 1484;
inline constexpr std::size_t kJarmHash = 62;

// What a probe without a usable ServerHello is written as.
inline constexpr std::string_view kNoJarmReply = "|||";

// Whether a reply that begins with these bytes is read far enough: its first record is whole, or
// kJarmReply bytes are there, or it is no TLS record at all.
bool jarm_reply_is_read(ByteView reply);

// Puts what one server said: `cipher|version|alpn|extensions`, of which the numbers are
// hexadecimal, the extensions in the server's order and joined by `-`; kNoJarmReply when the bytes
// are no ServerHello. The ALPN is the server's own text, valid UTF-8 of at most 253 bytes. One that
// holds
// `|` or `,`, by which the raw text is taken apart, makes the reply unusable as one of broken UTF-8
// does; jarm.py fails over it.
void put_jarm_reply(ByteView reply, ByteSink& into);

// Puts the hash of a raw text: ten replies joined by `,`. Parts that are missing count as empty,
// parts behind the tenth are passed over.
void put_jarm_hash(std::string_view raw, Digest& digest, ByteSink& into);

}  // namespace observatory
