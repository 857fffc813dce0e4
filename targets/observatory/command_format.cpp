// SPDX-License-Identifier: MIT
#include "targets/observatory/command_format.h"

#include <CLI/CLI.hpp>

#include "core/record/describe.h"
#include "targets/observatory/show/output.h"
#include "targets/observatory/show/text_sink.h"

namespace observatory::host {

CLI::App* CommandFormat::setup(CLI::App& app) {
  CLI::App* const command = app.add_subcommand("format", "Print how records are written");
  command
      ->add_option("DOCUMENT", document_,
                   "markdown, a page to read (without an argument, too);\n"
                   "json-schema, for one line of JSON Lines;\n"
                   "cddl, for one record of a CBOR sequence")
      ->check(CLI::IsMember({"markdown", "json-schema", "cddl"}))
      ->option_text(" ");
  command->group("Commands");
  return command;
}

bool CommandFormat::run() {
  TextSink text;
  if (document_ == "json-schema") {
    put_json_schema(text);
  } else if (document_ == "cddl") {
    put_cddl(text);
  } else {
    put_format_page(text);
  }
  Output out;
  out.write(text.text());
  out.flush();
  return true;
}

}  // namespace observatory::host
