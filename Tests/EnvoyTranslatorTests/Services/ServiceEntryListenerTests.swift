import EnvoyAPI
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite struct ServiceEntryListenerTests {
    private func resources(
        _ entries: String..., at addresses: [String] = ["10.0.0.1"], policy: MeshSettings.OutboundPolicy = .allowAny
    ) throws -> Resources {
        var mesh = try Mesh(yaml: entries.joined())
        mesh.snapshot.settings.outboundPolicy = policy
        return try mesh.resources(for: mesh.sidecar(at: addresses))
    }

    @Test func rangesAreChainsOfOneListener() throws {
        let resources = try resources(
            Mesh.entry(
                "a", "{hosts: [a.com], addresses: [fd01:1:2:3::/16], ports: [{number: 99, name: t, protocol: TCP}]}"),
            Mesh.entry(
                "b", "{hosts: [b.com], addresses: [fd01:1:9::/32], ports: [{number: 99, name: t, protocol: TCP}]}"),
            Mesh.entry(
                "c", "{hosts: [c.com], addresses: [fd01:1:7:7::/32], ports: [{number: 99, name: t, protocol: TCP}]}"),
            at: ["10.0.0.1", "fd00::1"])
        #expect(
            resources.chains("0.0.0.0_99") == [
                "- tcp outbound|99||a.com fd01::/16", "- tcp outbound|99||b.com fd01:1::/32",
                "else PassthroughFilterChain tcp PassthroughCluster",
            ])
        #expect(resources.listener("0.0.0.0_99")?.additionalAddresses.count == 1)
    }

    @Test func everyAddressIsAListenerOfTheOldest() throws {
        let resources = try resources(
            Mesh.entry("a", "{hosts: [a.com], addresses: [10.9.0.1], ports: [{number: 99, name: t, protocol: TCP}]}"),
            Mesh.entry(
                "b", "{hosts: [b.com], addresses: [10.9.0.2, 10.9.0.1], ports: [{number: 99, name: t, protocol: TCP}]}")
        )
        #expect(resources.listenerNames == ["10.9.0.1_99", "10.9.0.2_99"])
        #expect(resources.chains("10.9.0.1_99") == ["- tcp outbound|99||a.com"])
        #expect(resources.chains("10.9.0.2_99") == ["- tcp outbound|99||b.com"])
        #expect(resources.listener("10.9.0.2_99")?.additionalAddresses == [])
    }

    @Test func namesTellTLSApartWhereAddressesDoNot() throws {
        let resources = try resources(
            Mesh.entry("a", "{hosts: [a.com, \"*.b.com\"], ports: [{number: 443, name: t, protocol: TLS}]}"),
            Mesh.entry("c", "{hosts: [c.com], resolution: DNS, ports: [{number: 443, name: t, protocol: HTTPS}]}"))
        #expect(
            resources.chains("0.0.0.0_443") == [
                "- tcp outbound|443||*.b.com *.b.com", "- tcp outbound|443||a.com a.com",
                "- tcp outbound|443||c.com c.com", "else PassthroughFilterChain tcp PassthroughCluster",
            ])
        #expect(
            resources.listener("0.0.0.0_443")?.listenerFilters.map(\.name) == ["envoy.filters.listener.tls_inspector"])
        #expect(resources.cluster("outbound|443||a.com")?.type == .originalDst)
        #expect(resources.cluster("outbound|443||c.com")?.type == .strictDns)
    }

    private func chains(_ first: String, _ second: String, port: Int = 80) throws -> [String]? {
        func entry(_ name: String, _ spec: String) -> String {
            let (kind, more) = (spec.prefix { $0 != " " }, spec.drop { $0 != " " })
            let written = kind == "ANY" ? "" : ", protocol: \(kind)"
            return Mesh.entry(name, "{hosts: [\(name).com], ports: [{number: \(port), name: p\(written)}]\(more)}")
        }
        return try resources(entry("a", first), entry("b", second)).chains("0.0.0.0_\(port)")
    }

    @Test func requestsAndConnectionsOfAPortAreToldApart() throws {
        let requests = "- raw_buffer http/1.1,h2c http routes 80"
        let rest = "else PassthroughFilterChain tcp PassthroughCluster"
        // Whichever is older.
        #expect(try chains("HTTP", "TCP") == [requests, "else - tcp outbound|80||b.com"])
        #expect(try chains("TCP", "HTTP") == [requests, "else - tcp outbound|80||a.com"])
        #expect(try chains("HTTP", "TLS") == [requests, "- tcp outbound|80||b.com b.com", rest])
        #expect(try chains("TLS", "GRPC") == [requests, "- tcp outbound|80||a.com a.com", rest])
        #expect(
            try chains("HTTP", "TCP , addresses: [10.9.0.0/16]")
                == [requests, "- tcp outbound|80||b.com 10.9.0.0/16", rest])
        // A port that speaks either leaves what is no request to who had it before.
        #expect(try chains("HTTP", "ANY") == [requests, rest])
        #expect(try chains("ANY", "HTTP") == [requests, "else - tcp outbound|80||a.com"])
        #expect(try chains("TCP", "TCP") == ["- tcp outbound|80||a.com"])
        let listener = try resources(
            Mesh.entry("a", "{hosts: [a.com], ports: [{number: 80, name: p, protocol: HTTP}]}"),
            Mesh.entry("b", "{hosts: [b.com], ports: [{number: 80, name: p, protocol: TLS}]}")
        ).listener("0.0.0.0_80")
        #expect(
            listener?.listenerFilters.map(\.name)
                == ["envoy.filters.listener.tls_inspector", "envoy.filters.listener.http_inspector"])
    }

    @Test func whereServersSpeakFirstNobodyWaitsForTheClient() throws {
        let requests = "- raw_buffer http/1.1,h2c http routes 25"
        #expect(try chains("TCP", "HTTP", port: 25) == ["- tcp outbound|25||a.com"])
        #expect(
            try chains("HTTP", "TCP", port: 25)
                == [requests, "else PassthroughFilterChain tcp PassthroughCluster"])
        // Of some protocols that is known, whatever the port.
        #expect(try chains("MYSQL", "HTTP", port: 13306) == ["- tcp outbound|13306||a.com"])
        #expect(try chains("HTTP", "MONGO", port: 13306)?.contains { $0.contains("b.com") } == false)
    }

    @Test func workloadsThatAreSelectedAreCalledByTheirOwnAddresses() throws {
        let machine = """
            {apiVersion: networking.istio.io/v1, kind: WorkloadEntry, metadata: {name: m},
             spec: {address: 10.7.0.1, labels: {app: db}}}
            ---

            """
        let entry = Mesh.entry(
            "e",
            """
            {hosts: [db.com], location: MESH_INTERNAL, workloadSelector: {labels: {app: db}},
             ports: [{number: 99, name: t, protocol: TCP}, {number: 80, name: h, protocol: HTTP}]}
            """)
        #expect(try resources(entry, machine).listenerNames == ["0.0.0.0_80", "10.7.0.1_99"])
        // Nobody is there to be called: the port is not taken from others.
        #expect(try resources(entry).listenerNames == ["0.0.0.0_80"])
    }

    @Test func hostsWithinTheClusterHaveShortNames() throws {
        let resources = try resources(
            Mesh.entry(
                "e",
                """
                {hosts: [a.default.svc.cluster.local, b.far.svc.cluster.local, c.svc.cluster.local, d.org],
                 ports: [{number: 80, name: h, protocol: HTTP}]}
                """))
        let domains = (resources.routes("80")?.virtualHosts ?? []).map { Set($0.domains) }
        func whole(_ host: String) -> Set<String> { [host, "\(host)."] }
        #expect(
            domains == [
                whole("a.default.svc.cluster.local").union(["a", "a.default", "a.default.svc"]),
                whole("b.far.svc.cluster.local").union(["b.far", "b.far.svc"]), whole("c.svc.cluster.local"),
                whole("d.org"), ["*"],
            ])
    }

    @Test func sniffedRangesCarryBoth() throws {
        let resources = try resources(
            Mesh.entry("a", "{hosts: [a.com], addresses: [10.9.0.0/16], ports: [{number: 99, name: t}]}"))
        #expect(
            resources.chains("0.0.0.0_99") == [
                "- raw_buffer http/1.1,h2c http routes 99 10.9.0.0/16",
                "- raw_buffer tcp outbound|99||a.com 10.9.0.0/16",
                "else PassthroughFilterChain tcp PassthroughCluster",
            ])
        #expect(resources.domains("99") == ["a.com", "a.com."])
    }

    @Test func hostsAreDomainsOfTheirPort() throws {
        let resources = try resources(
            Mesh.entry(
                "a",
                "{hosts: [a.com, \"*.b.com\"], addresses: [10.9.0.1, 10.8.0.0/16], ports: [{number: 80, name: h, protocol: HTTP}]}"
            ))
        #expect(Set(resources.domains("80")).isSuperset(of: ["a.com", "10.9.0.1", "*.b.com"]))
        #expect(!resources.domains("80").contains("10.8.0.0"))
        #expect(resources.listenerNames == ["0.0.0.0_80"])
    }

    @Test func allocatedAddressesAreListenedOn() throws {
        let entry = Mesh.entry(
            "a",
            "{hosts: [istio.io], resolution: DNS, ports: [{number: 443, name: t, protocol: HTTPS}, {number: 80, name: h, protocol: HTTP}]}"
        )
        var settings = MeshSettings()
        settings.recordsAllocatedAddresses = false
        let mesh = try Mesh(yaml: entry, settings: settings)
        var proxy = mesh.sidecar()
        #expect(try mesh.resources(for: proxy).listenerNames == ["0.0.0.0_443", "0.0.0.0_80"])
        proxy.metadata = ["DNS_CAPTURE": "true", "DNS_AUTO_ALLOCATE": "true"]
        let resources = try mesh.resources(for: proxy)
        #expect(resources.listenerNames == ["0.0.0.0_80", "240.240.122.168_443"])
        #expect(resources.domains("80") == ["istio.io", "istio.io.", "240.240.122.168", "[2001:2::f0f0:7aa8]"])
    }

    @Test func hostsOfPatternsAreLookedUpWhenRequestsNameThem() throws {
        let resources = try resources(
            Mesh.entry(
                "a",
                """
                {hosts: ["*.b.com"], resolution: DYNAMIC_DNS,
                 ports: [{number: 80, name: h, protocol: HTTP}, {number: 443, name: t, protocol: TLS}]}
                """))
        #expect(resources.cluster("outbound|80||*.b.com")?.clusterType.name == "envoy.clusters.dynamic_forward_proxy")
        let manager = resources.listener("0.0.0.0_80")?.filterChains.first?.connectionManager
        #expect(
            manager?.httpFilters.map(\.name).suffix(2) == [
                "envoy.filters.http.dynamic_forward_proxy", "envoy.filters.http.router",
            ])
        #expect(
            resources.listener("0.0.0.0_443")?.filterChains.first?.filters.map(\.name) == [
                "envoy.filters.network.sni_dynamic_forward_proxy", "envoy.filters.network.tcp_proxy",
            ])
    }

    @Test func unknownHostsCanBeLookedUpToo() throws {
        let resources = try resources(
            Mesh.service("s", "10.1.0.1"), policy: .allowAnyDynamicDNS)
        #expect(resources.cluster("AllowAnyDynamicDNSCluster") != nil)
        #expect(
            resources.chains("virtualOutbound") == [
                "virtualOutbound-blackhole :15001 tcp BlackHoleCluster",
                "virtualOutbound-catchall-http raw_buffer http/1.1,h2c http AllowAnyDynamicDNSCluster",
                "virtualOutbound-catchall-tcp tcp PassthroughCluster",
            ])
        let fallback = resources.routes("80")?.virtualHosts.last
        #expect(fallback?.name == "allow_any")
        #expect(fallback?.routes.first?.route.cluster == "AllowAnyDynamicDNSCluster")
    }

    @Test func whoServesAHostTakesItIn() throws {
        let mesh = try Mesh(
            yaml: Mesh.entry(
                "a",
                """
                {hosts: [a.com], location: MESH_INTERNAL, resolution: STATIC, endpoints: [{address: 10.0.0.1}],
                 ports: [{number: 80, name: h, protocol: HTTP, targetPort: 8080}, {number: 90, name: t, protocol: TCP}]}
                """))
        let own = try mesh.resources(for: mesh.sidecar(at: ["10.0.0.1"]))
        #expect(own.cluster("inbound|8080||") != nil && own.cluster("inbound|90||") != nil)
        let other = try mesh.resources(for: mesh.sidecar(at: ["10.0.0.2"]))
        #expect(other.cluster("inbound|8080||") == nil)
        // Nor does it count for workloads of other namespaces, who did not ask for it.
        let far = try mesh.resources(for: mesh.sidecar(in: "far", at: ["10.0.0.1"]))
        #expect(far.cluster("inbound|8080||") == nil)
    }
}
