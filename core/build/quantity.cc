#include "core/build/quantity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace raycord {
namespace {

using Wide = __int128;

constexpr Wide kOne = 1'000'000'000;
constexpr Wide kMax = Wide{std::numeric_limits<std::int64_t>::max()} * kOne;

// Digits after the point that are kept: with a large unit fewer, so that the product fits 127 bits.
constexpr int kFractionDigits = 18;
constexpr int kFractionDigitsOfLargeUnit = 9;
constexpr Wide kLargeUnit = kOne * kOne;

constexpr int kExponentMin = -9;  // billionths
constexpr int kExponentMax = 18;  // the last power of ten below 2^63

constexpr std::array<std::string_view, 10> kDecimalSuffixes = {"n", "u", "m", "",  "k",
                                                               "M", "G", "T", "P", "E"};
constexpr std::array<std::string_view, 7> kBinarySuffixes = {"",   "Ki", "Mi", "Gi",
                                                             "Ti", "Pi", "Ei"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Wide power(Wide base, int exponent) {
  Wide result = 1;
  for (int i = 0; i < exponent; ++i) result *= base;
  return result;
}

std::string to_text(Wide value) {
  if (value == 0) return "0";
  const bool negative = value < 0;
  std::string digits;
  for (Wide rest = negative ? -value : value; rest > 0; rest /= 10) {
    digits.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
  }
  if (negative) digits.push_back('-');
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// The exponent of "e3", "E+3" or "e-3".
std::optional<int> exponent_of(std::string_view suffix) {
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  const bool negative = suffix[0] == '-';
  if (negative || suffix[0] == '+') suffix.remove_prefix(1);
  if (suffix.empty() || suffix.size() > 2 || !std::all_of(suffix.begin(), suffix.end(), is_digit)) {
    return std::nullopt;
  }
  int exponent = 0;
  for (const char c : suffix) exponent = exponent * 10 + (c - '0');
  if (negative) exponent = -exponent;
  if (exponent < kExponentMin || exponent > kExponentMax) return std::nullopt;
  return exponent;
}

template <std::size_t size>
std::optional<int> position(const std::array<std::string_view, size>& list, std::string_view item) {
  const auto found = std::find(list.begin(), list.end(), item);
  if (found == list.end()) return std::nullopt;
  return static_cast<int>(found - list.begin());
}

struct Digits {
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;
  bool negative = false;
};

std::optional<Digits> split(std::string_view text) {
  Digits digits;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    digits.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto take_digits = [&text] {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const std::string_view taken = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(taken.size());
    return taken;
  };
  digits.whole = take_digits();
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    digits.fraction = take_digits();
  }
  digits.suffix = text;
  if (digits.whole.empty() && digits.fraction.empty()) return std::nullopt;
  return digits;
}

// The digits times the unit, both without sign; kMax where it would be more.
Wide multiply(const Digits& digits, Wide unit) {
  Wide whole = 0;
  for (const char c : digits.whole) {
    whole = whole * 10 + (c - '0');
    if (whole > kMax / unit) return kMax;
  }
  const int kept = unit > kLargeUnit ? kFractionDigitsOfLargeUnit : kFractionDigits;
  Wide fraction = 0;
  bool more = false;
  int used = 0;
  for (const char c : digits.fraction) {
    if (used < kept) {
      fraction = fraction * 10 + (c - '0');
      ++used;
    } else {
      more = more || c != '0';
    }
  }
  const Wide scale = power(10, used);
  const Wide product = fraction * unit;
  const bool rest = more || product % scale != 0;
  return whole * unit + product / scale + (rest ? 1 : 0);
}

}  // namespace

Quantity::Wide Quantity::bounded(Wide billionths) { return std::clamp(billionths, -kMax, kMax); }

Result<Quantity> Quantity::parse(std::string_view text) {
  const std::optional<Digits> digits = split(text);
  std::optional<Wide> unit;
  Quantity result;
  if (digits) {
    if (const auto decimal = position(kDecimalSuffixes, digits->suffix)) {
      unit = power(1000, *decimal);
    } else if (const auto binary = position(kBinarySuffixes, digits->suffix)) {
      unit = power(1024, *binary) * kOne;
      result.notation_ = Notation::Binary;
    } else if (const auto exponent = exponent_of(digits->suffix)) {
      unit = power(10, *exponent - kExponentMin);
      result.notation_ = Notation::Exponent;
    }
  }
  if (!unit) {
    return fail(ErrorCode::InvalidInput, "\"" + std::string(text.substr(0, 40)) +
                                             "\" is not a quantity such as 500m, 2, 1.5Gi or 1e3");
  }
  const Wide size = bounded(multiply(*digits, *unit));
  result.billionths_ = digits->negative ? -size : size;
  return result;
}

std::int64_t Quantity::round_up() const {
  const Wide whole = billionths_ / kOne;
  const Wide rest = billionths_ % kOne;
  const Wide step = rest == 0 ? 0 : (rest > 0 ? 1 : -1);
  return static_cast<std::int64_t>(whole + step);
}

Quantity Quantity::plus(const Quantity& other) const {
  Quantity sum;
  sum.billionths_ = bounded(billionths_ + other.billionths_);
  sum.notation_ = is_zero() ? other.notation_ : notation_;
  return sum;
}

Quantity Quantity::times(std::int64_t factor) const {
  Quantity product = *this;
  const Wide size = billionths_ < 0 ? -billionths_ : billionths_;
  const Wide times = factor < 0 ? -Wide{factor} : Wide{factor};
  const bool negative = (billionths_ < 0) != (factor < 0);
  const Wide result = times != 0 && size > kMax / times ? kMax : size * times;
  product.billionths_ = negative ? -result : result;
  return product;
}

std::string Quantity::canonical() const {
  if (is_zero()) return "0";
  const Wide size = billionths_ < 0 ? -billionths_ : billionths_;
  if (notation_ == Notation::Binary && size >= 1024 * kOne && size % kOne == 0) {
    Wide rest = billionths_ / kOne;
    std::size_t step = 0;
    for (; rest % 1024 == 0 && step + 1 < kBinarySuffixes.size(); ++step) rest /= 1024;
    return to_text(rest) + std::string(kBinarySuffixes[step]);
  }
  Wide rest = billionths_;
  std::size_t step = 0;
  for (; rest % 1000 == 0 && step + 1 < kDecimalSuffixes.size(); ++step) rest /= 1000;
  if (notation_ != Notation::Exponent) return to_text(rest) + std::string(kDecimalSuffixes[step]);
  const int exponent = static_cast<int>(step) * 3 + kExponentMin;
  return to_text(rest) + (exponent == 0 ? "" : "e" + to_text(exponent));
}

std::string Quantity::decimal() const {
  const Wide size = billionths_ < 0 ? -billionths_ : billionths_;
  std::string text = (billionths_ < 0 ? "-" : "") + to_text(size / kOne);
  if (size % kOne == 0) return text;
  std::string fraction = to_text(kOne + size % kOne).substr(1);  // the one keeps leading zeros
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

}  // namespace raycord
