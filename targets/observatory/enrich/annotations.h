// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace observatory::host {

// What the user knows better: files of CSV, `key,field,value` and perhaps `note` in each line, with
// or without these names as the first line.
//
//   key    a host name, an address, AS<number>, a provider as we name it, a certificate's SHA-256
//   field  operator, provider, kind, country, city, latitude, longitude, note
//   note   why, for readers of the file
//
// Names and hexadecimal digits count in any case, addresses in any form of writing, SHA-256 with or
// without colons.
class Annotations {
 public:
  struct Value {
    std::string text;
    std::size_t file = 0;  // from 0, in the order of add()
    std::size_t line = 0;
  };

  // Reads one file more; where two files say something of the same, the earlier holds. Gives the
  // number of its records. Throws SourceError that names file and line: not CSV, not UTF-8, an
  // unknown field, a kind, country or number that is none, coordinates by halves, the same said
  // twice and differently.
  std::size_t add(const std::string& path);

  bool empty() const { return keys_.empty(); }

  // The number that a latitude or a longitude is.
  static double number(const Value& value);

  // Null when no file says it.
  const Value* find(std::string_view key, std::string_view field) const;

 private:
  using Fields = std::map<std::string, Value, std::less<>>;

  std::map<std::string, Fields> keys_;  // by their one form of writing
  std::size_t files_ = 0;
};

}  // namespace observatory::host
