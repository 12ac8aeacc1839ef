package import EnvoyBootstrap
package import KubernetesModel
import YAML

/// All that one agent was told, by its arguments, the environment, files of the Pod and the mesh.
package struct AgentConfiguration: Hashable, Sendable {
    package var flags: AgentFlags
    /// Of the process, with what ProxyConfig's `proxyMetadata` brings below it.
    package var environment: [String: String]
    /// ProxyConfig, merged.
    package var settings: ProxySettings
    package var labels: [String: String]
    package var annotations: [String: String]
    /// The Pod's, the one that Kubernetes shows first; without any the loopback's.
    package var addresses: [String]
    package var podName: String
    package var namespace: String
    package var serviceAccount: String
    /// In which short names are completed, such as `default.svc.cluster.local`.
    package var domain: String
    package var trustDomain: String
    package var clusterID: String
    /// What all TLS is held to; nil: nothing.
    package var compliance: CompliancePolicy?

    /// The configuration that the sources tell.
    ///
    /// - Throws: ``ConfigurationError`` with everything in them that cannot be read.
    package init(_ flags: AgentFlags, from sources: ConfigurationSources) throws(ConfigurationError) {
        var problems: [String] = []
        annotations = podInformation(sources.annotations ?? "")
        labels = podInformation(sources.labels ?? "")
        let layers: [(source: String, text: String?, field: String?)] = [
            ("file \(flags.meshConfigFile)", sources.meshFile, "defaultConfig"),
            ("environment variable PROXY_CONFIG", sources.environment["PROXY_CONFIG"], nil),
            ("annotation proxy.istio.io/config", annotations["proxy.istio.io/config"], nil),
        ]
        var settings = ProxySettings(
            layers.compactMap { layer in
                layer.text.flatMap { Self.settings($0, field: layer.field, of: layer.source, &problems) }
            })
        if let concurrency = flags.concurrency { settings.set("concurrency", to: .integer(Int64(concurrency))) }
        if let name = flags.serviceCluster { settings.set("serviceCluster", to: .string(name)) }
        if let path = flags.templateFile { settings.set("proxyBootstrapTemplatePath", to: .string(path)) }
        settings.apply(annotations: annotations)
        let environment = settings.environment
            .merging(sources.secretMetadata) { _, found in found }
            .merging(sources.environment) { _, own in own }
        do throws(UnknownCompliancePolicy) {
            compliance = try CompliancePolicy(environment: environment)
        } catch {
            problems.append("\(error)")
        }
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }

        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.flags = flags
        self.settings = settings
        self.environment = environment
        podName = variable("POD_NAME") ?? sources.hostName
        namespace = variable("POD_NAMESPACE") ?? "default"
        serviceAccount = variable("SERVICE_ACCOUNT") ?? "default"
        domain = Self.domain(flags.domain, namespace: namespace)
        trustDomain = variable("TRUST_DOMAIN") ?? "cluster.local"
        clusterID = variable("ISTIO_META_CLUSTER_ID") ?? "Kubernetes"
        let own = (variable("INSTANCE_IP") ?? "").split(separator: ",").map(String.init)
        let others = sources.interfaceAddresses.filter { !own.contains($0) }
        let isDual = variable("ISTIO_DUAL_STACK").map(Self.isTrue) ?? true
        let all = own + others.filter { own.isEmpty || isDual || own.contains(":") == $0.contains(":") }
        addresses = all.isEmpty ? ["127.0.0.1"] : all
    }

    /// An argument such as `$(POD_NAMESPACE).svc.cluster.local`, in which Kubernetes has put the namespace.
    private static func domain(_ text: String?, namespace: String) -> String {
        guard let text, !text.isEmpty, !text.hasPrefix(".") else {
            return "\(namespace)\(text.flatMap { $0.isEmpty ? nil : $0 } ?? ".svc.cluster.local")"
        }
        return text
    }

    private static func settings(
        _ text: String, field: String?, of source: String, _ problems: inout [String]
    ) -> JSONValue? {
        do {
            let document = try JSONValue.documents(yaml: text).first ?? .null
            guard document.object != nil || document.isNull else {
                problems.append("the \(source) is a \(document.typeName), not a map")
                return .none
            }
            guard let field else { return document }
            return document[field]
        } catch {
            problems.append("the \(source) is no YAML: \(error)")
            return .none
        }
    }

    static func isTrue(_ text: String) -> Bool { ["1", "t", "true"].contains(text.lowercased()) }
}

extension ProxySettings {
    /// Takes over what a Pod's annotations say of its own proxy, which the injector has checked.
    fileprivate mutating func apply(annotations: [String: String]) {
        if let address = annotations["sidecar.istio.io/discoveryAddress"], !address.isEmpty {
            set("discoveryAddress", to: .string(address))
        }
        if let port = annotations["status.sidecar.istio.io/port"].flatMap({ UInt16($0) }) {
            set("statusPort", to: .integer(Int64(port)))
        }
    }
}

/// What an agent was told cannot be read.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [String]

    package var description: String {
        "cannot start the proxy: \(problems.joined(separator: "; ")). Correct the Pod's annotations, or the mesh "
            + "configuration's defaultConfig, and start the Pod anew."
    }
}
