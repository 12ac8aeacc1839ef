package import DiscoveryServer
import GRPCCore
import KubernetesModel
package import Logging
package import MeshModel

/// Lets clients see what is theirs: who has proven to be one workload cannot pass for a proxy of another.
///
/// A client that has proven nothing came by a port where nothing is asked of it; it is passed on as it is, and
/// ``DiscoveryServer/DiscoveryClient/verifiedWorkload`` says that it is nobody.
package struct AuthorizedSource: SnapshotSource {
    private let source: any SnapshotSource
    private let logger: Logger

    package init(_ source: any SnapshotSource, logger: Logger) {
        self.source = source
        self.logger = logger
    }

    package func subscribe(_ client: DiscoveryClient) async throws -> SnapshotSubscription {
        if let refusal = client.refusal {
            logger.warning("Proxy is refused", metadata: ["proxy": "\(client.node.id)", "why": "\(refusal)"])
            throw RPCError(code: .permissionDenied, message: refusal)
        }
        return try await source.subscribe(client)
    }
}

extension DiscoveryClient {
    /// The workload that the client has proven to be and says it is; nil on a port without authentication.
    ///
    /// Secrets are for this one's namespace alone.
    package var verifiedWorkload: WorkloadIdentity? {
        let claim = NodeClaim(node)
        return identity.names.lazy.compactMap { SPIFFEIdentity($0)?.workload }.first { claim.agrees(with: $0) }
    }

    /// Why the client may see nothing; nil: it may.
    fileprivate var refusal: String? {
        guard !identity.names.isEmpty, verifiedWorkload == nil else { return nil }
        return "node \"\(node.id)\" says that it is a proxy of \(NodeClaim(node)), but the client has proven to be "
            + "\(identity.names.joined(separator: ", ")): a proxy may only speak for its own workload"
    }
}

/// Whose proxy a client says it is; parts it does not name fit all.
struct NodeClaim: Hashable, Sendable, CustomStringConvertible {
    var namespace: String?
    var serviceAccount: String?

    /// Read as it is for the proxy's view of the mesh: the metadata's namespace, or else the node id's.
    init(_ node: NodeIdentity) {
        let metadata = try? JSONValue(parsing: node.metadata)
        func text(_ name: String) -> String? { metadata?[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
        let parts = node.id.split(separator: "~", omittingEmptySubsequences: false)
        let name = parts.count == 4 ? parts[2] : ""
        let namespace = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) }
        self.namespace = text("NAMESPACE") ?? namespace.flatMap { $0.isEmpty ? nil : $0 }
        serviceAccount = text("SERVICE_ACCOUNT")
    }

    func agrees(with workload: WorkloadIdentity) -> Bool {
        (namespace ?? workload.namespace) == workload.namespace
            && (serviceAccount ?? workload.serviceAccount) == workload.serviceAccount
    }

    var description: String {
        "ServiceAccount \(serviceAccount ?? "(any)") in namespace \(namespace ?? "(any)")"
    }
}
