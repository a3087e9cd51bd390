// An output against the one that it should be.
#pragma once

#include <optional>
#include <string>

#include "tensor.h"

namespace runner {

// The tensor in a file that --compare names. Raises RunnerError where it cannot be read, or is not of float32.
Tensor read_expected(const std::string& path);

// What --compare found.
struct Compared {
  std::optional<double> difference;  // the largest absolute one; nothing where there is none to tell
  std::string failure;               // empty where the output is as it should be
};

// Compares the output of `input` with the expected one, in `file`.
Compared compare(const Tensor& output, const Tensor& expected, const std::string& input, const std::string& file,
                 double tolerance);

}  // namespace runner
