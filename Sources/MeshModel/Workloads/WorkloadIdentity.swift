/// Whom a workload's certificate names: a ServiceAccount.
package struct WorkloadIdentity: Hashable, Sendable, Comparable {
    package var namespace: String
    package var serviceAccount: String

    package init(namespace: String, serviceAccount: String) {
        self.namespace = namespace
        self.serviceAccount = serviceAccount
    }

    /// As certificates carry it: `spiffe://cluster.local/ns/default/sa/reviews`.
    package func spiffeID(trustDomain: String) -> String {
        "spiffe://\(trustDomain)/ns/\(namespace)/sa/\(serviceAccount)"
    }

    package static func < (left: WorkloadIdentity, right: WorkloadIdentity) -> Bool {
        (left.namespace, left.serviceAccount) < (right.namespace, right.serviceAccount)
    }
}
