import KubernetesModel
import Testing

/// What a schema says about wrong values, pair by pair.
@Suite struct SchemaMessageTests {
    static let gateway = Schema.object(
        [
            Schema.Field("name", .text(.serviceName), required: true),
            Schema.Field("enabled", .boolean),
            Schema.Field("replicas", .integer(from: 0)),
            Schema.Field("port", .port),
            Schema.Field("share", .number),
            Schema.Field("policy", .oneOf("Always", "IfNotPresent", "Never")),
            Schema.Field("maxSurge", .integerOrString),
            Schema.Field("labels", .stringMap),
            Schema.Field("resources", .object([Schema.Field("requests", .map(.quantity))])),
            Schema.Field("tag", .scalar),
            Schema.Field("hosts", .strings),
            Schema.Field("extra", .freeform),
        ], removed: ["addon": "it was removed in 1.8"])

    static let pairs: [(input: JSONValue, messages: [String])] = [
        (["name": "a"], []),
        (["name": "a", "enabled": nil, "replicas": nil], []),
        (["name": "a", "replicas": 2.0, "share": 1, "maxSurge": "25%", "tag": 1.5, "extra": ["x": [nil]]], []),
        ("gateway", ["g: must be a map, but is the string \"gateway\""]),
        ([:], ["g.name: is required, and must be \(TextRule.serviceName.words)"]),
        (["name": nil], ["g.name: is required, and must be \(TextRule.serviceName.words)"]),
        (["name": "Bad_Name"], ["g.name: must be \(TextRule.serviceName.words), but is the string \"Bad_Name\""]),
        (["name": "a", "enabeld": true], ["g.enabeld: unknown field \"enabeld\"; did you mean \"enabled\"?"]),
        (["name": "a", "max_surge": 1], ["g.max_surge: unknown field \"max_surge\"; did you mean \"maxSurge\"?"]),
        (
            ["name": "a", "requests": [:]],
            ["g.requests: unknown field \"requests\"; did you mean \"resources.requests\"?"]
        ),
        (["name": "a", "addon": true], ["g.addon: unknown field \"addon\": it was removed in 1.8"]),
        (
            ["name": "a", "zebra": 1],
            [
                "g.zebra: unknown field \"zebra\"; known here are enabled, extra, hosts, labels, maxSurge, name, policy, "
                    + "port, replicas, resources, share, tag"
            ]
        ),
        (
            ["name": "a", "enabled": "true"],
            ["g.enabled: must be a boolean (true or false), but is the string \"true\"; leave out the quotes"]
        ),
        (["name": "a", "enabled": "yes"], ["g.enabled: must be a boolean (true or false), but is the string \"yes\""]),
        (["name": "a", "replicas": -1], ["g.replicas: must be an integer of at least 0, but is the integer -1"]),
        (["name": "a", "replicas": 1.5], ["g.replicas: must be an integer of at least 0, but is the number 1.5"]),
        (
            ["name": "a", "replicas": "3"],
            ["g.replicas: must be an integer of at least 0, but is the string \"3\"; leave out the quotes"]
        ),
        (["name": "a", "port": 70000], ["g.port: must be an integer from 1 to 65535, but is the integer 70000"]),
        (
            ["name": "a", "policy": "always"],
            [
                "g.policy: must be one of Always, IfNotPresent, Never, but is the string \"always\"; did you mean "
                    + "\"Always\"?"
            ]
        ),
        (
            ["name": "a", "labels": ["kubernetes.io/os": 1]],
            ["g.labels[\"kubernetes.io/os\"]: must be a string, but is the integer 1; put it in quotes: \"1\""]
        ),
        (
            ["name": "a", "resources": ["requests": ["cpu": "100 m"]]],
            ["g.resources.requests.cpu: must be an amount such as 500m, 2 or 1Gi, but is the string \"100 m\""]
        ),
        (["name": "a", "tag": ["1"]], ["g.tag: must be a string, a number or a boolean, but is the list [\"1\"]"]),
        (
            ["name": "a", "hosts": ["b": "c"]],
            [
                "g.hosts: must be a list in which each element is a string, but is the map {\"b\":\"c\"}; begin each "
                    + "element with \"- \""
            ]
        ),
        (["name": "a", "hosts": ["b", nil]], ["g.hosts[1]: must be a string, but is null"]),
        (
            ["name": "a", "hosts": .string(String(repeating: "x", count: 100))],
            [
                "g.hosts: must be a list in which each element is a string, but is the string \""
                    + String(repeating: "x", count: 58) + "…"
            ]
        ),
        (
            ["name": 5, "enabeld": true, "hosts": [1, "b", true], "port": 0],
            [
                "g.enabeld: unknown field \"enabeld\"; did you mean \"enabled\"?",
                "g.hosts[0]: must be a string, but is the integer 1; put it in quotes: \"1\"",
                "g.hosts[2]: must be a string, but is the boolean true; put it in quotes: \"true\"",
                "g.name: must be \(TextRule.serviceName.words), but is the integer 5; put it in quotes: \"5\"",
                "g.port: must be an integer from 1 to 65535, but is the integer 0",
            ]
        ),
    ]

    @Test(arguments: pairs.indices)
    func saysWhatIsWrong(_ index: Int) {
        let pair = Self.pairs[index]
        #expect(Self.gateway.diagnostics(for: pair.input, at: "g").map(\.description) == pair.messages)
    }

    @Test(arguments: [
        ("hpaSpc", "hpaSpec"), ("hpaspec", "hpaSpec"), ("hpa-spec", "hpaSpec"), ("hpsaSpec", "hpaSpec"),
        ("podAnnotation", "podAnnotations"), ("evn", "env"), ("en", "env"), ("enviro", nil), ("x", nil), ("", nil),
        ("replicas", nil),
    ])
    func suggestsWhatWasMeant(_ word: String, _ meant: String?) {
        #expect(Spelling.nearest(to: word, among: ["hpaSpec", "podAnnotations", "env", "replicaCount"]) == meant)
    }

    @Test func quotesKeysThatAreNoWords() {
        #expect(FieldPath.field("a.b", of: "spec.x") == "spec.x[\"a.b\"]")
        #expect(FieldPath.field("istio-ingressgateway", of: "spec") == "spec.istio-ingressgateway")
        #expect(FieldPath.field("", of: "spec") == "spec[\"\"]")
        #expect(FieldPath.element(2, of: FieldPath.field("spec", of: "")) == "spec[2]")
    }
}
