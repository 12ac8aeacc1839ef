import EnvoyAPI
import EnvoyTesting
import Foundation
import SwiftProtobuf
import Testing
import TrafficSimulator

/// `APUS_SEED` and `APUS_RUNS` choose which configurations, and how many of them.
private let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    let seed = environment["APUS_SEED"].flatMap { UInt64($0) } ?? 1
    let runs = environment["APUS_RUNS"].flatMap { UInt64($0) } ?? 4
    return (0..<runs).map { seed &+ $0 }
}()

/// Random configurations in one real Envoy: each call has to end where the simulation says.
@Suite(
    "The simulation beside a real Envoy", .serialized, .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)")
)
struct EnvoyAgreementTests {
    fileprivate struct Case {
        var listener: Int
        var call: Call
    }

    fileprivate struct Setup {
        var listeners: [Envoy_Config_Listener_V3_Listener] = []
        var cases: [Case] = []
    }

    @Test("Filter chains, virtual hosts and routes are chosen alike, and calls refused alike", arguments: seeds)
    func agrees(seed: UInt64) throws {
        let (setup, envoy) = try started(seed: seed)
        defer { envoy.stop() }

        var answers: [String: Int] = [:]
        for one in setup.cases {
            let listener = setup.listeners[one.listener]
            let result = simulation(of: one.call, through: ProxyConfiguration(listeners: [listener]))
            let expected = result.answer
            let answer = try exchange(with: one.call.address, port: one.call.port, sending: one.call.bytes).answer
            #expect(answer == expected, "seed \(seed): \(one.call)\n\(listener.told(for: one.call))")
            answers[answer, default: 0] += 1
        }
        #expect(setup.cases.count > 1000)
        #expect(answers["status 403", default: 0] > 20, "\(answers)")
        // What is chosen has to vary, or nothing was shown.
        #expect(answers.count > 10 && answers.values.allSatisfy { $0 < setup.cases.count / 2 }, "\(answers)")
    }

    /// Another program may be faster to take a port that was free: then with others.
    private func started(seed: UInt64, attempts: Int = 3) throws -> (Setup, StaticEnvoy) {
        var random = RandomConfigurations(seed: seed)
        let ports = try freePorts(81)
        var setup = Setup()
        try addRoutes(&setup, port: ports[80], &random)
        for port in ports[..<40] { try addVirtualHosts(&setup, port: port, &random) }
        for port in ports[40..<80] { try addChains(&setup, port: port, &random) }
        do {
            return (setup, try StaticEnvoy(setup.listeners))
        } catch  where attempts > 1 {
            return try started(seed: seed, attempts: attempts - 1)
        }
    }

    private func addRoutes(_ setup: inout Setup, port: Int, _ random: inout RandomConfigurations) throws {
        let hosts: [Envoy_Config_Route_V3_VirtualHost] = try (0..<100).map { number in
            try .with {
                $0.name = "case-\(number)"
                $0.domains = ["case-\(number)"]
                $0.routes = try random.several(1...6) { $0.route("") }.enumerated().map { index, route in
                    var route = route
                    route.name = "route-\(index)"
                    route.directResponse.body.inlineString = route.name
                    if random.happens(0.4) {
                        let rules = random.accessRules(port: port)
                        route.typedPerFilterConfig = ["envoy.filters.http.rbac": try .init(packing: rules)]
                    }
                    return route
                }
            }
        }
        try add(.init(hosts), to: &setup, port: port)
        for host in hosts {
            for _ in 0..<6 { setup.add(random.request(host.name), port) }
        }
    }

    private func addVirtualHosts(_ setup: inout Setup, port: Int, _ random: inout RandomConfigurations) throws {
        var routes = Envoy_Config_Route_V3_RouteConfiguration(random.virtualHosts())
        routes.ignorePortInHostMatching = random.happens(0.5)
        try add(routes, to: &setup, port: port)
        for _ in 0..<8 {
            var call = Call(address: "127.0.0.1", port: port, capture: .gateway)
            call.host = random.hostHeader()
            setup.add(call, port)
        }
    }

