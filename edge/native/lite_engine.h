// Paddle-Lite itself: the only file that knows the library.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine.h"

namespace paddle::lite_api {
class PaddlePredictor;
}

namespace runner {

struct LiteOptions {
  std::string model;
  int threads = 1;
  std::string power_mode = "none";
  std::size_t max_predictors = 4;
  double memory_limit_mb = 1500;
};

// One .nb on Paddle-Lite, with a predictor for every input height and width.
//
// Library 2.9 with the slim v2.0 models is right for the first height and width and wrong for the next, and the
// x86 build dies of it. So predictors are kept by (H, W), and the least recently used goes first. After a run
// that left the process larger than its limit more go: creating one again costs milliseconds.
//
// Library 2.9 also reads batches of lines wrongly. There a batch is run one by one, which costs the same.
class LiteEngine : public Engine {
 public:
  explicit LiteEngine(LiteOptions options);
  ~LiteEngine() override;

  const Description& describe() const override { return description_; }
  void check(const std::vector<Tensor>& inputs) const override;
  std::vector<Tensor> run(const std::vector<Tensor>& inputs) override;

 private:
  using Predictor = std::shared_ptr<paddle::lite_api::PaddlePredictor>;
  using Key = std::vector<std::int64_t>;

  std::vector<Tensor> run_batch(const std::vector<Tensor>& inputs);
  Predictor create() const;
  Predictor predictor_for(const Key& key);
  void give_up_oldest();

  LiteOptions options_;
  Description description_;
  bool one_at_a_time_ = false;
  Key last_shapes_;
  Predictor unused_;  // the first, for whatever shape comes first
  std::list<std::pair<Key, Predictor>> predictors_;  // least recently used first
};

}  // namespace runner
