// One-shot runs: .npy files in, outputs and a JSON report out.
#pragma once

#include "arguments.h"
#include "engine.h"

namespace runner {

// Runs every input and writes the report: to a file, or to the descriptor `out`. Raises RunnerError where an
// input cannot be read or does not suit, or a result cannot be written.
//
// False where an output is not what --compare says; standard error then says why, in a line for each.
bool run_once(Engine& engine, const Arguments& arguments, int out);

}  // namespace runner
