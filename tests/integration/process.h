// SPDX-License-Identifier: MIT
// Child processes for tests: bounded in time, and gone when their object is.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observatory::integration {

using Seconds = std::chrono::seconds;
using Words = std::vector<std::string>;

// A folder of its own, gone with the object.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view content) const;  // gives its path

 private:
  std::filesystem::path path_;
};

std::string content_of(const std::string& path);

// A file descriptor that is closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int number() const { return number_; }
  void close();

 private:
  int number_;
};

struct Pipe {
  Pipe();
  Descriptor reader;
  Descriptor writer;
};

// Where the standard streams of a child lead.
struct Streams {
  static constexpr int kDefault = -1;  // input: /dev/null; output and error: kept for out(), err()
  static constexpr int kClosed = -2;

  int in = kDefault;
  int out = kDefault;
  int err = kDefault;
};

// A program and its arguments, started at once. It is killed with the object.
class Process {
 public:
  explicit Process(const Words& command, Streams streams = {});
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;

  // The exit status; 128 and the signal when a signal ended it; kTimedOut when it had to be killed
  // after `limit`.
  static constexpr int kTimedOut = -1;
  int wait(Seconds limit = Seconds(60));
  bool ended();

  // What it has written so far.
  std::string out() const { return content_of(folder_.path("out")); }
  std::string err() const { return content_of(folder_.path("err")); }

  // The largest resident set since the program began, in kilobytes; 0 once it has ended.
  long peak_kilobytes() const;

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
  bool reaped_ = false;
  int status_ = 0;
};

struct Result {
  int status = 0;
  std::string out;
  std::string err;
};

// Starts, waits, and gives everything.
Result run(const Words& command, Seconds limit = Seconds(60));

// True as soon as `holds` is, false after `limit`.
bool eventually(const std::function<bool()>& holds, Seconds limit = Seconds(30));

bool accepts_connections(const std::string& address, int port);

// The first three parts of a loopback network for this process alone ("127.130.7."), so that tests
// which run at the same time do not meet.
std::string own_network();

// A socket that listens there; connections stay in its queue and get no answer.
Descriptor silent_listener(const std::string& address, int port);

}  // namespace observatory::integration
