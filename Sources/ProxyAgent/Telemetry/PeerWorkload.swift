import DiscoveryAPI
import MeshMetrics
import SwiftProtobuf
import XDSServer

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
struct PeerAnswers: Hashable, Sendable {
    var byAddress: [String: PeerWorkload?]

    init(_ byAddress: [String: PeerWorkload?]) { self.byAddress = byAddress }

    /// Resources are named `NETWORK/ADDRESS`.
    init(_ response: RelayResponse) {
        byAddress = [:]
        for name in response.removed { byAddress[Self.address(name)] = .some(nil) }
        for resource in response.resources {
            let message = try? Istio_Workload_Address(serializedBytes: resource.resource.value)
            let workload = message.flatMap { PeerWorkload($0) }
            // A workload is also told under its own name, with the names by which it was asked for besides.
            for name in [resource.name] + resource.aliases { byAddress[Self.address(name)] = .some(workload) }
        }
    }

    /// An answer that came without names, under those that were asked for: a workload says which addresses it has. Who
    /// is not among them, is not there.
    static func named(_ response: RelayResponse, as names: [String]) -> RelayResponse {
        var found: [[UInt8]: RelayResource] = [:]
        for resource in response.resources {
            let message = try? Istio_Workload_Address(serializedBytes: resource.resource.value)
            for address in message?.workload.addresses ?? [] { found[Array(address)] = resource }
        }
        var answer = response
        answer.resources = []
        for name in names {
            guard let place = IPAddress(address(name)), var resource = found[place.bytes] else {
                answer.removed.append(name)
                continue
            }
            resource.name = name
            answer.resources.append(resource)
        }
        return answer
    }

    private static func address(_ name: String) -> String {
        name.firstIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
    }
}
