"""The chart's manifests: Kubernetes takes them, and they keep the house's rules."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest

from shared.settings import WITH_DATABASE
from tests.chart import Chart, Refused

LEAST = {"deployment": "county"}
WHOLE = {
    **LEAST, "imagePullSecrets": [{"name": "harbour"}], "serviceMonitor": {"enabled": True},
    "ingress": {"enabled": True, "host": "fuquan.example", "className": "nginx",
                "tlsSecret": "fuquan-tls"},
}
OUTSIDE = {
    **LEAST, "postgres": {"enabled": False, "host": "db.example"},
    "rabbitmq": {"enabled": False, "host": "mq.example"}, "podDisruptionBudget": {"enabled": False},
}
OVER_TLS = {**LEAST, "rabbitmq": {"tls": {"enabled": True}}}
PROCESSES = {*WITH_DATABASE, "gateway", "relay"}
OLDEST, NEWEST = "1.25", "1.32"

# From the operators' references, as far as the chart fills them in.
SIZE = {"type": "string", "pattern": "^[0-9]+(Mi|Gi|Ti)$"}


def exact(*optional: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties,
            "required": [name for name in properties if name not in optional]}


OPERATORS = {
    ("rabbitmq.com/v1beta1", "RabbitmqCluster"): exact(
        "tls",
        replicas={"type": "integer", "minimum": 1}, image={"type": "string"},
        persistence=exact(storage=SIZE),
        tls=exact(
            secretName={"type": "string", "minLength": 1},
            caSecretName={"type": "string", "minLength": 1},
            disableNonTLSListeners={"type": "boolean"},
        ),
        rabbitmq=exact(
            additionalPlugins={"type": "array", "items": {"type": "string"}},
            additionalConfig={"type": "string"},
        ),
    ),
    ("postgresql.cnpg.io/v1", "Cluster"): exact(
        "imageName",
        instances={"type": "integer", "minimum": 1}, imageName={"type": "string", "minLength": 1},
        enableSuperuserAccess={"type": "boolean"}, superuserSecret=exact(name={"type": "string"}),
        minSyncReplicas={"type": "integer"}, maxSyncReplicas={"type": "integer"},
        postgresql=exact(parameters={"additionalProperties": {"type": "string"}}),
        bootstrap=exact(initdb=exact(dataChecksums={"type": "boolean"})),
        storage=exact(size=SIZE),
    ),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): exact(
        jobLabel={"type": "string"}, selector=exact(matchLabels={"type": "object"}),
        endpoints={"type": "array", "items": exact(
            port={"type": "string"}, path={"type": "string"}, interval={"type": "string"},
            honorLabels={"type": "boolean"},
        )},
    ),
}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Chart:
    return Chart(tmp_path_factory.mktemp("chart"))


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in manifests if one["kind"] == kind}


def pods(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        one["spec"]["template"]["spec"] for one in manifests if one["kind"] in {"Deployment", "Job"}
    ]


@pytest.mark.parametrize(
    "given", [LEAST, WHOLE, OUTSIDE, OVER_TLS], ids=["least", "whole", "outside", "tls"]
)
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_every_manifest_is_what_kubernetes_and_the_operators_take(chart, given, version):
    manifests = chart.render(given)

    for one in manifests:
        operator = OPERATORS.get((one["apiVersion"], one["kind"]))
        if operator is None:
            kubernetes_validate.validate(one, version, strict=True)
        else:
            jsonschema.validate(one["spec"], operator)


def test_postgresql_is_the_operators_unless_an_image_is_given(chart):
    image = "county/postgresql:17"

    own = of_kind(chart.render(LEAST), "Cluster")["county-postgres"]
    given = of_kind(chart.render({**LEAST, "postgres": {"image": image}}), "Cluster")

    assert "imageName" not in own["spec"]
    assert given["county-postgres"]["spec"]["imageName"] == image


def test_the_schemas_refuse_a_field_that_kubernetes_does_not_know(chart):
    wrong = next(iter(of_kind(chart.render(LEAST), "Deployment").values()))
    wrong["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, NEWEST, strict=True)


def test_every_process_has_a_deployment_and_the_relay_a_second_replica(chart):
    deployments = of_kind(chart.render(LEAST), "Deployment")

    assert set(deployments) == {f"county-{name}" for name in PROCESSES}
    assert {name: one["spec"]["replicas"] for name, one in deployments.items()} == {
        f"county-{name}": 2 if name == "relay" else 1 for name in PROCESSES
    }


def test_no_pod_runs_as_root_or_writes_its_file_system_or_has_a_token_of_the_cluster(chart):
    for pod in pods(chart.render(WHOLE)):
        (container,) = pod["containers"]

        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_probes_are_the_side_doors(chart):
    for deployment in of_kind(chart.render(LEAST), "Deployment").values():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        environment = {one["name"]: one["value"] for one in container["env"]}

        assert environment["FUQUAN_OPS"] == "0.0.0.0:9100"
        assert {"name": "ops", "containerPort": 9100} in container["ports"]
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "ops"}
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "ops"}


def test_prometheus_gives_our_metrics_the_labels_that_the_alerts_go_by(chart):
    """Else the operator names the job and `service` after the Service, and ours `exported_service`.

    Source: Prometheus Operator, API reference, ServiceMonitorSpec.jobLabel, Endpoint.honorLabels.
    """
    alerts = (Path(__file__).parents[2] / "infra/prometheus/alerts.yml").read_text("utf-8")
    manifests = chart.render(WHOLE)

    (monitor,) = of_kind(manifests, "ServiceMonitor").values()
    (door,) = (
        one["metadata"]["labels"] for one in of_kind(manifests, "Service").values()
        if monitor["spec"]["selector"]["matchLabels"].items() <= one["metadata"]["labels"].items()
    )

    assert set(re.findall(r'job="(\w+)"', alerts)) == {door[monitor["spec"]["jobLabel"]]}
    assert [one["honorLabels"] for one in monitor["spec"]["endpoints"]] == [True]


def test_a_pod_gets_the_secret_files_that_it_reads_by_reference_and_no_others(chart):
    manifests = chart.render(WHOLE)

    assert of_kind(manifests, "Secret") == {}
    for deployment in of_kind(manifests, "Deployment").values():
        pod = deployment["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        read = {
            Path(one["value"]).name for one in container["env"] if one["name"].endswith("_FILE")
        }
        (mounted,) = (one["secret"] for one in pod["volumes"] if "secret" in one)
        assert mounted["secretName"] == "fuquan-secrets"
        assert {item["path"] for item in mounted["items"]} == read


def test_the_relay_alone_sees_the_logs_keys_and_the_ledger_writes_its_own(chart):
    readers: dict[str, set[str]] = {}
    writers: dict[str, set[str]] = {}
    for name, deployment in of_kind(chart.render(LEAST), "Deployment").items():
        pod = deployment["spec"]["template"]["spec"]
        claims = {
            one["name"]: one["persistentVolumeClaim"]["claimName"]
            for one in pod["volumes"] if "persistentVolumeClaim" in one
        }
        for mount in pod["containers"][0]["volumeMounts"]:
            if mount["name"] in claims:
                kind = readers if mount.get("readOnly") else writers
                kind.setdefault(claims[mount["name"]], set()).add(name)

    assert readers == {"county-public": {"county-ledger"}}
    assert writers == {
        "county-keys": {"county-relay"}, "county-public": {"county-relay"},
        "county-witness": {"county-ledger"}, "county-gateway-keys": {"county-gateway"},
    }


def test_servers_outside_the_cluster_replace_the_operators(chart):
    manifests = chart.render(OUTSIDE)
    cases = of_kind(manifests, "Deployment")["county-cases"]["spec"]["template"]["spec"]
    environment = {one["name"]: one["value"] for one in cases["containers"][0]["env"]}

    assert not of_kind(manifests, "Cluster")
    assert not of_kind(manifests, "RabbitmqCluster")
    assert environment["FUQUAN_DATABASE_AT"] == "fuquan_cases@db.example:5432"
    assert environment["FUQUAN_AMQP_AT"] == "cases@mq.example:5672"


def test_a_process_knows_every_node_of_the_broker(chart):
    cases = of_kind(chart.render(LEAST), "Deployment")["county-cases"]["spec"]["template"]["spec"]
    environment = {one["name"]: one["value"] for one in cases["containers"][0]["env"]}

    # the Cluster Operator's names: pod <cluster>-server-<n>, headless service <cluster>-nodes
    assert environment["FUQUAN_AMQP_AT"] == (
        "cases@county-rabbitmq-server-0.county-rabbitmq-nodes:5672,"
        "county-rabbitmq-server-1.county-rabbitmq-nodes:5672,"
        "county-rabbitmq-server-2.county-rabbitmq-nodes:5672"
    )


def test_over_tls_a_process_mounts_its_own_certificate_alone_and_no_password_of_the_broker(chart):
    deployments = of_kind(chart.render(OVER_TLS), "Deployment")

    for name in PROCESSES:
        pod = deployments[f"county-{name}"]["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        environment = {one["name"]: one["value"] for one in container["env"]}
        folders = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
        mounted = {
            (one["secret"]["secretName"], item["key"], f"{folders[one['name']]}/{item['path']}")
            for one in pod["volumes"] if "secret" in one for item in one["secret"]["items"]
        }
        tls = environment["FUQUAN_AMQP_TLS"]
        assert "FUQUAN_AMQP_PASSWORD_FILE" not in environment
        assert all(one["secret"]["items"] for one in pod["volumes"] if "secret" in one)  # not all
        assert mounted == {
            *(("fuquan-tls", file, f"{tls}/{file}")
              for file in ("ca.pem", f"client-{name}.pem", f"client-{name}.key")),
            *(("fuquan-secrets", f"postgres_{name}", value)
              for variable, value in environment.items() if variable.endswith("_FILE")),
        }


@pytest.mark.parametrize(
    ("broker", "nodes"),
    [
        ({"replicas": 1}, "county-rabbitmq-server-0.county-rabbitmq-nodes:5671"),
        ({"enabled": False, "host": "mq.example"}, "mq.example:5671"),
    ],
    ids=["the operator's", "outside"],
)
def test_over_tls_a_process_goes_to_the_brokers_port_for_it(chart, broker, nodes):
    manifests = chart.render({**LEAST, "rabbitmq": {"tls": {"enabled": True}, **broker}})

    cases = of_kind(manifests, "Deployment")["county-cases"]["spec"]["template"]["spec"]
    environment = {one["name"]: one["value"] for one in cases["containers"][0]["env"]}
    assert environment["FUQUAN_AMQP_AT"] == f"cases@{nodes}"


def test_over_tls_the_broker_takes_what_rabbitmq_tls_conf_takes_and_nothing_plain(chart):
    """The operator itself writes listeners and files, from secrets with tls.crt, tls.key, ca.crt.

    Source: RabbitMQ Cluster Operator, TLSSpec; `disableNonTLSListeners` is `listeners.tcp = none`.
    """
    infra = Path(__file__).parents[2] / "infra" / "rabbitmq"
    ours = set(re.findall(
        r"^(?!listeners\.|ssl_options\.\w+file)\w.*$",
        (infra / "rabbitmq-tls.conf").read_text("utf-8"), re.MULTILINE,
    ))

    (plain,) = of_kind(chart.render(LEAST), "RabbitmqCluster").values()
    (cluster,) = of_kind(chart.render(OVER_TLS), "RabbitmqCluster").values()

    told, before = (one["spec"]["rabbitmq"] for one in (cluster, plain))
    assert cluster["spec"]["tls"] == {
        "secretName": "fuquan-rabbitmq-tls", "caSecretName": "fuquan-rabbitmq-tls",
        "disableNonTLSListeners": True,
    }
    assert told["additionalPlugins"] == [
        *before["additionalPlugins"], "rabbitmq_auth_mechanism_ssl",
    ]
    assert set(told["additionalConfig"].splitlines()) == {
        *before["additionalConfig"].splitlines(), *ours,
    }
    assert "auth_mechanisms.1 = EXTERNAL" in ours
    assert "tls" not in plain["spec"]


def test_the_brokers_users_and_topology_are_those_of_infra(chart):
    infra = Path(__file__).parents[2] / "infra" / "rabbitmq"

    (told,) = of_kind(chart.render(LEAST), "ConfigMap").values()

    for name in ("users.sh", "definitions.json"):
        assert told["data"][name].strip() == (infra / name).read_text("utf-8").strip()


@pytest.mark.parametrize("replicas", [1, 3])
def test_the_topology_comes_when_all_nodes_of_the_broker_are_there(chart, replicas):
    """Below its size a cluster imports no queue (RabbitMQ, rabbit_definitions), or one copy."""
    told = chart.render(LEAST | {"rabbitmq": {"replicas": replicas}})

    (job,) = (one for name, one in of_kind(told, "Job").items() if "users" in name)
    lines = job["spec"]["template"]["spec"]["containers"][0]["args"][0].splitlines()
    waits, imports = (
        next(nth for nth, line in enumerate(lines) if word in line)
        for word in (f"await_online_nodes {replicas}", "import_definitions")
    )
    assert waits < imports


def test_a_chart_without_the_deployments_name_is_refused(chart):
    with pytest.raises(Refused, match="set deployment, it names the logs for ever"):
        chart.render({})
