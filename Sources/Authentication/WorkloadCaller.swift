package import KubernetesModel

/// Who calls, as it has proven.
package struct WorkloadCaller: Hashable, Sendable {
    /// SPIFFE ids.
    package var names: [String]
    /// The Pod that its token is bound to; nil: it has shown a certificate, or a token of no Pod.
    package var pod: BoundPod?

    package init(names: [String], pod: BoundPod? = nil) {
        self.names = names
        self.pod = pod
    }
}

/// The Pod that a token is bound to: once that is gone, the token is no longer good.
package struct BoundPod: Hashable, Sendable {
    package var key: ObjectKey
    package var uid: String
    /// Where it runs; empty: in the control plane's own cluster.
    package var cluster: String

    package init(key: ObjectKey, uid: String, cluster: String = "") {
        self.key = key
        self.uid = uid
        self.cluster = cluster
    }
}

extension AuthenticatedUser {
    /// The Pod of a ServiceAccount's token.
    ///
    /// - Parameter cluster: Where the token was reviewed; empty: in the own cluster.
    func boundPod(in namespace: String, cluster: String) -> BoundPod? {
        guard let name = extra["authentication.kubernetes.io/pod-name"]?.first,
            let uid = extra["authentication.kubernetes.io/pod-uid"]?.first
        else { return nil }
        return BoundPod(key: ObjectKey(namespace: namespace, name: name), uid: uid, cluster: cluster)
    }
}
