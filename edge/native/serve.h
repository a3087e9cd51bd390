// Answering requests over two descriptors until the input ends.
#pragma once

#include "engine.h"

namespace runner {

// Greets, then answers requests (frames.h) until `source` ends. A request that the engine refuses is answered
// with "error"; the conversation goes on. Raises RunnerError where something else than a frame came, or the
// input ended in the middle of one: where the next one would begin cannot be known.
void serve(Engine& engine, int source, int sink);

}  // namespace runner
