import KubernetesModel
import MeshModel
import Testing

@Suite("DestinationRules")
struct DestinationRulesTests {
    private func rule(
        _ name: String, in namespace: String = "server", host: String = "a.server.svc.cluster.local",
        created: String = "", limit: Int? = nil, subsets: [String] = [], exportTo: [String] = ["*"],
        for selector: [String: String]? = nil
    ) -> DestinationRule {
        var policy: TrafficPolicy?
        if let limit {
            policy = TrafficPolicy()
            policy?.connectionPool = ConnectionPool()
            policy?.connectionPool?.maxConnections = limit
        }
        let reference = ObjectReference(
            GroupKind(group: "networking.istio.io", kind: "DestinationRule"),
            ObjectKey(namespace: namespace, name: name))
        return DestinationRule(
            origin: ConfigurationOrigin(reference, created: created), host: host,
            visibility: Visibility(exportTo: exportTo, in: namespace), workloadSelector: selector, policy: policy,
            subsets: subsets.map { .init(name: $0, labels: ["from": name]) })
    }

    private func rules(_ all: DestinationRule...) -> DestinationRules {
        var rules = DestinationRules()
        for rule in all { rules[rule.origin.reference.key] = rule }
        return rules
    }

    private func limit(
        _ rules: DestinationRules, from client: String = "client", host: String = "a.server.svc.cluster.local",
        labels: [String: String] = [:]
    ) -> Int? {
        rules.rule(for: host, in: "server", from: client, labels: labels, root: "root")?.policy?.connectionPool?
            .maxConnections
    }

    @Test("The client's namespace comes first, then the service's, then the root")
    func order() {
        var all = rules(
            rule("a", in: "client", limit: 1), rule("b", in: "server", limit: 2), rule("c", in: "root", limit: 3))
        #expect(limit(all) == 1)
        #expect(limit(all, from: "other") == 2)
        all[ObjectKey(namespace: "client", name: "a")] = nil
        #expect(limit(all) == 2)
        all[ObjectKey(namespace: "server", name: "b")] = nil
        #expect(limit(all) == 3)
        all[ObjectKey(namespace: "root", name: "c")] = nil
        #expect(limit(all) == nil)
        #expect(all.isEmpty && all == DestinationRules())
    }

    @Test("A client of the root namespace does not take the rules that it has for all for its own")
    func rootClient() {
        let all = rules(rule("b", in: "server", limit: 2), rule("c", in: "root", limit: 3))
        #expect(limit(all, from: "root") == 2)
        let own = rules(rule("b", in: "server", limit: 2), rule("c", in: "root", limit: 3, exportTo: ["."]))
        #expect(limit(own, from: "root") == 3)
        #expect(limit(own) == 2)
    }

    @Test("The most specific host of a namespace counts, and exportTo says who sees it")
    func hosts() {
        let all = rules(
            rule("all", host: "*", limit: 1), rule("wide", host: "*.cluster.local", limit: 2),
            rule("near", host: "*.server.svc.cluster.local", limit: 3), rule("own", limit: 4, exportTo: ["friend"]))
        #expect(limit(all, from: "friend") == 4)
        #expect(limit(all) == 3)
        #expect(limit(all, host: "a.other.svc.cluster.local") == 2)
        #expect(limit(all, host: "example.com") == 1)
        #expect(limit(all, host: "*.server.svc.cluster.local") == 3)
        #expect(limit(rules(rule("x", limit: 1, exportTo: ["~"]))) == nil)
    }

    @Test("Rules for one host are one rule, whatever order they come in")
    func merging() {
        let old = rule("z", created: "2026-01-01", subsets: ["a"])
        let middle = rule("y", created: "2026-01-02", limit: 2, subsets: ["a", "b"])
        let young = rule("x", created: "2026-01-03", limit: 3, subsets: ["c"])
        for order in [[old, middle, young], [young, old, middle], [middle, young, old]] {
            let found = rules(order[0], order[1], order[2]).rule(
                for: old.host, in: "server", from: "client", labels: [:], root: "root")
            #expect(found?.policy?.connectionPool?.maxConnections == 2)
            #expect(found?.subsets.map(\.name) == ["a", "b", "c"])
            #expect(found?.subset("a")?.labels == ["from": "z"])
            #expect(found?.origin.name == "z")
        }
    }

    @Test("A rule for some clients is for those alone, in its own namespace")
    func selectors() {
        let all = rules(
            rule("all", in: "client", limit: 1),
            rule("some", in: "client", limit: 2, exportTo: ["."], for: ["app": "x"]),
            rule("others", in: "server", limit: 3, exportTo: ["."], for: ["app": "x"]))
        #expect(limit(all) == 1)
        #expect(limit(all, labels: ["app": "x", "more": "y"]) == 2)
        #expect(limit(all, from: "third", labels: ["app": "x"]) == nil)
        #expect(all.clientLabelKeys == ["app"])
        var less = all
        less[ObjectKey(namespace: "client", name: "some")] = nil
        #expect(less.clientLabelKeys == ["app"])
        less[ObjectKey(namespace: "server", name: "others")] = nil
        #expect(less.clientLabelKeys == [])
    }

