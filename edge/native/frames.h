// The runner's conversation: frames of one JSON line and the tensors it announces, as .npy bytes.
// edge/predictor/frames.py describes it.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "json.h"
#include "tensor.h"

namespace runner {

using Members = std::vector<std::pair<std::string, std::string>>;  // keys, and finished JSON texts

// What came is not a frame.
struct FrameError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The other side closed the pipe; in the middle of a frame it is an error, between two it is how a
// conversation ends.
struct ChannelClosed {
  bool in_frame = false;
};

struct Frame {
  JsonValue header;
  std::vector<Tensor> tensors;
};

// Both ends of a conversation over two file descriptors.
class Channel {
 public:
  Channel(int source, int sink) : source_(source), sink_(sink) {}

  // Sends one frame; "sizes" is added to the header. Raises ChannelClosed.
  void send(Members header, const std::vector<Tensor>& tensors = {});

  // Receives one frame. Raises ChannelClosed, and FrameError where what came is none.
  Frame receive();

 private:
  std::string line();
  void take(std::size_t size, std::string& into);
  void fill(bool in_frame);
  void write(const char* data, std::size_t size);

  int source_;
  int sink_;
  std::string pending_;  // read, and of the next frame
};

}  // namespace runner
