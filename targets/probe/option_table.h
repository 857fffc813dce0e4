// SPDX-License-Identifier: MIT
// The command line as data (command_line.def), for the reader of options, for --help, and for what
// makes the man page and the completions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/byte_sink.h"
#include "core/base/limits.h"
#include "targets/probe/options.h"

namespace observatory {

enum class OptionId : std::uint8_t {
#define OPTION(id, ...) id,
#include "targets/probe/command_line.def"
};

inline constexpr OptionId kOptionIds[] = {
#define OPTION(id, ...) OptionId::id,
#include "targets/probe/command_line.def"
};
inline constexpr std::size_t kOptionCount = std::size(kOptionIds);

enum class ArgumentKind : std::uint8_t {
  kNone,    // the option takes no value
  kText,    // anything
  kFile,    // the name of a file, or - for a standard stream
  kWords,   // one of the row's words
  kNumber,  // decimal, from least to most
  kSize,    // the same, of bytes: k, M or G may follow
};

struct OptionRow {
  OptionId id;
  char letter;  // of the short form; 0: there is none
  ArgumentKind kind;
  const char* name;
  const char* argument;  // what --help calls the value
  const char* words;     // separated by one space each
  std::uint64_t least;
  std::uint64_t most;
  const char* help;
};

struct Example {
  std::string_view command;
  std::string_view meaning;
};

struct ExitRow {
  unsigned status;
  std::string_view meaning;
};

std::span<const OptionRow, kOptionCount> option_rows();
std::span<const Example> examples();
std::span<const ExitRow> exit_rows();

// Takes the first word off `words`; empty at the end.
std::string_view next_word(std::string_view& words);

// Puts "1 to 32", or "128k to 1G" for a kSize.
void put_range(const OptionRow& row, ByteSink& into);

// Puts a text of the table with the row's range where `%` stands.
void put_text(const OptionRow& row, std::string_view text, ByteSink& into);

}  // namespace observatory
