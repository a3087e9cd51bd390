#include "measure.h"

#include <cstdio>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace runner {
namespace {

double clock_ms(clockid_t clock) {
  struct timespec time {};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

double wall_ms() { return clock_ms(CLOCK_MONOTONIC); }

double cpu_ms() { return clock_ms(CLOCK_PROCESS_CPUTIME_ID); }

WaitClock::WaitClock() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return;
  while (const struct dirent* task = ::readdir(tasks)) {
    if (task->d_name[0] == '.') continue;
    const std::string path = std::string("/proc/self/task/") + task->d_name + "/schedstat";
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file >= 0) files_.push_back(file);
  }
  ::closedir(tasks);
}

WaitClock::~WaitClock() {
  for (const int file : files_) ::close(file);
}

std::optional<double> WaitClock::ms() const {
  double total = 0;
  bool told = false;
  for (const int file : files_) {
    char text[64];
    const ssize_t size = ::pread(file, text, sizeof text - 1, 0);
    if (size <= 0) continue;  // a thread that has ended
    text[size] = 0;
    unsigned long long running = 0, waiting = 0;  // in ns
    if (std::sscanf(text, "%llu %llu", &running, &waiting) == 2) {
      total += static_cast<double>(waiting) / 1e6;
      told = true;
    }
  }
  return told ? std::optional(total) : std::nullopt;
}

double peak_rss_mb() {
  double kilobytes = 0;
  if (std::FILE* status = std::fopen("/proc/self/status", "re")) {
    char line[256];
    while (std::fgets(line, sizeof line, status) != nullptr && std::sscanf(line, "VmHWM: %lf", &kilobytes) != 1) {
    }
    std::fclose(status);
  }
  return kilobytes * 1024 / 1e6;
}

double rss_mb() {
  long total = 0, resident = 0;
  if (std::FILE* statm = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(statm, "%ld %ld", &total, &resident) != 2) resident = 0;
    std::fclose(statm);
  }
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

void give_back_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace runner
