#include "arguments.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <sys/stat.h>

#include "error.h"
#include "json.h"

namespace runner {

const char* const kHelp =
    R"(usage: runner --model FILE (--input FILE ... | --serve) [options]

Load one Paddle-Lite .nb model and run it on .npy inputs, or serve requests.

One-shot: every --input is one run's input (models with one input tensor). Each is run --warmup times, then
--repeats times; the report on standard output (or --report FILE) keeps every sample.

  --model FILE          the .nb model
  --input FILE          .npy input; repeatable
  --warmup N            runs before measuring (default 1)
  --repeats N           measured runs (default 1)
  --output DIR          write outputs as DIR/<case>_<output>.npy
  --report FILE         write the report here, not to standard output
  --compare FILE        .npy that the first output should be; one for each --input in turn
  --tolerance X         largest absolute difference from it (default 0.001)
  --threads N           threads (default 1)
  --power-mode MODE     core binding: high, low, full, none, rand-high, rand-low (default none)
  --cores N,N...        run on these cores alone
  --max-predictors N    input sizes kept loaded (default 4)
  --memory-limit MB     give up kept input sizes past it (default 1500)
  --serve               answer requests on standard input and output
  --lifeline FD         end when this pipe's other end closes

Report (JSON, times in milliseconds, memory in MB of 10**6 bytes):
  runner, library, library_version, model, threads, power_mode, load_ms, peak_rss_mb,
  cases: [{input, shape, warmup_ms: [first run first], samples_ms: [...],
           cpu_ms: [processor time of the samples], outputs: [{file, shape, dtype}],
           difference: the largest absolute one from --compare or null where it is no number}]

Exit code: 0, 1 when an output is not what --compare asks for, 2 for a bad option or input, 134 when
Paddle-Lite aborts.

examples:
  ppocr_runner --model det.nb --input page.npy --output out/
  ppocr_runner --model det.nb --input page.npy --compare map.npy --tolerance 0.01
  ppocr_runner --model rec.nb --input a.npy --input b.npy --warmup 3 --repeats 20 --report r.json
)";

namespace {

constexpr int kMostCores = 1024;  // so many the system's masks have room for
const std::vector<std::string> kPowerModes = {"high", "low", "full", "none", "rand-high", "rand-low"};

[[noreturn]] void refuse(const std::string& message) { throw RunnerError(message + " (see --help)"); }

// Refuses the value of an option, which is shown as Python would show it.
[[noreturn]] void refuse_value(const std::string& option, const std::string& text, const std::string& why) {
  JsonValue shown;
  shown.kind = JsonValue::Kind::kString;
  shown.text = text.substr(0, 40);
  refuse("argument " + option + ": " + shown.repr() + " " + why);
}

int count(const std::string& option, const std::string& text, int least) {
  // no more digits than any count has
  const bool digits = !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || std::stoi(text) < least) {
    refuse_value(option, text, "is not a whole number of at least " + std::to_string(least));
  }
  return std::stoi(text);
}

// Digits, with a point and an exponent where need be.
bool is_number(const std::string& text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at]))) ++at;
    return at > begin;
  };
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.' && (++at, !digits())) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

double number(const std::string& option, const std::string& text) {
  const bool good = text.size() < 40 && is_number(text);
  const double value = good ? std::strtod(text.c_str(), nullptr) : 0;
  if (!good || !std::isfinite(value)) refuse_value(option, text, "is not a number of at least 0");
  return value;
}

std::string one_of(const std::string& option, const std::string& text, const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), text) == choices.end()) {
    std::string known;
    for (const std::string& choice : choices) known += (known.empty() ? "'" : ", '") + choice + "'";
    refuse("argument " + option + ": invalid choice: '" + text + "' (choose from " + known + ")");
  }
  return text;
}

std::vector<int> core_list(const std::string& option, const std::string& text) {
  std::vector<int> cores;
  for (std::size_t begin = 0, end = 0; end != std::string::npos; begin = end + 1) {
    end = text.find(',', begin);
    const std::string one = text.substr(begin, end == std::string::npos ? end : end - begin);
    const bool digits = !one.empty() && one.size() < 5 && one.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoi(one) >= kMostCores) refuse_value(option, text, "is no list of cores such as 0,1");
    cores.push_back(std::stoi(one));
  }
  return cores;
}

