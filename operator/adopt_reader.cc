#include "operator/adopt_reader.h"

#include <algorithm>
#include <utility>

#include "adapters/limits.h"
#include "formats/kube_list.h"
#include "operator/limits.h"

namespace raycord {

ClusterReader::ClusterReader(std::vector<std::string> namespaces, const KubeApi& api,
                             HttpTransport& transport)
    : namespaces_(std::move(namespaces)), api_(api), transport_(transport) {}

ClusterReader::~ClusterReader() {
  for (const auto& [id, then] : asked_) transport_.cancel(id);
}

void ClusterReader::list(Kind kind) {
  Listing listing{std::make_unique<KubeKind>(kind, namespaces_, api_, transport_), false, {}};
  listing.kind->begin(0, {});
  listings_.push_back(std::move(listing));
}

void ClusterReader::ask(const std::string& path, Then then) {
  HttpRequest request = api_.request("GET", path, now_);
  request.timeout = kListTimeout;
  request.max_body = kListBodyMax;
  asked_[transport_.start(std::move(request), *this)] = std::move(then);
}

void ClusterReader::ask_all(const std::string& path, const std::string& query, ThenItems then,
                            Otherwise otherwise) {
  auto pages = std::make_shared<Pages>();
  *pages = {path, query, {}, std::move(then), std::move(otherwise)};
  ask_page(std::move(pages), "");
}

void ClusterReader::ask_page(std::shared_ptr<Pages> pages, const std::string& token) {
  std::string url = pages->path + "?limit=" + std::to_string(kListPage);
  if (!pages->query.empty()) url += "&" + pages->query;
  if (!token.empty()) url += "&continue=" + url_encode(token);
  ask(url, [this, pages](const HttpOutcome& outcome) {
    if (!is_success(outcome)) {
      return pages->otherwise(outcome.response.status, message_of(outcome));
    }
    Result<KubeListPage> page = split_list(outcome.response.body);
    if (!page) return pages->otherwise(0, page.error().message);
    std::move(page->items.begin(), page->items.end(), std::back_inserter(pages->items));
    if (page->next_page.empty()) return pages->then(std::move(pages->items));
    ask_page(pages, page->next_page);
  });
}

void ClusterReader::on_done(std::uint64_t id, HttpOutcome outcome) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return;
  const Then then = std::move(found->second);
  asked_.erase(found);
  api_.note_answer(outcome);
  then(outcome);
}

void ClusterReader::tick(Time now) {
  now_ = now;
  for (Listing& listing : listings_) {
    if (listing.complete || failure_) continue;
    take_from(listing);
    if (listing.complete || failure_) continue;
    listing.kind->tick(now, false);
    look_for_trouble(listing, now);
  }
}

void ClusterReader::take_from(Listing& listing) {
  std::vector<Observation> observed;
  listing.kind->take_observations(observed);
  for (Observation& observation : observed) {
    const auto* report = std::get_if<Report>(&observation);
    const auto* left = report != nullptr ? std::get_if<LeftScope>(&report->fact) : nullptr;
    if (left != nullptr) {
      failure_ = Error{ErrorCode::InvalidInput,
                       std::string("may not look at ") + name_of(left->kind) + ": " + left->why};
      return;
    }
    const bool listed = report != nullptr && std::holds_alternative<KindListed>(report->fact);
    listing.complete = listing.complete || listed;
    observations_.push_back(std::move(observation));
  }
}

// What passes within moments is no failure: an API server that is busy, a page that expired.
void ClusterReader::look_for_trouble(Listing& listing, Time now) {
  const std::string trouble = listing.kind->trouble();
  if (trouble.empty()) {
    listing.trouble_since.reset();
    return;
  }
  if (!listing.trouble_since) listing.trouble_since = now;
  if (now < *listing.trouble_since + kReadPatience) return;
  failure_ = Error{ErrorCode::InvalidInput, trouble};
}

Time ClusterReader::next_wake() const {
  Time wake = Time::max();
  for (const Listing& listing : listings_) {
    if (listing.complete) continue;
    wake = std::min(wake, listing.kind->next_wake());
    if (listing.trouble_since) wake = std::min(wake, *listing.trouble_since + kReadPatience);
  }
  return wake;
}

bool ClusterReader::done() const {
  if (failure_) return true;
  return asked_.empty() && std::all_of(listings_.begin(), listings_.end(),
                                       [](const Listing& one) { return one.complete; });
}

std::vector<Observation> ClusterReader::take_observations() {
  return std::exchange(observations_, {});
}

}  // namespace raycord
