import KubernetesModel

/// Which of the agent's environment variables a template wants.
struct AgentEnvironment {
    /// Variables that come before all others.
    var leading: [(String, String)] = []
    /// Whether traffic is captured, and Envoy runs in the bounds of its container.
    var runsEnvoy = true
}

extension TemplateContext {
    /// The environment of the agent.
    func environment(_ wanted: AgentEnvironment = AgentEnvironment()) -> [JSONValue] {
        var variables = wanted.leading.map { variable($0.0, $0.1) }
        // An application that is called on the loopback may listen nowhere else: its probes go there too.
        if wanted.runsEnvoy, settings.mesh.callsLocalhost {
            variables.append(variable("REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION", "true"))
        }
        variables.append(variable("PILOT_CERT_PROVIDER", values.certificateProvider))
        let authority = values.authorityAddress.isEmpty ? proxy.discoveryAddress : values.authorityAddress
        variables.append(variable("CA_ADDR", authority))
        variables += fieldVariables
        if wanted.runsEnvoy { variables += limitVariables }
        variables.append(variable("PROXY_CONFIG", proxy.text))
        variables.append(variable("ISTIO_META_POD_PORTS", podPorts))
        variables.append(variable("ISTIO_META_APP_CONTAINERS", applicationContainers.joined(separator: ",")))
        let cluster = values.clusterName.isEmpty ? "Kubernetes" : values.clusterName
        variables.append(variable("ISTIO_META_CLUSTER_ID", cluster))
        if wanted.runsEnvoy {
            let mode = said("sidecar.istio.io/interceptionMode") ?? proxy.interceptionMode
            variables.append(variable("ISTIO_META_INTERCEPTION_MODE", mode))
        }
        if !values.network.isEmpty { variables.append(variable("ISTIO_META_NETWORK", values.network)) }
        if !workloadName.isEmpty { variables.append(variable("ISTIO_META_WORKLOAD_NAME", workloadName)) }
        if !workload.apiVersion.isEmpty, !workload.name.isEmpty {
            variables.append(variable("ISTIO_META_OWNER", workload.ownerURL))
        }
        if annotations["sidecar.istio.io/bootstrapOverride"] != nil {
            variables.append(
                variable("ISTIO_BOOTSTRAP_OVERRIDE", "/etc/istio/custom-bootstrap/custom_bootstrap.json"))
        }
        let mesh = values.meshID.isEmpty ? settings.mesh.trustDomain : values.meshID
        if !mesh.isEmpty { variables.append(variable("ISTIO_META_MESH_ID", mesh)) }
        if !settings.mesh.trustDomain.isEmpty {
            variables.append(variable("TRUST_DOMAIN", settings.mesh.trustDomain))
        }
        if !compliancePolicy.isEmpty {
            variables.append(variable("COMPLIANCE_POLICY", compliancePolicy))
            if compliancePolicy == "fips-140-3" { variables.append(variable("GODEBUG", "fips140=only")) }
        }
        if values.proxy.tracer == "datadog", let text = said(tracerEnvironmentAnnotation),
            let own = try? JSONValue(parsing: text).object
        {
            variables += own.sorted { $0.key < $1.key }.map { variable($0.key, $0.value.plainText) }
        }
        return variables + proxy.environment.map { variable($0.name, $0.value) }
    }

    /// The ports of all containers, as JSON.
    private var podPorts: String {
        "[\(containers.flatMap { $0["ports"]?.array ?? [] }.map(\.jsonText).joined(separator: ","))\n]"
    }
}

extension WorkloadReference {
    /// As Istio names an owner.
    var ownerURL: String {
        "kubernetes://apis/\(apiVersion)/namespaces/\(namespace.isEmpty ? "default" : namespace)/"
            + "\(kind.lowercased())s/\(name)"
    }
}

/// Environment variables for Datadog's tracer, as a JSON map.
let tracerEnvironmentAnnotation = "apm.datadoghq.com/env"

func variable(_ name: String, _ value: String) -> JSONValue { ["name": .string(name), "value": .string(value)] }

private let fieldVariables: [JSONValue] = [
    ("HOST_IP", "status.hostIP"), ("INSTANCE_IP", "status.podIP"), ("ISTIO_META_NODE_NAME", "spec.nodeName"),
    ("POD_NAME", "metadata.name"), ("POD_NAMESPACE", "metadata.namespace"),
    ("SERVICE_ACCOUNT", "spec.serviceAccountName"),
].map(fieldVariable)

private let limitVariables: [JSONValue] = [("GOMEMLIMIT", "limits.memory"), ("ISTIO_CPU_LIMIT", "limits.cpu")]
    .map { name, resource in
        ["name": .string(name), "valueFrom": ["resourceFieldRef": ["resource": .string(resource), "divisor": "1"]]]
    }
