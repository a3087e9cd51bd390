#include "reader_watch.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <system_error>
#include <unistd.h>

namespace runner {
namespace {

// Waits for either end; true where the reader of `sink` is gone.
bool reader_leaves(int sink, int enough) {
  struct pollfd ends[2] = {{sink, 0, 0}, {enough, 0, 0}};  // errors and hang-ups are told unasked
  while (::poll(ends, 2, -1) < 0) {
    if (errno != EINTR) return false;
  }
  return ends[1].revents == 0;
}

}  // namespace

ReaderWatch::ReaderWatch(int sink) {
  if (::pipe2(enough_, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category());
  // signals are for the thread that computes, as without this one
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([sink, enough = enough_[0]] {
    if (reader_leaves(sink, enough)) ::_exit(0);  // nobody is left to complain to
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ReaderWatch::~ReaderWatch() {
  ::close(enough_[1]);
  thread_.join();
  ::close(enough_[0]);
}

}  // namespace runner
