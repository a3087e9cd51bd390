#include "json.h"

#include <cstdio>

namespace runner {
namespace {

constexpr int kDeepest = 64;

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// The code point that begins at a place, and how many bytes it has; 0 bytes where there is none.
std::pair<unsigned, std::size_t> utf8_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
  };
  const unsigned first = byte(0);
  const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (length < 2) return {first, length};
  unsigned code = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return {0, 0};
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {0, 0};
  return {code, length};
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<JsonValue> document() {
    JsonValue value;
    if (!read(value, 0)) return std::nullopt;
    skip();
    if (at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  void skip() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool read(JsonValue& value, int depth) {
    using Kind = JsonValue::Kind;
    skip();
    if (depth > kDeepest || at_ >= text_.size()) return false;
    if (take("null")) return true;
    if (take("true")) return value.kind = Kind::kTrue, true;
    if (take("false")) return value.kind = Kind::kFalse, true;
    if (text_[at_] == '"') return value.kind = Kind::kString, string(value.text);
    if (take("[")) return value.kind = Kind::kList, members(value, ']', depth);
    if (take("{")) return value.kind = Kind::kObject, members(value, '}', depth);
    return value.kind = Kind::kNumber, number(value.text);
  }

  bool members(JsonValue& value, char end, int depth) {
    skip();
    if (take({&end, 1})) return true;
    while (true) {
      if (end == '}') {
        skip();
        value.keys.emplace_back();
        if (at_ >= text_.size() || text_[at_] != '"' || !string(value.keys.back())) return false;
        skip();
        if (!take(":")) return false;
      }
      value.items.emplace_back();
      if (!read(value.items.back(), depth + 1)) return false;
      skip();
      if (take({&end, 1})) return true;
      if (!take(",")) return false;
    }
  }

  bool number(std::string& out) {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view("+-.0123456789eE").find(text_[at_]) != std::string_view::npos) ++at_;
    out = text_.substr(start, at_ - start);
    return !out.empty() && out.find_first_of("0123456789") != std::string::npos;
  }

  bool hex4(unsigned& code) {
    if (text_.size() - at_ < 4) return false;
    code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const char* digits = "0123456789abcdef";
      const std::size_t digit = std::string_view(digits).find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
      if (digit == std::string_view::npos) return false;
      code = code << 4 | static_cast<unsigned>(digit);
    }
    return true;
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out += c;
        continue;
      }
      if (at_ >= text_.size()) return false;
      const char escaped = text_[at_++];
      constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
      if (const std::size_t place = kFrom.find(escaped); place != std::string_view::npos) {
        out += kTo[place];
        continue;
      }
      unsigned code = 0, low = 0;
      if (escaped != 'u' || !hex4(code)) return false;
      if (code >= 0xd800 && code < 0xdc00 && take("\\u")) {
        if (!hex4(low)) return false;
        code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
      }
      append_utf8(out, code);
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string python_string(std::string_view text) {
  const char mark = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, mark);
  for (const char c : text) {
    if (c == mark || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
      out += escape;
    } else {
      out += c;
    }
  }
  return out + mark;
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (std::size_t place = keys.size(); place-- > 0;) {
    if (keys[place] == key) return &items[place];
  }
  return nullptr;
}

std::optional<std::int64_t> JsonValue::whole() const {
  const std::size_t sign = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t digits = text.size() - sign;
  if (kind != Kind::kNumber || digits == 0 || digits > 18) return std::nullopt;
  if (text.find_first_not_of("0123456789", sign) != std::string::npos) return std::nullopt;
  return std::stoll(text);
}

std::string JsonValue::repr() const {
  switch (kind) {
    case Kind::kNull: return "None";
    case Kind::kTrue: return "True";
    case Kind::kFalse: return "False";
    case Kind::kNumber: return text;
    case Kind::kString: return python_string(text);
    default: break;
  }
  const bool list = kind == Kind::kList;
  std::string out = list ? "[" : "{";
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    if (!list) out += python_string(keys[i]) + ": ";
    out += items[i].repr();
  }
  return out + (list ? "]" : "}");
}

std::optional<JsonValue> parse_json(std::string_view text) { return Parser(text).document(); }

std::string json_string(std::string_view text) {
  std::string out = "\"";
  const auto unit = [&out](unsigned code) {
    char escape[8];
    std::snprintf(escape, sizeof escape, "\\u%04x", code & 0xffff);
    out += escape;
  };
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = utf8_at(text, at);
    if (length == 0) {
      unit(0xdc00 + static_cast<unsigned char>(text[at++]));
      continue;
    }
    at += length;
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code == '\n') {
      out += "\\n";
    } else if (code >= 0x10000) {
      unit(0xd800 + ((code - 0x10000) >> 10));
      unit(0xdc00 + (code & 0x3ff));
    } else if (code < 0x20 || code > 0x7e) {
      unit(code);
    } else {
      out += static_cast<char>(code);
    }
  }
  return out + '"';
}

std::string json_number(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.6f", value);
  return text;
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) out += (i > 0 ? ", " : "") + items[i];
  return out + "]";
}

std::string json_object(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "{";
  for (std::size_t i = 0; i < members.size(); ++i) {
    out += (i > 0 ? ", " : "") + json_string(members[i].first) + ": " + members[i].second;
  }
  return out + "}";
}

}  // namespace runner
