#include "compare.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "error.h"
#include "npy.h"

namespace runner {
namespace {

const char* const kType = "float32";

float element(const Tensor& tensor, std::size_t index) {
  float value = 0;
  std::memcpy(&value, tensor.data.data() + index * sizeof value, sizeof value);
  return value;
}

std::string shown(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

Tensor read_expected(const std::string& path) {
  const std::string subject = "--compare " + path + ": ";
  try {
    Tensor tensor = read_npy(path);
    if (tensor.dtype != kType) throw NpyError("it is of " + tensor.dtype + ", float32 is expected");
    return tensor;
  } catch (const NpyError& error) {
    throw RunnerError(subject + "not a .npy tensor to compare with, " + error.what());
  } catch (const std::system_error& error) {
    throw RunnerError(subject + "cannot be read (" + std::strerror(error.code().value()) + ")");
  }
}

Compared compare(const Tensor& output, const Tensor& expected, const std::string& input, const std::string& file,
                 double tolerance) {
  const std::string subject = "--compare " + file + ": the output of " + input + " ";
  if (output.dtype != kType) return {std::nullopt, subject + "is of " + output.dtype + ", float32 is expected"};
  if (output.shape != expected.shape) {
    return {std::nullopt, subject + "has shape " + shape_text(output.shape) + ", " + shape_text(expected.shape) +
                              " is expected"};
  }
  double largest = 0;
  for (std::size_t i = 0; i < output.data.size() / sizeof(float); ++i) {
    const double difference = std::abs(static_cast<double>(element(output, i)) - element(expected, i));
    if (!std::isfinite(difference)) return {std::nullopt, subject + "holds what is no number"};
    if (difference > largest) largest = difference;
  }
  if (largest <= tolerance) return {largest, ""};
  return {largest, subject + "differs by " + shown(largest) + ", " + shown(tolerance) + " is allowed"};
}

}  // namespace runner
