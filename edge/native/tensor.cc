#include "tensor.h"

#include <limits>
#include <stdexcept>

namespace runner {
namespace {

constexpr Dtype kDtypes[] = {
    {"float32", "<f4", 4}, {"float64", "<f8", 8}, {"float16", "<f2", 2}, {"int8", "|i1", 1},
    {"uint8", "|u1", 1},   {"int16", "<i2", 2},   {"uint16", "<u2", 2},  {"int32", "<i4", 4},
    {"uint32", "<u4", 4},  {"int64", "<i8", 8},   {"uint64", "<u8", 8},  {"bool", "|b1", 1},
};

}  // namespace

std::optional<Dtype> dtype_of_descr(const std::string& descr) {
  for (const Dtype& dtype : kDtypes) {
    if (descr == dtype.descr) return dtype;
  }
  return std::nullopt;
}

Dtype dtype_named(const std::string& name) {
  for (const Dtype& dtype : kDtypes) {
    if (name == dtype.name) return dtype;
  }
  throw std::logic_error("no dtype " + name);
}

std::optional<std::int64_t> count_of(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (std::int64_t size : shape) {
    if (size == 0) return 0;
  }
  for (std::int64_t size : shape) {
    if (size < 0 || count > std::numeric_limits<std::int64_t>::max() / size) return std::nullopt;
    count *= size;
  }
  return count;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(shape[axis]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace runner
