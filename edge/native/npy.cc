#include "npy.h"

#include <cctype>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace runner {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLongestHeader = 10000;
constexpr std::int64_t kMaxFile = std::int64_t{1} << 31;
constexpr std::size_t kMostAxes = 32;

struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> shape;
};

[[noreturn]] void unreadable() { throw NpyError("its header cannot be read"); }

// Reads the header's Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }
class HeaderReader {
 public:
  explicit HeaderReader(std::string_view text) : text_(text) {}

  Header read() {
    Header header;
    int found = 0;
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        header.descr = quoted();
        found |= 1;
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
        found |= 2;
      } else if (key == "shape") {
        header.shape = sizes();
        found |= 4;
      } else {
        unreadable();
      }
      if (!take(',') && peek() != '}') unreadable();
    }
    if (found != 7 || peek() != '\0') unreadable();
    return header;
  }

 private:
  char peek() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++at_;
    return true;
  }

  void expect(char wanted) {
    if (!take(wanted)) unreadable();
  }

  std::string quoted() {
    const char mark = peek();
    if (mark != '\'' && mark != '"') unreadable();
    const std::size_t end = text_.find(mark, ++at_);
    if (end == std::string_view::npos) unreadable();
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  bool boolean() {
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {"False", false}}) {
      peek();
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    unreadable();
  }

  std::vector<std::int64_t> sizes() {
    std::vector<std::int64_t> shape;
    expect('(');
    while (!take(')')) {
      std::int64_t size = 0;
      if (!std::isdigit(static_cast<unsigned char>(peek()))) unreadable();
      for (; std::isdigit(static_cast<unsigned char>(at_ < text_.size() ? text_[at_] : 0)); ++at_) {
        size = size * 10 + (text_[at_] - '0');
        if (size > (std::int64_t{1} << 56)) unreadable();
      }
      shape.push_back(size);
      if (shape.size() > kMostAxes) unreadable();
      if (!take(',')) {
        if (peek() != ')' || shape.size() == 1) unreadable();  // (3) is no tuple
      }
    }
    return shape;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

// From the first axis varying fastest to the last one.
std::vector<char> to_c_order(std::string_view data, const std::vector<std::int64_t>& shape, std::size_t item) {
  std::vector<char> out(data.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  for (std::size_t to = 0; to < data.size(); to += item) {
    std::size_t from = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from = from * static_cast<std::size_t>(shape[axis]) + static_cast<std::size_t>(index[axis]);
    }
    std::memcpy(out.data() + to, data.data() + from * item, item);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return out;
}

struct File {
  explicit File(const std::string& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor < 0) throw std::system_error(errno, std::generic_category());
  }
  ~File() { ::close(descriptor); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor;
};

}  // namespace

Tensor parse_npy(std::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) throw NpyError("it does not start like a .npy file");
  if (bytes.size() < 12 || bytes[7] != 0 || (bytes[6] != 1 && bytes[6] != 2)) unreadable();
  const std::size_t begin = bytes[6] == 1 ? 10 : 12;
  std::size_t length = 0;
  for (std::size_t at = begin; at-- > 8;) length = length << 8 | static_cast<unsigned char>(bytes[at]);
  if (length > kLongestHeader || begin + length > bytes.size()) unreadable();
  const Header header = HeaderReader(bytes.substr(begin, length)).read();
  const std::string_view data = bytes.substr(begin + length);
  const std::optional<Dtype> dtype = dtype_of_descr(header.descr);
  if (!dtype) {
    if (header.descr.find('O') != std::string::npos) throw NpyError("it holds Python objects, not numbers");
    return {header.descr, header.shape, {}};  // refused by whoever looks at the type
  }
  const std::optional<std::int64_t> count = count_of(header.shape);
  const auto size = static_cast<std::int64_t>(dtype->size);
  if (!count || *count > kMaxFile / size || *count * size != static_cast<std::int64_t>(data.size())) {
    const std::string announced = count && *count <= kMaxFile ? std::to_string(*count * size) : "too many";
    throw NpyError("its header announces " + announced + " bytes, " + std::to_string(data.size()) + " follow");
  }
  if (header.fortran_order && header.shape.size() > 1) {
    return {dtype->name, header.shape, to_c_order(data, header.shape, dtype->size)};
  }
  return {dtype->name, header.shape, std::vector<char>(data.begin(), data.end())};
}

Tensor read_npy(const std::string& path) {
  const File file(path);
  struct stat status {};
  if (::fstat(file.descriptor, &status) != 0) throw std::system_error(errno, std::generic_category());
  if (S_ISDIR(status.st_mode)) throw std::system_error(EISDIR, std::generic_category());
  if (!S_ISREG(status.st_mode)) throw NpyError("it is not a regular file");
  if (status.st_size > kMaxFile) throw NpyError("it is larger than 2147483648 bytes");
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(file.descriptor, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category());
    if (got == 0) break;  // it shrank: the header announces more than follows
    filled += static_cast<std::size_t>(got);
  }
  return parse_npy(std::string_view(bytes).substr(0, filled));
}

std::string npy_header(const Tensor& tensor) {
  std::string text = std::string("{'descr': '") + dtype_named(tensor.dtype).descr +
                     "', 'fortran_order': False, 'shape': " + shape_text(tensor.shape) + ", }";
  // the data begin at a multiple of 64
  const std::size_t start = 10;
  text.append(63 - (start + text.size()) % 64, ' ');
  text += '\n';
  std::string header(kMagic);
  header += {'\x01', '\0', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return header + text;
}

}  // namespace runner
