// A tensor: shape, type of its elements, and their bytes in C order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace runner {

// A type of elements, by numpy's names.
struct Dtype {
  const char* name;   // as numpy prints it: "float32"
  const char* descr;  // as .npy files say it, little endian: "<f4"
  std::size_t size;   // bytes
};

struct Tensor {
  std::string dtype;  // numpy's name; for a type of no runner's, what the .npy said
  std::vector<std::int64_t> shape;
  std::vector<char> data;
};

// The type of this .npy description; nothing where it is none that a network could take or give.
std::optional<Dtype> dtype_of_descr(const std::string& descr);

// The type of this name, which must be one of the table's.
Dtype dtype_named(const std::string& name);

// Number of elements, or nothing where it cannot be counted in 63 bits.
std::optional<std::int64_t> count_of(const std::vector<std::int64_t>& shape);

// "(1, 3, 48, 192)", "(6,)", "()": as Python prints it.
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace runner
