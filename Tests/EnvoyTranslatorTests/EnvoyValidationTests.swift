import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What a real Envoy says", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct EnvoyValidationTests {
    enum Kind: CaseIterable {
        case bookinfo, menagerie, dualStack, ipv6, strict, disable, transparent, registryOnly, everySetting
    }

    @Test("Every resource is valid", arguments: Kind.allCases)
    func isValid(kind: Kind) throws {
        var mesh = kind == .bookinfo ? Mesh.bookinfo : Mesh.menagerie
        var addresses = ["10.244.1.4"]
        var mode = InterceptionMode.redirect
        switch kind {
        case .bookinfo: addresses = ["10.244.0.3"]
        case .menagerie: addresses = ["10.244.1.1"]
        case .dualStack: addresses = ["10.244.1.5", "fd00:10::5"]
        case .ipv6: addresses = ["fd00:10::5"]
        case .strict: mesh.demand(InboundTLS(.strict, ports: [7777: .permissive, 9001: .disable]))
        case .disable: mesh.demand(InboundTLS(.disable, ports: [7777: .strict]))
        case .transparent: mode = .tproxy
        case .registryOnly: mesh.snapshot.settings.outboundPolicy = .registryOnly
        case .everySetting:
            mesh.snapshot.settings.accessLog.file = "/dev/null"
            mesh.snapshot.settings.defaultProviders.metrics = ["prometheus"]
            mesh.snapshot.settings.accessLog.encoding = .json
            mesh.snapshot.settings.pathNormalization = .decodeAndMergeSlashes
            mesh.snapshot.settings.tcpKeepalive = .init(time: .seconds(10), interval: .seconds(5), probes: 3)
            mesh.snapshot.settings.meshTLS = .init(minimumVersion: "TLSV1_3", curves: ["P-256"])
            mesh.snapshot.settings.upgradesToHTTP2 = true
            mesh.snapshot.settings.inboundPolicy = .localhost
            mesh.snapshot.settings.protocolDetectionTimeout = .seconds(5)
        }
        var sidecar = mesh.sidecar(at: addresses)
        sidecar.interceptionMode = mode
        let resources = try mesh.resources(for: sidecar)
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
        // How often names are looked up has new fields that older proxies do not know; of timeouts only the old field
        // leaves the others as they are. What counts are named by has a new field, too.
        let complaints = verdict.output.split(separator: "\n").filter { line in
            line.hasPrefix("[")
                && ![
                    "dns_refresh_rate", "dns_jitter", "respect_dns_ttl", "max_grpc_timeout",
                    "stats.v3.Config.stat_prefix",
                ].contains(where: line.contains)
        }
        #expect(complaints == [])
    }

    @Test("A resource that is not valid is told: this check can fail")
    func isInvalid() throws {
        var resources = try Mesh.bookinfo.resources(for: Mesh.bookinfo.sidecar())
        resources.listeners[0].filterChains[0].filters[0].name = ""
        resources.clusters[0].connectTimeout.seconds = -1
        #expect(try !EnvoyProgram.validate(try .containing(resources)).isValid)
    }
}

extension Envoy_Config_Bootstrap_V3_Bootstrap {
    /// All resources as static ones: what they refer to by name is put in its place, because nothing is fetched.
    static func containing(_ resources: Resources) throws -> Self {
        try .with {
            $0.node.id = "sidecar~10.244.0.1~test.default~default.svc.cluster.local"
            $0.node.cluster = "test.default"
            $0.staticResources.listeners = try resources.listeners.map { try $0.withRoutes(resources) }
            $0.staticResources.clusters = resources.clusters.map { $0.withEndpoints(resources) } + [.agent]
        }
    }
}

extension Envoy_Config_Listener_V3_Listener {
    fileprivate func withRoutes(_ resources: Resources) throws -> Self {
        var copy = self
        for chain in copy.filterChains.indices {
            for filter in copy.filterChains[chain].filters.indices {
                let packed = copy.filterChains[chain].filters[filter].typedConfig
                guard
                    var manager =
                        try? Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager(
                            unpackingAny: packed), case .rds(let rds) = manager.routeSpecifier
                else { continue }
                manager.routeConfig = resources.routes(rds.routeConfigName) ?? .init()
                copy.filterChains[chain].filters[filter].typedConfig = try .init(packing: manager)
            }
        }
        return copy
    }
}

extension Envoy_Config_Cluster_V3_Cluster {
    fileprivate func withEndpoints(_ resources: Resources) -> Self {
        guard type == .eds else { return self }
        var copy = self
        copy.type = .static
        copy.clearEdsClusterConfig()
        copy.loadAssignment = resources.endpoints(edsClusterConfig.serviceName) ?? .init()
        return copy
    }

    /// What the bootstrap has for secrets.
    fileprivate static let agent: Self = .with {
        $0.name = "sds-grpc"
        $0.type = .static
        $0.loadAssignment.clusterName = "sds-grpc"
        $0.loadAssignment.endpoints = [
            .with { $0.lbEndpoints = [.with { $0.endpoint.address.pipe.path = "./socket" }] }
        ]
    }
}
