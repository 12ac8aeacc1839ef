import ArgumentParser
import FoundationEssentials
import KubernetesModel
import MeshModel
import Testing
import TrafficSimulator

@testable import CommandLineTool

/// `apus simulate`: what is asked, and what is told.
@Suite struct SimulateTests {
    @Test(arguments: [
        ["simulate", "--from", "a.b", "--call", "http://c"], ["simulate", "-f", "x", "--from", "a.b"],
        ["simulate", "-f", "x", "--from", "a.b", "--call", "http://c", "--calls", "c.json"],
        ["simulate", "-f", "x", "--proxy", "p.json"],
        ["simulate", "-f", "x", "--proxy", "p.json", "--calls", "c.json", "--method", "PUT"],
        ["simulate", "-f", "x", "--from", ".b", "--call", "http://c"],
    ])
    func wrongUsage(_ arguments: [String]) {
        do {
            _ = try ApusCommand.parseAsRoot(arguments)
            Issue.record("accepted")
        } catch {
            #expect(ApusCommand.usageMessage(for: error) != nil)
        }
    }

    @Test(arguments: [
        ("http://reviews/a?b", "reviews", 80, "reviews", "/a?b", Call.Content.http, Call.Security.plaintext),
        ("reviews:9080", "reviews", 9080, "reviews:9080", "/", .http, .plaintext),
        ("https://a.example.com", "a.example.com", 443, "a.example.com", "/", .http, .tls),
        ("tcp://[fd00::1]:5432", "fd00::1", 5432, "[fd00::1]:5432", "/", .tcp, .plaintext),
        ("grpc://a.b:1?x", "a.b", 1, "a.b:1", "/?x", .http2, .plaintext),
    ])
    func urls(
        url: String, host: String, port: Int, authority: String, path: String, content: Call.Content,
        security: Call.Security
    ) throws {
        let call = try RequestedCall(url: url, headers: [], method: nil, claims: nil)
        #expect(call.host == host)
        #expect(call.port == port)
        #expect(call.authority == authority)
        #expect(call.path == path)
        #expect(call.content == content)
        #expect(call.security == security)
    }

    @Test func headersOfACall() throws {
        let call = try RequestedCall(
            url: "http://a", headers: ["End-User=jason", "x: 1", "x=2", "Host=b"], method: "PUT",
            claims: "{\"iss\": \"me\"}")
        #expect(call.headers == ["end-user": ["jason"], "x": ["1", "2"]])
        #expect(call.authority == "b")
        #expect(call.host == "a")
        #expect(call.claims == ["iss": "me"])
        let sent = call.call(to: "10.0.0.1", port: 80, capture: .outbound)
        #expect(sent.method == "PUT")
        #expect(sent.host == "b")
    }

    @Test func allThatIsWrongWithACallIsTold() throws {
        let fault = try #require(throws: InputFault.self) {
            _ = try RequestedCall(url: "ftp://:99999/", headers: ["=1"], method: nil, claims: "{")
        }
        let text = fault.description
        for part in ["no scheme \"ftp\"", "names no host", "99999", "--header =1", "--claims {"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    private func journey(_ url: String, _ header: String..., from: String = "client.shop") throws -> Journey {
        let mesh = WorkloadsOfFiles(InputDocuments(text: meshExample, of: "mesh.yaml")).mesh
        #expect(mesh.findings.filter { $0.severity == .error } == [])
        return try Journey(
            of: RequestedCall(url: url, headers: header, method: nil, claims: nil),
            from: #require(ProxyName(argument: from)), in: mesh)
    }

    @Test("A call is followed out of one Pod and into the other, through routes, subsets, mutual TLS and policies")
    func followsACall() throws {
        let journey = try journey("http://reviews/")
        #expect(journey.hops.map(\.title) == ["out of client.shop", "into reviews-v1.shop"])
        let (client, server) = (journey.hops[0].simulation, journey.hops[1].simulation)
        #expect(client.listener == "0.0.0.0_80")
        #expect(client.virtualHost == "reviews.shop.svc.cluster.local:80")
        #expect(client.cluster == "outbound|80|v1|reviews.shop.svc.cluster.local")
        #expect(server.cluster == "inbound|9080||")
        #expect(journey.hops[1].end == "arrives at the application")
        // The policy allows the path that the route makes of it, and the identity that mutual TLS shows.
        let policy = server.steps.first { $0.kind == .policy }
        #expect(policy?.origin?.description == "AuthorizationPolicy shop/buyers spec.rules[0]")
    }

    @Test("Each step tells the object, the field and the place in the files that it comes from")
    func origins() throws {
        let journey = try journey("http://reviews/")
        let origins = journey.hops[0].simulation.steps.compactMap(\.origin)
        #expect(
            origins.map(\.description) == [
                "VirtualService shop/reviews spec.http[1]", "DestinationRule shop/reviews",
            ])
        #expect(journey.places[origins[0]]?.description == "mesh.yaml:36:5")
        let text = JourneyFormat.text.text(journey)
        #expect(text.contains("from VirtualService shop/reviews spec.http[1] (mesh.yaml:36:5)"), "\(text)")
        #expect(text.contains("not old: path / is not beginning with /old"), "\(text)")
        let json = try JSONValue(parsing: JourneyFormat.json.text(journey))
        let steps = try #require(json["hops"]?.array?.first?["steps"]?.array)
        let route = try #require(steps.first { $0["step"] == "route" })
        #expect(route["object", "kind"] == "VirtualService")
        #expect(route["field"] == "spec.http[1]")
        #expect(route["place"] == "mesh.yaml:36:5")
    }

    @Test("Who may not call is refused by the server's proxy")
    func refusal() throws {
        let journey = try journey("http://reviews/", from: "stranger.shop")
        #expect(journey.hops.count == 2)
        guard case .answered(403, _) = journey.hops[1].simulation.outcome else {
            Issue.record("\(journey.hops[1].simulation.outcome)")
            return
        }
        #expect(journey.notes.contains { $0.contains("there is no Pod shop/stranger") })
    }

    @Test("A redirect ends at the first proxy")
    func redirect() throws {
        let journey = try journey("http://reviews/old")
        #expect(journey.hops.count == 1)
        #expect(
            journey.hops[0].simulation.outcome
                == .answered(status: 301, detail: "redirect to http://reviews/new"))
    }