// Words one after the other, with `--option value` and `--option=value` alike.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_(words) {}

  bool next() {
    if (at_ >= words_.size()) return false;
    word = words_[at_++];
    const std::size_t equals = word.compare(0, 2, "--") == 0 ? word.find('=') : std::string::npos;
    option = word.substr(0, equals);
    given_ = equals == std::string::npos ? std::nullopt : std::optional(word.substr(equals + 1));
    return true;
  }

  std::string value() {
    if (given_) return *given_;
    if (at_ >= words_.size() || words_[at_].compare(0, 2, "--") == 0) {
      refuse("argument " + option + ": expected one argument");
    }
    return words_[at_++];
  }

  void no_value() const {
    if (given_) refuse("argument " + option + ": ignored explicit argument '" + *given_ + "'");
  }

  std::string word;  // as given
  std::string option;  // without its value

 private:
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  std::optional<std::string> given_;
};

enum class Found { kNothing, kFile, kFolder };

Found found_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return Found::kNothing;
  return S_ISDIR(status.st_mode) ? Found::kFolder : Found::kFile;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Arguments parse_arguments(const std::vector<std::string>& list) {
  Arguments arguments;
  std::string unknown;
  Words words(list);
  while (words.next()) {
    const std::string& option = words.option;
    if (option == "--model") {
      arguments.model = words.value();
    } else if (option == "--input") {
      arguments.input.push_back(words.value());
    } else if (option == "--warmup") {
      arguments.warmup = count(option, words.value(), 0);
    } else if (option == "--repeats") {
      arguments.repeats = count(option, words.value(), 1);
    } else if (option == "--output") {
      arguments.output = words.value();
    } else if (option == "--report") {
      arguments.report = words.value();
    } else if (option == "--compare") {
      arguments.compare.push_back(words.value());
    } else if (option == "--tolerance") {
      arguments.tolerance = number(option, words.value());
    } else if (option == "--threads") {
      arguments.threads = count(option, words.value(), 1);
    } else if (option == "--power-mode") {
      arguments.power_mode = one_of(option, words.value(), kPowerModes);
    } else if (option == "--cores") {
      arguments.cores = core_list(option, words.value());
    } else if (option == "--max-predictors") {
      arguments.max_predictors = count(option, words.value(), 1);
    } else if (option == "--memory-limit") {
      arguments.memory_limit = count(option, words.value(), 1);
    } else if (option == "--lifeline") {
      arguments.lifeline = count(option, words.value(), 3);
    } else if (option == "--serve") {
      words.no_value();
      arguments.serve = true;
    } else if (option == "--help" || option == "-h") {
      arguments.help = true;
      return arguments;
    } else {
      unknown += " " + words.word;
    }
  }
  if (arguments.model.empty()) refuse("the following arguments are required: --model");
  if (!unknown.empty()) refuse("unrecognized arguments:" + unknown);
  if (!arguments.serve && arguments.input.empty()) refuse("nothing to do: give --input or --serve");
  if (!arguments.compare.empty() && (arguments.serve || arguments.compare.size() != arguments.input.size())) {
    refuse("--compare: give one for each --input, without --serve");
  }
  return arguments;
}

void check_arguments(const Arguments& arguments) {
  if (found_at(arguments.model) != Found::kFile) {
    const bool there = found_at(arguments.model) == Found::kFolder;
    refuse("--model " + arguments.model + ": " + (there ? "is not a file" : "no such file"));
  }
  if (arguments.output && found_at(*arguments.output) == Found::kFile) {
    refuse("--output " + *arguments.output + ": is not a folder");
  }
  if (arguments.report) {
    const std::string subject = "--report " + *arguments.report + ": ";
    if (found_at(*arguments.report) == Found::kFolder) refuse(subject + "is a folder");
    if (found_at(folder_of(*arguments.report)) != Found::kFolder) refuse(subject + "its folder does not exist");
  }
}

}  // namespace runner
