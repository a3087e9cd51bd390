// The native on-device runner: the command line, frames and report of `python -m edge.runner`.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "arguments.h"
#include "error.h"
#include "lite_engine.h"
#include "nb_look.h"
#include "once.h"
#include "process.h"
#include "serve.h"

namespace {

// The exit code.
int run(const runner::Arguments& arguments) {
  runner::check_arguments(arguments);
  runner::forbid_core_files();
  runner::ignore_closed_pipes();
  if (arguments.lifeline) runner::end_with(*arguments.lifeline);
  if (!arguments.cores.empty()) runner::bind_to(arguments.cores);
  ::setenv("OMP_NUM_THREADS", std::to_string(arguments.threads).c_str(), 0);
  const int out = runner::claim_stdout();
  if (!arguments.serve) {  // whoever asks for --serve has read the model, and has a bundle to vouch for it
    runner::check_model(arguments.model);
  }
  runner::LiteEngine engine({arguments.model, arguments.threads, arguments.power_mode,
                             static_cast<std::size_t>(arguments.max_predictors),
                             static_cast<double>(arguments.memory_limit)});
  if (!arguments.serve) return runner::run_once(engine, arguments, out) ? 0 : 1;
  runner::serve(engine, 0, out);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    const runner::Arguments arguments = runner::parse_arguments({words + 1, words + count});
    if (arguments.help) {
      std::fputs(runner::kHelp, stdout);
      return 0;
    }
    return run(arguments);
  } catch (const runner::RunnerError& error) {
    std::fprintf(stderr, "runner: %s\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "runner: memory ran out; use a smaller input or a smaller --max-predictors\n");
    return 2;
  } catch (const std::length_error&) {  // a tensor of more bytes than a 32-bit processor can address
    std::fprintf(stderr, "runner: a tensor is too large for this processor; use a smaller input\n");
    return 2;
  }
}
