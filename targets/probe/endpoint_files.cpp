// SPDX-License-Identifier: MIT
#include "targets/probe/endpoint_files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/posix/errno_mapping.h"
#include "targets/probe/bundled_lists.h"
#include "targets/probe/console.h"
#include "targets/probe/text_line.h"

namespace observatory {
namespace {

bool is_standard_input(std::string_view name) { return name == "-"; }

std::string_view shown(const char* name) {
  return is_standard_input(name) ? "standard input" : name;
}

bool is_regular(const char* name) {
  struct stat status = {};
  return !is_standard_input(name) && stat(name, &status) == 0 && S_ISREG(status.st_mode);
}

void complain_of_file(const char* name) {
  const std::string_view reason = last_reason();
  complain({"cannot read ", shown(name), ": ", reason});
}

}  // namespace

EndpointFiles::EndpointFiles(const Options& options)
    : options_(options), ports_(default_ports(options.chain)) {
  rewind();
}

EndpointFiles::~EndpointFiles() { close_file(); }

void EndpointFiles::rewind() {
  close_file();
  argument_ = file_ = 0;
  given_ = parsed_.count = 0;
  bad_lines_ = 0;
  bundled_ = {};
  for (const BundledList& list : bundled_lists()) {
    if (list.chain == options_.chain) bundled_ = list.text;
  }
}

bool EndpointFiles::open(const volatile sig_atomic_t& stop) {
  for (std::size_t i = 0; i < options_.file_count; ++i) {
    const char* const name = options_.files[i];
    if (is_standard_input(name)) continue;
    struct stat status = {};
    const int descriptor = ::open(name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
      complain_of_file(name);
      if (descriptor >= 0) ::close(descriptor);
      return false;
    }
    ::close(descriptor);
    if (S_ISDIR(status.st_mode)) {
      complain({"cannot read ", name, ": it is a directory"});
      return false;
    }
  }
  Next found;
  while ((found = next(first_)) == Next::kNotYet) {
    if (stop != 0) return false;
    pollfd wanted = {descriptor_, POLLIN, 0};
    poll(&wanted, 1, 1000);
  }
  has_first_ = found == Next::kEndpoint;
  if (has_first_ || options_.dns_seed_count > 0) return true;
  complain({"no endpoint to visit"});
  return false;
}

std::uint64_t EndpointFiles::count() {
  for (std::size_t i = 0; i < options_.file_count; ++i) {
    if (!is_regular(options_.files[i])) return 0;
  }
  counting_ = true;
  std::uint64_t count = 0;
  Endpoint endpoint;
  while (next(endpoint) == Next::kEndpoint) ++count;
  counting_ = false;
  rewind();
  return count;
}

EndpointSource::Next EndpointFiles::next(Endpoint& endpoint) {
  if (has_first_) {
    has_first_ = false;
    endpoint = first_;
    return Next::kEndpoint;
  }
  for (;;) {
    if (given_ < parsed_.count) {
      endpoint = parsed_.endpoints[given_++];
      return Next::kEndpoint;
    }
    if (argument_ < options_.endpoints.size()) {
      use_argument(options_.endpoints[argument_++]);
    } else if (!bundled_.empty()) {
      const std::size_t end = bundled_.find('\n');
      use_line(bundled_.substr(0, end));
      bundled_.remove_prefix(end == std::string_view::npos ? bundled_.size() : end + 1);
    } else if (descriptor_ >= 0 || open_next_file()) {
      if (next_line() == Next::kNotYet) return Next::kNotYet;
    } else if (file_ >= options_.file_count) {
      return Next::kEnd;
    }
  }
}

bool EndpointFiles::open_next_file() {
  if (file_ >= options_.file_count) return false;
  name_ = options_.files[file_++];
  descriptor_ = is_standard_input(name_) ? dup(STDIN_FILENO) : ::open(name_, O_RDONLY | O_CLOEXEC);
  line_number_ = 0;
  line_size_ = buffered_ = used_ = 0;
  line_too_long_ = false;
  if (descriptor_ >= 0) return true;
  if (!counting_) complain_of_file(name_);
  ++bad_lines_;
  return false;
}

void EndpointFiles::close_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

// Reads up to the next newline and uses the line; kEnd also where nothing came of it.
EndpointSource::Next EndpointFiles::next_line() {
  for (;;) {
    if (used_ == buffered_) {
      pollfd wanted = {descriptor_, POLLIN, 0};
      if (poll(&wanted, 1, 0) == 0) return Next::kNotYet;
      const ssize_t count = read(descriptor_, buffer_.data(), buffer_.size());
      if (count < 0) {
        if (posix::is_interrupted(posix::last_error())) continue;
        if (!counting_) complain_of_file(name_);
        ++bad_lines_;
      }
      if (count <= 0) {
        close_file();
        if (line_size_ > 0 || line_too_long_) break;  // a last line without a newline
        return Next::kEnd;
      }
      used_ = 0;
      buffered_ = static_cast<std::size_t>(count);
    }
    const char c = buffer_[used_++];
    if (c == '\n') break;
    if (line_size_ == line_.size()) {
      line_too_long_ = true;
    } else {
      line_[line_size_++] = c;
    }
  }
  ++line_number_;
  const std::string_view line(line_.data(), line_size_);
  if (line_too_long_) {
    parsed_.problem = "a line longer than 1024 bytes";
    complain_of(line);
  } else {
    use_line(line);
  }
  line_size_ = 0;
  line_too_long_ = false;
  return Next::kEnd;
}

void EndpointFiles::use_line(std::string_view line) {
  given_ = 0;
  read_endpoint_line(line, ports_, parsed_);
  if (!parsed_.problem.empty()) complain_of(line);
}

void EndpointFiles::use_argument(const char* text) {
  given_ = 0;
  name_ = nullptr;
  read_endpoint_argument(text, ports_, parsed_);
  if (!parsed_.problem.empty()) complain_of(text);
}

void EndpointFiles::complain_of(std::string_view text) {
  ++bad_lines_;
  given_ = parsed_.count = 0;
  if (counting_) return;
  TextBuffer<160> safe;
  put_safe_text(text, safe);
  if (name_ == nullptr) {
    complain({"endpoint `", safe.text(), "`: ", parsed_.problem});
  } else {
    complain(
        {shown(name_), ":", Digits(line_number_), ": ", parsed_.problem, ": `", safe.text(), "`"});
  }
}

}  // namespace observatory
