"""The tests' Kubernetes API refuses what the schemas of kubernetes-models refuse."""
import sys
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "fakes"))

from kubernetes_api import Cluster, Refusal  # noqa: E402
from kubernetes_schemas import why_not  # noqa: E402

LABELS = {"app": "orders"}


def deployment():
    pod = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "orders", "image": "orders:1"}]}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "orders", "namespace": "collect"},
            "spec": {"replicas": 2, "selector": {"matchLabels": LABELS}, "template": pod}}


class TheSchemas(unittest.TestCase):
    def setUp(self):
        if reason := why_not():
            print(f"SKIP: {reason}", flush=True)
            self.skipTest(reason)
        self.cluster = Cluster(0.05)
        self.addCleanup(self.cluster.schemas.close)
        self.cluster.put(deployment())
        self.cluster.put({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "orders-1", "namespace": "collect"}})

    def refusal(self, act, *arguments):
        with self.assertRaises(Refusal) as refused:
            act(*arguments)
        return refused.exception.code, str(refused.exception)

    def patch(self, patch):
        return self.cluster.patch("collect", "deployments", "orders", patch)

    def test_a_good_object_has_no_faults(self):
        self.assertEqual(self.cluster.schemas.faults(deployment()), [])

    def test_a_change_of_another_type_is_refused_and_not_made(self):
        code, words = self.refusal(self.patch, {"spec": {"replicas": "3"}})
        self.assertEqual(code, 422)
        self.assertIn("spec.replicas: must be integer", words)
        self.assertEqual(self.cluster.find("collect", "deployments", "orders")["spec"]["replicas"], 2)

    def test_an_annotation_that_is_no_text_is_refused(self):
        code, _ = self.refusal(self.patch, {"metadata": {"annotations": {"a": 1}}})
        self.assertEqual(code, 422)

    def test_a_good_change_is_made(self):
        self.assertEqual(self.patch({"spec": {"replicas": 3}})[0], 200)

    def test_a_fault_that_was_there_before_is_not_that_of_the_change(self):
        bare = deployment()
        del bare["spec"]["selector"]
        self.cluster.put(bare)
        self.assertEqual(self.patch({"spec": {"replicas": 3}})[0], 200)

    def test_an_eviction_of_another_shape_is_refused(self):
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "orders-1", "namespace": "collect"},
                "deleteOptions": {"gracePeriodSeconds": "soon"}}
        code, words = self.refusal(self.cluster.evict, "collect", "orders-1", body)
        self.assertEqual(code, 400)
        self.assertIn("deleteOptions.gracePeriodSeconds", words)


if __name__ == "__main__":
    unittest.main()