    @Test("Who looks for labels and places is known")
    func places() {
        var near = rule("near", limit: 1)
        var setting = LocalityLoadBalancing()
        setting.failoverPriority = ["team", "topology.kubernetes.io/zone", "tier=gold"]
        near.policy?.loadBalancer = LoadBalancer(locality: setting)
        var all = rules(rule("plain", limit: 1))
        #expect(!all.seesPlaces && all.endpointLabelKeys == [])
        all[near.origin.reference.key] = near
        #expect(all.seesPlaces && all.endpointLabelKeys == ["team"])
        all[near.origin.reference.key] = nil
        #expect(!all.seesPlaces && all.endpointLabelKeys == [])
    }

    @Test("What is said of a port counts alone, a subset is laid over it part by part")
    func overlay() {
        var policy = TrafficPolicy()
        policy.loadBalancer = LoadBalancer(.roundRobin)
        policy.connectionPool = ConnectionPool()
        policy.tls = ClientTLS(.disable)
        policy.tunnel = Tunnel(host: "proxy", port: 1)
        policy.proxyProtocol = .v1
        var ofPort = TrafficPolicy()
        ofPort.outlierDetection = OutlierDetection()
        policy.ports = [90: ofPort]
        var own = TrafficPolicy()
        own.loadBalancer = LoadBalancer(.random)
        var ownPort = TrafficPolicy()
        ownPort.tls = ClientTLS(.istioMutual)
        own.ports = [91: ownPort]
        var whole = rule("x")
        whole.policy = policy
        whole.subsets = [.init(name: "v1", policy: own), .init(name: "v2")]

        let plain = whole.policy(port: 80)
        #expect(plain.loadBalancer?.algorithm == .roundRobin && plain.tls?.mode == .disable)
        #expect(plain.outlierDetection == nil && plain.ports.isEmpty)
        let port = whole.policy(port: 90)
        #expect(port.loadBalancer == nil && port.tls == nil && port.proxyProtocol == nil)
        #expect(port.outlierDetection != nil && port.tunnel?.host == "proxy")
        let subset = whole.policy(port: 80, subset: "v1")
        #expect(subset.loadBalancer?.algorithm == .random && subset.tls?.mode == .disable)
        let subsetPort = whole.policy(port: 91, subset: "v1")
        #expect(subsetPort.loadBalancer == nil && subsetPort.connectionPool == nil)
        #expect(subsetPort.tls?.mode == .istioMutual && subsetPort.proxyProtocol == .v1)
        let portOfPlainSubset = whole.policy(port: 90, subset: "v1")
        #expect(portOfPlainSubset.loadBalancer?.algorithm == .random && portOfPlainSubset.outlierDetection != nil)
        #expect(whole.policy(port: 80, subset: "v2") == plain)
        #expect(whole.policy(port: 80, subset: "nobody") == plain)
    }

    @Test("Edits one by one give what a start with all of them gives", arguments: UInt64(1)...20)
    func edits(seed: UInt64) {
        var state = seed
        func random(_ count: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % count)
        }
        let hosts = ["a.x", "*.x", "*", "b.x"]
        let namespaces = ["client", "server", "root"]
        var edited = DestinationRules()
        for _ in 0..<200 {
            let name = "r\(random(4))"
            let namespace = namespaces[random(3)]
            let new = rule(
                name, in: namespace, host: hosts[random(4)], created: "2026-01-0\(1 + random(3))",
                limit: random(2) == 0 ? nil : random(100), subsets: ["s\(random(3))"],
                exportTo: [["*"], ["."], ["client"]][random(3)], for: random(4) == 0 ? ["app": "x"] : nil)
            edited[ObjectKey(namespace: namespace, name: name)] = random(3) == 0 ? nil : new
            var fresh = DestinationRules()
            for (key, rule) in edited.all.sorted(by: { $1.key < $0.key }) { fresh[key] = rule }
            #expect(edited == fresh)
            #expect(edited.clientLabelKeys == fresh.clientLabelKeys)
            for host in hosts {
                for client in namespaces {
                    for labels in [[:], ["app": "x"]] {
                        let found = edited.rule(for: host, in: "server", from: client, labels: labels, root: "root")
                        #expect(
                            found == fresh.rule(for: host, in: "server", from: client, labels: labels, root: "root"))
                    }
                }
            }
        }
    }

    @Test("Hosts are looked for from the most specific pattern on")
    func patterns() {
        #expect(Array(HostPatterns(matching: "a.b.c")) == ["a.b.c", "*.b.c", "*.c", "*"])
        #expect(Array(HostPatterns(matching: "*.b.c")) == ["*.b.c", "*.c", "*"])
        #expect(Array(HostPatterns(matching: "localhost")) == ["localhost", "*"])
        #expect(Array(HostPatterns(matching: "*")) == ["*"])
    }
}
