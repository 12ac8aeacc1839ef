package import DiscoveryAPI
import MeshMetrics
import SwiftProtobuf

/// Who is at an address, as the control plane says.
struct PeerWorkload: Hashable, Sendable {
    /// As metrics call it.
    var names: PeerNames
    var serviceAccount: String

    /// Whether it can be the one that a certificate names.
    ///
    /// - Parameter principal: Such as `spiffe://cluster.local/ns/default/sa/reviews`; empty: nobody has shown one.
    func matches(principal: String) -> Bool {
        if principal.isEmpty { return true }
        return principal.hasPrefix("spiffe://")
            && principal.hasSuffix("/ns/\(names.namespace)/sa/\(serviceAccount)")
    }
}

extension PeerWorkload {
    /// What the control plane says of an address counts only as far as it is what the certificate says; empty: it is not.
    ///
    /// - Parameter tags: Of what somebody at the address has done.
    func names(for tags: [String: String]) -> String {
        matches(principal: tags[MetricTags.sourcePrincipal] ?? "") ? names.text : ""
    }
}

extension [String: String] {
    /// Tags with the names of the client that calls from an address, as far as they count.
    func located(_ workload: PeerWorkload) -> Self {
        let names = workload.names(for: self)
        guard !names.isEmpty else { return self }
        var tags = self
        tags[MetricTags.located] = names
        return tags
    }
}

extension PeerWorkload {
    /// Nil if the message speaks of no workload.
    init?(_ message: Istio_Workload_Address) {
        guard case .workload(let workload)? = message.type else { return nil }
        let name = workload.workloadName.isEmpty ? workload.name : workload.workloadName
        guard !name.isEmpty, !workload.namespace.isEmpty else { return nil }
        names = PeerNames(
            workload: name, namespace: workload.namespace,
            canonicalName: workload.canonicalName.isEmpty ? name : workload.canonicalName,
            canonicalRevision: workload.canonicalRevision.isEmpty ? "latest" : workload.canonicalRevision,
            clusterID: workload.clusterID, app: workload.canonicalName, version: workload.canonicalRevision)
        serviceAccount = workload.serviceAccount.isEmpty ? "default" : workload.serviceAccount
    }
}

/// What the control plane has answered: who is at an address; nil: nobody that it knows.
package struct PeerAnswers: Hashable, Sendable {
    var byAddress: [String: PeerWorkload?]

    init(_ byAddress: [String: PeerWorkload?]) { self.byAddress = byAddress }

    /// Resources are named `NETWORK/ADDRESS`.
    ///
    /// - Parameter removed: Names that nobody has.
    package init(_ resources: [Envoy_Service_Discovery_V3_Resource], removed: [String]) {
        byAddress = [:]
        for name in removed { byAddress[Self.address(name)] = .some(nil) }
        for resource in resources {
            let message = try? Istio_Workload_Address(serializedBytes: resource.resource.value)
            let workload = message.flatMap { PeerWorkload($0) }
            // A workload is also told under its own name, with the names by which it was asked for besides.
            for name in [resource.name] + resource.aliases { byAddress[Self.address(name)] = .some(workload) }
        }
    }

    /// The address in a resource's name.
    package static func address(_ name: String) -> String {
        name.firstIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
    }
}
