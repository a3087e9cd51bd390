#include "serve.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <system_error>

#include "error.h"
#include "frames.h"
#include "measure.h"
#include "process.h"
#include "reader_watch.h"

namespace runner {
namespace {

constexpr std::int64_t kMostRuns = 1000;  // of one request

std::string names(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts) items.push_back(json_string(text));
  return json_list(items);
}

std::string numbers(const std::vector<int>& values) {
  std::vector<std::string> items;
  for (const int value : values) items.push_back(std::to_string(value));
  return json_list(items);
}

void answer(Engine& engine, Channel& channel, const Frame& request) {
  const JsonValue* op = request.header.find("op");
  if (op == nullptr || op->kind != JsonValue::Kind::kString || op->text != "run") {
    const std::string shown = op != nullptr ? op->repr().substr(0, 60) : "None";
    channel.send({{"error", json_string("unknown op " + shown + ", known is 'run'")}});
    return;
  }
  const JsonValue* asked = request.header.find("runs");
  const std::int64_t runs = asked == nullptr ? 1 : asked->whole().value_or(0);
  if (runs < 1 || runs > kMostRuns) {
    channel.send({{"error", json_string("runs is no number of 1 to " + std::to_string(kMostRuns))}});
    return;
  }
  std::vector<Tensor> outputs;
  std::vector<std::string> times, waits;
  double ms = 0, processor = 0;
  std::optional<WaitClock> clock;
  if (asked != nullptr) clock.emplace();
  try {
    for (std::int64_t run = 0; run < runs; ++run) {
      const std::optional<double> waited = clock ? clock->ms() : std::nullopt;
      const double start = wall_ms(), busy = cpu_ms();
      outputs = engine.run(request.tensors);
      ms = wall_ms() - start;
      processor = cpu_ms() - busy;
      times.push_back(json_number(ms));
      if (waited) waits.push_back(json_number(std::max(0.0, clock->ms().value_or(0) - *waited)));
    }
  } catch (const RefusedError& error) {
    channel.send({{"error", json_string(error.what())}});
    return;
  }
  std::vector<std::pair<std::string, std::string>> header{{"ms", json_number(ms)}, {"cpu_ms", json_number(processor)}};
  if (asked != nullptr) {
    header.emplace_back("runs_ms", json_list(times));
    header.emplace_back("waits_ms", json_list(waits));
  }
  header.emplace_back("peak_rss_mb", json_number(peak_rss_mb()));
  channel.send(header, outputs);
}

}  // namespace

void serve(Engine& engine, int source, int sink) {
  Channel channel(source, sink);
  const Description& description = engine.describe();
  try {
    const ReaderWatch watch(sink);
    channel.send({{"runner", json_string("native")},
                  {"library", json_string(description.library)},
                  {"library_version", json_string(description.library_version)},
                  {"inputs", names(description.inputs)},
                  {"outputs", names(description.outputs)},
                  {"load_ms", json_number(description.load_ms)},
                  {"threads", std::to_string(description.threads)},
                  {"power_mode", json_string(description.power_mode)},
                  {"cores", numbers(allowed_cores())},
                  {"peak_rss_mb", json_number(peak_rss_mb())}});
    while (true) answer(engine, channel, channel.receive());
  } catch (const ChannelClosed& closed) {
    if (closed.in_frame) {
      throw RunnerError("standard input: the other side closed the pipe in the middle of a frame");
    }
  } catch (const FrameError& error) {
    throw RunnerError(std::string("standard input: ") + error.what());
  } catch (const std::system_error& error) {
    throw RunnerError(std::string("the conversation broke off (") + std::strerror(error.code().value()) + ")");
  }
}

}  // namespace runner
