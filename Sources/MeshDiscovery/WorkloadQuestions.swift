import DiscoveryAPI
package import DiscoveryServer
import FoundationEssentials
import GRPCCore
import KubernetesModel
import MeshModel
import SwiftProtobuf
package import XDSServer

/// Answers who is at an address: agents ask for the peers that they meet, by the names `NETWORK/ADDRESS` of
/// `istio.workload.Address`. An answer is a word at a moment; nobody follows it, and nothing is kept for who asked.
///
/// Whoever may have the mesh's endpoints may ask: their names are told with those, too.
package struct WorkloadQuestions: QuestionAnswering {
    private static let limit = 1024
    private let discovery: MeshDiscovery

    package init(_ discovery: MeshDiscovery) { self.discovery = discovery }

    package func answers(_ typeURL: TypeURL) -> Bool { typeURL == .workloadAddress }

    package func answer(_ question: DiscoveryQuestion) async throws -> DiscoveryAnswer {
        guard question.names.count <= Self.limit else {
            throw RPCError(
                code: .invalidArgument,
                message: "\(question.names.count) addresses are asked for at once: ask for \(Self.limit) at most")
        }
        let places = question.names.map { name in
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return parts.count == 2 ? (network: parts[0], address: parts[1]) : (network: "", address: name)
        }
        let workloads = await discovery.workloads(at: places)
        return DiscoveryAnswer(
            try zip(question.names, workloads).map { name, workload in
                // An address without anybody is told, too: who asks waits for it.
                Resource(name: name, body: try workload.map { try Istio_Workload_Address($0).serializedBytes() } ?? [])
            })
    }
}

extension MeshDiscovery {
    /// Who is at some addresses; nil where nobody is, or several share an address.
    func workloads(at places: [(network: String, address: String)]) -> [Workload?] {
        let workloads = snapshot.workloads
        return places.map { place in
            guard let workload = workloads[place.address], !workload.usesHostNetwork,
                place.network.isEmpty || workload.network.isEmpty || place.network == workload.network
            else { return nil }
            return workload
        }
    }
}

extension Istio_Workload_Address {
    init(_ workload: Workload) {
        self.init()
        self.workload = .with {
            $0.uid =
                "\(workload.clusterID)/\(workload.origin.groupKind.group)/\(workload.origin.groupKind.kind)/"
                + "\(workload.namespace)/\(workload.name)"
            $0.name = workload.name
            $0.namespace = workload.namespace
            $0.addresses = workload.addresses.compactMap { IPAddress($0).map { Data($0.bytes) } }
            $0.network = workload.network
            $0.serviceAccount = workload.serviceAccount == "default" ? "" : workload.serviceAccount
            $0.canonicalName = workload.canonicalName
            $0.canonicalRevision = workload.canonicalRevision
            $0.workloadName = workload.workloadName
            $0.clusterID = workload.clusterID
        }
    }
}
