// SPDX-License-Identifier: MIT
#include "tests/integration/demo_process.h"

#include <cstdlib>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/servers/wire.h"

namespace observatory::integration {
namespace {

Words command_of(const TempFolder& folder, const std::string& only) {
  Words words = {DEMO_BINARY,
                 "--base",
                 own_network() + "0",
                 "--delay-scale",
                 "0",
                 "--for",
                 "280",
                 "--list",
                 folder.path("list"),
                 "--truth",
                 folder.path("truth"),
                 "--ca",
                 folder.path("ca")};
  if (!only.empty()) words.insert(words.end(), {"--only", only});
  return words;
}

}  // namespace

Words probe_command() {
  const char* const named = std::getenv("OBSERVATORY_PROBE");
  std::istringstream text(named == nullptr ? PROBE_BINARY : named);
  return {std::istream_iterator<std::string>(text), {}};
}

bool is_emulated() { return probe_command().size() > 1; }

DemoProcess::DemoProcess(const std::string& only) : process_(command_of(folder_, only)) {
  eventually([this] {
    return process_.ended() || process_.out().find("demo network: ") != std::string::npos;
  });
  if (process_.ended() || process_.out().empty()) {
    throw std::runtime_error("the demo network does not start: " + process_.err());
  }
}

std::vector<Json> DemoProcess::truth() const {
  return json_lines(content_of(folder_.path("truth")));
}

std::vector<Json> json_lines(const std::string& text) {
  if (!text.empty() && text.back() != '\n') throw std::runtime_error("the last line is torn");
  std::vector<Json> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    Json value;
    if (demo::parse_json(text.substr(begin, end - begin), {}, &value) != demo::ParseStatus::kOk) {
      throw std::runtime_error("no JSON: " + text.substr(begin, end - begin));
    }
    lines.push_back(value);
    begin = end + 1;
  }
  return lines;
}

const Json* find(const Json& object, std::string_view path) {
  const Json* found = &object;
  while (found != nullptr && !path.empty()) {
    const std::size_t dot = path.find('.');
    found = found->find(path.substr(0, dot));
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return found;
}

Json without(const Json& object, std::string_view path) {
  const std::size_t dot = path.find('.');
  Json rest = Json::from_members({});
  for (std::size_t i = 0; i < object.size(); ++i) {
    const Json& item = object.items()[i];
    if (object.names()[i] != path.substr(0, dot)) {
      rest.set(object.names()[i], item);
    } else if (dot != std::string_view::npos) {
      rest.set(object.names()[i], without(item, path.substr(dot + 1)));
    }
  }
  return rest;
}

std::string to_text(const Json& value) {
  if (value.is(Json::Kind::kString)) return value.text();
  return demo::write_json(value, {demo::Dialect::kSerde, demo::MemberOrder::kAsBuilt, false});
}

std::string text_of(const Json& object, std::string_view path) {
  const Json* const found = find(object, path);
  return found == nullptr ? "absent" : to_text(*found);
}

bool has(const Json& object, std::string_view path) { return find(object, path) != nullptr; }

std::vector<Log> read_logs(const std::string& text) {
  std::vector<Log> logs;
  for (const Json& record : json_lines(text)) {
    const std::string type = text_of(record, "type");
    if (type == "run") {
      logs.emplace_back().run = record;
      continue;
    }
    const bool inside = !logs.empty() && !has(logs.back().end, "type") &&
                        text_of(record, "run") == text_of(logs.back().run, "run");
    if (!inside) throw std::runtime_error("a record outside of its run: " + to_text(record));
    if (type == "observation") {
      logs.back().observations.push_back(record);
    } else if (type == "end") {
      logs.back().end = record;
    } else {
      throw std::runtime_error("a record of an unknown type: " + to_text(record));
    }
  }
  return logs;
}

Log read_log(const std::string& text) {
  const std::vector<Log> logs = read_logs(text);
  if (logs.size() != 1) throw std::runtime_error(std::to_string(logs.size()) + " runs in the log");
  return logs.front();
}

std::string endpoint_of(const Json& record) {
  const std::string host = text_of(record, has(record, "host") ? "host" : "address");
  return host + ":" + text_of(record, "port") + ":" + text_of(record, "transport");
}

std::map<std::string, Json> by_endpoint(const Log& log) {
  std::map<std::string, Json> endpoints;
  for (const Json& observation : log.observations) {
    if (!endpoints.emplace(endpoint_of(observation), observation).second) {
      throw std::runtime_error("visited twice: " + endpoint_of(observation));
    }
  }
  return endpoints;
}

}  // namespace observatory::integration
