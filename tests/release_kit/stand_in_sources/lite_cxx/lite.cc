// Stands in for Paddle-Lite's library: the runner that RUNNER names computes, a process for each run.
#include "paddle_api.h"

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace paddle {
namespace lite_api {
namespace {

namespace fs = std::filesystem;

std::size_t count_of(const shape_t& shape) {
  std::size_t count = 1;
  for (const int64_t side : shape) count *= static_cast<std::size_t>(side);
  return count;
}

// As numpy writes arrays, format 1.0.
void write(const fs::path& path, const Values& values) {
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (const int64_t side : values.shape) header += std::to_string(side) + ",";
  header += ")}";
  header.append(63 - (header.size() + 10) % 64, ' ').append("\n");
  std::ofstream file(path, std::ios::binary);
  file.write("\x93NUMPY\x01\x00", 8);
  file.put(static_cast<char>(header.size() & 255)).put(static_cast<char>(header.size() >> 8));
  file << header;
  file.write(reinterpret_cast<const char*>(values.floats.data()), values.floats.size() * sizeof(float));
}

void read(const fs::path& path, Values* values) {
  std::ifstream file(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const std::size_t start = 10 + static_cast<unsigned char>(content.at(8)) + 256 * static_cast<unsigned char>(content.at(9));
  const std::size_t sides = content.find('(', content.find("'shape'")) + 1;
  values->shape.clear();
  for (const char* at = &content[sides]; *at != ')';) {
    char* end = nullptr;
    values->shape.push_back(std::strtoll(at, &end, 10));
    at = end + std::strspn(end, ", ");
  }
  values->floats.resize((content.size() - start) / sizeof(float));
  std::memcpy(values->floats.data(), &content[start], content.size() - start);
}

}  // namespace

template <>
const float* Tensor::data<float>() const {
  return values_->floats.data();
}

template <>
float* Tensor::mutable_data<float>() const {
  values_->floats.resize(count_of(values_->shape));
  return values_->floats.data();
}

std::unique_ptr<Tensor> PaddlePredictor::GetInput(int) { return std::make_unique<Tensor>(input_); }

std::unique_ptr<const Tensor> PaddlePredictor::GetOutput(int) const { return std::make_unique<Tensor>(output_); }

void PaddlePredictor::Run() {
  std::string folder = (fs::temp_directory_path() / "run.XXXXXX").string();
  if (mkdtemp(&folder[0]) == nullptr) std::abort();
  write(folder + "/input.npy", *input_);
  const std::string command = std::string(std::getenv("RUNNER")) + " --model '" + model_ + "' --input " + folder +
                              "/input.npy --warmup 0 --repeats 1 --output " + folder + "/out --report " + folder + "/r.json";
  if (std::system(command.c_str()) != 0) std::abort();
  for (const auto& file : fs::directory_iterator(folder + "/out")) read(file.path(), output_.get());
  fs::remove_all(folder);
}

template <>
std::shared_ptr<PaddlePredictor> CreatePaddlePredictor<MobileConfig>(const MobileConfig& config) {
  return fs::is_regular_file(config.model) ? std::make_shared<PaddlePredictor>(config.model) : nullptr;
}

}  // namespace lite_api
}  // namespace paddle
