import EnvoyAPI
import EnvoyTesting
import EnvoyTranslator
import Foundation
import KubernetesModel
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing

/// A client's sidecar, a real Envoy with listeners on ports of its own, and the applications that it calls: one Envoy.
private struct RoutedClient {
    private let envoy: RunningEnvoy
    private let port: Int

    /// What the applications are, each a service of one port.
    private static let applications = ["v1", "v2", "broken", "slow", "copy"]

    /// - Parameter rules: Of the HTTP routes of `v1`, as YAML.
    init(rules: String) throws {
        let names = Self.applications
        let ports = try freePorts(names.count + 3)
        port = ports[names.count + 2]
        var yaml = """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system},
             data: {mesh: "{proxyListenPort: \(ports[names.count]), proxyInboundListenPort: \(ports[names.count + 1])}"}}
            ---
            {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: rules, namespace: default},
             spec: {hosts: [v1], http: [\(rules)]}}
            """
        for (index, name) in names.enumerated() {
            yaml += """

                ---
                {apiVersion: v1, kind: Service, metadata: {name: \(name), namespace: default},
                 spec: {clusterIP: 127.66.3.\(index + 1), ports: [{name: http, port: \(port)}]}}
                ---
                {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
                 metadata: {name: \(name), namespace: default, labels: {kubernetes.io/service-name: \(name)}},
                 ports: [{name: http, port: \(ports[index])}], endpoints: [{addresses: [127.0.0.1]}]}
                """
        }
        let mesh = try RoutedMesh(yaml)
        #expect(mesh.translation.diagnostics == [:])
        let folder = try TestFolder()
        let snapshot = mesh.translation.snapshot
        let source = ConfigSources(resources: .folder(folder.path), secrets: .folder(folder.path))
        var resources = Resources(
            try xdsResources(
                for: mesh.proxy, view: snapshot.view(of: mesh.proxy), in: snapshot,
                settings: .init(sources: source)))
        for index in resources.listeners.indices { resources.listeners[index].bindToPort = true }
        envoy = try RunningEnvoy(
            resources, secrets: try TestAuthority().secrets(for: ["spiffe://cluster.local/ns/default/sa/client"]),
            in: folder,
            application: try names.enumerated().map { index, name in
                .application(name, ports[index], try .reporting(as: name))
            })
    }

    func stop() { envoy.stop() }

    /// What the client's application gets for a request.
    func send(_ path: String, method: String = "GET", headers: [String] = [], count: Int = 1) throws -> String {
        let lines = (["\(method) \(path) HTTP/1.1", "host: v1"] + headers).joined(separator: "\r\n")
        let request = lines + "\r\n\r\n"
        return try exchange(
            with: "127.0.0.1", port: port,
            sending: String(repeating: request, count: count - 1) + lines + "\r\nconnection: close\r\n\r\n")
    }

    func statistics(_ filter: String) throws -> [String: Int] { try envoy.statistics(filter) }
}

@Suite("Routes in a real Envoy", .enabled(if: EnvoyProgram.path != nil, "\(EnvoyProgram.absence)"))
struct RoutingTrafficTests {
    private static let rules = [
        "{match: [{uri: {prefix: /split}}], route: [{destination: {host: v1}, weight: 70}, {destination: {host: v2}, weight: 30}]}",
        "{match: [{headers: {end-user: {exact: jason}}}], route: [{destination: {host: v2}}]}",
        "{match: [{uri: {prefix: /old}}], rewrite: {uri: /new, authority: new.example.com}, route: [{destination: {host: v1}}]}",
        "{match: [{uri: {prefix: /user}}], rewrite: {uriRegexRewrite: {match: '/user/([0-9]+)', rewrite: '/u/\\1'}}, route: [{destination: {host: v1}}]}",
        "{match: [{uri: {prefix: /away}}], redirect: {uri: /there, authority: example.com, redirectCode: 302}}",
        "{match: [{uri: {prefix: /text}}], directResponse: {status: 299, body: {string: fixed}}}",
        "{match: [{uri: {prefix: /abort}}], fault: {abort: {httpStatus: 418, percentage: {value: 100}}}, route: [{destination: {host: v1}}]}",
        "{match: [{uri: {prefix: /slow}}], timeout: 200ms, route: [{destination: {host: slow}}]}",
        "{match: [{uri: {prefix: /broken}}], retries: {attempts: 3, retryOn: '503', backoff: 1ms}, route: [{destination: {host: broken}}]}",
        "{match: [{uri: {prefix: /once}}], retries: {attempts: 0}, route: [{destination: {host: broken}}]}",
        "{match: [{uri: {prefix: /mirror}}], mirror: {host: copy}, route: [{destination: {host: v1}}]}",
        "{match: [{uri: {prefix: /cors}}], corsPolicy: {allowOrigins: [{exact: 'https://a.example'}], allowMethods: [GET], maxAge: 1m}, route: [{destination: {host: v1}}]}",
        "{headers: {request: {set: {x-in: 'yes'}}, response: {set: {x-out: 'yes'}, remove: [got-path]}}, route: [{destination: {host: v1}}]}",
    ].joined(separator: ", ")

