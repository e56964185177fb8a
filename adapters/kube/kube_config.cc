#include "adapters/kube/kube_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "adapters/kube/credentials_exec.h"
#include "adapters/kube/kube_config_entries.h"
#include "adapters/kube/kube_config_values.h"

namespace raycord {
namespace {

constexpr const char* kExecV1 = "client.authentication.k8s.io/v1";
constexpr const char* kExecV1Beta1 = "client.authentication.k8s.io/v1beta1";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Failure wrong(std::string message) { return fail(ErrorCode::InvalidInput, std::move(message)); }

std::string names_in(const std::map<std::string, KubeConfigEntry>& entries) {
  std::string names;
  for (const auto& [name, entry] : entries) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

std::string joined(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) text += (text.empty() ? "" : ":") + file;
  return text;
}

bool exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

// PEM text that stands in the file (<key>-data, which wins) or in a file of its own (<key>).
Result<std::string> pem_of(const KubeConfigEntry& entry, const std::string& key,
                           Outcome (*check)(std::string_view, const std::string&)) {
  const bool inline_text = entry.has(key + "-data");
  if (!inline_text && !entry.has(key)) return std::string();
  const std::string path = path_beside(entry.value(key), entry.file);
  const std::string described = inline_text ? key + "-data of " + entry.described()
                                            : key + " " + path + " of " + entry.described();
  auto pem = inline_text ? decode_base64(entry.value(key + "-data"), described)
                         : read_small_file(path, described);
  if (!pem) return pem;
  const Outcome checked = check(*pem, described);
  if (!checked) return fail(checked.error());
  return pem;
}

bool is_loopback(const std::string& server) {
  return server.starts_with("http://127.") || server.starts_with("http://localhost") ||
         server.starts_with("http://[::1]");
}

Outcome read_cluster(const KubeConfigEntry& cluster, KubeEndpoint& endpoint) {
  if (cluster.has("proxy-url")) {
    return fail(ErrorCode::Unsupported,
                "proxy-url of " + cluster.described() +
                    " is not supported; name a server that can be reached directly");
  }
  endpoint.server = cluster.value("server");
  while (endpoint.server.ends_with('/')) endpoint.server.pop_back();
  const bool plain = endpoint.server.starts_with("http://");
  if (!plain && !endpoint.server.starts_with("https://")) {
    return wrong("server of " + cluster.described() + " is '" + cluster.value("server") +
                 "'; it must begin with https:// (or http://)");
  }
  if (plain && !is_loopback(endpoint.server)) {
    endpoint.warnings.push_back("The API server " + endpoint.server +
                                " is spoken to without TLS: everyone on the way can read and "
                                "change everything, credentials included.");
  }
  const std::string insecure = cluster.value("insecure-skip-tls-verify");
  if (!insecure.empty() && insecure != "true" && insecure != "false") {
    return wrong("insecure-skip-tls-verify of " + cluster.described() + " must be true or false");
  }
  auto authority = pem_of(cluster, "certificate-authority", &check_certificate_pem);
  if (!authority) return fail(authority.error());
  endpoint.tls.ca_pem = std::move(*authority);
  endpoint.tls.server_name = cluster.value("tls-server-name");
  endpoint.tls.insecure = insecure == "true";
  if (!endpoint.tls.insecure) return Done{};
  if (!endpoint.tls.ca_pem.empty()) {
    return wrong(cluster.described() +
                 " has both insecure-skip-tls-verify and a certificate authority; remove one");
  }
  endpoint.warnings.push_back("INSECURE: the certificate of " + endpoint.server +
                              " is not verified (insecure-skip-tls-verify of " +
                              cluster.described() + "); anyone may pretend to be the cluster.");
  return Done{};
}

std::string exec_cluster_json(const KubeConfigEntry& cluster, const KubeEndpoint& endpoint) {
  nlohmann::json json{{"server", endpoint.server}};
  if (!endpoint.tls.server_name.empty()) json["tls-server-name"] = endpoint.tls.server_name;
  if (endpoint.tls.insecure) json["insecure-skip-tls-verify"] = true;
  if (!endpoint.tls.ca_pem.empty()) {
    json["certificate-authority-data"] = encode_base64(endpoint.tls.ca_pem);
  }
  if (!cluster.exec_cluster_config.empty()) {
    json["config"] = nlohmann::json::parse(cluster.exec_cluster_config);
  }
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::shared_ptr<Credentials>> exec_credentials(const KubeConfigEntry& user,
                                                      const KubeConfigEntry& cluster,
                                                      const KubeEndpoint& endpoint) {
  const ExecEntry& exec = *user.exec;
  const std::string described = "exec plugin '" + exec.command + "' of " + user.described();
  if (exec.command.empty()) return wrong("exec of " + user.described() + " has no command");
  if (exec.api_version != kExecV1 && exec.api_version != kExecV1Beta1) {
    return fail(ErrorCode::Unsupported, described + " has apiVersion '" + exec.api_version + "'; " +
                                            kExecV1 + " and " + kExecV1Beta1 + " are supported");
  }
  if (exec.interactive_mode == "Always") {
    return fail(ErrorCode::Unsupported,
                described + " wants a terminal (interactiveMode: Always), an operator has none");
  }
  ExecPlugin plugin{.api_version = exec.api_version,
                    .command = {exec.command},
                    .environment = exec.environment,
                    .cluster_json = {},
                    .install_hint = exec.install_hint,
                    .described = described};
  // A name is looked for in PATH; a relative path is meant from the kubeconfig's folder.
  if (exec.command.find('/') != std::string::npos) {
    plugin.command.front() = path_beside(exec.command, user.file);
  }
  plugin.command.insert(plugin.command.end(), exec.args.begin(), exec.args.end());
  std::replace(plugin.install_hint.begin(), plugin.install_hint.end(), '\n', ' ');
  if (exec.provide_cluster_info) plugin.cluster_json = exec_cluster_json(cluster, endpoint);
  return std::shared_ptr<Credentials>(std::make_shared<ExecCredentials>(std::move(plugin)));
}

Result<std::shared_ptr<Credentials>> credentials_of(const KubeConfigEntry& user,
                                                    const KubeConfigEntry& cluster,
                                                    const KubeEndpoint& endpoint) {
  const bool bearer = user.has("token") || user.has("tokenFile");
  const bool basic = user.has("username") || user.has("password");
  if (!user.auth_provider.empty()) {
    return fail(ErrorCode::Unsupported,
                "auth-provider '" + user.auth_provider + "' of " + user.described() +
                    " is not supported (Kubernetes removed it as well); use an exec plugin");
  }
  if (int{bearer} + int{basic} + int{user.exec.has_value()} > 1) {
    return wrong(user.described() +
                 " has more than one of token, username and exec; remove all but one");
  }
  std::shared_ptr<Credentials> credentials;
  if (user.exec) return exec_credentials(user, cluster, endpoint);
  std::string token;
  if (user.has("token")) {
    auto clean = clean_token(user.value("token"), "token of " + user.described());
    if (!clean) return fail(clean.error());
    token = std::move(*clean);
  }
  if (user.has("tokenFile")) {
    const std::string path = path_beside(user.value("tokenFile"), user.file);
    credentials = std::make_shared<TokenFileCredentials>(
        path, token, "token file " + path + " of " + user.described());
  } else {
    std::vector<HttpHeader> headers;
    if (bearer) headers.push_back(bearer_header(token));
    if (basic) headers.push_back(basic_header(user.value("username"), user.value("password")));
    credentials = std::make_shared<FixedCredentials>(std::move(headers));
  }
  return credentials;
}

std::vector<HttpHeader> impersonation_of(const KubeConfigEntry& user) {
  constexpr std::string_view kExtra = "extra-";
  std::vector<HttpHeader> headers;
  if (user.has("as")) headers.push_back({"impersonate-user", user.value("as")});
  if (user.has("as-uid")) headers.push_back({"impersonate-uid", user.value("as-uid")});
  for (const auto& [key, values] : user.extras) {
    const std::string name = key.starts_with(kExtra)
                                 ? "impersonate-extra-" + url_encode(key.substr(kExtra.size()))
                                 : "impersonate-group";
    for (const std::string& value : values) headers.push_back({name, value});
  }
  return headers;
}

Outcome read_user(const KubeConfigEntry& user, const KubeConfigEntry& cluster,
                  KubeEndpoint& endpoint) {
  auto certificate = pem_of(user, "client-certificate", &check_certificate_pem);
  if (!certificate) return fail(certificate.error());
  auto key = pem_of(user, "client-key", &check_key_pem);
  if (!key) return fail(key.error());
  if (certificate->empty() != key->empty()) {
    return wrong(user.described() + " has a client " + (key->empty() ? "certificate" : "key") +
                 " without its " + (key->empty() ? "key" : "certificate"));
  }
  endpoint.tls.client_cert_pem = std::move(*certificate);
  endpoint.tls.client_key_pem = std::move(*key);
  auto credentials = credentials_of(user, cluster, endpoint);
  if (!credentials) return fail(credentials.error());
  endpoint.credentials = std::move(*credentials);
  auto impersonation = impersonation_of(user);
  if (impersonation.empty()) return Done{};
  if (!user.has("as")) {
    return wrong(user.described() + " impersonates groups or fields without a user; add 'as'");
  }
  endpoint.credentials =
      std::make_shared<CredentialsWithHeaders>(endpoint.credentials, std::move(impersonation));
  return Done{};
}

Result<KubeEndpoint> endpoint_of(const KubeConfigEntries& entries, const std::string& wanted) {
  const std::string files = joined(entries.files);
  const std::string name = wanted.empty() ? entries.current_context : wanted;
  if (name.empty()) {
    return wrong("kubeconfig " + files + " has no current-context; choose one by --context (" +
                 names_in(entries.contexts) + ")");
  }
  const auto context = entries.contexts.find(name);
  if (context == entries.contexts.end()) {
    return fail(ErrorCode::NotFound, "kubeconfig " + files + " has no context '" + name +
                                         "'; it has: " + names_in(entries.contexts));
  }
  const auto cluster = entries.clusters.find(context->second.value("cluster"));
  if (cluster == entries.clusters.end()) {
    return fail(ErrorCode::NotFound,
                context->second.described() + " names cluster '" +
                    context->second.value("cluster") +
                    "', which is not defined; there are: " + names_in(entries.clusters));
  }
  KubeEndpoint endpoint;
  endpoint.described = "context '" + name + "' of " + context->second.file;
  if (context->second.has("namespace")) {
    endpoint.default_namespace = context->second.value("namespace");
  }
  const Outcome cluster_read = read_cluster(cluster->second, endpoint);
  if (!cluster_read) return fail(cluster_read.error());
  const std::string user_name = context->second.value("user");
  if (user_name.empty()) {
    endpoint.credentials = std::make_shared<FixedCredentials>(std::vector<HttpHeader>{});
    return endpoint;
  }
  const auto user = entries.users.find(user_name);
  if (user == entries.users.end()) {
    return fail(ErrorCode::NotFound,
                context->second.described() + " names user '" + user_name +
                    "', which is not defined; there are: " + names_in(entries.users));
  }
  const Outcome user_read = read_user(user->second, cluster->second, endpoint);
  if (!user_read) return fail(user_read.error());
  return endpoint;
}

std::vector<std::string> split_paths(const std::string& variable) {
  std::vector<std::string> paths;
  for (std::size_t begin = 0; begin <= variable.size();) {
    const auto end = std::min(variable.find(':', begin), variable.size());
    if (end > begin) paths.push_back(variable.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

Result<KubeEndpoint> from_variable(const KubeConfigSearch& search) {
  KubeConfigEntries entries;
  for (const std::string& path : split_paths(search.kubeconfig_variable)) {
    const Outcome merged = merge_kube_config(path, entries);
    if (!merged && merged.error().code != ErrorCode::NotFound) return fail(merged.error());
  }
  if (entries.files.empty()) {
    return fail(ErrorCode::NotFound,
                "none of the files in KUBECONFIG exists: " + search.kubeconfig_variable);
  }
  return endpoint_of(entries, search.context);
}

Result<KubeEndpoint> from_file(const std::string& path, const std::string& context) {
  KubeConfigEntries entries;
  const Outcome merged = merge_kube_config(path, entries);
  if (!merged) return fail(merged.error());
  return endpoint_of(entries, context);
}

Result<KubeEndpoint> from_service_account(const KubeConfigSearch& search) {
  const std::string& folder = search.service_account;
  const bool bare_ipv6 =
      search.service_host.find(':') != std::string::npos && !search.service_host.starts_with('[');
  KubeEndpoint endpoint;
  endpoint.server = "https://" +
                    (bare_ipv6 ? "[" + search.service_host + "]" : search.service_host) + ":" +
                    search.service_port;
  endpoint.described = "the pod's service account";
  const std::string authority_place = "certificate authority " + folder + "/ca.crt of the pod";
  auto authority = read_small_file(folder + "/ca.crt", authority_place);
  if (!authority) return fail(authority.error());
  const Outcome checked = check_certificate_pem(*authority, authority_place);
  if (!checked) return fail(checked.error());
  endpoint.tls.ca_pem = std::move(*authority);
  endpoint.credentials = std::make_shared<TokenFileCredentials>(
      folder + "/token", "", "token file " + folder + "/token of the pod's service account");
  const auto name_space = read_small_file(folder + "/namespace", "namespace of the pod");
  if (name_space) {
    const std::string trimmed = name_space->substr(0, name_space->find_last_not_of(" \n") + 1);
    if (!trimmed.empty()) endpoint.default_namespace = trimmed;
  }
  return endpoint;
}

}  // namespace

KubeConfigSearch search_from_environment(std::string kubeconfig, std::string context) {
  KubeConfigSearch search;
  search.kubeconfig = std::move(kubeconfig);
  search.context = std::move(context);
  search.kubeconfig_variable = variable("KUBECONFIG");
  search.home = variable("HOME");
  search.service_host = variable("KUBERNETES_SERVICE_HOST");
  search.service_port = variable("KUBERNETES_SERVICE_PORT");
  return search;
}

Result<KubeEndpoint> find_kube_endpoint(const KubeConfigSearch& search) {
  if (!search.kubeconfig.empty()) return from_file(search.kubeconfig, search.context);
  if (!split_paths(search.kubeconfig_variable).empty()) return from_variable(search);
  // A context can only mean one of a kubeconfig, so asking for one passes the pod's account over.
  const bool in_pod = !search.service_host.empty() && !search.service_port.empty() &&
                      exists(search.service_account + "/token");
  if (in_pod && search.context.empty()) return from_service_account(search);
  const std::string at_home = search.home + "/.kube/config";
  if (!search.home.empty() && exists(at_home)) return from_file(at_home, search.context);
  return fail(ErrorCode::NotFound,
              "no Kubernetes cluster is configured: give --kubeconfig, set KUBECONFIG, create " +
                  (search.home.empty() ? "~/.kube/config" : at_home) +
                  ", or run in a pod with a service account");
}

}  // namespace raycord
