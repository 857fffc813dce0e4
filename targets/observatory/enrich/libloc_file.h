// SPDX-License-Identifier: MIT
#pragma once

#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

namespace observatory::host {

// A database file of libloc, checked for what libloc (0.9.16 to 0.9.18, src/database.c) believes
// without a check: that its header and its parts lie inside of it, that its texts end, and that the
// way to an address comes to an end. A file of which one is not true would crash the program.
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

  // Whether libloc can go the way to the address. Throws SourceError when it is broken.
  void check_way_to(const in6_addr& address) const;

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
