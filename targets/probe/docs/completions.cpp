// SPDX-License-Identifier: MIT
#include <sstream>

#include "targets/probe/docs/documents.h"
#include "targets/probe/option_table.h"

namespace observatory::docs {
namespace {

constexpr std::string_view kMadeBy =
    "# Made by describe_options from targets/probe/command_line.def. Do not edit.\n";

// "-c|--chain", or with another separator.
std::string names_of(const OptionRow& row, std::string_view separator) {
  const std::string name = std::string("--") + row.name;
  return row.letter == 0 ? name : std::string("-") + row.letter + std::string(separator) + name;
}

// The names of all rows that `wanted` accepts.
template <typename Wanted>
std::string all_names(std::string_view separator, const Wanted& wanted) {
  std::string names;
  for (const OptionRow& row : option_rows()) {
    if (!wanted(row.kind)) continue;
    if (!names.empty()) names += separator;
    names += names_of(row, separator);
  }
  return names;
}

// One branch of bash's `case`: what to do behind the options of the pattern.
void put_branch(std::string_view pattern, std::string_view commands, std::ostream& into) {
  into << "    " << pattern << ")\n" << commands << "      return\n      ;;\n";
}

// The help of a row as one line, fit for brackets within single quotes.
std::string line_of_help(const OptionRow& row) {
  struct Sink final : ByteSink {
    void put(ByteView bytes) override { text += as_text(bytes); }
    std::string text;
  } help;
  put_text(row, row.help, help);
  std::string line;
  for (const char c : help.text) {
    if (c == '[' || c == ']' || c == ':') line += '\\';
    line += c == '\n' ? ' ' : c;
  }
  return line;
}

// What stands behind the option in a spec of _arguments.
std::string zsh_value(const OptionRow& row) {
  const std::string message = std::string(":") + row.argument + ":";
  switch (row.kind) {
    case ArgumentKind::kNone:
      return "";
    case ArgumentKind::kFile:
      return message + "_files";
    case ArgumentKind::kWords:
      return message + "(" + row.words + ")";
    case ArgumentKind::kText:
    case ArgumentKind::kNumber:
    case ArgumentKind::kSize:
      return message + " ";
  }
  return "";
}

void put_zsh_spec(const OptionRow& row, const std::string& option, std::ostream& into) {
  const bool repeats = row.id == OptionId::kEndpoints;
  into << "  '";
  if (repeats) {
    into << '*';
  } else if (row.letter != 0) {
    into << "(-" << row.letter << " --" << row.name << ')';
  }
  into << option << '[' << line_of_help(row) << ']' << zsh_value(row) << "' \\\n";
}

}  // namespace

std::string bash_completion() {
  std::ostringstream script;
  script << "# shellcheck shell=bash\n"
         << kMadeBy << R"(
_electrum_probe() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  # In --format=js the mark is a word of its own.
  if [[ $word == = ]]; then
    word=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  case $before in
)";
  for (const OptionRow& row : option_rows()) {
    if (row.kind != ArgumentKind::kWords) continue;
    put_branch(names_of(row, "|"),
               std::string("      mapfile -t COMPREPLY < <(compgen -W '") + row.words +
                   "' -- \"$word\")\n",
               script);
  }
  put_branch(all_names("|", [](ArgumentKind kind) { return kind == ArgumentKind::kFile; }),
             "      compopt -o filenames 2>/dev/null\n"
             "      mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n",
             script);
  put_branch(all_names("|",
                       [](ArgumentKind kind) {
                         return kind == ArgumentKind::kText || kind == ArgumentKind::kNumber ||
                                kind == ArgumentKind::kSize;
                       }),
             "", script);
  script << "  esac\n"
         << "  [[ $word == -* ]] || return\n"
         << "  mapfile -t COMPREPLY < <(compgen -W '"
         << all_names(" ", [](ArgumentKind) { return true; }) << "' -- \"$word\")\n"
         << "}\n\n"
         << "complete -F _electrum_probe electrum-probe\n";
  return script.str();
}

std::string zsh_completion() {
  std::ostringstream script;
  script << "#compdef electrum-probe\n" << kMadeBy << "\n_arguments -s -S \\\n";
  for (const OptionRow& row : option_rows()) {
    const bool takes_value = row.kind != ArgumentKind::kNone;
    if (row.letter != 0) {
      put_zsh_spec(row, std::string("-") + row.letter + (takes_value ? "+" : ""), script);
    }
    put_zsh_spec(row, std::string("--") + row.name + (takes_value ? "=" : ""), script);
  }
  script << "  '*:endpoint (host\\:port\\:s, host\\:port\\:t or host): '\n";
  return script.str();
}

}  // namespace observatory::docs
