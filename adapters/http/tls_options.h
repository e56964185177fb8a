// TlsOptions: whom we trust at the other end of a connection, and who we are. All of it PEM text in
// memory, so nothing depends on files that change or vanish under a running connection.

#pragma once

#include <string>

namespace raycord {

struct TlsOptions {
  std::string ca_pem = {};           // Trusted authorities, and only these; empty: the system's.
  std::string client_cert_pem = {};  // With client_key_pem: who we are. Empty: nobody.
  std::string client_key_pem = {};   // A secret.
  std::string server_name = {};  // Name to expect instead of the URL's host; empty: the URL's host.
  bool insecure = false;         // Accept any certificate: only when the user says so, and loudly.

  bool operator==(const TlsOptions&) const = default;
};

}  // namespace raycord
