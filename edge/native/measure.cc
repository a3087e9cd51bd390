#include "measure.h"

#include <cstdio>
#include <cstring>
#include <ctime>
#include <dirent.h>
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

std::optional<double> waited_ms() {
  double total = 0;
  bool told = false;
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) return std::nullopt;
  while (const struct dirent* task = ::readdir(tasks)) {
    if (task->d_name[0] == '.') continue;
    const std::string path = std::string("/proc/self/task/") + task->d_name + "/schedstat";
    if (std::FILE* file = std::fopen(path.c_str(), "re")) {
      unsigned long long running = 0, waiting = 0;  // in ns
      if (std::fscanf(file, "%llu %llu", &running, &waiting) == 2) {
        total += static_cast<double>(waiting) / 1e6;
        told = true;
      }
      std::fclose(file);
    }
  }
  ::closedir(tasks);
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
