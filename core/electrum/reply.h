// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/status.h"

namespace observatory {

// A reply line, taken apart. Views point into the line; empty where a member is missing.
struct Reply {
  std::string_view id;
  std::string_view result;  // JSON text
  std::string_view error;   // JSON text: an object, or a bare string on old electrs
  std::string_view method;  // a notification, or a request of the server's
};

// Takes a line apart.
//   kOk         a JSON object
//   kMalformed  no JSON text at all, or nested too deeply to be a reply
//   kUnsupported  JSON, and no object
Status read_reply(std::string_view line, Reply& reply);

// The error of a reply. A bare string is a message without a code.
struct ReplyError {
  bool has_code = false;
  std::int64_t code = 0;
  std::string_view message;  // JSON string with its quotes; empty when there is none
};
ReplyError read_error(std::string_view error);

// ElectrumX's codes for "you are using too much" and "server busy" (aiorpcX jsonrpc.py).
bool is_rate_limit(const ReplyError& error);

}  // namespace observatory
