#include "sandbox/ray_head.h"

#include <fstream>

#include <gtest/gtest.h>

#include "formats/canonical_json.h"
#include "sandbox/ray_kept.h"
#include "test/sandbox/bench.h"

namespace raycord {
namespace {

class RayHeadTest : public testing::Test {
 protected:
  static Json fruit(int price) {
    return {
        {"name", "fruit_app"},
        {"import_path", "fruit.deployment_graph"},
        {"route_prefix", "/fruit"},
        {"deployments",
         Json::array(
             {{{"name", "MangoStand"}, {"num_replicas", 1}, {"user_config", {{"price", price}}}},
              {{"name", "FruitMarket"}, {"num_replicas", 1}}})}};
  }
  static Json calc() {
    return {
        {"name", "math_app"},
        {"import_path", "conditional_dag.serve_dag"},
        {"route_prefix", "/calc"},
        {"deployments", Json::array({{{"name", "Multiplier"}, {"user_config", {{"factor", 5}}}},
                                     {{"name", "Adder"}, {"user_config", {{"increment", 3}}}}})}};
  }

  HttpResponse put(const Json& apps) {
    bool changed = false;
    return head.put(now, Json({{"applications", apps}}).dump(), displays, changed);
  }
  Json app(const char* name) {
    return head.details(now, displays, {{"head", "10.64.0.1"}})["applications"][name];
  }
  std::string ask(const char* path, const char* body) {
    return head.answer(now, path, body).value_or("no route");
  }

