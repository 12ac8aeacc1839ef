import IstioAPI
import KubernetesModel
import Testing

/// What is said about mistakes in Istio's kinds, pair by pair.
@Suite struct KindMessageTests {
    static let pairs: [(kind: String, spec: String, messages: [String])] = [
        ("VirtualService", "{hosts: [a], http: [{timeout: 250ms, route: [{destination: {host: a}}]}]}", []),
        (
            "VirtualService", "{http: [{timeout: 5, retries: {backoff: soon}}]}",
            [
                "spec.http[0].retries.backoff: must be a duration of at least 1ms, such as 5s, 1m30s or 250ms, but is "
                    + "the string \"soon\"",
                "spec.http[0].timeout: must be a duration of at least 1ms, such as 5s, 1m30s or 250ms, but is "
                    + "the integer 5; put it in quotes: \"5\"",
            ]
        ),
        (
            "VirtualService", "{http: [{match: [{uri: {exact: /a, prefix: /b}}], rotue: []}]}",
            [
                "spec.http[0].match[0].uri: must have only one of exact, prefix, regex, but has exact and prefix",
                "spec.http[0].rotue: unknown field \"rotue\"; did you mean \"route\"?",
            ]
        ),
        (
            "VirtualService", "{tls: [{route: [{weight: 1}]}]}",
            [
                "spec.tls[0].match: is required, and must be a list in which each element is a map",
                "spec.tls[0].route[0].destination: is required, and must be a map",
            ]
        ),
        (
            "DestinationRule", "{host: a, trafficPolicy: {loadBalancer: {simple: ROUNDROBIN, warmup: {duration: 0s}}}}",
            [
                "spec.trafficPolicy.loadBalancer.simple: must be one of UNSPECIFIED, LEAST_CONN, RANDOM, PASSTHROUGH, "
                    + "ROUND_ROBIN, LEAST_REQUEST, but is the string \"ROUNDROBIN\"; did you mean \"ROUND_ROBIN\"?",
                "spec.trafficPolicy.loadBalancer.warmup.duration: must be a duration of at least 1ms, such as 5s, "
                    + "1m30s or 250ms, but is the string \"0s\"",
            ]
        ),
        (
            "DestinationRule", "{host: a, trafficPolicy: {retryBudget: {percent: 101, budgetInterval: -1s}}}",
            [
                "spec.trafficPolicy.retryBudget.budgetInterval: must be a duration such as 0s, 5s, 1m30s or 250ms, "
                    + "but is the string \"-1s\"",
                "spec.trafficPolicy.retryBudget.percent: must be a number from 0 to 100, but is the integer 101",
            ]
        ),
        ("DestinationRule", "{host: a, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 0s}}}}", []),
        (
            "Gateway",
            "{servers: [{port: {number: -1, protocol: HTTP, name: a}, hosts: [a], tls: {credentialNames: []}}]}",
            [
                "spec.servers[0].port.number: must be an integer from 0 to 4294967295, but is the integer -1",
                "spec.servers[0].tls.credentialNames: must have at least 1 element, but has 0",
            ]
        ),
        (
            "Sidecar", "{workloadSelector: {labels: {app: 'a*'}}, egress: [{}]}",
            [
                "spec.egress[0].hosts: is required, and must be a list in which each element is a string",
                "spec.workloadSelector.labels.app: must be a label value without \"*\", but is the string \"a*\"",
            ]
        ),
        (
            "AuthorizationPolicy", "{targetRefs: [{group: A_b, kind: Gate way, name: '', namespace: other}]}",
            [
                "spec.targetRefs[0].group: must be an API group such as gateway.networking.k8s.io, or empty, but is the "
                    + "string \"A_b\"",
                "spec.targetRefs[0].kind: must be a kind such as Gateway, but is the string \"Gate way\"",
                "spec.targetRefs[0].name: must have at least 1 character, but has 0",
                "spec.targetRefs[0].namespace: must be empty: an object of another namespace cannot be named, but is "
                    + "the string \"other\"",
            ]
        ),
    ]

    @Test(arguments: pairs.indices)
    func tellsAllMistakes(_ index: Int) throws {
        let pair = Self.pairs[index]
        let spec = try #require(try JSONValue.documents(yaml: pair.spec).first)
        let schema = try #require(CustomResource.all.first { $0.kind == pair.kind }?.versions.first).spec
        #expect(schema.diagnostics(for: spec, at: "spec").map(\.description) == pair.messages)
    }

    @Test(arguments: [
        "1ms", "5s", "1h30m", "1.5s", ".5s", "1.s", "+2m", "1000us", "1000\u{B5}s", "1000000ns", "2562047h",
    ])
    func takesDuration(_ text: String) throws { #expect(try timeoutFaults(text) == 0) }

    @Test(arguments: [
        "", "5", "0", "0s", "-5s", "s", ".s", "1.2.3s", "5 s", "5s ", "999us", "1d", "5S", "1h-5m", "\u{0665}s",
        "forever",
        "2562048h", "1e3s",
    ])
    func refusesDuration(_ text: String) throws { #expect(try timeoutFaults(text) == 1) }

    private func timeoutFaults(_ text: String) throws -> Int {
        let version = try #require(CustomResource.virtualService.versions.first)
        return version.spec.diagnostics(for: ["http": [["timeout": .string(text)]]], at: "spec").count
    }
}
