// Time and memory of this process.
#pragma once

#include <optional>
#include <vector>

namespace runner {

// Milliseconds of a clock that only goes forward.
double wall_ms();

// Milliseconds of processor time of all threads of this process, so far. Steadier than the clock where other
// programs want the processor too.
double cpu_ms();

// How long all threads of this process so far stood ready to run while others had their core; the kernel counts it.
// Of the threads that are there when it is made. Cheap, as it stands between measured runs.
class WaitClock {
 public:
  WaitClock();
  ~WaitClock();
  WaitClock(const WaitClock&) = delete;
  WaitClock& operator=(const WaitClock&) = delete;

  // It, in milliseconds; nothing where the kernel was built without.
  std::optional<double> ms() const;

 private:
  std::vector<int> files_;
};

// Highest resident memory so far, in MB (10^6 bytes). Not getrusage: its figure survives exec, so a child would
// report the memory of the parent it was forked from.
double peak_rss_mb();

// Resident memory now, in MB.
double rss_mb();

// Returns freed memory to the system; glibc alone keeps most of a closed predictor's.
void give_back_memory();

}  // namespace runner
