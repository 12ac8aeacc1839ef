package import KubernetesModel

/// A Pod about to be created, and what is known about it besides.
package struct InjectionRequest: Hashable, Sendable {
    /// The Pod as it was sent.
    package var pod: JSONValue
    /// The namespace it is created in; the Pod itself need not name it.
    package var namespace: String
    /// The workload it is of. Nil: deduced from the Pod's owner.
    package var workload: WorkloadReference?
    /// Environment variables of the proxy that override those of the template, such as `ISTIO_META_CLUSTER_ID` and
    /// `ISTIO_META_NETWORK` from the path of a webhook's URL.
    package var proxyEnvironment: [String: String]
    /// The `spec` of the ProxyConfigs for this Pod, the widest first.
    package var proxyConfigs: [JSONValue]
    /// Whom the proxy runs as, where the namespace dictates that (OpenShift).
    package var account: ProxyAccount?

    package init(
        pod: JSONValue, namespace: String, workload: WorkloadReference? = nil, proxyEnvironment: [String: String] = [:],
        proxyConfigs: [JSONValue] = [], account: ProxyAccount? = nil
    ) {
        self.pod = pod
        self.namespace = namespace
        self.workload = workload
        self.proxyEnvironment = proxyEnvironment
        self.proxyConfigs = proxyConfigs
        self.account = account
    }
}

/// What becomes of a Pod.
package enum Injection: Hashable, Sendable {
    /// The Pod stays as it is.
    case skipped(reason: String)
    /// The Pod with its sidecar. The warnings are for the person who creates it.
    case injected(pod: JSONValue, warnings: [String])
}

/// The Pod, or the settings, ask for something that cannot be injected. All faults at once, with the Pod's field paths.
package struct InjectionError: Error, Hashable, Sendable, CustomStringConvertible {
    package var diagnostics: [Diagnostic]

    package init(diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    package var description: String { diagnostics.map(\.description).joined(separator: "; ") }
}
