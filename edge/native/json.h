// As much of JSON as the conversation and the report need.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runner {

// One JSON value; of numbers only the text is kept.
struct JsonValue {
  enum class Kind { kNull, kTrue, kFalse, kNumber, kString, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text;  // of a number or a string
  std::vector<JsonValue> items;  // of a list or an object
  std::vector<std::string> keys;  // of an object, in step with its items

  // The value of a key (the last one, where it stands there twice); null where there is none.
  const JsonValue* find(std::string_view key) const;

  // A whole number; nothing where it is none, or has more than 18 digits.
  std::optional<std::int64_t> whole() const;

  // As Python prints it: 'dance', None, ['run'].
  std::string repr() const;
};

// Reads one JSON document; nothing where it is none.
std::optional<JsonValue> parse_json(std::string_view text);

// A string in quotes, in ASCII. Bytes that are no UTF-8 become what Python makes of a file name that has
// them: lone surrogates.
std::string json_string(std::string_view text);

// Milliseconds or megabytes, to a millionth.
std::string json_number(double value);

// A list of finished JSON texts.
std::string json_list(const std::vector<std::string>& items);

// An object of keys and finished JSON texts, in order.
std::string json_object(const std::vector<std::pair<std::string, std::string>>& members);

}  // namespace runner
