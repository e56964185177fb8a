// Certificates made on the spot, so that no test data expires: a test authority and what it issues.
//
//   const TestAuthority authority("cluster-ca");
//   FakeHttp server(script, {authority.issue("api", {"IP:127.0.0.1"}), authority.pem()});

#pragma once

#include <memory>
#include <string>
#include <vector>

namespace raycord {

struct TestIdentity {
  std::string cert_pem;
  std::string key_pem;
};

struct FakeTls {
  TestIdentity identity;
  std::string client_ca_pem = {};  // Not empty: clients must show a certificate of this authority.
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  std::string pem() const;

  // `names` as OpenSSL writes subject alternative names: "DNS:kubernetes.default", "IP:127.0.0.1".
  // `seconds_valid` may be negative: a certificate that has expired.
  TestIdentity issue(const std::string& common_name, const std::vector<std::string>& names,
                     long seconds_valid = 3600) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace raycord
