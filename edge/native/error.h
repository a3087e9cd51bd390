// How the runner refuses: one line on standard error and exit code 2.
#pragma once

#include <stdexcept>
#include <string>

namespace runner {

// Ends the runner; the message names the option, what was found, and the remedy.
struct RunnerError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What was asked for does not suit; the engine is as it was and the conversation goes on.
struct RefusedError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace runner