    @Test("A host that the mesh does not know goes where it was sent")
    func unknownHost() throws {
        let journey = try journey("https://www.example.com/")
        #expect(journey.hops.map(\.simulation.cluster) == ["PassthroughCluster"])
        #expect(journey.notes.contains { $0.contains("knows no such host") })
    }

    @Test("Calls and proxies in files: results under the names of the contract")
    func callsInFiles() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/apus-simulate-\(UInt64.random(in: 0...UInt64.max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(
            "[{\"address\": \"1.2.3.4\", \"port\": 80, \"host\": \"a\", \"callMode\": \"inbound\"}]",
            into: "\(folder)/c.json")
        let calls = try Call.list(reading: "\(folder)/c.json")
        #expect(calls.map(\.capture) == [.inbound])
        try write(
            """
            {"type": "router", "id": "gw.mesh", "namespace": "view", "ips": ["1.1.1.1", "fd00::1"],
             "labels": {"istio": "ingressgateway"}, "metadata": {"NAMESPACE": "work"}}
            """, into: "\(folder)/p.json")
        let proxy = try Proxy(reading: "\(folder)/p.json")
        #expect(proxy.kind == .router)
        #expect(proxy.namespace == "view")
        #expect(proxy.workloadNamespace == "work")
        #expect(proxy.addresses == ["1.1.1.1", "fd00::1"])
        #expect(proxy.labels == ["istio": "ingressgateway"])

        try write(
            "[{\"port\": 0, \"tls\": \"some\"}, {\"address\": 1, \"port\": 1}, 7, "
                + "{\"address\": \"a\", \"port\": 1, \"sni\": null, \"headers\": {\"x\": [1]}}]",
            into: "\(folder)/bad.json")
        let fault = try #require(throws: InputFault.self) { try Call.list(reading: "\(folder)/bad.json") }
        #expect(
            fault.findings.map(\.message) == [
                "[0].port: must be a number from 1 to 65535", "[0].address: is required",
                "[0].tls: is \"some\", and must be one of plaintext, tls, mtls",
                "[1].address: must be text, but is integer", "[1].address: is required",
                "[2]: must be a map that describes a call, but is integer", "[3].headers.x: must be a list of texts",
            ])
    }

    @Test("All that is wrong with a proxy's file is told at once, by field; what is not known means nothing")
    func proxiesInFiles() throws {
        let file = FileManager.default.temporaryDirectory.path + "/apus-proxy-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        func messages(_ text: String) throws -> [String] {
            try write(text, into: file)
            return try #require(throws: InputFault.self) { try Proxy(reading: file) }.findings.map(\.message)
        }
        #expect(
            try messages(
                """
                {"type": "waiter", "namespace": 1, "ips": ["1.1.1", 2, "::1"], "labels": {"a": "b", "c": true},
                 "id": [], "metadata": "m"}
                """) == [
                    "type: is \"waiter\", and must be sidecar or router", "namespace: must be text, but is integer",
                    "id: must be text, but is list", "ips[0]: is \"1.1.1\", and must be an IP address",
                    "ips[1]: is integer, and must be an IP address", "labels.c: must be text, but is boolean",
                    "metadata: must be a map, but is string",
                ])
        #expect(try messages("[]") == ["must be a map that describes a proxy, but is list"])
        #expect(try messages("{\"ips\": \"1.1.1.1\"}") == ["ips: must be a list of IP addresses, but is string"])
        #expect(try messages("{}") == ["ips: is required, with at least one IP address"])

        try write("{\"ips\": [\"1.1.1.1\"], \"labels\": null, \"id\": null, \"shoes\": 2}", into: file)
        let proxy = try Proxy(reading: file)
        #expect(proxy.kind == .sidecar && proxy.namespace == "default" && proxy.addresses == ["1.1.1.1"])
    }

    @Test func aResultHasTheNamesOfTheContract() {
        var result = Simulation()
        result.routeConfiguration = "80"
        result.error = .noVirtualHost
        #expect(
            result.conformanceJSON == [
                "listener": "", "filterChain": "", "routeConfig": "80", "virtualHost": "", "route": "", "cluster": "",
                "error": "no-virtual-host",
            ])
    }
}
