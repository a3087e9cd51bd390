// Stands in for Paddle-Lite's header on hosts without an ARM library: what the documentation uses of its C++ API.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace paddle {
namespace lite_api {

using shape_t = std::vector<int64_t>;

struct Values {
  shape_t shape;
  std::vector<float> floats;
};

struct Tensor {
  explicit Tensor(std::shared_ptr<Values> values) : values_(std::move(values)) {}
  void Resize(const shape_t& shape) { values_->shape = shape; }
  shape_t shape() const { return values_->shape; }
  template <typename T>
  const T* data() const;
  template <typename T>
  T* mutable_data() const;

 private:
  std::shared_ptr<Values> values_;
};

template <>
const float* Tensor::data<float>() const;
template <>
float* Tensor::mutable_data<float>() const;

class MobileConfig {
 public:
  void set_model_from_file(const std::string& file) { model = file; }
  void set_threads(int) {}

  std::string model;
};

class PaddlePredictor {
 public:
  explicit PaddlePredictor(std::string model) : model_(std::move(model)) {}
  std::unique_ptr<Tensor> GetInput(int i);
  std::unique_ptr<const Tensor> GetOutput(int i) const;
  void Run();

 private:
  std::string model_;
  std::shared_ptr<Values> input_ = std::make_shared<Values>(), output_ = std::make_shared<Values>();
};

template <typename Config>
std::shared_ptr<PaddlePredictor> CreatePaddlePredictor(const Config& config);
template <>
std::shared_ptr<PaddlePredictor> CreatePaddlePredictor<MobileConfig>(const MobileConfig& config);

}  // namespace lite_api
}  // namespace paddle