    @Test("Requests go where the rules say, and as they say")
    func routes() throws {
        let client = try RoutedClient(rules: Self.rules)
        defer { client.stop() }
        #expect(try client.send("/a", headers: ["end-user: jason"]).contains("served: v2"))

        let plain = try client.send("/a")
        #expect(plain.contains("served: v1") && plain.contains("got-header: yes") && plain.contains("x-out: yes"))
        #expect(!plain.contains("got-path"), "\(plain)")

        let rewritten = try client.send("/old/page?q=1")
        #expect(rewritten.contains("got-path: /new/page?q=1"), "\(rewritten)")
        #expect(rewritten.contains("got-authority: new.example.com"), "\(rewritten)")
        #expect(try client.send("/user/42/x").contains("got-path: /u/42/x"))

        let redirect = try client.send("/away")
        #expect(redirect.hasPrefix("HTTP/1.1 302"), "\(redirect)")
        #expect(redirect.contains("location: http://example.com/there"), "\(redirect)")

        let fixed = try client.send("/text")
        #expect(fixed.hasPrefix("HTTP/1.1 299") && fixed.hasSuffix("fixed"), "\(fixed)")
        #expect(try client.send("/abort").hasPrefix("HTTP/1.1 418"))
    }

    @Test("Over 1,000 requests destinations get their shares")
    func weights() throws {
        let client = try RoutedClient(rules: Self.rules)
        defer { client.stop() }
        let answers = try client.send("/split", count: 1000)
        let first = answers.components(separatedBy: "served: v1").count - 1
        let second = answers.components(separatedBy: "served: v2").count - 1
        #expect(first + second == 1000)
        // Five standard deviations of what chance gives.
        #expect(abs(first - 700) < 73, "\(first) of 1000")
    }

    @Test("What is late ends in time, what fails is tried again as often as it may, mirrors get copies")
    func failures() throws {
        let client = try RoutedClient(rules: Self.rules)
        defer { client.stop() }
        let slow = try client.send("/slow")
        #expect(slow.hasPrefix("HTTP/1.1 504"), "\(slow)")

        let broken = try client.send("/broken")
        #expect(broken.hasPrefix("HTTP/1.1 503") && broken.contains("got-attempt: 4"), "\(broken)")
        #expect(try client.send("/once").contains("got-attempt: 1"))
        let retries = try client.statistics("cluster.outbound.*broken.*upstream_rq_retry$")
        #expect(retries.values.reduce(0, +) == 3, "\(retries)")

        #expect(try client.send("/mirror", count: 5).components(separatedBy: "served: v1").count == 6)
        // A copy is sent without anybody waiting for it.
        var copies = 0
        for _ in 0..<100 where copies < 5 {
            copies = try client.statistics("cluster.outbound.*copy.*upstream_rq_total$").values.reduce(0, +)
        }
        #expect(copies == 5)
    }

    @Test("Browsers of other origins are told whether they may")
    func cors() throws {
        let client = try RoutedClient(rules: Self.rules)
        defer { client.stop() }
        func preflight(_ origin: String) throws -> String {
            try client.send(
                "/cors", method: "OPTIONS", headers: ["origin: \(origin)", "access-control-request-method: GET"])
        }
        let allowed = try preflight("https://a.example")
        #expect(allowed.contains("access-control-allow-origin: https://a.example"), "\(allowed)")
        #expect(allowed.contains("access-control-allow-methods: GET"), "\(allowed)")
        #expect(allowed.contains("access-control-max-age: 60"), "\(allowed)")
        #expect(!allowed.contains("served:"), "\(allowed)")
        let other = try preflight("https://b.example")
        #expect(!other.contains("access-control-allow-origin"), "\(other)")
        #expect(other.contains("served: v1"), "\(other)")
    }
}

extension Envoy_Config_Listener_V3_Filter {
    /// HTTP that says what it got. `broken` answers 503, `slow` after a second.
    fileprivate static func reporting(as name: String) throws -> Self {
        var filter = try answering()
        var manager = try Envoy_Extensions_Filters_Network_HttpConnectionManager_V3_HttpConnectionManager(
            unpackingAny: filter.typedConfig)
        manager.routeConfig.virtualHosts[0].routes[0].directResponse.status = name == "broken" ? 503 : 200
        manager.routeConfig.virtualHosts[0].routes[0].responseHeadersToAdd = [
            ("path", ":PATH"), ("authority", ":AUTHORITY"), ("attempt", "x-envoy-attempt-count"), ("header", "x-in"),
        ].map { name, header in
            .with {
                $0.header.key = "got-\(name)"
                $0.header.value = "%REQ(\(header))%"
            }
        }
        if name == "slow" {
            let fault: Envoy_Extensions_Filters_Http_Fault_V3_HTTPFault = .with {
                $0.delay.fixedDelay.seconds = 1
                $0.delay.percentage.numerator = 100
            }
            manager.httpFilters.insert(
                try .with {
                    $0.name = "envoy.filters.http.fault"
                    $0.typedConfig = try .init(packing: fault)
                }, at: 0)
        }
        filter.typedConfig = try .init(packing: manager)
        return filter
    }
}
