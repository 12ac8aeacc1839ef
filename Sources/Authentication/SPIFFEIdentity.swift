package import MeshModel

/// A workload's identity with the trust domain that vouches for it: `spiffe://cluster.local/ns/default/sa/reviews`.
package struct SPIFFEIdentity: Hashable, Sendable, CustomStringConvertible {
    package var trustDomain: String
    package var workload: WorkloadIdentity

    package init(trustDomain: String, workload: WorkloadIdentity) {
        self.trustDomain = trustDomain
        self.workload = workload
    }

    /// Reads the form that the mesh's certificates have; nil for any other, also for other SPIFFE ids.
    package init?(_ text: String) {
        let prefix = "spiffe://"
        guard text.hasPrefix(prefix) else { return nil }
        let parts = text.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "ns", parts[3] == "sa", parts.allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        self.init(
            trustDomain: String(parts[0]),
            workload: WorkloadIdentity(namespace: String(parts[2]), serviceAccount: String(parts[4])))
    }

    package var description: String { workload.spiffeID(trustDomain: trustDomain) }
}
