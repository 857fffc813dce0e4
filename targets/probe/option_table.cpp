// SPDX-License-Identifier: MIT
#include "targets/probe/option_table.h"

#include <algorithm>

#include "core/base/number.h"

namespace observatory {
namespace {

constexpr OptionRow kOptions[] = {
#define OPTION(id, letter, name, argument, kind, words, least, most, help, manual) \
  {OptionId::id, letter, ArgumentKind::kind, name, argument, words, least, most, help},
#include "targets/probe/command_line.def"
};

constexpr Example kExamples[] = {
#define EXAMPLE(command, meaning) {command, meaning},
#include "targets/probe/command_line.def"
};

constexpr ExitRow kExits[] = {
#define EXIT(status, meaning) {status, meaning},
#include "targets/probe/command_line.def"
};

void put_size(std::uint64_t bytes, ByteSink& into) {
  std::string_view units = " kMG";
  for (; units.size() > 1 && bytes % 1024 == 0; units.remove_prefix(1)) bytes /= 1024;
  put_unsigned(bytes, into);
  if (units.front() != ' ') into.put(units.substr(0, 1));
}

}  // namespace

std::span<const OptionRow, kOptionCount> option_rows() { return kOptions; }
std::span<const Example> examples() { return kExamples; }
std::span<const ExitRow> exit_rows() { return kExits; }

std::string_view next_word(std::string_view& words) {
  const std::string_view word = words.substr(0, words.find(' '));
  words.remove_prefix(std::min(words.size(), word.size() + 1));
  return word;
}

void put_range(const OptionRow& row, ByteSink& into) {
  const auto put = row.kind == ArgumentKind::kSize ? put_size : put_unsigned;
  put(row.least, into);
  into.put(" to ");
  put(row.most, into);
}

void put_text(const OptionRow& row, std::string_view text, ByteSink& into) {
  const std::size_t mark = text.find('%');
  into.put(text.substr(0, mark));
  if (mark == std::string_view::npos) return;
  put_range(row, into);
  into.put(text.substr(mark + 1));
}

}  // namespace observatory
