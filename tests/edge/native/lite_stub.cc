// A library with the interface of Paddle-Lite's that gives back what it gets; compiled against the release's headers.
#include <memory>
#include <string>
#include <vector>

#include "paddle_api.h"

namespace {

using namespace paddle::lite_api;

struct Held {
  shape_t shape;
  std::vector<float> data;
};

class Echo : public PaddlePredictor {
 public:
  std::unique_ptr<Tensor> GetInput(int) override { return std::make_unique<Tensor>(static_cast<void*>(&held_)); }
  std::unique_ptr<const Tensor> GetOutput(int) const override {
    return std::make_unique<const Tensor>(static_cast<const void*>(&held_));
  }
  void Run() override {}
  std::shared_ptr<PaddlePredictor> Clone() override { return nullptr; }
  std::shared_ptr<PaddlePredictor> Clone(const std::vector<std::string>&) override { return nullptr; }
  std::string GetVersion() const override { return "v2.99-stub"; }
  std::vector<std::string> GetInputNames() override { return {"x"}; }
  std::vector<std::string> GetOutputNames() override { return {"y"}; }
  bool TryShrinkMemory() override { return true; }
  std::unique_ptr<Tensor> GetInputByName(const std::string&) override { return nullptr; }
  std::unique_ptr<const Tensor> GetTensor(const std::string&) const override { return nullptr; }

 private:
  Held held_;
};

}  // namespace

namespace paddle {
namespace lite_api {

Tensor::Tensor(void* raw) : raw_tensor_(raw) {}
Tensor::Tensor(const void* raw) : raw_tensor_(const_cast<void*>(raw)) {}
void Tensor::Resize(const shape_t& shape) {
  auto* held = static_cast<Held*>(raw_tensor_);
  held->shape = shape;
  std::size_t count = 1;
  for (const auto size : shape) count *= static_cast<std::size_t>(size);
  held->data.resize(count);
}
shape_t Tensor::shape() const { return static_cast<Held*>(raw_tensor_)->shape; }
PrecisionType Tensor::precision() const { return PrecisionType::kFloat; }
template <typename T>
const T* Tensor::data() const {
  return reinterpret_cast<const T*>(static_cast<Held*>(raw_tensor_)->data.data());
}
template <typename T>
T* Tensor::mutable_data(TargetType) const {
  return reinterpret_cast<T*>(static_cast<Held*>(raw_tensor_)->data.data());
}
template const float* Tensor::data<float>() const;
template const std::int8_t* Tensor::data<std::int8_t>() const;
template const std::uint8_t* Tensor::data<std::uint8_t>() const;
template const std::int32_t* Tensor::data<std::int32_t>() const;
template const std::int64_t* Tensor::data<std::int64_t>() const;
template const bool* Tensor::data<bool>() const;
template float* Tensor::mutable_data<float>(TargetType) const;

std::vector<std::string> PaddlePredictor::GetParamNames() { return {}; }
std::unique_ptr<Tensor> PaddlePredictor::GetMutableTensor(const std::string&) { return nullptr; }
void PaddlePredictor::SaveOptimizedModel(const std::string&, LiteModelType, bool) {}
ConfigBase::ConfigBase(PowerMode mode, int threads) : threads_(threads), mode_(mode) {}
void ConfigBase::set_threads(int threads) { threads_ = threads; }
void ConfigBase::set_power_mode(PowerMode mode) { mode_ = mode; }
void MobileConfig::set_model_from_file(const std::string& file) { lite_model_file_ = file; }
template <>
std::shared_ptr<PaddlePredictor> CreatePaddlePredictor(const MobileConfig&) {
  return std::make_shared<Echo>();
}

}  // namespace lite_api
}  // namespace paddle
