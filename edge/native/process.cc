#include "process.h"

#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

namespace runner {

int claim_stdout() {
  const int own = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
  ::dup2(2, 1);
  return own;
}

void forbid_core_files() {
  const struct rlimit none {};
  ::setrlimit(RLIMIT_CORE, &none);
}

void ignore_closed_pipes() { std::signal(SIGPIPE, SIG_IGN); }

void end_with(int lifeline) {
  std::signal(SIGIO, SIG_DFL);
  ::fcntl(lifeline, F_SETOWN, ::getpid());
  ::fcntl(lifeline, F_SETFL, ::fcntl(lifeline, F_GETFL) | O_ASYNC);
  struct pollfd closed {lifeline, 0, 0};
  if (::poll(&closed, 1, 0) != 0) {  // it closed before we asked to be told
    ::kill(::getpid(), SIGIO);
  }
}

}  // namespace runner
