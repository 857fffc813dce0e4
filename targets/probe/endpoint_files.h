// SPDX-License-Identifier: MIT
#pragma once

#include <signal.h>

#include <array>

#include "core/run/scheduler.h"
#include "targets/probe/options.h"

namespace observatory {

// The endpoints of a run in the order of the command line: arguments, the bundled list, then the
// files. Files are read as a stream in fixed memory, however long they are. What cannot be read
// is named on standard error with its file, line and reason, and counted; the rest is given.
class EndpointFiles final : public EndpointSource {
 public:
  explicit EndpointFiles(const Options& options);
  ~EndpointFiles();
  EndpointFiles(const EndpointFiles&) = delete;
  EndpointFiles& operator=(const EndpointFiles&) = delete;

  // Tries each file and looks for a first endpoint. False, with the reason on standard error,
  // when a file cannot be read or nothing is to be visited (DNS seeds are something); also, in
  // silence, when `stop` turns not 0 while a first endpoint is awaited.
  [[nodiscard]] bool open(const volatile sig_atomic_t& stop);

  // Endpoints of all arguments and regular files; 0 when that cannot be known beforehand. Reads
  // the files once. REQUIRES that next() was not called.
  std::uint64_t count();

  Next next(Endpoint& endpoint) override;
  std::uint64_t bad_lines() const override { return bad_lines_; }

 private:
  bool open_next_file();
  void close_file();
  Next next_line();
  void use_line(std::string_view line);
  void use_argument(const char* text);
  void complain_of(std::string_view text);
  void rewind();

  const Options& options_;
  DefaultPorts ports_;
  std::string_view bundled_;    // what is left of the bundled list
  const char* name_ = nullptr;  // of what is read now
  std::uint64_t line_number_ = 0;
  bool counting_ = false;  // says nothing of bad lines

  std::size_t argument_ = 0;
  std::size_t file_ = 0;
  int descriptor_ = -1;
  std::array<char, 4096> buffer_;
  std::size_t buffered_ = 0;
  std::size_t used_ = 0;
  std::array<char, limits::kEndpointLine> line_;
  std::size_t line_size_ = 0;
  bool line_too_long_ = false;

  EndpointLine parsed_;
  std::size_t given_ = 0;  // of parsed_
  bool has_first_ = false;
  Endpoint first_;
  std::uint64_t bad_lines_ = 0;
};

}  // namespace observatory