    private func add(
        _ routes: Envoy_Config_Route_V3_RouteConfiguration, to setup: inout Setup, port: Int
    ) throws {
        let router: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter = try .with {
            $0.name = "envoy.filters.http.router"
            $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Router_V3_Router())
        }
        let rules: Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpFilter = try .with {
            $0.name = "envoy.filters.http.rbac"
            $0.typedConfig = try .init(packing: Envoy_Extensions_Filters_Http_Rbac_V3_RBAC())
        }
        let chain = try Envoy_Config_Listener_V3_FilterChain.http("http", routes, filters: [rules, router])
        setup.listeners.append(.init("http-\(port)", "0.0.0.0", port, [chain]))
    }

    private func addChains(_ setup: inout Setup, port: Int, _ random: inout RandomConfigurations) throws {
        var listener = Envoy_Config_Listener_V3_Listener(
            "chains-\(port)", "0.0.0.0", port, try random.filterChains(port: port))
        let inspectors: [(String, any Message)] = [
            ("tls_inspector", Envoy_Extensions_Filters_Listener_TlsInspector_V3_TlsInspector()),
            ("http_inspector", Envoy_Extensions_Filters_Listener_HttpInspector_V3_HttpInspector()),
        ]
        for (name, config) in inspectors where random.happens(0.8) {
            listener.listenerFilters.append(
                try .with {
                    $0.name = "envoy.filters.listener.\(name)"
                    $0.typedConfig = try Google_Protobuf_Any(message: config)
                    if random.happens(0.2) {
                        $0.filterDisabled.destinationPortRange = .with {
                            ($0.start, $0.end) = (Int32(port), Int32(port + 1))
                        }
                    }
                })
        }
        setup.listeners.append(listener)
        for _ in 0..<12 { setup.add(random.connection(port: port), port) }
    }
}

extension EnvoyAgreementTests.Setup {
    /// A call of the listener that was added last.
    fileprivate mutating func add(_ call: Call, _ port: Int) {
        var call = call
        call.port = port
        cases.append(.init(listener: listeners.count - 1, call: call))
    }
}

extension Envoy_Config_Listener_V3_Listener {
    /// What of it counts for a call.
    fileprivate func told(for call: Call) -> String {
        let manager = filterChains.first?.filters.first.flatMap {
            try? Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager(
                unpackingAny: $0.typedConfig)
        }
        guard let manager else { return textFormatString() }
        let own = manager.routeConfig.virtualHosts.first { $0.name == call.host }
        return own?.textFormatString() ?? manager.routeConfig.textFormatString()
    }
}

extension Simulation {
    /// What a client is told: who answered, or the status.
    fileprivate var answer: String {
        switch outcome {
        case .answered(200, _): route.isEmpty ? virtualHost : route
        case .answered(let status, _): "status \(status)"
        case .closed, .forwarded: filterChain
        }
    }
}

extension String {
    /// The body of an HTTP answer, its status if it is not 200, or all of it if it is something else.
    fileprivate var answer: String {
        guard hasPrefix("HTTP/1.1 ") else { return self }
        let status = dropFirst(9).prefix(3)
        guard status == "200" else { return "status \(status)" }
        return String(self[(firstRange(of: "\r\n\r\n")?.upperBound ?? startIndex)...])
    }
}

extension Call {
    /// What a client sends.
    fileprivate var bytes: [UInt8] {
        if security == .tls { return clientHello(serverName: serverName, protocols: applicationProtocols) }
        switch content {
        case .tcp: return [0, 1, 2, 3] + Array("no HTTP at all\n".utf8)
        case .http2: return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        case .http:
            let lines = headers.sorted { $0.key < $1.key }.flatMap { name, values in values.map { "\(name): \($0)\r\n" }
            }
            return Array(
                "\(method) \(path) HTTP/1.1\r\nhost: \(host)\r\nconnection: close\r\n\(lines.joined())\r\n".utf8)
        }
    }
}
