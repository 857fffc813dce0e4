// SPDX-License-Identifier: MIT
#include "tests/servers/requests.h"

#include <cmath>
#include <cstdlib>
#include <utility>

namespace observatory::demo {
namespace {

using Kind = Json::Kind;

Request Complain(int code, std::string text, Json id) {
  Request request;
  request.verdict = Request::Verdict::kComplaint;
  request.complaint = {Fault::Kind::kError, code, std::move(text)};
  request.id = std::move(id);
  return request;
}

Request Complain(const Fault& fault, Json id) {
  Request request = Complain(fault.code, fault.text, std::move(id));
  request.complaint.kind = fault.kind;
  return request;
}

Request AtOnce(Request request) {
  request.at_once = true;
  return request;
}

Request Call(const Json& message) {
  Request request;
  request.verdict = Request::Verdict::kCall;
  request.method = message.Find("method")->text();
  if (const Json* params = message.Find("params")) {
    request.params = *params;
  } else {
    request.params_given = false;
  }
  if (const Json* id = message.Find("id")) {
    request.id = *id;
  } else {
    request.notification = true;
  }
  return request;
}

bool IsText(const Json* value, std::string_view text) {
  return value != nullptr && value->Is(Kind::kString) && value->text() == text;
}

Request ReadAiorpcx(const Implementation& implementation, const Json& message, bool in_batch,
                    bool strict) {
  if (!message.Is(Kind::kObject)) return AtOnce(Complain(implementation.invalid_request, {}));
  const Json* method = message.Find("method");
  if (method == nullptr && !in_batch) return {};
  const Json* found = message.Find("id");
  const Json id = found != nullptr ? *found : Json();
  if (id.Is(Kind::kArray) || id.Is(Kind::kObject)) {
    return AtOnce(Complain(-32600, "invalid \"id\": " + PythonRepr(id), {}));
  }
  if (strict && !IsText(message.Find("jsonrpc"), "2.0")) {
    return AtOnce(Complain(-32600, "\"jsonrpc\" is not \"2.0\"", id));
  }
  if (method == nullptr || !method->Is(Kind::kString)) {
    return Complain(-32601, "method must be a string", id);
  }
  Request request = Call(message);
  request.notification = id.Is(Kind::kNull);
  if (!request.params.Is(Kind::kArray) && !request.params.Is(Kind::kObject)) {
    return Complain(-32602, "invalid request arguments: " + PythonStr(request.params), id);
  }
  return request;
}

// Empty text: Fulcrum takes this id. Whole floats it takes as integers.
std::string FulcrumIdFault(const Json& id) {
  const std::string prefix = "Error parsing JSON key \"id\": ";
  switch (id.kind()) {
    case Kind::kNull:
    case Kind::kString:
      return {};
    case Kind::kBool:
      return prefix + "Booleans are not supported";
    case Kind::kNumber: {
      const double value = std::strtod(id.text().c_str(), nullptr);
      if (id.IsInteger()) {
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

Request ReadFulcrum(const Implementation& implementation, const Json& message) {
  if (!message.Is(Kind::kObject)) return Complain(implementation.invalid_request, {});
  const Json* found = message.Find("id");
  const Json id = found != nullptr ? *found : Json();
  if (const std::string fault = FulcrumIdFault(id); !fault.empty()) {
    return Complain(-32600, fault, {});
  }
  const Json* method = message.Find("method");
  if (message.Find("error") != nullptr) {
    Request request = Complain(-32600, "Not a valid request object", {});
    request.complaint.kind = Fault::Kind::kErrorClose;
    return request;
  }
  if (message.Find("result") != nullptr) {
    if (method != nullptr) return Complain(-32600, "Invalid response", id);
    return Complain(-31999, "Unexpected response (id: " + PythonStr(id) + ")", id);
  }
  if (method == nullptr) return Complain(-32600, "Invalid JSON RPC object", id);
  if (!method->Is(Kind::kString) || method->text().empty()) {
    return Complain(-32600, "Invalid method", id);
  }
  const Json* params = message.Find("params");
  if (params != nullptr && !params->Is(Kind::kArray) && !params->Is(Kind::kObject)) {
    return Complain(-32600, "Invalid params", id);
  }
  for (const std::string& name : message.names()) {
    if (name != "jsonrpc" && name != "id" && name != "method" && name != "params") {
      return Complain(-32600, "Invalid request", id);
    }
  }
  return Call(message);
}

Request ReadSerde(const Implementation& implementation, const Json& message) {
  const Json* method = message.Find("method");
  const Json* params = message.Find("params");
  const bool wants_version = implementation.error_shape == ErrorShape::kObjectData;
  if (!message.Is(Kind::kObject) || method == nullptr || !method->Is(Kind::kString) ||
      message.Find("id") == nullptr || (params != nullptr && !params->Is(Kind::kArray)) ||
      (wants_version && message.Find("jsonrpc") == nullptr)) {
    return Complain(implementation.invalid_request, {});
  }
  return Call(message);
}

Request ReadPersonal(const Implementation& implementation, const Json& message) {
  const Json* method = message.Find("method");
  if (!message.Is(Kind::kObject) || method == nullptr || !method->Is(Kind::kString)) {
    return Complain(implementation.invalid_request, {});
  }
  return Call(message);
}

}  // namespace

Request ReadRequest(const Implementation& implementation, const Json& message, bool in_batch,
                    bool strict) {
  switch (implementation.reader) {
    case Reader::kAiorpcx:
      return ReadAiorpcx(implementation, message, in_batch, strict);
    case Reader::kFulcrum:
      return ReadFulcrum(implementation, message);
    case Reader::kSerde:
      return ReadSerde(implementation, message);
    case Reader::kPersonal:
      return ReadPersonal(implementation, message);
  }
  return {};
}

}  // namespace observatory::demo
