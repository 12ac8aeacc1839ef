import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import KubernetesModel
import MeshModel
import SwiftProtobuf
import Testing

@Suite("What is spoken with data stores")
struct StoreFilterTests {
    private static let stores: Mesh = {
        var mesh = Mesh()
        for (name, number, spoken) in [
            ("mongo", 27017, MeshProtocol.mongo), ("mysql", 3306, .mysql), ("redis", 6379, .redis), ("tcp", 9000, .tcp),
        ] {
            mesh.add(
                name, addresses: ["10.96.0.\(number % 250)"],
                ports: [ServicePort(name: name, number: number, meshProtocol: spoken)], pods: ["10.244.0.1"])
        }
        return mesh
    }()

    private static let all = ["mongo": 27017, "mysql": 3306, "redis": 6379, "tcp": 9000]

    private func resources(_ environment: [String: String]) throws -> Resources {
        var mesh = Self.stores
        mesh.snapshot.settings.apply(environment: environment)
        return try mesh.resources(for: mesh.sidecar())
    }

    private func names(_ chain: Envoy_Config_Listener_V3_FilterChain) -> [String] {
        chain.filters.map { $0.name.split(separator: ".").last.map(String.init) ?? "" }
    }

    private static let expectations: [([String: String], [String: [String]])] = [
        ([:], ["mongo": ["mongo_proxy", "tcp_proxy"]]),
        (["PILOT_ENABLE_MONGO_FILTER": "false"], [:]),
        (
            ["PILOT_ENABLE_MYSQL_FILTER": "true", "PILOT_ENABLE_REDIS_FILTER": "1"],
            [
                "mongo": ["mongo_proxy", "tcp_proxy"], "mysql": ["mysql_proxy", "tcp_proxy"],
                "redis": ["redis_proxy"],
            ]
        ),
    ]

    @Test(arguments: expectations)
    func filtersOfBothSides(environment: [String: String], expected: [String: [String]]) throws {
        let resources = try resources(environment)
        let inbound = try #require(resources.listener("virtualInbound"))
        for (name, number) in Self.all {
            let outbound = try #require(resources.listener("10.96.0.\(number % 250)_\(number)"))
            let wanted = expected[name] ?? ["tcp_proxy"]
            #expect(outbound.filterChains.map(names) == [wanted], "\(name)")
            let own = inbound.filterChains.filter { $0.filterChainMatch.destinationPort.value == UInt32(number) }
            #expect(!own.isEmpty)
            for chain in own {
                // What the application encrypts itself, nobody else can read.
                let isOpen = chain.filterChainMatch.transportProtocol == "raw_buffer" || chain.hasTransportSocket
                #expect(names(chain) == (isOpen ? wanted : ["tcp_proxy"]), "\(name)")
            }
        }
    }

    @Test func gatewaysLookIntoItToo() throws {
        let server = serverYAML(27017, "MONGO", name: "mongo")
        let target = "tcp: [{route: [{destination: {host: mongo.default.svc.cluster.local, port: {number: 27017}}}]}]"
        let yaml =
            gatewayYAML("stores", server)
            + routesYAML("mongo", hosts: "'*'", gateways: "istio-system/stores", target)
        var mesh = try Mesh(objects: yaml)
        mesh.snapshot.services = Self.stores.snapshot.services
        let listener = try #require(mesh.resources(for: mesh.router()).listener("0.0.0.0_27017"))
        #expect(listener.filterChains.map(names) == [["mongo_proxy", "tcp_proxy"]])
    }

    @Test("A real Envoy takes them", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
    func isValid() throws {
        let resources = try resources(["PILOT_ENABLE_REDIS_FILTER": "true"])
        let verdict = try EnvoyProgram.validate(try .containing(resources))
        #expect(verdict.isValid, "\(verdict.output)")
    }
}
