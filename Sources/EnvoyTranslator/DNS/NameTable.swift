package import EnvoyAPI
import MeshModel
import SwiftProtobuf

/// All that decides the names that a proxy's agent answers DNS queries for.
package struct NameTableInput: Hashable, Sendable {
    /// One host and its addresses.
    package struct Host: Hashable, Sendable {
        package var name: String
        package var addresses: [String]
        /// Of a Service or a member of one: the agent makes the short names of them. Empty for all other hosts.
        package var shortName: String
        package var namespace: String
        package var isOfKubernetes: Bool
    }

    /// Sorted by name, each once.
    package var hosts: [Host]

    /// Its name is the same for all; agents do not look at it.
    package static let name = "name-table"
}

/// Where a proxy is whose agent answers DNS queries.
package struct NameTableClient: Hashable, Sendable {
    package var clusterID: String
    package var network: String

    package init(clusterID: String, network: String) {
        self.clusterID = clusterID
        self.network = network
    }
}

/// The names that a proxy's agent answers for.
package func nameTable(_ input: NameTableInput) -> Istio_Networking_Nds_V1_NameTable {
    .with {
        $0.table = Dictionary(
            input.hosts.map { host in
                (
                    host.name,
                    .with {
                        $0.ips = host.addresses
                        $0.registry = host.isOfKubernetes ? "Kubernetes" : "External"
                        $0.shortname = host.shortName
                        $0.namespace = host.namespace
                    }
                )
            }, uniquingKeysWith: { first, _ in first })
    }
}

extension OutboundServices {
    /// The names of all services in reach: with their virtual IPs, or else with the addresses of their members, each of
    /// which may have a name of its own.
    func nameTable(for client: NameTableClient, families: AddressFamilies, in snapshot: MeshSnapshot) -> NameTableInput
    {
        var hosts: [String: NameTableInput.Host] = [:]
        for service in visible where !service.isExternalName {
            if service.isHeadless {
                for member in service.members(for: client, families, in: snapshot) where hosts[member.name] == nil {
                    hosts[member.name] = member
                }
            }
            let addresses =
                service.isHeadless
                ? service.reachableEndpoints(for: client, families, in: snapshot)
                    .filter { $0.clusterID == client.clusterID }.map(\.address)
                : service.addresses.filter(families.supports)
            guard !addresses.isEmpty else { continue }
            hosts[service.hostname] = NameTableInput.Host(
                name: service.hostname, addresses: addresses, shortName: service.isOfKubernetes ? service.name : "",
                namespace: service.isOfKubernetes ? service.namespace : "", isOfKubernetes: service.isOfKubernetes)
        }
        return NameTableInput(hosts: hosts.values.sorted { $0.name < $1.name })
    }
}

extension MeshService {
    /// Those that clients call by their own addresses: on the client's network, and ready.
    fileprivate func reachableEndpoints(
        for client: NameTableClient, _ families: AddressFamilies, in snapshot: MeshSnapshot
    ) -> [Endpoint] {
        guard let port = ports.first else { return [] }
        var known: Set<String> = []
        return snapshot.endpoints(of: key, port: port).endpoints.filter { endpoint in
            endpoint.health == .ready && families.supports(endpoint.address)
                && (endpoint.network.isEmpty || client.network.isEmpty || endpoint.network == client.network)
                && known.insert(endpoint.address).inserted
        }
    }

    /// Members with names of their own, such as `zk-0.zk.default.svc.cluster.local`. Of those with one name in several
    /// clusters the own cluster's counts.
    fileprivate func members(
        for client: NameTableClient, _ families: AddressFamilies, in snapshot: MeshSnapshot
    ) -> [NameTableInput.Host] {
        let named = reachableEndpoints(for: client, families, in: snapshot).filter { !$0.hostname.isEmpty }
        let byName = Dictionary(grouping: named, by: \.hostname)
        return byName.map { name, endpoints in
            let own = endpoints.filter { $0.clusterID == client.clusterID }
            return NameTableInput.Host(
                name: "\(name).\(hostname)", addresses: (own.isEmpty ? endpoints : own).map(\.address),
                shortName: "\(name).\(self.name)", namespace: namespace, isOfKubernetes: true)
        }
    }
}
