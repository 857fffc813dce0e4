// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/byte_sink.h"
#include "platform/interface/bytes.h"

namespace observatory {

// Puts a Name as RFC 4514 writes it, the last part first; the order of its types is therefore in
// the text too. Valid UTF-8 whatever the certificate holds: T61String is read as Latin-1, broken
// parts become U+FFFD, and a value that is no text, or one of an unknown type, is its DER in
// hexadecimal. Control characters but NUL stand as they are, as section 2.4 leaves them.
//
// False when it has more than 24 parts, of which only the first 24 are put.
bool put_name(ByteView name, ByteSink& into);

}  // namespace observatory
