// SPDX-License-Identifier: MIT
#include "targets/probe/ca_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "platform/posix/errno_mapping.h"
#include "platform/posix/memory_pages.h"
#include "targets/probe/console.h"

namespace observatory {
namespace {

// What is wrong with the file; empty when it was used. `content` has room for a zero byte more.
std::string_view use_file(int descriptor, std::uint8_t* content, mbedtls::MbedtlsShared& shared) {
  std::size_t size = 0;
  for (;;) {
    const ssize_t count = read(descriptor, content + size, kLargestCaFile + 1 - size);
    if (count < 0 && posix::is_interrupted(posix::last_error())) continue;
    if (count < 0) return last_reason();
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > kLargestCaFile) return "larger than 1 MiB";
  }
  content[size] = 0;  // PEM ends in a zero byte, DER does not
  const bool pem = as_text({content, size}).find("-----BEGIN") != std::string_view::npos;
  const mbedtls::RootsResult roots = shared.add_roots({content, pem ? size + 1 : size});
  if (roots.out_of_memory) return "not enough memory for its certificates";
  return roots.ok ? "" : "no certificate in it";
}

}  // namespace

bool add_ca_file(const char* name, mbedtls::MbedtlsShared& shared) {
  const posix::MemoryPages content(kLargestCaFile + 1);
  const int descriptor = content.data() == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  const std::string_view problem =
      descriptor < 0 ? last_reason() : use_file(descriptor, content.data(), shared);
  if (!problem.empty()) complain({"--ca-file ", name, ": ", problem});
  if (descriptor >= 0) close(descriptor);
  return problem.empty();
}

}  // namespace observatory
