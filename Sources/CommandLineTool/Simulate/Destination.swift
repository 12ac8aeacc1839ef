import MeshModel

/// Where a client connects to for a host: what DNS would answer it.
struct Destination: Hashable {
    var address: String
    /// What it is an address of, for people.
    var words: String

    /// Stands for addresses that only DNS outside of the mesh knows.
    static let outside = "192.0.2.1"

    init(of host: String, for proxy: Proxy, in snapshot: MeshSnapshot) {
        if host.contains(":") || host.allSatisfy({ $0.isNumber || $0 == "." }) {
            self.init(address: host, words: "the address itself")
            return
        }
        let services = snapshot.services(visibleTo: snapshot.view(of: proxy).outbound)
        let names = Self.names(host.lowercased(), proxy, domain: snapshot.settings.clusterDomain)
        let found = names.lazy.compactMap { name in
            services.first { $0.hostname == name || $0.aliases.contains { $0.hostname == name } }
        }.first
        let service = found ?? services.first { $0.isWildcard && host.hasSuffix($0.hostname.dropFirst()) }
        guard let service else {
            self.init(address: Self.outside, words: "an address outside of the mesh, which knows no such host")
            return
        }
        if let address = service.addresses.first(where: proxy.addressFamilies.supports) {
            self.init(address: address, words: "the virtual address of \(service.hostname)")
            return
        }
        let endpoints = service.ports.flatMap { snapshot.endpoints(of: service.key, port: $0).endpoints }
        if service.isHeadless, let endpoint = endpoints.first {
            self.init(address: endpoint.address, words: "an endpoint of \(service.hostname), which is headless")
            return
        }
        self.init(address: Self.outside, words: "an address of \(service.hostname) that DNS knows")
    }

    private init(address: String, words: String) {
        self.address = address
        self.words = words
    }

    /// A host with the domains that a client tries.
    private static func names(_ host: String, _ proxy: Proxy, domain: String) -> [String] {
        let namespace = proxy.workloadNamespace
        return ["\(host).\(namespace).svc.\(domain)", "\(host).svc.\(domain)", "\(host).\(domain)", host]
    }
}
