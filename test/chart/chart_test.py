"""The chart with a real helm: lint, what its templates print, and which values it refuses.

    chart_test.py

What they print is compared with test/chart/golden; RAYCORD_UPDATE_GOLDEN=1 writes it anew, and the
diff is the review. Exits 77 when there is no helm (scripts/helm.sh)."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CHART = os.path.join(ROOT, "charts", "raycord")
KUBERNETES = "1.34.0"  # What a helm takes for the cluster's is up to how it was built.
HELM = None

REFUSED = (
    # (what is set, what the refusal says)
    ("replicaCount=1", "replicaCount"),
    ("image.reposotory=x", "reposotory"),
    ("replicas=2", "replicas must be 1: the log belongs to one process"),
    ("failover=sometimes", "/failover"),
    ("watchNamespace={Team}", "/watchNamespace/0"),
    ("watchNamespace=default", "/watchNamespace"),
    ("service.port=99999", "/service/port"),
    ("persistence.size=much", "/persistence/size"),
    ("webhook.failurePolicy=Maybe", "/webhook/failurePolicy"),
    ("webhook.timeoutSeconds=31", "/webhook/timeoutSeconds"),
    ("logging.stdoutEncoder=xml", "/logging/stdoutEncoder"),
    ("extraArgs={http2}", "/extraArgs/0"),
    ("labels.a=1", "/labels/a"),
    ("image.repository=quay.io/kuberay/operator", "which is KubeRay's operator"),
    ("batchScheduler.name=volcano", "batchScheduler"),
    ("batchScheduler.enabled=true", "batchScheduler"),
    ("configuration.enabled=true", "configuration.enabled"),
    ("logging.baseDir=/var/log", "logging.baseDir"),
)


def helm(*arguments):
    return subprocess.run([HELM, *arguments], capture_output=True, text=True, timeout=120)


def template(*arguments):
    return helm("template", "raycord", CHART, "--namespace", "ray-system", "--kube-version",
                KUBERNETES, *arguments)


def value_sets():
    folder = os.path.join(HERE, "values")
    return {name.removesuffix(".yaml"): os.path.join(folder, name)
            for name in sorted(os.listdir(folder))}


class Chart(unittest.TestCase):
    def test_lint_has_nothing_to_say(self):
        for name, path in value_sets().items():
            with self.subTest(name):
                done = helm("lint", "--strict", "--kube-version", KUBERNETES, "-f", path, CHART)
                self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_templates_print_what_is_golden(self):
        for name, path in value_sets().items():
            with self.subTest(name):
                done = template("-f", path)
                self.assertEqual(0, done.returncode, done.stderr)
                golden = os.path.join(HERE, "golden", f"{name}.yaml")
                if os.environ.get("RAYCORD_UPDATE_GOLDEN"):
                    with open(golden, "w", encoding="utf-8") as file:
                        file.write(done.stdout)
                with open(golden, encoding="utf-8") as file:
                    self.assertEqual(file.read(), done.stdout)

    def test_each_golden_file_has_its_values(self):
        self.assertEqual([f"{name}.yaml" for name in value_sets()],
                         sorted(os.listdir(os.path.join(HERE, "golden"))))

    def test_wrong_values_are_refused_by_name(self):
        for wrong, said in REFUSED:
            with self.subTest(wrong):
                done = template("--set", wrong)
                self.assertNotEqual(0, done.returncode)
                self.assertIn(said, done.stderr)

    def test_definitions_come_with_it(self):
        done = helm("show", "crds", CHART)
        for name in ("rayclusters.ray.io", "rayservices.ray.io"):
            self.assertIn(name, done.stdout)

    def test_an_old_kubernetes_is_refused(self):
        done = helm("template", "raycord", CHART, "--kube-version", "1.24.0")
        self.assertIn("1.25", done.stderr)


def main():
    global HELM
    done = subprocess.run([os.path.join(ROOT, "scripts", "helm.sh")], capture_output=True,
                          text=True, timeout=1000)
    if done.returncode == 77:
        print(f"SKIPPED chart: {done.stderr.strip()}")
        return 77
    if done.returncode != 0:
        sys.exit(done.stderr)
    HELM = done.stdout.strip()
    return 0 if unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
