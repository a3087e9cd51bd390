// Tensors as .npy bytes and files (numpy's own format), read with nothing of them trusted.
//
// The format is described at numpy.lib.format. Versions 1.0 and 2.0; only numbers, in either order of memory.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "tensor.h"

namespace runner {

// Bytes that are not a plain .npy tensor; the message says why.
struct NpyError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The tensor in all bytes of a .npy; in C order, whatever the file has. Raises NpyError.
Tensor parse_npy(std::string_view bytes);

// The tensor in a .npy file. Raises NpyError, and std::system_error where the file cannot be read.
Tensor read_npy(const std::string& path);

// The .npy header of a tensor; its data follow.
std::string npy_header(const Tensor& tensor);

}  // namespace runner
