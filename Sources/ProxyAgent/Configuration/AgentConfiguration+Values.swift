package import EnvoyBootstrap
import KubernetesModel
package import MeshMetrics
import WorkloadCredentials
import XDSRelay

extension AgentConfiguration {
    /// A variable; nil if unset or empty.
    package func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Whether a variable says so.
    package func isOn(_ name: String, default value: Bool = false) -> Bool {
        variable(name).map(Self.isTrue) ?? value
    }

    /// A variable that is a duration, such as `5s`.
    func duration(_ name: String) -> Duration? { variable(name).flatMap(Duration.init(goText:)) }

    /// Envoy runs; false: gRPC libraries in the application are configured instead.
    package var hasEnvoy: Bool { !isOn("DISABLE_ENVOY") }
    /// The application's names are answered here.
    package var answersNames: Bool { isOn("ISTIO_META_DNS_CAPTURE") }
    /// Where the agent answers the relay of xDS.
    package var discoverySocket: String { "\(settings.configPath)/XDS" }
    /// Where the agent is told of connections, if it counts them.
    package var connectionLogSocket: String? {
        hasEnvoy && settings.statusPort > 0 ? "\(settings.configPath)/ALS" : nil
    }
    /// What Envoy is started with.
    package var bootstrapPath: String { "\(settings.configPath)/envoy-rev.json" }
    package var families: LocalFamilies { LocalFamilies(of: addresses) }
    /// `cluster.local` of `default.svc.cluster.local`.
    package var clusterDomain: String {
        let prefix = "\(namespace).svc."
        return domain.hasPrefix(prefix) ? String(domain.dropFirst(prefix.count)) : "cluster.local"
    }

    /// Who this proxy is.
    package var node: NodeDescription {
        var node = nodeDescription(
            of: NodeInput(
                role: flags.role, environment: environment, settings: settings, labels: labels,
                annotations: annotations, addresses: addresses, podName: podName, namespace: namespace,
                domain: domain))
        node.metadata[MetricTags.nodeMetadata] = .string(metricNames.text)
        // Where extensions of the proxy find it.
        if let settings = try? tokenServiceSettings { node.metadata["STS_PORT"] = .string("\(settings.port)") }
        if connectionLogSocket != nil {
            node.metadata[MetricTags.nodeConnectionLog] = "als-grpc"
            node.metadata[MetricTags.nodeRequestLog] = "als-grpc"
        }
        return node
    }

    /// What metrics call the workload.
    package var metricNames: PeerNames {
        let workload = variable("ISTIO_META_WORKLOAD_NAME") ?? podName
        func label(_ names: String...) -> String? { names.lazy.compactMap { labels[$0] }.first { !$0.isEmpty } }
        return PeerNames(
            workload: workload, namespace: namespace,
            canonicalName: label("service.istio.io/canonical-name", "app.kubernetes.io/name", "app") ?? workload,
            canonicalRevision: label("service.istio.io/canonical-revision", "app.kubernetes.io/version", "version")
                ?? "latest",
            clusterID: clusterID, app: labels["app"] ?? "", version: labels["version"] ?? "")
    }

    /// The buckets in which Envoy counts requests, and so does the agent.
    package var requestBounds: RequestTotals.Bounds {
        let bounds = RequestTotals.Bounds.statistics.map { histogramBounds(of: $0, annotations: annotations) }
        return RequestTotals.Bounds(durations: bounds[0], requestBytes: bounds[1], responseBytes: bounds[2])
    }

    /// What Envoy starts with.
    package var bootstrapInput: BootstrapInput {
        var input = BootstrapInput(node: node, settings: settings, annotations: annotations, families: families)
        input.discoverySocket = discoverySocket
        input.connectionLogSocket = connectionLogSocket
        input.usesDeltaDiscovery = isOn("ISTIO_DELTA_XDS", default: true)
        input.prometheusPort = StandardPort.metrics.number(in: environment)
        input.healthPort = StandardPort.health.number(in: environment)
        input.outlierLogPath = flags.outlierLogPath
        input.logsAsJSON = flags.logsAsJSON
        input.compliance = compliance
        input.secretSocket = Self.identitySocketPath(in: environment)
        if isOn("ISTIO_META_credential") { input.credentialSocket = Self.credentialSocketPath }
        if isOn("ISTIO_META_file-credential") { input.fileSecretSocket = Self.fileSocketPath }
        if case .tls(_, let rootFile) = relaySettings.security { input.discoveryRootFile = rootFile }
        return input
    }

    /// Where Envoy asks for the workload's own certificate.
    static func identitySocketPath(in environment: [String: String]) -> String {
        let name = environment["WORKLOAD_IDENTITY_SOCKET_FILE"].flatMap { $0.isEmpty ? nil : $0 } ?? "socket"
        return "./var/run/secrets/workload-spiffe-uds/\(name)"
    }

    /// Where another program gives credentials to gateways, if there is one.
    static let credentialSocketPath = "./var/run/secrets/credential-uds/socket"
    /// Where the agent gives certificates in files, if another program gives the workload's own.
    static let fileSocketPath = "./var/run/secrets/credential-uds/files-socket"

    /// Envoy's worker threads; nil: one for each processor.
    ///
    /// A flag or ProxyConfig says it, else the container's limit of processors.
    var concurrency: Int? {
        if let asked = settings.concurrency { return asked > 0 ? asked : nil }
        return variable("ISTIO_CPU_LIMIT").flatMap(Quantity.init).flatMap {
            $0.thousandths > 0 ? Int(($0.thousandths + 999) / 1000) : nil
        }
    }
}
