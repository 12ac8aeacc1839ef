import KubernetesModel
import Testing

/// The same applied objects, and a desire that has changed since.
@Suite struct ApplyChangeTests {
    private func difference(_ object: String, _ change: (inout JSONValue) -> Void) throws -> String? {
        var applied = try ApplyCase(object)
        change(&applied.desired.json)
        return applied.difference
    }

    private func inContainer(_ change: (inout JSONValue) -> Void) throws -> String? {
        try difference("deployment") { deployment in
            var container = deployment["spec", "template", "spec", "containers"]?.array?.first ?? .null
            change(&container)
            deployment["spec", "template", "spec", "containers"] = [container]
        }
    }

    private let container = #".spec.template.spec.containers[name="discovery"]"#

    /// Removes one field; what it is called afterwards is where it was.
    @Test(
        arguments: [
            ("deployment", ["metadata", "labels", "istio"]),
            ("deployment", ["metadata", "labels"]),
            ("deployment", ["spec", "replicas"]),
            ("deployment", ["spec", "strategy"]),
            ("deployment", ["spec", "template", "spec", "hostNetwork"]),
            ("deployment", ["spec", "template", "spec", "nodeSelector", "disk"]),
            ("deployment", ["spec", "template", "spec", "tolerations"]),
            ("deployment", ["spec", "template", "spec", "volumes"]),
            ("service", ["spec", "selector", "istio"]),
            ("load-balancer", ["spec", "loadBalancerSourceRanges"]),
            ("load-balancer", ["metadata", "annotations"]),
            ("autoscaler", ["spec", "behavior"]),
            ("config-map", ["data", "nothing"]),
            ("config-map", ["data"]),
            ("service-account", ["metadata", "finalizers"]),
            ("service-account", ["imagePullSecrets"]),
            ("custom-object", ["spec", "extra", "zero"]),
        ] as [(String, [String])])
    func givesUpWhatIsNoLongerDesired(_ object: String, _ path: [String]) throws {
        #expect(try difference(object) { $0.set(nil, at: path) } == "." + path.joined(separator: "."))
    }

    @Test(
        arguments: [
            ("deployment", ["metadata", "labels", "new"], "x"),
            ("deployment", ["spec", "minReadySeconds"], 0),
            ("deployment", ["spec", "minReadySeconds"], 5),
            ("deployment", ["spec", "template", "spec", "nodeSelector", "zone"], "a"),
            ("deployment", ["spec", "template", "spec", "dnsPolicy"], "ClusterFirst"),
            ("config-map", ["data", "new"], ""),
            ("config-map", ["data", "mesh"], "other"),
            ("service", ["spec", "type"], "NodePort"),
            ("cluster-role-binding", ["roleRef", "name"], "other"),
            ("custom-object", ["spec", "ratio"], 1.5),
            ("custom-object", ["spec", "note"], nil),
        ] as [(String, [String], JSONValue)])
    func takesWhatIsNewlyDesired(_ object: String, _ path: [String], _ value: JSONValue) throws {
        #expect(try difference(object) { $0.set(value, at: path) } == "." + path.joined(separator: "."))
    }

    @Test(
        arguments: [
            ("custom-object", ["spec", "ratio"], 1),
            ("autoscaler", ["metadata", "annotations"], [:]),
            ("deployment", ["metadata", "creationTimestamp"], nil),
            ("deployment", ["spec", "template", "spec", "imagePullSecrets"], []),
        ] as [(String, [String], JSONValue)])
    func overlooksAnotherSpellingOfTheSame(_ object: String, _ path: [String], _ value: JSONValue) throws {
        #expect(try difference(object) { $0.set(value, at: path) } == nil)
    }

    /// Null is no value: what was applied is given up, what is others' or the server's is let be.
    @Test func takesNullForNothing() throws {
        #expect(try difference("deployment") { $0["spec", "replicas"] = JSONValue.null } == ".spec.replicas")
        #expect(try difference("deployment") { $0["spec", "progressDeadlineSeconds"] = JSONValue.null } == nil)
        #expect(try difference("deployment") { $0["spec", "paused"] = JSONValue.null } == nil)
    }

