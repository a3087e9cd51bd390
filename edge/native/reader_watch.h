// Whoever reads the answers may go away while the network computes.
#pragma once

#include <thread>

namespace runner {

// As long as it lives: ends this process when nobody is left who could read what is written to a descriptor.
//
// That is how a broken link shows: a session over SSH or adb, or a killed program, closes its ends of the pipes.
// Between two requests the end of standard input says so; while the library computes, or hangs, nobody reads that.
// The end of standard input alone ends no run: what was asked before it is still answered.
class ReaderWatch {
 public:
  explicit ReaderWatch(int sink);
  ~ReaderWatch();
  ReaderWatch(const ReaderWatch&) = delete;
  ReaderWatch& operator=(const ReaderWatch&) = delete;

 private:
  int enough_[2] = {-1, -1};  // a pipe that closes when the watch is over
  std::thread thread_;
};

}  // namespace runner
