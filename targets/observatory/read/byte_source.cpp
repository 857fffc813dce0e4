// SPDX-License-Identifier: MIT
#include "targets/observatory/read/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "targets/observatory/show/display_text.h"

namespace observatory::host {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kMagic = 4;  // bytes that show the form

constexpr int kGzipOnly = 16;           // zlib.h: added to the window, no other header will do
constexpr int kLargestZstdWindow = 27;  // 2^27 bytes

bool is_gzip(ByteView head) {
  return head.size() >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8;
}

bool is_zstd(ByteView head) {
  if (head.size() < kMagic) return false;
  const bool frame = head[0] == 0x28 && head[1] == 0xb5 && head[2] == 0x2f && head[3] == 0xfd;
  const bool skippable =
      (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
  return frame || skippable;
}

}  // namespace

struct ByteSource::Gzip {
  Gzip() { ready = inflateInit2(&stream, MAX_WBITS + kGzipOnly) == Z_OK; }
  ~Gzip() {
    if (ready) inflateEnd(&stream);
  }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  z_stream stream{};
  bool ready = false;
};

struct ByteSource::Zstd {
  Zstd() {
    if (stream) ZSTD_DCtx_setParameter(stream.get(), ZSTD_d_windowLogMax, kLargestZstdWindow);
  }

  struct Free {
    void operator()(ZSTD_DCtx* engine) const { ZSTD_freeDCtx(engine); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> stream{ZSTD_createDCtx()};
};

ByteSource::ByteSource(const std::string& path)
    : name_(path == "-" ? "standard input" : harmless(path)),
      file_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)),
      buffer_(kChunk) {
  if (file_ < 0) fail();
  struct stat found {};
  if (::fstat(file_, &found) == 0 && S_ISREG(found.st_mode)) {
    size_ = static_cast<std::uint64_t>(found.st_size);
  }
}

ByteSource::~ByteSource() {
  if (file_ != STDIN_FILENO) ::close(file_);
}

std::size_t ByteSource::read(MutableByteView into) {
  if (form_ == Form::kUnknown) detect();
  switch (form_) {
    case Form::kUnknown:
    case Form::kDone:
      return 0;
    case Form::kPlain:
      return read_plain(into);
    case Form::kGzip:
    case Form::kZstd:
      return read_packed(into);
  }
  return 0;
}

bool ByteSource::has_to_wait() const {
  pollfd file{file_, POLLIN, 0};
  return ::poll(&file, 1, 0) == 0;
}

void ByteSource::fail() const {
  throw InputError(name_ + ": " + std::generic_category().message(errno));
}

void ByteSource::detect() {
  while (end_ < kMagic && !at_end_) fill();
  if (is_gzip(waiting())) {
    form_ = Form::kGzip;
    gzip_ = std::make_unique<Gzip>();
  } else if (is_zstd(waiting())) {
    form_ = Form::kZstd;
    zstd_ = std::make_unique<Zstd>();
  } else {
    form_ = Form::kPlain;
  }
}

std::size_t ByteSource::read_plain(MutableByteView into) {
  if (waiting().empty() && !at_end_) fill();
  const std::size_t count = std::min(into.size(), waiting().size());
  std::copy_n(waiting().begin(), count, into.begin());
  begin_ += count;
  return count;
}

std::size_t ByteSource::read_packed(MutableByteView into) {
  while (true) {
    if (waiting().empty() && !at_end_) fill();
    if (between_members_ && pass_nuls()) ending_ = Ending::kTorn;
    if (waiting().empty() && at_end_) {
      if (!between_members_) ending_ = Ending::kTorn;
      form_ = Form::kDone;
      return 0;
    }
    const std::size_t before = begin_;
    Step step = form_ == Form::kGzip ? expand_gzip(into) : expand_zstd(into);
    if (step.made == 0 && begin_ == before && step.problem.empty()) step.problem = "no way on";
    if (!step.problem.empty()) {
      ending_ = Ending::kBroken;
      problem_ = step.problem;
      form_ = Form::kDone;
    }
    if (step.made > 0 || form_ == Form::kDone) return step.made;
  }
}

ByteSource::Step ByteSource::expand_gzip(MutableByteView into) {
  if (!gzip_->ready) return {0, "no memory left"};
  z_stream& stream = gzip_->stream;
  if (between_members_) inflateReset(&stream);
  between_members_ = false;
  stream.next_in = buffer_.data() + begin_;
  stream.avail_in = static_cast<uInt>(end_ - begin_);
  stream.next_out = into.data();
  stream.avail_out = static_cast<uInt>(into.size());
  const int result = inflate(&stream, Z_NO_FLUSH);
  begin_ = end_ - stream.avail_in;
  if (result == Z_STREAM_END) between_members_ = true;
  Step step{into.size() - stream.avail_out, {}};
  if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
    step.problem = stream.msg != nullptr ? stream.msg : zError(result);
  }
  return step;
}

ByteSource::Step ByteSource::expand_zstd(MutableByteView into) {
  if (!zstd_->stream) return {0, "no memory left"};
  between_members_ = false;
  ZSTD_inBuffer in{buffer_.data() + begin_, end_ - begin_, 0};
  ZSTD_outBuffer out{into.data(), into.size(), 0};
  const std::size_t result = ZSTD_decompressStream(zstd_->stream.get(), &out, &in);
  begin_ += in.pos;
  if (result == 0) between_members_ = true;
  return {out.pos, ZSTD_isError(result) != 0 ? ZSTD_getErrorName(result) : ""};
}

// Zeros where the file had grown and nothing was written yet, or what pads a tape. True: some.
bool ByteSource::pass_nuls() {
  bool some = false;
  while (true) {
    while (begin_ < end_ && buffer_[begin_] == 0) {
      ++begin_;
      some = true;
    }
    if (begin_ < end_ || at_end_) return some;
    fill();
  }
}

void ByteSource::fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  ssize_t count = 0;
  do {
    count = ::read(file_, buffer_.data() + end_, buffer_.size() - end_);
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail();
  at_end_ = count == 0;
  end_ += static_cast<std::size_t>(count);
  position_ += static_cast<std::uint64_t>(count);
}

}  // namespace observatory::host
