// A loaded network.
#pragma once

#include <string>
#include <vector>

#include "tensor.h"

namespace runner {

// What a runner greets with.
struct Description {
  std::string library;
  std::string library_version;
  std::vector<std::string> inputs;   // names
  std::vector<std::string> outputs;  // names
  double load_ms = 0;
  int threads = 1;
  std::string power_mode = "none";
};

class Engine {
 public:
  virtual ~Engine() = default;

  virtual const Description& describe() const = 0;

  // Raises RefusedError where the inputs are such as the library would not survive.
  virtual void check(const std::vector<Tensor>& inputs) const = 0;

  // Runs the network once. Raises as check does; the engine is then as it was.
  virtual std::vector<Tensor> run(const std::vector<Tensor>& inputs) = 0;
};

}  // namespace runner
