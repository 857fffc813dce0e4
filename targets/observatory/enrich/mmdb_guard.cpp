// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/mmdb_guard.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "core/base/utf8.h"
#include "targets/observatory/enrich/address_facts.h"

namespace observatory::host {
namespace {

constexpr unsigned kDeepest = 32;
constexpr unsigned kMostValues = 20000;
constexpr std::string_view kMarker = "\xAB\xCD\xEFMaxMind.com";
constexpr long kLongestMetadata = 128L * 1024;

// Types by their numbers in the format.
enum : unsigned {
  kExtended = 0,
  kPointer = 1,
  kText = 2,
  kDouble = 3,
  kBytes = 4,
  kUint16 = 5,
  kUint32 = 6,
  kMap = 7,
  kInt32 = 8,
  kUint64 = 9,
  kUint128 = 10,
  kArray = 11,
  kBoolean = 14,
  kFloat = 15,
};

class Trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Walk {
 public:
  explicit Walk(MmdbSection section) : section_(section) {}

  // Goes over the value at `offset` and all below it; gives where the next one begins.
  std::size_t pass(std::size_t offset, unsigned depth, bool pointed_at = false);

 private:
  struct Head {
    unsigned type;
    std::size_t size;
    std::size_t content;  // where it begins
  };

  std::uint8_t byte(std::size_t offset) const {
    if (offset >= section_.size()) throw Trouble("data beyond the end");
    return section_[offset];
  }
  std::size_t number(std::size_t offset, std::size_t bytes) const {
    std::size_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8U | byte(offset + i);
    return value;
  }
  Head head(std::size_t offset) const;
  std::size_t pass_pointer(std::size_t offset, unsigned depth, bool pointed_at);
  std::size_t pass_key(std::size_t offset, unsigned depth);
  std::size_t pass_scalar(const Head& head) const;

  MmdbSection section_;
  unsigned left_ = kMostValues;
};

Walk::Head Walk::head(std::size_t offset) const {
  const unsigned control = byte(offset++);
  unsigned type = control >> 5U;
  if (type == kExtended) type = 7U + byte(offset++);
  std::size_t size = control & 31U;
  if (type != kPointer && size >= 29) {
    // 1 to 3 further bytes, and what fits into fewer is not counted again.
    constexpr std::array<std::size_t, 3> kFrom = {29, 285, 65821};
    const std::size_t bytes = size - 28;
    size = kFrom[bytes - 1] + number(offset, bytes);
    offset += bytes;
  }
  return {type, size, offset};
}

std::size_t Walk::pass(std::size_t offset, unsigned depth, bool pointed_at) {
  if (depth > kDeepest) throw Trouble("data nested too deeply");
  if (left_-- == 0) throw Trouble("data without an end");
  const Head value = head(offset);
  std::size_t next = value.content;
  switch (value.type) {
    case kPointer:
      return pass_pointer(offset, depth, pointed_at);
    case kMap:
      for (std::size_t i = 0; i < value.size; ++i) next = pass(pass_key(next, depth), depth + 1);
      return next;
    case kArray:
      for (std::size_t i = 0; i < value.size; ++i) next = pass(next, depth + 1);
      return next;
    case kBoolean:
      return next;
    default:
      return pass_scalar(value);
  }
}

std::size_t Walk::pass_pointer(std::size_t offset, unsigned depth, bool pointed_at) {
  if (pointed_at) throw Trouble("a pointer to a pointer");
  constexpr std::array<std::size_t, 4> kFrom = {0, 2048, 526336, 0};
  const unsigned control = byte(offset);
  const std::size_t kind = (control >> 3U) & 3U;
  const std::size_t bytes = kind + 1;
  const std::size_t high = kind == 3 ? 0 : std::size_t{control & 7U} << (8 * bytes);
  pass(kFrom[kind] + high + number(offset + 1, bytes), depth + 1, true);
  return offset + 1 + bytes;
}

std::size_t Walk::pass_key(std::size_t offset, unsigned depth) {
  const unsigned type = head(offset).type;
  if (type != kText && type != kPointer) throw Trouble("a key of a map that is no text");
  return pass(offset, depth + 1);
}

std::size_t Walk::pass_scalar(const Head& head) const {
  const auto at_most = [&](std::size_t most) {
    if (head.size > most) throw Trouble("a number of a wrong size");
  };
  switch (head.type) {
    case kText:
    case kBytes:
      break;
    case kDouble:
      if (head.size != 8) throw Trouble("a number of a wrong size");
      break;
    case kFloat:
      if (head.size != 4) throw Trouble("a number of a wrong size");
      break;
    case kUint16:
      at_most(2);
      break;
    case kUint32:
    case kInt32:
      at_most(4);
      break;
    case kUint64:
      at_most(8);
      break;
    case kUint128:
      at_most(16);
      break;
    default:
      throw Trouble("data of an unknown type");
  }
  if (head.size > section_.size() - std::min(head.content, section_.size()))
    throw Trouble("data beyond the end");
  if (head.type == kText) {
    const auto* const text = reinterpret_cast<const char*>(section_.data() + head.content);
    if (!is_valid_utf8({text, head.size})) throw Trouble("text that is not UTF-8");
  }
  return head.content + head.size;
}

}  // namespace

std::string trouble_in_mmdb_data(MmdbSection section, std::size_t offset) {
  try {
    Walk(section).pass(offset, 0);
    return "";
  } catch (const Trouble& trouble) {
    return trouble.what();
  }
}

void check_mmdb_metadata(const std::string& path) {
  require_regular_file(path);
  struct Close {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (!file || std::fseek(file.get(), 0, SEEK_END) != 0)
    throw SourceError(path + ": " + std::generic_category().message(errno));
  const long size = std::ftell(file.get());
  const long length = std::min(size, kLongestMetadata);
  std::vector<std::uint8_t> tail(static_cast<std::size_t>(std::max(length, 0L)));
  if (size < 0 || std::fseek(file.get(), size - length, SEEK_SET) != 0 ||
      std::fread(tail.data(), 1, tail.size(), file.get()) != tail.size())
    throw SourceError(path + ": cannot be read");

  const std::string_view text(reinterpret_cast<const char*>(tail.data()), tail.size());
  const std::size_t marker = text.rfind(kMarker);
  if (marker == std::string_view::npos) throw SourceError(path + ": not a MaxMind DB");
  const MmdbSection metadata = MmdbSection(tail).subspan(marker + kMarker.size());
  const std::string trouble = trouble_in_mmdb_data(metadata, 0);
  if (!trouble.empty()) throw SourceError(path + ": broken MaxMind DB: metadata: " + trouble);
}

}  // namespace observatory::host