    @Test func comparesArgumentsInTheirOrder() throws {
        #expect(
            try inContainer { $0["args"] = .array(Array(($0["args"]?.array ?? []).dropLast())) } == container + ".args")
        #expect(
            try inContainer { $0["args"] = .array(Array(($0["args"]?.array ?? []).reversed())) } == container
                + ".args[0]")
    }

    @Test func comparesElementsByTheirKeyInAnyOrder() throws {
        for list in ["env", "ports", "volumeMounts"] {
            #expect(try inContainer { $0[list] = .array(($0[list]?.array ?? []).reversed()) } == nil, "\(list)")
            #expect(
                try inContainer { $0[list] = .array(Array(($0[list]?.array ?? []).dropLast())) } == container + "."
                    + list)
            #expect(try inContainer { $0[list] = nil } == container + "." + list)
            #expect(try inContainer { $0[list] = [] } == container + "." + list)
        }
        #expect(
            try inContainer { $0["env"] = .array(($0["env"]?.array ?? []) + [["name": "NEW", "value": "1"]]) }
                == container + ".env")
        // As many as before, but one is another.
        #expect(
            try inContainer { container in
                var variables = container["env"]?.array ?? []
                variables[0] = ["name": "OTHER", "value": "default"]
                container["env"] = .array(variables)
            } == container + ".env")
    }

    @Test func comparesWhereAVariableComesFrom() throws {
        let path = container + #".env[name="POD_NAME"].valueFrom"#
        func with(_ source: JSONValue) throws -> String? {
            try inContainer { container in
                container["env"] = .array(
                    (container["env"]?.array ?? []).map {
                        $0["name"] == "POD_NAME" ? ["name": "POD_NAME", "valueFrom": source] : $0
                    })
            }
        }
        #expect(try with(["fieldRef": ["fieldPath": "metadata.name"]]) == nil)
        #expect(try with(["fieldRef": ["fieldPath": "metadata.uid"]]) == path + ".fieldRef.fieldPath")
        #expect(try with(["secretKeyRef": ["name": "a", "key": "b"]]) == path + ".secretKeyRef")
    }

    @Test func comparesAmountsByTheirSize() throws {
        let limits = container + ".resources.limits"
        for (amount, path) in [("2Gi", nil), ("2147483648", nil), ("2G", limits + ".memory")] as [(String, String?)] {
            #expect(try inContainer { $0["resources", "limits", "memory"] = .string(amount) } == path)
        }
        #expect(try inContainer { $0["resources", "limits", "cpu"] = 0.5 } == nil)
        #expect(try inContainer { $0["resources", "limits", "cpu"] = 1 } == limits + ".cpu")
    }

    @Test func dropsARuleOrAPartOfOne() throws {
        func rules(_ change: (inout [JSONValue]) -> Void) throws -> String? {
            try difference("cluster-role") { role in
                var rules = role["rules"]?.array ?? []
                change(&rules)
                role["rules"] = .array(rules)
            }
        }
        #expect(try rules { $0.removeLast() } == ".rules")
        #expect(try rules { $0 = [] } == ".rules")
        #expect(try rules { $0.reverse() } != nil)
        #expect(try rules { $0[0]["resourceNames"] = nil } == ".rules[0].resourceNames")
        #expect(try rules { $0[0]["resourceNames"] = [] } == ".rules[0].resourceNames")
        #expect(try rules { $0[0]["verbs"] = ["get"] } == ".rules[0].verbs")
    }

    @Test func dropsAPartOfAWholeValue() throws {
        #expect(
            try difference("disruption-budget") { $0["spec", "selector", "matchLabels", "istio"] = nil }
                == ".spec.selector.matchLabels.istio")
        #expect(try difference("network-policy") { $0["spec", "ingress"] = [[:]] } == ".spec.ingress[0].ports")
        #expect(
            try difference("network-policy") {
                $0["spec", "ingress"] = [["ports": [["port": 15017], ["port": 15012, "protocol": "UDP"]]]]
            }
                == ".spec.ingress[0].ports[1].protocol")
        #expect(
            try difference("definition") { definition in
                var version = definition["spec", "versions"]?.array?.first ?? .null
                version["schema", "openAPIV3Schema", "properties", "spec", "properties", "note"] = nil
                definition["spec", "versions"] = [version]
            } == ".spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.note")
    }

    @Test func namesTheOtherVersion() throws {
        #expect(try difference("autoscaler") { $0["apiVersion"] = "autoscaling/v2" } == "apiVersion")
    }

    @Test func comparesSetsInAnyOrder() throws {
        #expect(
            try difference("service-account") { $0["metadata", "finalizers"] = ["example.com/two", "example.com/one"] }
                == nil)
        #expect(
            try difference("service-account") { $0["metadata", "finalizers"] = ["example.com/one"] }
                == ".metadata.finalizers")
        #expect(
            try difference("service-account") {
                $0["metadata", "finalizers"] = ["example.com/one", "example.com/two", "example.com/three"]
            } == ".metadata.finalizers")
    }
}
