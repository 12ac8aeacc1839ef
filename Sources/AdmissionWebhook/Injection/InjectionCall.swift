package import KubernetesModel

/// A Pod that is about to be created.
package struct InjectionCall: Hashable, Sendable {
    /// As it was sent.
    package var pod: JSONValue
    /// Where it is created: the Pod itself need not say.
    package var namespace: String
    /// What the path of the call sets in the proxy's environment.
    package var environment: [String: String]

    package init(pod: JSONValue, namespace: String, environment: [String: String] = [:]) {
        self.pod = pod
        self.namespace = namespace
        self.environment = environment
    }
}

/// What becomes of a Pod.
package enum InjectionAnswer: Hashable, Sendable {
    /// It stays as it is.
    case skipped
    /// It gets a sidecar, by a JSON patch.
    case injected(patch: [JSONValue], warnings: [String] = [])
    /// It should get one and cannot: what is wrong, and what to do.
    case failed(message: String)
}
