// The runner's command line, read and checked before anything is loaded. The same as `python -m edge.runner`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace runner {

struct Arguments {
  std::string model;
  std::vector<std::string> input;
  int warmup = 1;
  int repeats = 1;
  std::optional<std::string> output;
  std::optional<std::string> report;
  std::vector<std::string> compare;  // none, or one for each input
  double tolerance = 0.001;
  int threads = 1;
  std::string power_mode = "none";
  std::vector<int> cores;
  int max_predictors = 4;
  int memory_limit = 1500;  // MB
  bool serve = false;
  bool help = false;
  std::optional<int> lifeline;
};

// Reads the words after the program's name. Raises RunnerError, in one line.
Arguments parse_arguments(const std::vector<std::string>& words);

// Looks at the files and folders that the command line names. Raises RunnerError.
void check_arguments(const Arguments& arguments);

extern const char* const kHelp;

}  // namespace runner
