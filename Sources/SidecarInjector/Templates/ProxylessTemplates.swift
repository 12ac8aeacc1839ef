import KubernetesModel

extension TemplateContext {
    /// The template `grpc-simple`: gRPC clients that ask the control plane themselves, in plaintext and without an
    /// identity. An init container tells them where it is.
    func proxylessPod() -> JSONValue {
        let folder = mount("grpc-io-proxyless-bootstrap", "/var/lib/grpc/data/")
        let writer: JSONValue = [
            "name": "grpc-bootstrap-init", "image": "busybox:1.28", "volumeMounts": [folder],
            "command": ["sh", "-c", .string(TemplateContext.bootstrapScript)],
            "env": [
                fieldVariable("INSTANCE_IP", "status.podIP"), fieldVariable("POD_NAME", "metadata.name"),
                fieldVariable("POD_NAMESPACE", "metadata.namespace"),
                variable("ISTIO_NAMESPACE", values.istioNamespace),
            ],
        ]
        let variables = [
            variable("GRPC_XDS_BOOTSTRAP", "/var/lib/grpc/data/bootstrap.json"),
            variable("GRPC_GO_LOG_VERBOSITY_LEVEL", "99"), variable("GRPC_GO_LOG_SEVERITY_LEVEL", "info"),
        ]
        return [
            "metadata": ["annotations": ["sidecar.istio.io/rewriteAppHTTPProbers": "false"]],
            "spec": [
                "initContainers": [writer],
                "containers": .array(applications(env: variables, mounts: [folder])),
                "volumes": [["name": "grpc-io-proxyless-bootstrap", "emptyDir": [:]]],
            ],
        ]
    }

    /// Writes what gRPC's xDS clients read at their start.
    private static let bootstrapScript =
        #"printf '{"xds_servers":[{"server_uri":"dns:///istiod.%s.svc:15010","channel_creds":[{"type":"insecure"}],"#
        + #""server_features":["xds_v3"]}],"node":{"id":"sidecar~%s~%s.%s~cluster.local","#
        + #""metadata":{"GENERATOR":"grpc"}}}' "$ISTIO_NAMESPACE" "$INSTANCE_IP" "$POD_NAME" "$POD_NAMESPACE" "#
        + "> /var/lib/grpc/data/bootstrap.json"

    /// The template `grpc-agent`: gRPC clients with an agent beside them, which has the identity and asks the control
    /// plane for them; no Envoy.
    func agentPod() -> JSONValue {
        let endpoint: JSONValue = ["path": "/healthz/ready", "port": 15020]
        let waits = ["pilot-agent", "wait", "--url=http://localhost:15020/healthz/ready"]
        var agent: [String: JSONValue] = [
            "name": .string(proxyContainerName), "image": .string(image),
            "ports": [["containerPort": 15020, "protocol": "TCP", "name": "mesh-metrics"]],
            "args": JSONValue(agentArguments("sidecar") + (values.proxy.logsJSON ? ["--log_as_json"] : [])),
            "lifecycle": values.proxy.lifecycle ?? ["postStart": ["exec": ["command": JSONValue(waits)]]],
            "env": .array(
                environment(AgentEnvironment(leading: TemplateContext.agentVariables, runsEnvoy: false))),
            "readinessProbe": readinessProbe(
                of: endpoint, delay: values.proxy.readinessDelay, period: values.proxy.readinessPeriod,
                threshold: values.proxy.readinessFailureThreshold),
            "volumeMounts": .array(TemplateContext.agentOnlyMounts),
        ]
        if !values.imagePullPolicy.isEmpty { agent["imagePullPolicy"] = .string(values.imagePullPolicy) }
        agent["resources"] = values.proxy.resources
        let clients = applications(
            env: [
                variable("GRPC_XDS_EXPERIMENTAL_SECURITY_SUPPORT", "true"),
                variable("GRPC_XDS_BOOTSTRAP", "/etc/istio/proxy/grpc-bootstrap.json"),
            ],
            mounts: [
                mount("istio-data", "/var/lib/istio/data"), mount("istio-xds", "/etc/istio/proxy"),
                mount("workload-certs", "/var/run/secrets/workload-spiffe-credentials"),
            ])
        var spec: [String: JSONValue] = [
            "containers": .array([.object(agent)] + clients),
            "volumes": .array(TemplateContext.agentOnlyVolumes + [podInformationVolume, tokenVolume, rootsVolume]),
        ]
        spec["imagePullSecrets"] = imagePullSecrets
        var annotations: [String: JSONValue] = [
            "istio.io/rev": .string(revision), "sidecar.istio.io/rewriteAppHTTPProbers": "false",
        ]
        annotations.merge(defaultContainerAnnotations) { own, _ in own }
        let metadata: JSONValue = ["labels": .object(canonicalLabels), "annotations": .object(annotations)]
        return ["metadata": metadata, "spec": .object(spec)]
    }

    private static let agentVariables = [
        ("ISTIO_META_GENERATOR", "grpc"), ("OUTPUT_CERTS", "/var/lib/istio/data"),
        ("ISTIO_META_DNS_CAPTURE", "false"), ("DISABLE_ENVOY", "true"),
        ("GRPC_XDS_BOOTSTRAP", "/etc/istio/proxy/grpc-bootstrap.json"),
    ]

    private static let agentOnlyMounts = [
        mount("workload-socket", "/var/run/secrets/workload-spiffe-uds"),
        mount("workload-certs", "/var/run/secrets/workload-spiffe-credentials"),
        mount("istiod-ca-cert", "/var/run/secrets/istio"), mount("istio-data", "/var/lib/istio/data"),
        mount("istio-xds", "/etc/istio/proxy"), mount("istio-token", "/var/run/secrets/tokens"),
        mount("istio-podinfo", "/etc/istio/pod"),
    ]

    private static let agentOnlyVolumes: [JSONValue] = [
        ["name": "workload-socket"], ["name": "workload-certs", "emptyDir": [:]],
        ["name": "istio-xds", "emptyDir": ["medium": "Memory"]], ["name": "istio-data", "emptyDir": [:]],
    ]

    /// What every application container gets.
    private func applications(env: [JSONValue], mounts: [JSONValue]) -> [JSONValue] {
        applicationContainers.map { ["name": .string($0), "env": .array(env), "volumeMounts": .array(mounts)] }
    }
}

func fieldVariable(_ name: String, _ path: String) -> JSONValue {
    ["name": .string(name), "valueFrom": ["fieldRef": ["fieldPath": .string(path)]]]
}
