// SPDX-License-Identifier: MIT
// Runs a fuzz target without a fuzzer: replay FOLDER [VARIANTS]. Every file of the folder is run as
// it is, cut short in up to VARIANTS places, and with up to VARIANTS single bytes changed.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

// Of AddressSanitizer, where it is.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Bytes = std::vector<std::uint8_t>;

// What is being run; told when it is the last.
const char* running_file = "";
const char* running_kind = "";
std::size_t running_place = 0;
unsigned running_value = 0;

void tell() {
  std::fprintf(stderr, "input: %s, %s %zu (value %u)\n", running_file, running_kind, running_place,
               running_value);
}

extern "C" void tell_and_die(int signal) {
  tell();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const Bytes& bytes, std::size_t size) {
  // A block of exactly the size, so that the sanitizers see every byte beyond.
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
  std::copy_n(bytes.begin(), size, exact.get());
  LLVMFuzzerTestOneInput(exact.get(), size);
}

// Runs one file; answers how many inputs that were.
std::size_t run_file(const std::filesystem::path& path, std::size_t variants) {
  std::ifstream file(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(file), {}};
  const std::string name = path.filename().string();
  running_file = name.c_str();
  running_kind = "whole";
  run(bytes, bytes.size());
  std::size_t inputs = 1;
  const std::size_t places = std::min(bytes.size(), variants);
  for (std::size_t i = 0; i < places; ++i, ++inputs) {
    running_kind = "cut at";
    running_place = i * bytes.size() / places;
    run(bytes, running_place);
  }
  constexpr std::uint8_t kValues[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '"', '\n', '{', '}', '0'};
  for (std::size_t i = 0; i < places; ++i, ++inputs) {
    running_kind = "changed at";
    running_place = i * bytes.size() / places;
    std::uint8_t& byte = bytes[running_place];
    const std::uint8_t kept = byte;
    // A value of the table, or one bit of its own turned over.
    byte = i % 2 == 0 ? kValues[i / 2 % std::size(kValues)]
                      : static_cast<std::uint8_t>(byte ^ 1u << (i / 2 % 8));
    running_value = byte;
    run(bytes, bytes.size());
    bytes[running_place] = kept;
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [VARIANTS]\n", argv[0]);
    return 2;
  }
  const std::size_t variants = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 256;
  for (const int signal : {SIGABRT, SIGILL, SIGTRAP, SIGFPE}) std::signal(signal, tell_and_die);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(tell);

  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::size_t inputs = 0;
  for (const auto& file : files) inputs += run_file(file, variants);
  std::printf("%zu files, %zu inputs\n", files.size(), inputs);
  if (files.empty()) std::fprintf(stderr, "the corpus is empty\n");
  return files.empty() ? 1 : 0;
}
