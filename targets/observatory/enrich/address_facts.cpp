// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/address_facts.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace observatory::host {

std::string country_code(std::string_view text) {
  if (text.size() != 2) return "";
  std::string code;
  for (const char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    if (upper < 'A' || upper > 'Z') return "";
    code += upper;
  }
  return code;
}

void require_regular_file(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw SourceError(path + ": No such file or directory");
  if (error) throw SourceError(path + ": " + error.message());
  if (status.type() != std::filesystem::file_type::regular)
    throw SourceError(path + ": not a regular file");
  if (::access(path.c_str(), R_OK) != 0)
    throw SourceError(path + ": " + std::generic_category().message(errno));
}

}  // namespace observatory::host
