// SPDX-License-Identifier: MIT
#include "targets/observatory/enrich/libloc_file.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "targets/observatory/enrich/address_facts.h"

namespace observatory::host {
namespace {

// struct loc_database_magic and loc_database_header_v1.
constexpr std::string_view kMagic = "LOCDBXX";
constexpr std::size_t kVersionAt = 7;
constexpr unsigned char kVersion = 1;
constexpr std::size_t kAsPartAt = 28;
constexpr std::size_t kNetworkPartAt = 36;
constexpr std::size_t kNodePartAt = 44;
constexpr std::size_t kCountryPartAt = 52;
constexpr std::size_t kTextPartAt = 60;
constexpr std::size_t kHeaderEnd = 8 + 64 + 2 * 2048 + 32;

constexpr std::uint32_t kNoNetwork = 0xFFFFFFFF;
constexpr unsigned kAddressBits = 128;

}  // namespace

LibLocFile::LibLocFile(const std::string& path) : path_(path) {
  require_regular_file(path);
  file_.reset(std::fopen(path.c_str(), "rbe"));
  struct stat about {};
  if (!file_ || ::fstat(::fileno(file_.get()), &about) != 0)
    fail(std::generic_category().message(errno));
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size < kHeaderEnd) fail("not a database of libloc, or a torn one: too short");
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, ::fileno(file_.get()), 0);
  if (data == MAP_FAILED) fail(std::generic_category().message(errno));
  data_ = static_cast<const unsigned char*>(data);
  size_ = size;

  try {
    if (std::memcmp(data_, kMagic.data(), kMagic.size()) != 0) fail("not a database of libloc");
    if (data_[kVersionAt] != kVersion)
      fail("a database of libloc in version " + std::to_string(data_[kVersionAt]) + ", not 1");
    for (const std::size_t part : {kAsPartAt, kCountryPartAt}) part_at(part);
    networks_ = part_at(kNetworkPartAt);
    nodes_ = part_at(kNodePartAt);
    if (nodes_.size < kNodeSize) fail("a database of libloc without networks");
    const Part texts = part_at(kTextPartAt);
    if (texts.size == 0 || data_[texts.offset + texts.size - 1] != 0)
      fail("broken: its texts do not end");
  } catch (...) {
    ::munmap(const_cast<unsigned char*>(data_), size_);
    throw;
  }
}

LibLocFile::~LibLocFile() { ::munmap(const_cast<unsigned char*>(data_), size_); }

void LibLocFile::fail(const std::string& why) const { throw SourceError(path_ + ": " + why); }

std::uint32_t LibLocFile::number_at(std::size_t offset) const {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | data_[offset + i];
  return number;
}

LibLocFile::Part LibLocFile::part_at(std::size_t offset) const {
  const Part part = {number_at(offset), number_at(offset + 4)};
  if (part.offset > size_ || part.size > size_ - part.offset)
    fail("broken or torn: a part of it lies beyond its end");
  return part;
}

std::optional<LibLocFile::Network> LibLocFile::find(const in6_addr& address) const {
  const std::size_t nodes = nodes_.size / kNodeSize;
  std::uint32_t found = kNoNetwork;
  std::size_t node = 0;
  for (unsigned depth = 0;; ++depth) {
    const std::size_t at = nodes_.offset + node * kNodeSize;
    const std::uint32_t network = number_at(at + 8);
    if (network != kNoNetwork) found = network;
    if (depth == kAddressBits) break;
    const unsigned bit = (address.s6_addr[depth / 8] >> (7 - depth % 8)) & 1U;
    node = number_at(at + 4 * std::size_t{bit});
    if (node == 0) break;
    if (node >= nodes) fail("broken: no such node");
  }
  if (found == kNoNetwork) return std::nullopt;
  if (found >= networks()) fail("broken: no such network");
  // struct loc_database_network_v1: the country, two bytes of padding, the AS number.
  const std::size_t at = networks_.offset + std::size_t{found} * kNetworkSize;
  return Network{{reinterpret_cast<const char*>(data_ + at), 2}, number_at(at + 4)};
}

}  // namespace observatory::host
