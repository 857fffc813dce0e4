// SPDX-License-Identifier: MIT
#include "targets/probe/opt_out_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "core/base/fixed_string.h"
#include "core/base/text_buffer.h"
#include "platform/posix/errno_mapping.h"
#include "targets/probe/console.h"
#include "targets/probe/text_line.h"

namespace observatory {
namespace {

// Puts the lines of a file together, however it comes.
class Lines {
 public:
  Lines(const char* name, OptOut& into) : name_(name), into_(into) {}

  [[nodiscard]] bool take(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = piece.find('\n');
      const std::string_view part = piece.substr(0, end);
      too_long_ = too_long_ || !line_.append(part);
      if (end == std::string_view::npos) return true;
      if (!finish_line()) return false;
      piece.remove_prefix(end + 1);
    }
    return true;
  }

  [[nodiscard]] bool finish_line() {
    ++number_;
    const std::string_view problem =
        too_long_ ? "a line longer than 1024 bytes" : into_.add_line(line_.view());
    if (!problem.empty()) {
      TextBuffer<160> safe;
      put_safe_text(line_.view(), safe);
      complain({name_, ":", Digits(number_), ": ", problem, ": `", safe.text(),
                "`; nothing is visited until that is put right"});
    }
    line_.clear();
    too_long_ = false;
    return problem.empty();
  }

 private:
  const char* name_;
  OptOut& into_;
  FixedString<limits::kEndpointLine> line_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

}  // namespace

bool add_opt_out_file(const char* name, OptOut& into) {
  Lines lines(name, into);
  const int descriptor = ::open(name, O_RDONLY | O_CLOEXEC);
  std::array<char, 512> buffer;
  ssize_t count = descriptor < 0 ? -1 : 1;
  bool taken = true;
  while (count > 0 && taken) {
    count = read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && posix::is_interrupted(posix::last_error())) {
      count = 1;
    } else if (count > 0) {
      taken = lines.take({buffer.data(), static_cast<std::size_t>(count)});
    }
  }
  if (count < 0) {
    const std::string_view reason = last_reason();
    complain({"cannot read ", name, ": ", reason});
  }
  if (descriptor >= 0) ::close(descriptor);
  return count == 0 && taken && lines.finish_line();  // the last line may lack its newline
}

}  // namespace observatory
