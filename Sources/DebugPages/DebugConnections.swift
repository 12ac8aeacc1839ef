import DiscoveryServer
import FoundationEssentials
import KubernetesModel
import XDSServer

/// How people call a proxy, and what it says of itself.
struct ProxyDescription: Sendable {
    let connection: DiscoveryConnection
    let node: NodeIdentity
    let metadata: JSONValue
    private let parts: [Substring]

    /// Nil for a client that has not said who it is, or that only asks questions.
    init?(_ connection: DiscoveryConnection) {
        guard let node = connection.node, connection.isProxy else { return nil }
        self.connection = connection
        self.node = node
        metadata = (try? JSONValue(parsing: node.metadata)) ?? .object([:])
        parts = node.id.split(separator: "~", omittingEmptySubsequences: false)
    }

    /// `POD.NAMESPACE`, or the whole node id of a client that has none.
    var name: String { parts.count == 4 ? String(parts[2]) : node.id }
    /// `sidecar`, `router`, ...
    var kind: String { parts.count == 4 ? String(parts[0]) : "" }
    var addresses: [String] {
        let listed = (metadata["INSTANCE_IPS"]?.string ?? "").split(separator: ",").map(String.init)
        return listed.isEmpty && parts.count == 4 ? [String(parts[1])] : listed
    }

    /// Whether people mean this one.
    func isCalled(_ text: String) -> Bool { text == name || text == node.id || text == connection.status.id }
}

extension DebugRequest {
    /// Who is connected, the longest first.
    func proxies(versionsOf types: [TypeURL] = []) -> [ProxyDescription] {
        state.streams.connections(versionsOf: types).compactMap(ProxyDescription.init)
    }

    /// The proxy that the request names.
    func namedProxy() -> Result<ProxyDescription, DebugProblem> {
        guard let name = parameter("proxyID"), !name.isEmpty else {
            return .failure(DebugProblem(answer: .invalid("say which proxy: ?proxyID=POD.NAMESPACE")))
        }
        guard let proxy = proxies().first(where: { $0.isCalled(name) }) else {
            return .failure(
                DebugProblem(
                    answer: .notFound(
                        "no proxy \"\(name)\" is connected to this replica (\(site.identity)): /debug/connections lists "
                            + "those that are, others may be connected to another replica")))
        }
        return .success(proxy)
    }
}

/// An answer instead of what was looked for.
struct DebugProblem: Error, Sendable {
    var answer: DebugAnswer
}

extension DebugPage {
    @Sendable static func connections(_ request: DebugRequest) async -> DebugAnswer {
        let clients = request.state.streams.connections().map { client($0, now: request.now) }
        return .json(["totalClients": .integer(Int64(clients.count)), "clients": .array(clients)])
    }

    @Sendable static func adsz(_ request: DebugRequest) async -> DebugAnswer {
        let clients = request.state.streams.connections().map { connection in
            var json = client(connection, now: request.now)
            let metadata = connection.node.flatMap { try? JSONValue(parsing: $0.metadata) }
            json["metadata"] = metadata ?? .object([:])
            json["labels"] = metadata?["LABELS"] ?? .object([:])
            json["locality"] = [
                "region": .string(connection.node?.locality.region ?? ""),
                "zone": .string(connection.node?.locality.zone ?? ""),
                "subzone": .string(connection.node?.locality.subzone ?? ""),
            ]
            json["watches"] = .object(
                Dictionary(connection.status.types.map { ($0.typeURL.rawValue, .string($0.state.rawValue)) }) { $1 })
            return json
        }
        return .json(["totalClients": .integer(Int64(clients.count)), "clients": .array(clients)])
    }

    private static func client(_ connection: DiscoveryConnection, now: Date) -> JSONValue {
        let seconds = Double(connection.connectedFor.components.seconds)
        return [
            "connectionId": .string(connection.status.id), "node": JSONValue(connection.node?.id),
            "connectedAt": .string(now.addingTimeInterval(-seconds).formatted(.iso8601)),
            "address": .string(connection.peer), "identities": JSONValue(connection.identity.names),
        ]
    }
}
