#include "nb_look.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "error.h"

namespace runner {
namespace {

constexpr std::size_t kHeader = 26;  // meta version, opt version, size of the topology
constexpr std::size_t kMostTopology = std::size_t{1} << 28;

// Paddle-Lite's number for the processor that this program was built for, and the other one's.
#if defined(__aarch64__) || defined(__arm__)
constexpr int kOther = 2;
constexpr const char *kOwnName = "ARM", *kOtherName = "x86";
#else
constexpr int kOther = 4;
constexpr const char *kOwnName = "x86", *kOtherName = "arm";
#endif

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Targets of the kernels: every op carries its own as `op/alias/target/precision/layout`, such as conv2d/def/4/1/1.
std::set<int> targets(const std::string& topology) {
  std::set<int> found;
  // from behind: a number, a slash, a number, a slash, a number, a slash
  for (std::size_t at = topology.find('/'); at != std::string::npos; at = topology.find('/', at + 1)) {
    std::size_t end = at + 1;
    int numbers = 0, target = 0;
    while (numbers < 3) {
      int value = 0;
      const std::size_t start = end;
      for (; end < topology.size() && is_digit(topology[end]) && end - start < 4; ++end) {
        value = value * 10 + (topology[end] - '0');
      }
      if (end == start) break;
      if (numbers++ == 0) target = value;
      if (numbers < 3 && (end >= topology.size() || topology[end++] != '/')) break;
    }
    if (numbers == 3) found.insert(target);
  }
  return found;
}

}  // namespace

void check_model(const std::string& path) {
  const std::string subject = "--model " + path + ": ";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw RunnerError(subject + "cannot be read (" + std::strerror(errno) + ")");
  std::string header(kHeader, '\0');
  file.read(header.data(), kHeader);
  if (file.gcount() < static_cast<std::streamsize>(kHeader)) {
    throw RunnerError(subject + "is too short for a .nb model (" + std::to_string(file.gcount()) + " bytes)");
  }
  const int version = static_cast<unsigned char>(header[0]) | static_cast<unsigned char>(header[1]) << 8;
  if (version < 1 || version > 2) {
    throw RunnerError(subject + "is no .nb model of Paddle-Lite 2.7 or newer; convert it with opt");
  }
  std::uint64_t size = 0;
  std::memcpy(&size, header.data() + 18, sizeof size);  // little endian, as every processor of the library's
  if (size == 0 || size > kMostTopology) throw RunnerError(subject + "is damaged, or no .nb model");
  std::string topology(size, '\0');
  file.read(topology.data(), static_cast<std::streamsize>(size));
  if (file.gcount() < static_cast<std::streamsize>(size)) throw RunnerError(subject + "is cut off; copy it again");
  if (targets(topology).count(kOther) > 0) {
    throw RunnerError(subject + "was converted for " + kOtherName + ", this runner's library is for " + kOwnName);
  }
}

}  // namespace runner
