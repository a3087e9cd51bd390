#include "lite_engine.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "error.h"
#include "measure.h"
#include "paddle_api.h"

namespace runner {
namespace {

namespace lite = paddle::lite_api;

lite::PowerMode power_mode(const std::string& name) {
  if (name == "high") return lite::LITE_POWER_HIGH;
  if (name == "low") return lite::LITE_POWER_LOW;
  if (name == "full") return lite::LITE_POWER_FULL;
  if (name == "rand-high") return lite::LITE_POWER_RAND_HIGH;
  if (name == "rand-low") return lite::LITE_POWER_RAND_LOW;
  return lite::LITE_POWER_NO_BIND;
}

// numpy's name, and where the elements are. Typed access throughout: newer libraries check it.
std::pair<std::string, const void*> elements(const lite::Tensor& tensor) {
  switch (tensor.precision()) {
    case lite::PrecisionType::kFloat: return {"float32", tensor.data<float>()};
    case lite::PrecisionType::kInt8: return {"int8", tensor.data<std::int8_t>()};
    case lite::PrecisionType::kInt32: return {"int32", tensor.data<int>()};
    case lite::PrecisionType::kInt64: return {"int64", tensor.data<std::int64_t>()};
    case lite::PrecisionType::kBool: return {"bool", tensor.data<bool>()};
    case lite::PrecisionType::kUInt8: return {"uint8", tensor.data<std::uint8_t>()};
    case lite::PrecisionType::kFP16: return {"float16", tensor.data<std::int8_t>()};
    default: return {"", nullptr};
  }
}

Tensor copy_out(const lite::Tensor& source, std::size_t number) {
  const auto [dtype, data] = elements(source);
  const std::string subject = "output " + std::to_string(number);
  if (dtype.empty()) {
    const int precision = static_cast<int>(source.precision());
    throw RefusedError(subject + " has elements of Paddle-Lite's type " + std::to_string(precision) +
                       ", which cannot be sent");
  }
  Tensor tensor{dtype, source.shape(), {}};
  const std::optional<std::int64_t> count = count_of(tensor.shape);
  if (!count || (*count > 0 && data == nullptr)) {
    throw RefusedError(subject + " of shape " + shape_text(tensor.shape) + " holds nothing");
  }
  tensor.data.resize(static_cast<std::size_t>(*count) * dtype_named(dtype).size);
  if (!tensor.data.empty()) std::memcpy(tensor.data.data(), data, tensor.data.size());
  return tensor;
}

// One of a batch, as a batch of one.
Tensor item_of(const Tensor& batch, std::int64_t item) {
  const std::size_t size = batch.data.size() / static_cast<std::size_t>(batch.shape[0]);
  const auto begin = batch.data.begin() + item * static_cast<std::int64_t>(size);
  Tensor one{batch.dtype, batch.shape, {begin, begin + static_cast<std::int64_t>(size)}};
  one.shape[0] = 1;
  return one;
}

// Makes batches longer by what one of them gave.
void append_items(std::vector<Tensor>& batches, std::vector<Tensor> items) {
  if (batches.empty()) {
    batches = std::move(items);
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::vector<std::int64_t>& shape = items[i].shape;
    if (shape.empty() || !std::equal(shape.begin() + 1, shape.end(), batches[i].shape.begin() + 1, batches[i].shape.end())) {
      throw RefusedError("output " + std::to_string(i) + " has another shape for every item: give them one by one");
    }
    batches[i].shape[0] += shape[0];
    batches[i].data.insert(batches[i].data.end(), items[i].data.begin(), items[i].data.end());
  }
}

}  // namespace

LiteEngine::LiteEngine(LiteOptions options) : options_(std::move(options)) {
  const double start = wall_ms();
  unused_ = create();
  description_.load_ms = wall_ms() - start;
  if (!unused_) throw RunnerError("--model " + options_.model + ": the library made no predictor of it");
  description_.threads = options_.threads;
  description_.power_mode = options_.power_mode;
  description_.library = "paddlelite";
  description_.library_version = unused_->GetVersion();
  description_.inputs = unused_->GetInputNames();
  description_.outputs = unused_->GetOutputNames();
  int minor = 0;  // a library that someone built tells a commit instead of a version
  one_at_a_time_ = std::sscanf(description_.library_version.c_str(), "v2.%d", &minor) == 1 && minor <= 9;
}

LiteEngine::~LiteEngine() = default;

void LiteEngine::check(const std::vector<Tensor>& inputs) const {
  if (inputs.size() != description_.inputs.size()) {
    throw RefusedError(std::to_string(inputs.size()) + " inputs given, the model takes " +
                       std::to_string(description_.inputs.size()));
  }
  for (const Tensor& input : inputs) {
    if (input.dtype != "float32" || input.shape.size() < 2 || count_of(input.shape).value_or(0) == 0) {
      throw RefusedError("input of dtype " + input.dtype + " and shape " + shape_text(input.shape) +
                         ", float32 (N, …) is expected");
    }
  }
}

std::vector<Tensor> LiteEngine::run(const std::vector<Tensor>& inputs) {
  check(inputs);
  const std::int64_t batch = inputs[0].shape[0];
  const bool alike = std::all_of(inputs.begin(), inputs.end(), [&](const Tensor& t) { return t.shape[0] == batch; });
  if (!one_at_a_time_ || batch == 1 || !alike) return run_batch(inputs);
  std::vector<Tensor> outputs;
  for (std::int64_t item = 0; item < batch; ++item) {
    std::vector<Tensor> one;
    for (const Tensor& input : inputs) one.push_back(item_of(input, item));
    append_items(outputs, run_batch(one));
  }
  return outputs;
}

std::vector<Tensor> LiteEngine::run_batch(const std::vector<Tensor>& inputs) {
  Key key;
  for (const Tensor& input : inputs) key.insert(key.end(), input.shape.begin() + 1, input.shape.end());
  std::vector<Tensor> outputs;
  {
    const Predictor predictor = predictor_for(key);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto tensor = predictor->GetInput(static_cast<int>(i));
      tensor->Resize(inputs[i].shape);
      std::memcpy(tensor->mutable_data<float>(), inputs[i].data.data(), inputs[i].data.size());
    }
    predictor->Run();
    for (std::size_t i = 0; i < description_.outputs.size(); ++i) {
      outputs.push_back(copy_out(*predictor->GetOutput(static_cast<int>(i)), i));
    }
  }
  Key shapes;
  for (const Tensor& input : inputs) shapes.insert(shapes.end(), input.shape.begin(), input.shape.end());
  if (shapes != last_shapes_) {  // memory grows with a new shape alone; to look at it takes its time
    last_shapes_ = std::move(shapes);
    while (!predictors_.empty() && rss_mb() > options_.memory_limit_mb) {
      give_up_oldest();
      last_shapes_.clear();
    }
  }
  return outputs;
}

LiteEngine::Predictor LiteEngine::create() const {
  lite::MobileConfig config;
  // from a file, not a buffer: only then does the library say when the versions do not match
  config.set_model_from_file(options_.model);
  config.set_threads(options_.threads);
  config.set_power_mode(power_mode(options_.power_mode));
  return lite::CreatePaddlePredictor<lite::MobileConfig>(config);
}

LiteEngine::Predictor LiteEngine::predictor_for(const Key& key) {
  const auto kept = std::find_if(predictors_.begin(), predictors_.end(),
                                 [&key](const auto& entry) { return entry.first == key; });
  if (kept != predictors_.end()) {
    predictors_.splice(predictors_.end(), predictors_, kept);
    return kept->second;
  }
  while (predictors_.size() >= options_.max_predictors) give_up_oldest();
  predictors_.emplace_back(key, unused_ ? std::exchange(unused_, nullptr) : create());
  return predictors_.back().second;
}

void LiteEngine::give_up_oldest() {
  predictors_.pop_front();
  give_back_memory();
}

}  // namespace runner
