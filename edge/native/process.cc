#include "process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include "error.h"

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

void bind_to(const std::vector<int>& cores) {
  cpu_set_t wanted;
  CPU_ZERO(&wanted);
  for (const int core : cores) CPU_SET(core, &wanted);
  if (::sched_setaffinity(0, sizeof wanted, &wanted) == 0) return;
  const int error = errno;
  std::string shown;
  for (const int core : cores) shown += (shown.empty() ? "" : ",") + std::to_string(core);
  throw RunnerError("--cores " + shown + ": cannot be bound to them (" + std::strerror(error) + ")");
}

std::vector<int> allowed_cores() {
  std::vector<int> cores;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &allowed)) cores.push_back(core);
  }
  return cores;
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
