/// Which connections workloads take from their peers. A mode that is nil is taken over from what is wider.
package struct PeerAuthentication: Hashable, Sendable {
    package var origin: ConfigurationOrigin
    /// Labels of the workloads it is for; all of the namespace without any.
    package var selector: [String: String]
    package var mode: InboundTLSMode?
    /// By the workload's own port.
    package var ports: [Int: InboundTLSMode?]

    package init(
        origin: ConfigurationOrigin, selector: [String: String] = [:], mode: InboundTLSMode? = nil,
        ports: [Int: InboundTLSMode?] = [:]
    ) {
        self.origin = origin
        self.selector = selector
        self.mode = mode
        self.ports = ports
    }
}

/// All PeerAuthentications of a mesh, to be asked for workloads.
///
/// What is narrower counts: a port's mode, then that of the workload, its namespace and the mesh (a policy of the root
/// namespace without a selector). Of several at one place the oldest counts, alone.
package struct PeerAuthenticationIndex: Hashable, Sendable {
    private struct Namespace: Hashable, Sendable {
        var mode: InboundTLSMode?
        /// Those with a selector, the oldest first.
        var workloads: [PeerAuthentication] = []
    }

    private var mesh: InboundTLSMode?
    private var namespaces: [String: Namespace] = [:]

    package init(_ snapshot: MeshSnapshot) {
        self.init(snapshot.configuration.peerAuthentications.values, rootNamespace: snapshot.settings.rootNamespace)
    }

    package init(_ policies: some Sequence<PeerAuthentication>, rootNamespace: String) {
        var known: Set<String> = []
        for policy in policies.sorted(by: { $0.origin < $1.origin }) {
            let namespace = policy.origin.namespace
            if !policy.selector.isEmpty {
                // There is no policy for labels in all namespaces.
                if namespace != rootNamespace { namespaces[namespace, default: .init()].workloads.append(policy) }
            } else if known.insert(namespace).inserted {
                if namespace == rootNamespace {
                    mesh = policy.mode
                } else {
                    namespaces[namespace, default: .init()].mode = policy.mode
                }
            }
        }
    }

    /// No policy says anything.
    package var isEmpty: Bool { mesh == nil && namespaces.isEmpty }

    /// The modes of a workload.
    package func inboundTLS(namespace: String, labels: [String: String]) -> InboundTLS {
        let own = namespaces[namespace]
        let wider = own?.mode ?? mesh ?? .permissive
        let policy = own?.workloads.first { policy in policy.selector.allSatisfy { labels[$0.key] == $0.value } }
        let mode = policy?.mode ?? wider
        return InboundTLS(mode, ports: (policy?.ports ?? [:]).mapValues { $0 ?? mode })
    }

    /// The mode of one port of a workload.
    ///
    /// - Parameter port: The workload's own.
    package func mode(ofPort port: Int, namespace: String, labels: [String: String]) -> InboundTLSMode {
        isEmpty ? .permissive : inboundTLS(namespace: namespace, labels: labels).mode(of: port)
    }
}

extension MeshSnapshot {
    /// The modes of a proxy's own workload.
    package func inboundTLS(of view: ProxyView) -> InboundTLS {
        let (root, own) = (settings.rootNamespace, view.identity.namespace)
        let policies = configuration.peerAuthentications
        let seen = policies.values(in: root) + (own == root ? [] : policies.values(in: own))
        return PeerAuthenticationIndex(seen, rootNamespace: root).inboundTLS(namespace: own, labels: view.labels)
    }
}