  Time now = kTestStart;
  RayDisplays displays;
  RayHead head{now, "session", "2.52.0", {}, {}};
};

TEST_F(RayHeadTest, DeploysWhatItIsGiven) {
  const HttpResponse response = put({fruit(3), calc()});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOYING");
  EXPECT_EQ(app("fruit_app")["deployed_app_config"], fruit(3));
  EXPECT_EQ(app("fruit_app")["deployments"], Json::object());
  EXPECT_EQ(ask("/fruit/", "[\"MANGO\", 2]"), "no route");
  now += Millis(200);
  const Json mango = app("fruit_app")["deployments"]["MangoStand"];
  EXPECT_EQ(mango["status"], "UPDATING");
  EXPECT_EQ(mango["status_trigger"], "CONFIG_UPDATE_STARTED");
  EXPECT_EQ(mango["replicas"][0]["state"], "STARTING");
  now += Millis(200);
  EXPECT_EQ(app("fruit_app")["status"], "RUNNING");
  EXPECT_EQ(app("fruit_app")["deployments"]["MangoStand"]["status_trigger"],
            "CONFIG_UPDATE_COMPLETED");
  EXPECT_EQ(ask("/fruit/", "[\"MANGO\", 2]"), "6");
  EXPECT_EQ(ask("/calc/", "[\"MUL\", 3]"), "15 pizzas please!");
  EXPECT_EQ(ask("/calc", "[\"ADD\", 4]"), "7 pizzas please!");
  EXPECT_EQ(ask("/other", ""), "no route");
}

TEST_F(RayHeadTest, AnswersInQuotesBehindADriver) {
  Json driven = calc();
  driven["deployments"].push_back({{"name", "DAGDriver"}});
  put(Json::array({driven}));
  now += Millis(1000);
  EXPECT_EQ(ask("/calc/", "[\"MUL\", 3]"), "\"15 pizzas please!\"");
}

TEST_F(RayHeadTest, AnswersFromTheOldConfigUntilTheNewOneRuns) {
  put(Json::array({fruit(3)}));
  now += Millis(1000);
  put(Json::array({fruit(4)}));
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOYING");
  EXPECT_EQ(app("fruit_app")["deployed_app_config"], fruit(4));
  EXPECT_EQ(app("fruit_app")["deployments"]["MangoStand"]["status"], "UPDATING");
  EXPECT_EQ(app("fruit_app")["deployments"]["FruitMarket"]["status"], "HEALTHY");
  EXPECT_EQ(ask("/fruit", "[\"MANGO\", 2]"), "6");
  now += Millis(300);
  EXPECT_EQ(app("fruit_app")["status"], "RUNNING");
  EXPECT_EQ(ask("/fruit", "[\"MANGO\", 2]"), "8");
}

TEST_F(RayHeadTest, DeploysAgainWhatDidNotChange) {
  put(Json::array({fruit(3)}));
  now += Millis(1000);
  put(Json::array({fruit(3)}));
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOYING");
  EXPECT_EQ(app("fruit_app")["deployments"]["MangoStand"]["status"], "HEALTHY");
}

TEST_F(RayHeadTest, RemovesWhatIsNoLongerListed) {
  put({fruit(3), calc()});
  now += Millis(1000);
  put(Json::array({fruit(3)}));
  EXPECT_EQ(app("math_app")["status"], "DELETING");
  EXPECT_TRUE(app("math_app")["deployed_app_config"].is_null());
  EXPECT_EQ(ask("/calc", "[\"MUL\", 3]"), "no route");
  now += Millis(1000);
  EXPECT_TRUE(app("math_app").is_null());
}

TEST_F(RayHeadTest, FailsAndDawdlesOnRequest) {
  Json failing = fruit(3);
  failing["import_path"] = "fail.app";
  Json slow = calc();
  slow["import_path"] = "slow.app";
  put({failing, slow});
  now += std::chrono::hours(1);
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOY_FAILED");
  EXPECT_EQ(app("fruit_app")["message"].get<std::string>().rfind(
                "Deploying app 'fruit_app' failed with exception:", 0),
            0u);
  EXPECT_EQ(app("math_app")["status"], "DEPLOYING");
}

TEST_F(RayHeadTest, RefusesWhatItsSchemaRefuses) {
  const HttpResponse refused = put(Json::array({{{"name", 3}}}));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body,
            "ValidationError(model='ServeDeploySchema', errors=[{'loc': ('applications', 0, "
            "'import_path'), 'msg': 'field required', 'type': 'value_error.missing'}, {'loc': "
            "('__root__',), 'msg': \"'NoneType' object is not iterable\", 'type': 'type_error'}])");
  Json same_route = calc();
  same_route["route_prefix"] = "/fruit";
  EXPECT_EQ(put({fruit(3), same_route}).status, 400);
  bool changed = false;
  EXPECT_EQ(head.put(now, "not json", displays, changed).status, 500);
  EXPECT_EQ(head.details(now, displays, {{"h", "1"}})["applications"], Json::object());
}

// Recorded from Ray 2.52.1.
TEST_F(RayHeadTest, RefusesInTheWordsOfRay) {
  const auto said = [&](const Json& config) {
    bool changed = false;
    const HttpResponse response = head.put(now, config.dump(), displays, changed);
    EXPECT_EQ(response.status, 400) << config;
    const auto from = response.body.find("'msg': ");
    return response.body.substr(from, response.body.find(", 'type'") - from);
  };
  const auto app = [](const Json& more) {
    Json one = {{"name", "p"}, {"import_path", "p.app"}};
    one.update(more);
    return Json({{"applications", Json::array({one})}});
  };
  EXPECT_EQ(
      said(app({{"import_path", "one"}})),
      "'msg': 'Got invalid import path \"one\". An import path must contain at least on dot or "
      "colon separating the module (and potentially submodules) from the deployment graph. "
      "E.g.: \"module.deployment_graph\".'");
  EXPECT_EQ(said({{"applications", Json::array({fruit(1), fruit(1)})}}),
            "'msg': 'Found multiple configs for application \"fruit_app\". Please remove all "
            "duplicates.'");
  Json other = fruit(1);
  other["name"] = "other";
  EXPECT_EQ(said({{"applications", Json::array({fruit(1), other})}}),
            "'msg': 'Found duplicate applications for route prefix \"/fruit\". Please ensure each "
            "application\\'s route_prefix is unique.'");
  const auto deployment = [&](const Json& more) {
    Json one = {{"name", "P"}};
    one.update(more);
    return app({{"deployments", Json::array({one})}});
  };
  EXPECT_EQ(said(deployment({{"num_replicas", 0}})),
            "'msg': '`num_replicas` must be an int or \"auto\", but got: 0'");
  EXPECT_EQ(said(deployment({{"num_replicas", "x"}})),
            "'msg': '`num_replicas` must be an int or \"auto\", but got: x'");
  EXPECT_EQ(said(deployment({{"max_ongoing_requests", "many"}})),
            "'msg': 'value is not a valid integer'");
  EXPECT_EQ(said(app({{"args", nullptr}})), "'msg': 'none is not an allowed value'");
  EXPECT_EQ(said({{"applications", nullptr}}), "'msg': 'none is not an allowed value'");
  EXPECT_EQ(said(Json::object()), "'msg': 'field required'");
  EXPECT_EQ(said(Json::array()), "'msg': 'field required'");
  EXPECT_EQ(said({{"applications", Json::array()}, {"target_capacity", 101}}),
            "'msg': 'ensure this value is less than or equal to 100'");
}

TEST_F(RayHeadTest, WritesConfigsDownAsRayDoes) {
  std::ifstream recorded(std::string(TEST_DATA) + "/formats/data/ray_deployed_configs.jsonl");
  int rewritten = 0;
  for (std::string text; std::getline(recorded, text);) {
    const Json line = Json::parse(text);
    EXPECT_EQ(canonical_json(kept_by_ray(line["sent"], line["beside"])),
              canonical_json(line["shown"]))
        << line["about"];
    if (line["sent"] != line["shown"]) ++rewritten;
  }
  EXPECT_GE(rewritten, 6);
  bool changed = false;
  const Json config = {{"applications", Json::array({fruit(3)})},
                       {"logging_config", {{"log_level", "INFO"}}},
                       {"of_another_version", 1}};
  EXPECT_EQ(head.put(now, config.dump(), displays, changed).status, 200);
  EXPECT_EQ(app("fruit_app")["deployed_app_config"]["logging_config"]["log_level"], "INFO");
}

TEST_F(RayHeadTest, FailsToDeployARouteThatIsNone) {
  for (const char* route : {"fruit", "/fruit/"}) {
    Json bad = fruit(3);
    bad["route_prefix"] = route;
    EXPECT_EQ(put(Json::array({bad})).status, 200);
    now += Millis(1000);
    EXPECT_EQ(app("fruit_app")["status"], "DEPLOY_FAILED") << route;
    const auto message = app("fruit_app")["message"].get<std::string>();
    EXPECT_TRUE(message.starts_with("Traceback")) << message;
    EXPECT_NE(message.find("Invalid route_prefix"), std::string::npos);
  }
}

TEST_F(RayHeadTest, ShowsNoDeploymentsOfCodeThatIsNotBuilt) {
  put(Json::array({fruit(3)}));
  now += Millis(1000);
  Json other = fruit(3);
  other["import_path"] = "other.graph";
  put(Json::array({other}));
  EXPECT_EQ(app("fruit_app")["deployments"], Json::object());
  now += Millis(1000);
  EXPECT_EQ(app("fruit_app")["deployments"].size(), 2u);
  other["import_path"] = "fail.graph";
  put(Json::array({other}));
  now += Millis(1000);
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOY_FAILED");
  EXPECT_EQ(app("fruit_app")["deployments"], Json::object());
}

TEST_F(RayHeadTest, ProxiesOutliveTheLastApplication) {
  put(Json::array({fruit(3)}));
  EXPECT_FALSE(head.serving(now));
  now += Millis(1000);
  EXPECT_TRUE(head.serving(now));
  put(Json::array());
  now += Millis(1000);
  EXPECT_TRUE(head.serving(now));
}

TEST_F(RayHeadTest, ShowsAnAppUnhealthyUntilTheNextConfig) {
  put(Json::array({fruit(3)}));
  now += Millis(1000);
  displays["fruit_app"] = {"UNHEALTHY", "", "", true};
  EXPECT_EQ(app("fruit_app")["status"], "UNHEALTHY");
  EXPECT_EQ(app("fruit_app")["deployments"]["MangoStand"]["status"], "UNHEALTHY");
  put(Json::array({fruit(4)}));
  EXPECT_EQ(app("fruit_app")["status"], "DEPLOYING");
}

}  // namespace
}  // namespace raycord
