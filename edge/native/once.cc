#include "once.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "compare.h"
#include "error.h"
#include "frames.h"
#include "json.h"
#include "measure.h"
#include "npy.h"

namespace runner {
namespace {

Tensor load(const Engine& engine, const std::string& path) {
  const std::string subject = "--input " + path + ": ";
  try {
    Tensor tensor = read_npy(path);
    engine.check({tensor});
    return tensor;
  } catch (const NpyError& error) {
    throw RunnerError(subject + "not a .npy tensor, " + error.what());
  } catch (const std::system_error& error) {
    throw RunnerError(subject + "cannot be read (" + std::strerror(error.code().value()) + ")");
  } catch (const RefusedError& error) {
    throw RunnerError(subject + error.what());
  }
}

void write_all(int descriptor, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t put = ::write(descriptor, text.data() + done, text.size() - done);
    if (put < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category());
    if (put > 0) done += static_cast<std::size_t>(put);
  }
}

// Makes a folder and those above it. Not std::filesystem: Android's older compilers have none.
void make_folders(const std::string& folder) {
  for (std::size_t end = folder.find('/', 1);; end = folder.find('/', end + 1)) {
    const std::string above = folder.substr(0, end);
    if (::mkdir(above.c_str(), 0777) != 0 && errno != EEXIST) throw std::system_error(errno, std::generic_category());
    if (end == std::string::npos) return;
  }
}

// A whole file or none: written beside its place, then moved there.
void write_file(const std::string& text, const std::string& path, const std::string& option) {
  const std::size_t name = path.rfind('/') + 1;  // 0 where there is no slash
  const std::string unfinished = path.substr(0, name) + "." + path.substr(name) + ".part";
  int descriptor = -1;
  try {
    if (name > 1) make_folders(path.substr(0, name - 1));
    descriptor = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category());
    write_all(descriptor, text);
    if (::close(std::exchange(descriptor, -1)) != 0) throw std::system_error(errno, std::generic_category());
    if (std::rename(unfinished.c_str(), path.c_str()) != 0) throw std::system_error(errno, std::generic_category());
  } catch (const std::system_error& error) {
    if (descriptor >= 0) ::close(descriptor);
    ::unlink(unfinished.c_str());
    throw RunnerError(option + " " + path + ": cannot be written (" + std::strerror(error.code().value()) + ")");
  }
}

std::string numbers(const std::vector<double>& values, std::size_t from, std::size_t to) {
  std::vector<std::string> items;
  for (std::size_t i = from; i < to; ++i) items.push_back(json_number(values[i]));
  return json_list(items);
}

std::string sizes(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> items;
  for (const std::int64_t size : shape) items.push_back(std::to_string(size));
  return json_list(items);
}

std::string save(const Tensor& output, const std::string& name, const Arguments& arguments) {
  Members entry = {{"shape", sizes(output.shape)}, {"dtype", json_string(output.dtype)}};
  if (arguments.output) {
    const std::string& folder = *arguments.output;
    const std::string file = folder + (folder.empty() || folder.back() == '/' ? "" : "/") + name;
    write_file(npy_header(output) + std::string(output.data.begin(), output.data.end()), file, "--output");
    entry.emplace_back("file", json_string(file));
  }
  return json_object(entry);
}

std::string difference_text(const Compared& compared) {
  if (!compared.difference) return "null";
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", *compared.difference);
  return text;
}

// A case of the report. What --compare found amiss is added to the failures.
std::string run_case(Engine& engine, std::size_t number, const Tensor& input, const Tensor* expected,
                     const Arguments& arguments, std::vector<std::string>& failures) {
  const auto warmup = static_cast<std::size_t>(arguments.warmup);
  const std::size_t runs = warmup + static_cast<std::size_t>(arguments.repeats);
  std::vector<double> times, processor;
  std::vector<Tensor> outputs;
  const std::vector<Tensor> inputs = {input};
  for (std::size_t run = 0; run < runs; ++run) {
    const double start = wall_ms(), busy = cpu_ms();
    outputs = engine.run(inputs);
    times.push_back(wall_ms() - start);
    processor.push_back(cpu_ms() - busy);
  }
  std::vector<std::string> saved;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    saved.push_back(save(outputs[i], std::to_string(number) + "_" + std::to_string(i) + ".npy", arguments));
  }
  Members members = {{"input", json_string(arguments.input[number])},
                     {"shape", sizes(input.shape)},
                     {"warmup_ms", numbers(times, 0, warmup)},
                     {"samples_ms", numbers(times, warmup, runs)},
                     {"cpu_ms", numbers(processor, warmup, runs)},
                     {"outputs", json_list(saved)}};
  if (expected != nullptr) {
    const Compared compared =
        compare(outputs.at(0), *expected, arguments.input[number], arguments.compare[number], arguments.tolerance);
    members.emplace_back("difference", difference_text(compared));
    if (!compared.failure.empty()) failures.push_back(compared.failure);
  }
  return json_object(members);
}

}  // namespace

bool run_once(Engine& engine, const Arguments& arguments, int out) {
  // all are read and checked before the first is run: nothing is written where one of them is refused
  std::vector<Tensor> inputs, expected;
  for (const std::string& path : arguments.input) inputs.push_back(load(engine, path));
  for (const std::string& path : arguments.compare) expected.push_back(read_expected(path));
  const Description& description = engine.describe();
  std::vector<std::string> cases, failures;
  try {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Tensor* const wanted = expected.empty() ? nullptr : &expected[i];
      cases.push_back(run_case(engine, i, inputs[i], wanted, arguments, failures));
    }
  } catch (const RefusedError& error) {
    throw RunnerError("--model " + arguments.model + ": " + error.what());
  }
  const Members members = {{"runner", json_string("native")},
                           {"library", json_string(description.library)},
                           {"library_version", json_string(description.library_version)},
                           {"model", json_string(arguments.model)},
                           {"threads", std::to_string(arguments.threads)},
                           {"power_mode", json_string(arguments.power_mode)},
                           {"load_ms", json_number(description.load_ms)},
                           {"cases", json_list(cases)},
                           {"peak_rss_mb", json_number(peak_rss_mb())}};
  const std::string text = json_object(members) + "\n";
  if (arguments.report) {
    write_file(text, *arguments.report, "--report");
  } else {
    try {
      write_all(out, text);
    } catch (const std::system_error& error) {
      throw RunnerError(std::string("standard output: cannot be written (") + std::strerror(error.code().value()) + ")");
    }
  }
  for (const std::string& failure : failures) std::fprintf(stderr, "runner: %s\n", failure.c_str());
  return failures.empty();
}

}  // namespace runner
