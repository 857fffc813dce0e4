// SPDX-License-Identifier: MIT
// A program under ptrace: what its memory is at its largest, page by page, and whether it asks for
// any once its work has begun.
//
// VmHWM alone would not do: kernels add it up in batches and may be off by dozens of pages, and
// getrusage() reports what the process had before it called exec. Pages only go when a program
// unmaps them or ends. So its page tables are read right before each of these, and the largest sum
// is the peak, exactly.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/integration/process.h"

namespace observatory::integration {

// One line of smaps, or a sum of them; bytes.
struct Footprint {
  std::string name;  // of the mapping: "[stack]", "[anonymous]", the file's own name
  long resident = 0;
  long proportional = 0;  // shared pages divided by how many share them
  long private_dirty = 0;
};

struct Traced {
  // As Process::wait() gives it.
  int status = 0;
  std::string out;
  std::string err;

  // At the peak of the resident set.
  std::vector<Footprint> mappings;
  Footprint sum;
  long kernel_peak = 0;  // VmHWM, bytes

  // Names of the calls that got memory after the first connect(): mmap, mremap, brk.
  std::vector<std::string> late_memory;
  bool connected = false;
};

struct TraceSettings {
  long stack = 0;     // bytes that the stack may have, arguments and environment included; 0: any
  std::string input;  // a file for standard input; empty: /dev/null
};

// True when the file is an ELF program that needs no loader.
bool is_static(const std::string& program);

// Runs the command to its end, for at most two minutes, in an empty environment and always at the
// same addresses: two runs that do the same touch the same pages.
Traced trace(const Words& command, const TraceSettings& settings = {});

}  // namespace observatory::integration
