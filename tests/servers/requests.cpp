// SPDX-License-Identifier: MIT
#include "tests/servers/requests.h"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace observatory::demo {
namespace {

using Kind = Json::Kind;

Request complain(int code, std::string text, Json id) {
  Request request;
  request.verdict = Request::Verdict::kComplaint;
  request.complaint = {Fault::Kind::kError, code, std::move(text)};
  request.id = std::move(id);
  return request;
}

Request complain(const Fault& fault, Json id) {
  Request request = complain(fault.code, fault.text, std::move(id));
  request.complaint.kind = fault.kind;
  return request;
}

Request answered_at_once(Request request) {
  request.at_once = true;
  return request;
}

Request read_call(const Json& message) {
  Request request;
  request.verdict = Request::Verdict::kCall;
  request.method = message.find("method")->text();
  if (const Json* params = message.find("params")) {
    request.params = *params;
  } else {
    request.params_given = false;
  }
  if (const Json* id = message.find("id")) {
    request.id = *id;
  } else {
    request.notification = true;
  }
  return request;
}

bool is_text(const Json* value, std::string_view text) {
  return value != nullptr && value->is(Kind::kString) && value->text() == text;
}

Request read_aiorpcx(const Implementation& implementation, const Json& message, bool in_batch,
                     bool strict) {
  if (!message.is(Kind::kObject))
    return answered_at_once(complain(implementation.invalid_request, {}));
  const Json* method = message.find("method");
  if (method == nullptr && !in_batch) return {};
  const Json* found = message.find("id");
  const Json id = found != nullptr ? *found : Json();
  if (id.is(Kind::kArray) || id.is(Kind::kObject)) {
    return answered_at_once(complain(-32600, "invalid \"id\": " + python_repr(id), {}));
  }
  if (strict && !is_text(message.find("jsonrpc"), "2.0")) {
    return answered_at_once(complain(-32600, "\"jsonrpc\" is not \"2.0\"", id));
  }
  if (method == nullptr || !method->is(Kind::kString)) {
    return complain(-32601, "method must be a string", id);
  }
  Request request = read_call(message);
  request.notification = id.is(Kind::kNull);
  if (!request.params.is(Kind::kArray) && !request.params.is(Kind::kObject)) {
    return complain(-32602, "invalid request arguments: " + python_str(request.params), id);
  }
  return request;
}

// Empty text: Fulcrum takes this id. Whole floats it takes as integers.
std::string fulcrum_id_fault(const Json& id) {
  const std::string prefix = "Error parsing JSON key \"id\": ";
  switch (id.kind()) {
    case Kind::kNull:
    case Kind::kString:
      return {};
    case Kind::kBool:
      return prefix + "Booleans are not supported";
    case Kind::kNumber: {
      const double value = std::strtod(id.text().c_str(), nullptr);
      if (id.is_integer()) {
        const bool wide = value > 9.3e18 || (id.text().size() == 19 && id.text()[0] != '-' &&
                                             id.text() > "9223372036854775807");
        return wide ? prefix + "Unable to convert to int64 from qulong/qulonglong" : "";
      }
      if (std::trunc(value) == value && std::fabs(value) < 9e18) return {};
      break;
    }
    case Kind::kArray:
    case Kind::kObject:
      break;
  }
  return prefix + "Expected a string, a non-fractional number, or null";
}

Request read_fulcrum(const Implementation& implementation, const Json& message) {
  if (!message.is(Kind::kObject)) return complain(implementation.invalid_request, {});
  const Json* found = message.find("id");
  const Json id = found != nullptr ? *found : Json();
  if (const std::string fault = fulcrum_id_fault(id); !fault.empty()) {
    return complain(-32600, fault, {});
  }
  const Json* method = message.find("method");
  if (message.find("error") != nullptr) {
    Request request = complain(-32600, "Not a valid request object", {});
    request.complaint.kind = Fault::Kind::kErrorClose;
    return request;
  }
  if (message.find("result") != nullptr) {
    if (method != nullptr) return complain(-32600, "Invalid response", id);
    return complain(-31999, "Unexpected response (id: " + python_str(id) + ")", id);
  }
  if (method == nullptr) return complain(-32600, "Invalid JSON RPC object", id);
  if (!method->is(Kind::kString) || method->text().empty()) {
    return complain(-32600, "Invalid method", id);
  }
  const Json* params = message.find("params");
  if (params != nullptr && !params->is(Kind::kArray) && !params->is(Kind::kObject)) {
    return complain(-32600, "Invalid params", id);
  }
  for (const std::string& name : message.names()) {
    if (name != "jsonrpc" && name != "id" && name != "method" && name != "params") {
      return complain(-32600, "Invalid request", id);
    }
  }
  return read_call(message);
}

Request read_serde(const Implementation& implementation, const Json& message) {
  const Json* method = message.find("method");
  const Json* params = message.find("params");
  const bool wants_version = implementation.error_shape == ErrorShape::kObjectData;
  if (!message.is(Kind::kObject) || method == nullptr || !method->is(Kind::kString) ||
      message.find("id") == nullptr || (params != nullptr && !params->is(Kind::kArray)) ||
      (wants_version && message.find("jsonrpc") == nullptr)) {
    return complain(implementation.invalid_request, {});
  }
  return read_call(message);
}

Request read_personal(const Implementation& implementation, const Json& message) {
  const Json* method = message.find("method");
  if (!message.is(Kind::kObject) || method == nullptr || !method->is(Kind::kString)) {
    return complain(implementation.invalid_request, {});
  }
  return read_call(message);
}

}  // namespace

Request read_request(const Implementation& implementation, const Json& message, bool in_batch,
                     bool strict) {
  switch (implementation.reader) {
    case Reader::kAiorpcx:
      return read_aiorpcx(implementation, message, in_batch, strict);
    case Reader::kFulcrum:
      return read_fulcrum(implementation, message);
    case Reader::kSerde:
      return read_serde(implementation, message);
    case Reader::kPersonal:
      return read_personal(implementation, message);
  }
  return {};
}

}  // namespace observatory::demo
