// The parts of the native runner that need no Paddle-Lite, to be tested on any machine:
//
//   parts arguments WORD...   the command line as JSON, or the line that refuses it and exit code 2
//   parts npy FILE            "dtype shape" to stderr and the tensor as .npy to stdout, or exit code 2
//   parts look FILE           the look at a .nb
//   parts json                reads JSON on stdin: Python's repr of it, a newline, and it as a string again
//   parts echo                serves: gives every request's tensors back
//   parts hang                serves: says "asked" on stderr when it is asked, and never answers
//   parts once WORD...        a one-shot run that gives every input back
//   parts lifeline FD         sleeps until the pipe closes
#include <cstdio>
#include <iostream>
#include <iterator>
#include <system_error>
#include <unistd.h>

#include "../../../edge/native/arguments.h"
#include "../../../edge/native/error.h"
#include "../../../edge/native/frames.h"
#include "../../../edge/native/nb_look.h"
#include "../../../edge/native/npy.h"
#include "../../../edge/native/once.h"
#include "../../../edge/native/process.h"
#include "../../../edge/native/serve.h"

namespace {

// Gives back what it gets; the network that needs no library.
class Echo : public runner::Engine {
 public:
  const runner::Description& describe() const override { return description_; }
  void check(const std::vector<runner::Tensor>& inputs) const override {
    if (inputs.size() != 1 || inputs[0].shape.empty()) throw runner::RefusedError("one tensor with axes is expected");
  }
  std::vector<runner::Tensor> run(const std::vector<runner::Tensor>& inputs) override {
    check(inputs);
    return inputs;
  }

 private:
  runner::Description description_{"echo", "v1", {"x"}, {"y"}, 0.5};
};

// The library in an endless loop.
class Hanging : public Echo {
 public:
  std::vector<runner::Tensor> run(const std::vector<runner::Tensor>&) override {
    std::cerr << "asked" << std::endl;
    while (true) ::pause();
  }
};

std::string optional(const std::optional<std::string>& text) { return text ? runner::json_string(*text) : "null"; }

void show(const runner::Arguments& a) {
  std::vector<std::string> inputs, compares, cores;
  for (const int core : a.cores) cores.push_back(runner::json_string(std::to_string(core)));
  for (const std::string& input : a.input) inputs.push_back(runner::json_string(input));
  for (const std::string& compare : a.compare) compares.push_back(runner::json_string(compare));
  char tolerance[32];
  std::snprintf(tolerance, sizeof tolerance, "%.17g", a.tolerance);
  std::cout << runner::json_object({{"model", runner::json_string(a.model)},
                                    {"input", runner::json_list(inputs)},
                                    {"warmup", std::to_string(a.warmup)},
                                    {"repeats", std::to_string(a.repeats)},
                                    {"output", optional(a.output)},
                                    {"report", optional(a.report)},
                                    {"compare", runner::json_list(compares)},
                                    {"tolerance", tolerance},
                                    {"threads", std::to_string(a.threads)},
                                    {"power_mode", runner::json_string(a.power_mode)},
                                    {"cores", runner::json_list(cores)},
                                    {"max_predictors", std::to_string(a.max_predictors)},
                                    {"memory_limit", std::to_string(a.memory_limit)},
                                    {"serve", a.serve ? "true" : "false"},
                                    {"lifeline", a.lifeline ? std::to_string(*a.lifeline) : "null"}})
            << "\n";
}

int run(const std::string& part, const std::vector<std::string>& words) {
  Echo echo;
  runner::ignore_closed_pipes();
  if (part == "arguments") {
    const runner::Arguments arguments = runner::parse_arguments(words);
    if (arguments.help) {
      std::cout << runner::kHelp;
      return 0;
    }
    runner::check_arguments(arguments);
    show(arguments);
  } else if (part == "npy") {
    const runner::Tensor tensor = runner::read_npy(words.at(0));
    std::cerr << tensor.dtype << " " << runner::shape_text(tensor.shape) << "\n";
    std::cout << runner::npy_header(tensor) << std::string(tensor.data.begin(), tensor.data.end());
  } else if (part == "look") {
    runner::check_model(words.at(0));
  } else if (part == "json") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    const std::optional<runner::JsonValue> value = runner::parse_json(text);
    if (!value) throw runner::RunnerError("no JSON");
    std::cout << value->repr() << "\n" << runner::json_string(value->text) << "\n";
  } else if (part == "echo") {
    runner::serve(echo, 0, runner::claim_stdout());
  } else if (part == "hang") {
    Hanging hanging;
    runner::serve(hanging, 0, runner::claim_stdout());
  } else if (part == "once") {
    const int out = runner::claim_stdout();
    return runner::run_once(echo, runner::parse_arguments(words), out) ? 0 : 1;
  } else if (part == "lifeline") {
    runner::end_with(std::stoi(words.at(0)));
    std::cout << "alive" << std::endl;
    ::sleep(60);
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(words[1], {words + 2, words + count});
  } catch (const runner::NpyError& error) {
    std::cerr << error.what() << "\n";
    return 2;
  } catch (const runner::RunnerError& error) {
    std::cerr << "runner: " << error.what() << "\n";
    return 2;
  }
}
