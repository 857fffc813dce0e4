// SPDX-License-Identifier: MIT
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace observatory::host {

// A database file of libloc, checked for what libloc believes without a check (0.9.16 to 0.9.18,
// src/database.c): that its header and its parts lie inside of it, and that its texts end. A file
// of which one is not true would crash the program.
//
// Networks are looked up here, too, for two reasons: libloc follows a tree without an end until the
// stack is full, and 0.9.18 misses a network when the tree goes on below it without another
// (upstream's commit 95d271b puts that right).
//
// Format: version 1, libloc/format.h. A magic of 8 bytes, a header, and five parts that the header
// gives offset and length of; all numbers big-endian.
class LibLocFile {
 public:
  // Opens and maps the file. Throws SourceError that names it when it cannot be read or is no such
  // database, or a broken one.
  explicit LibLocFile(const std::string& path);
  ~LibLocFile();
  LibLocFile(const LibLocFile&) = delete;
  LibLocFile& operator=(const LibLocFile&) = delete;

  // The open file, for libloc, which makes a descriptor of its own of it.
  FILE* handle() const { return file_.get(); }

  std::size_t networks() const { return networks_.size / kNetworkSize; }

  struct Network {
    std::string country;    // as it stands there, two bytes
    std::uint32_t asn = 0;  // 0: none
  };

  // The smallest network with the address in it, in IPv4-mapped form for IPv4. Throws SourceError
  // when the way there is broken.
  std::optional<Network> find(const in6_addr& address) const;

 private:
  struct Part {
    std::size_t offset = 0;
    std::size_t size = 0;
  };
  struct CloseFile {
    void operator()(FILE* file) const { std::fclose(file); }
  };
  static constexpr std::size_t kNodeSize = 12;
  static constexpr std::size_t kNetworkSize = 12;

  [[noreturn]] void fail(const std::string& why) const;
  std::uint32_t number_at(std::size_t offset) const;
  Part part_at(std::size_t offset) const;

  std::string path_;
  std::unique_ptr<FILE, CloseFile> file_;
  const unsigned char* data_ = nullptr;
  std::size_t size_ = 0;
  Part nodes_;
  Part networks_;
};

}  // namespace observatory::host
