// SPDX-License-Identifier: MIT
// The demo network as a child process, and logs as JSON values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/integration/process.h"
#include "tests/servers/json.h"

namespace observatory::integration {

using demo::Json;

// The probe under test: what the environment's OBSERVATORY_PROBE names (words with spaces between,
// so that it can be run by an emulator), else the one that was built with the tests.
Words probe_command();

// Whether an emulator runs it: slower by far, with limits and wants of its own.
bool is_emulated();

// Runs in own_network() and without delays until the end of the object. `only`: names; empty for
// all servers.
class DemoProcess {
 public:
  explicit DemoProcess(const std::string& only = "");

  std::string list_path() const { return folder_.path("list"); }
  std::string ca_path() const { return folder_.path("ca"); }
  std::vector<Json> truth() const;  // by endpoint, as tests/servers/README.md tells

 private:
  TempFolder folder_;
  Process process_;
};

// The lines of a text as JSON. Throws std::runtime_error at a line that is none, or that is torn.
std::vector<Json> json_lines(const std::string& text);

// The member behind a dotted path, null pointer when it or something on the way is not there.
const Json* find(const Json& object, std::string_view path);

// A member as text: of a string what it says, of a number how it is written, "true", "false",
// "null"; "absent" when there is none. Objects and arrays as compact JSON.
std::string text_of(const Json& object, std::string_view path);
std::string to_text(const Json& value);

// The object without the member behind a dotted path.
Json without(const Json& object, std::string_view path);

// Whether the member is there.
bool has(const Json& object, std::string_view path);

// The records of one run.
struct Log {
  Json run;
  std::vector<Json> observations;
  Json end;  // null when there is none
};

// Throws std::runtime_error unless the text is whole runs of whole records, each with its header;
// the last run may lack its end.
std::vector<Log> read_logs(const std::string& text);

// The only run of a log. Throws likewise, also when there are several.
Log read_log(const std::string& text);

// "127.0.0.1:50001:tcp": which endpoint an observation, or a line of the truth, is about.
std::string endpoint_of(const Json& record);

// The observations by endpoint_of().
std::map<std::string, Json> by_endpoint(const Log& log);

}  // namespace observatory::integration
