// A look at the .nb before the library gets it: of another target it would crash, or compute garbage.
#pragma once

#include <string>

namespace runner {

// Makes sure that this runner's library can have the kernels of a model. Only a look: the kernels are found by
// their text in the topology (edge/nb reads all of it). Raises RunnerError.
void check_model(const std::string& path);

}  // namespace runner
