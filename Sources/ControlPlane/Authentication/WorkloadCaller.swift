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

    package init(key: ObjectKey, uid: String) {
        self.key = key
        self.uid = uid
    }
}

extension AuthenticatedUser {
    /// The Pod of a ServiceAccount's token.
    func boundPod(in namespace: String) -> BoundPod? {
        guard let name = extra["authentication.kubernetes.io/pod-name"]?.first,
            let uid = extra["authentication.kubernetes.io/pod-uid"]?.first
        else { return nil }
        return BoundPod(key: ObjectKey(namespace: namespace, name: name), uid: uid)
    }
}
