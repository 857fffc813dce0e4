// SPDX-License-Identifier: MIT
#include "core/electrum/reply.h"

#include "core/json/check.h"
#include "core/json/reader.h"

namespace observatory {

Status read_reply(std::string_view line, Reply& reply) {
  reply = {};
  if (!ok(check_json(line))) return Status::kMalformed;
  if (json_type(line) != JsonType::kObject) return Status::kUnsupported;
  JsonMembers members(line);
  std::string_view key;
  std::string_view value;
  const auto take = [&](std::string_view name, std::string_view& into) {
    if (into.empty() && json_text_is(key, name)) into = value;
  };
  while (members.next(key, value)) {
    take("id", reply.id);
    take("result", reply.result);
    take("error", reply.error);
    take("method", reply.method);
  }
  // JSON-RPC 1.0 sends both members, one of them null.
  if (json_type(reply.error) == JsonType::kNull) reply.error = {};
  return Status::kOk;
}

ReplyError read_error(std::string_view error) {
  if (json_type(error) == JsonType::kString) return {false, 0, error};
  ReplyError found;
  found.has_code = json_signed(json_member(error, "code"), found.code);
  const std::string_view message = json_member(error, "message");
  if (json_type(message) == JsonType::kString) found.message = message;
  return found;
}

bool is_rate_limit(const ReplyError& error) {
  return error.has_code && (error.code == -101 || error.code == -102);
}

}  // namespace observatory
