package import Authentication
package import GRPCCore
package import KubernetesClient
package import KubernetesModel
package import MeshModel

/// Which Pods run where: asked about the proxies of nodes, and whom they speak for.
package protocol PodDirectory: Sendable {
    /// A Pod; nil: there is none.
    func pod(_ key: ObjectKey) async throws -> PlacedPod?
    /// Whether a Pod of a workload runs on a node, or is about to.
    func runs(_ workload: WorkloadIdentity, on node: String) async throws -> Bool
}

/// What is known of where a Pod is.
package struct PlacedPod: Hashable, Sendable {
    package var uid: String
    package var serviceAccount: String
    /// Empty: it has none yet.
    package var node: String

    package init(uid: String, serviceAccount: String, node: String) {
        self.uid = uid
        self.serviceAccount = serviceAccount
        self.node = node
    }
}

/// Lets the proxy of a node have certificates of the workloads on that node: metadata `ImpersonatedIdentity`.
///
/// ```
/// the caller's ServiceAccount is one of CA_TRUSTED_NODE_ACCOUNTS
/// its token is bound to a Pod, which is there, and on a node
/// a Pod of the wanted ServiceAccount runs on that very node
/// ```
/// All of it in the cluster that the token is of: others have nodes and Pods of the same names.
package struct NodeImpersonation: Sendable {
    private let trusted: Set<String>
    private let pods: any PodDirectory
    private let otherClusters: @Sendable (String) -> (any PodDirectory)?

    /// - Parameters:
    ///   - trusted: `NAMESPACE/NAME` of ServiceAccounts.
    ///   - pods: Of the own cluster.
    ///   - otherClusters: The Pods of another one; nil: nobody can be asked there.
    package init(
        trusted: Set<String>, pods: any PodDirectory,
        otherClusters: @escaping @Sendable (String) -> (any PodDirectory)? = { _ in nil }
    ) {
        self.trusted = trusted
        self.pods = pods
        self.otherClusters = otherClusters
    }

    /// Refuses, or returns.
    package func check(_ caller: WorkloadCaller, wants wanted: WorkloadIdentity) async throws(RPCError) {
        let account = caller.names.lazy.compactMap { SPIFFEIdentity($0)?.workload }
            .first { trusted.contains("\($0.namespace)/\($0.serviceAccount)") }
        guard let account else {
            throw refusal(
                "\(caller.names.joined(separator: ", ")) may not speak for others: CA_TRUSTED_NODE_ACCOUNTS names those "
                    + "that may")
        }
        guard let bound = caller.pod else {
            throw refusal("who speaks for the Pods of a node has to show the token of its own Pod")
        }
        let (own, isThere) = try await facts(bound, wanted)
        guard let own, own.uid == bound.uid, own.serviceAccount == account.serviceAccount, !own.node.isEmpty else {
            throw refusal("Pod \(bound.key), whose token was shown, is not running on a node")
        }
        guard isThere else {
            throw refusal(
                "no Pod of ServiceAccount \(wanted.namespace)/\(wanted.serviceAccount) runs on node \(own.node), where "
                    + "\(bound.key) runs")
        }
    }

    private func facts(
        _ bound: BoundPod, _ wanted: WorkloadIdentity
    ) async throws(RPCError) -> (own: PlacedPod?, isThere: Bool) {
        guard let pods = bound.cluster.isEmpty ? pods : otherClusters(bound.cluster) else {
            throw RPCError(
                code: .unavailable,
                message: "Pods of cluster \(bound.cluster) cannot be looked up at the moment: try again")
        }
        do {
            guard let own = try await pods.pod(bound.key), !own.node.isEmpty else { return (nil, false) }
            return (own, try await pods.runs(wanted, on: own.node))
        } catch {
            throw RPCError(code: .unavailable, message: "Pods cannot be looked up at the moment: try again")
        }
    }

    private func refusal(_ why: String) -> RPCError { RPCError(code: .permissionDenied, message: why) }
}

/// Asks the API server.
package struct APIPodDirectory: PodDirectory {
    private let client: KubernetesClient

    package init(client: KubernetesClient) { self.client = client }

    package func pod(_ key: ObjectKey) async throws -> PlacedPod? {
        try await client.find(ObservedPod.self, .pods, key)?.placed
    }

    package func runs(_ workload: WorkloadIdentity, on node: String) async throws -> Bool {
        // Node names are DNS names: nothing in them ends the selector. The rest is compared here.
        let scope = ListScope(namespace: workload.namespace, fieldSelector: "spec.nodeName=\(node)")
        return try await client.list(.pods, reader: .decodable(ObservedPod.self), in: scope).items.contains {
            $0.placed.serviceAccount == workload.serviceAccount && !$0.hasEnded
        }
    }

    private struct ObservedPod: KubernetesObject {
        struct Spec: Sendable, Decodable { var serviceAccountName: String?, nodeName: String? }
        struct Status: Sendable, Decodable { var phase: String? }

        var metadata: ObjectMeta
        var spec: Spec
        var status: Status?

        var hasEnded: Bool { ["Succeeded", "Failed"].contains(status?.phase ?? "") }
        var placed: PlacedPod {
            PlacedPod(
                uid: metadata.uid, serviceAccount: spec.serviceAccountName ?? "default", node: spec.nodeName ?? "")
        }
    }
}
