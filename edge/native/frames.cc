#include "frames.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <unistd.h>

#include "npy.h"

namespace runner {
namespace {

constexpr std::size_t kMaxHeader = std::size_t{1} << 20;
constexpr std::int64_t kMaxTensor = std::int64_t{1} << 31;
constexpr std::size_t kMaxTensors = 64;
constexpr std::size_t kPiece = std::size_t{1} << 16;

// The beginning of a line as Python prints bytes: b'hel\xfflo'
std::string quoted(const std::string& line) {
  std::string out = "b'";
  for (const char c : line.substr(0, 80)) {
    if (c == '\'' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= 0x20 && c < 0x7f) {
      out += c;
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
      out += escape;
    }
  }
  return out + "'";
}

std::vector<std::size_t> sizes_of(const JsonValue* header, const std::string& line) {
  const JsonValue* list = header != nullptr ? header->find("sizes") : nullptr;
  std::vector<std::size_t> sizes;
  if (list == nullptr || list->kind != JsonValue::Kind::kList) throw FrameError("not a frame: " + quoted(line));
  bool possible = list->items.size() <= kMaxTensors;
  for (const JsonValue& item : list->items) {
    const bool number = item.kind == JsonValue::Kind::kNumber && item.text.find_first_of(".eE") == std::string::npos;
    if (!number) throw FrameError("not a frame: " + quoted(line));
    const std::optional<std::int64_t> size = item.whole();
    possible = possible && size && *size >= 0 && *size <= kMaxTensor;
    sizes.push_back(possible ? static_cast<std::size_t>(*size) : 0);
  }
  if (!possible) throw FrameError("impossible tensor sizes in " + quoted(line));
  return sizes;
}

}  // namespace

void Channel::send(Members header, const std::vector<Tensor>& tensors) {
  std::vector<std::string> heads, sizes;
  for (const Tensor& tensor : tensors) {
    heads.push_back(npy_header(tensor));
    sizes.push_back(std::to_string(heads.back().size() + tensor.data.size()));
  }
  header.emplace_back("sizes", json_list(sizes));
  const std::string line = json_object(header) + "\n";
  write(line.data(), line.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    write(heads[i].data(), heads[i].size());
    write(tensors[i].data.data(), tensors[i].data.size());
  }
}

Frame Channel::receive() {
  const std::string text = line();
  std::optional<JsonValue> header = parse_json(text);
  Frame frame;
  std::string bytes;
  for (const std::size_t size : sizes_of(header ? &*header : nullptr, text)) {
    take(size, bytes);
    try {
      frame.tensors.push_back(parse_npy(bytes));
    } catch (const NpyError& error) {
      throw FrameError(std::string("not a tensor: ") + error.what());
    }
  }
  frame.header = std::move(*header);
  return frame;
}

std::string Channel::line() {
  std::size_t end;
  while ((end = pending_.find('\n')) == std::string::npos) {
    if (pending_.size() > kMaxHeader) throw FrameError("no end of line in the first megabyte");
    fill(!pending_.empty());
  }
  std::string text = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  return text;
}

// Grows only with what comes: an announced size is nobody's word for how much memory there is to be.
void Channel::take(std::size_t size, std::string& into) {
  into.assign(pending_, 0, std::min(size, pending_.size()));
  pending_.erase(0, into.size());
  while (into.size() < size) {
    const std::size_t filled = into.size();
    into.resize(filled + std::min(size - filled, std::max(kPiece, filled)));
    const ssize_t got = ::read(source_, into.data() + filled, into.size() - filled);
    into.resize(filled + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) throw ChannelClosed{true};
    if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category());
  }
}

void Channel::fill(bool in_frame) {
  char piece[4096];  // mostly a line: what follows it is read where it belongs
  const ssize_t got = ::read(source_, piece, sizeof piece);
  if (got == 0) throw ChannelClosed{in_frame};
  if (got < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category());
  if (got > 0) pending_.append(piece, static_cast<std::size_t>(got));
}

void Channel::write(const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t put = ::write(sink_, data, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0 && errno == EPIPE) throw ChannelClosed{};
    if (put < 0) throw std::system_error(errno, std::generic_category());
    data += put;
    size -= static_cast<std::size_t>(put);
  }
}

}  // namespace runner
