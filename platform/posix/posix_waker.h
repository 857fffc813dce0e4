// SPDX-License-Identifier: MIT
#pragma once

namespace observatory::posix {

// Makes PosixNetwork::wait() return: a pipe to oneself (the "self-pipe trick", D. J. Bernstein).
// One per program, made before PosixNetwork, which holds a reference, and destroyed after it.
// It costs two file descriptors.
class PosixWaker final {
 public:
  PosixWaker();
  ~PosixWaker();
  PosixWaker(const PosixWaker&) = delete;
  PosixWaker& operator=(const PosixWaker&) = delete;

  // False when the device had no file descriptors for the pipe. Everything else still works;
  // wait() then looks around every PosixNetwork::kBlindStep.
  bool usable() const { return read_end_ >= 0; }

  // Makes the running, or else the next, wait() return. Any number of calls before that wait()
  // are one. Callable from a signal handler and from any thread; errno stays as it was.
  void wake() const;

  // For the event loop alone: what to poll for reading (-1 if not usable), and how to forget
  // every wake() so far.
  int descriptor() const { return read_end_; }
  void drain() const;

 private:
  int read_end_ = -1;
  int write_end_ = -1;
};

}  // namespace observatory::posix
