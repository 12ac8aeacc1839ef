import IstioAPI
import KubernetesModel
import ManifestRenderer
import Testing

/// `values.gateways` and the entries of `spec.components.ingressGateways` and `egressGateways`.
@Suite struct GatewayValuesTests {
    private func ingress(
        _ values: JSONValue, _ change: (inout IstioOperatorSpec) -> Void = { _ in }
    ) throws -> RenderedManifests {
        try render {
            $0.values = ["gateways": ["istio-ingressgateway": values]]
            change(&$0)
        }
    }

    private func pod(_ rendered: RenderedManifests, _ name: String = "istio-ingressgateway") throws -> JSONValue {
        try #require(rendered.object("Deployment", name)["spec", "template", "spec"])
    }

    @Test func gatewaysAreSwitchedByValues() throws {
        let on = try render { $0.values = ["gateways": ["istio-egressgateway": ["enabled": true]]] }
        #expect(on.has("Deployment", "istio-egressgateway") && on.has("Deployment", "istio-ingressgateway"))
        let off = try ingress(["enabled": false])
        #expect(!off.has("Deployment", "istio-ingressgateway"))
        let all = try render { $0.values = ["gateways": ["enabled": false]] }
        #expect(all.enabledComponents == [.base, .pilot])
        // The component's own word counts more.
        let listed = try ingress(["enabled": false]) {
            $0.components.ingressGateways = [GatewaySpec(name: "istio-ingressgateway")]
        }
        #expect(listed.has("Deployment", "istio-ingressgateway"))
    }

    @Test func valuesNameTheGatewayThatNobodyListed() throws {
        let renamed = try ingress(["name": "front"])
        #expect(renamed.has("Deployment", "front") && renamed.has("Service", "front"))
        #expect(!renamed.has("Deployment", "istio-ingressgateway"))
        let listed = try ingress(["name": "front"]) { $0.components.ingressGateways = [GatewaySpec(name: "mine")] }
        #expect(listed.has("Deployment", "mine") && !listed.has("Deployment", "front"))
        #expect(listed.warned == ["spec.values.gateways.istio-ingressgateway.name"])
        #expect(renamed.warnings.isEmpty)
    }

    @Test func containersAndPortsAreAdded() throws {
        let rendered = try ingress([
            "additionalContainers": [["name": "side", "image": "a/b"]], "ingressPorts": [["name": "x", "port": 9000]],
        ])
        let containers = try rendered.object("Deployment", "istio-ingressgateway").containers
        #expect(containers.map { $0["name"] } == ["istio-proxy", "side"])
        let ports = try rendered.object("Service", "istio-ingressgateway")["spec", "ports"]?.array
        #expect(ports?.last == ["name": "x", "port": 9000, "protocol": "TCP"])
        #expect(ports?.count == 4)
    }

    @Test func aGatewayCanGoWithoutItsService() throws {
        let rendered = try ingress(["customService": true])
        #expect(!rendered.has("Service", "istio-ingressgateway"))
        #expect(rendered.has("Deployment", "istio-ingressgateway"))
        let overridden = try ingress(["customService": true]) {
            var gateway = GatewaySpec(name: "istio-ingressgateway")
            gateway.component.k8s = ["service": ["type": "NodePort"]]
            $0.components.ingressGateways = [gateway]
        }
        #expect(overridden.warned == ["spec.components.ingressGateways[0].k8s.service"])
    }

    /// Injection brings the proxy; the Deployment says only what is particular to the gateway.
    @Test func aProxyCanComeByInjection() throws {
        let rendered = try ingress(["injectionTemplate": "gateway", "env": ["A": "b"]]) {
            var gateway = GatewaySpec(name: "istio-ingressgateway")
            gateway.component.tag = "7"
            $0.components.ingressGateways = [gateway]
        }
        let template = try #require(rendered.object("Deployment", "istio-ingressgateway")["spec", "template"])
        #expect(template["metadata", "labels", "sidecar.istio.io/inject"] == "true")
        #expect(template["metadata", "annotations", "inject.istio.io/templates"] == "gateway")
        #expect(template["metadata", "annotations", "sidecar.istio.io/inject"] == nil)
        let proxy = try #require(template["spec", "containers"]?.array?.first)
        #expect(proxy["image"] == "auto" && proxy["args"] == nil)
        #expect(proxy["env"] == [["name": "A", "value": "b"]])
        let volumes = (template["spec", "volumes"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(volumes == ["ingressgateway-certs", "ingressgateway-ca-certs"])
        #expect(rendered.warned == ["spec.components.ingressGateways[0].tag"])
    }

    @Test func shortFormsOfAntiAffinity() throws {
        let affinity = try pod(
            ingress([
                "affinity": ["nodeAffinity": ["x": "y"]],
                "podAntiAffinityLabelSelector": [
                    ["key": "security", "operator": "In", "values": "S1,S2", "topologyKey": "kubernetes.io/hostname"]
                ],
                "podAntiAffinityTermLabelSelector": [
                    ["key": "tier", "operator": "Exists", "topologyKey": "topology.kubernetes.io/zone"]
                ],
            ]))["affinity"]
        let required: JSONValue = [
            "labelSelector": [
                "matchExpressions": [["key": "security", "operator": "In", "values": ["S1", "S2"]]]
            ],
            "topologyKey": "kubernetes.io/hostname",
        ]
        let preferred: JSONValue = [
            "weight": 100,
            "podAffinityTerm": [
                "labelSelector": ["matchExpressions": [["key": "tier", "operator": "Exists"]]],
                "topologyKey": "topology.kubernetes.io/zone",
            ],
        ]
        #expect(
            affinity == [
                "nodeAffinity": ["x": "y"],
                "podAntiAffinity": [
                    "requiredDuringSchedulingIgnoredDuringExecution": [required],
                    "preferredDuringSchedulingIgnoredDuringExecution": [preferred],
                ],
            ])
    }

    @Test func podsRunAsTheyAreTold() throws {
        let plain = try pod(ingress([:]))["securityContext"]
        #expect(plain?["runAsUser"] == 1337 && plain?["runAsNonRoot"] == true)
        let root = try ingress(["runAsRoot": true])
        #expect(try pod(root)["securityContext", "runAsUser"] == 0)
        let chosen = try render { $0.values = ["gateways": ["securityContext": ["fsGroup": 5]]] }
        #expect(try pod(chosen)["securityContext", "fsGroup"] == 5)
        #expect(try pod(chosen)["securityContext", "runAsUser"] == nil)
    }

    @Test func networkPoliciesLetTrafficIn() throws {
        let rendered = try ingress([:]) {
            $0.revision = "r1"
            $0.unvalidatedValues = ["global": ["networkPolicy": ["enabled": true]]]
        }
        let spec = try rendered.object("NetworkPolicy", "istio-ingressgateway-r1")["spec"]
        #expect(
            spec?["podSelector", "matchLabels"] == ["app": "istio-ingressgateway", "istio": "ingressgateway"])
        let ports = (spec?["ingress"]?.array ?? []).flatMap { $0["ports"]?.array ?? [] }
        #expect(ports.compactMap { $0["port"]?.integer } == [15021, 15020, 15090, 15021, 8080, 8443])
        #expect(spec?["egress"] == [[:]])
    }

    /// Each gateway has its own image, labels, namespace and ports; what values say holds for all of a kind.
    @Test func severalGateways() throws {
        var one = GatewaySpec(name: "one")
        one.component.hub = "a.example/x"
        one.component.tag = "1"
        one.component.namespace = "first"
        one.label = ["istio": "one"]
        one.component.k8s = ["service": ["ports": [["name": "tcp", "port": 9443]], "type": "NodePort"]]
        var two = GatewaySpec(name: "two")
        two.label = ["istio": "two"]
        let rendered = try ingress(["env": ["A": "b"], "type": "ClusterIP"]) {
            $0.components.ingressGateways = [one, two]
        }
        let first = try rendered.object("Deployment", "one")
        #expect(first["metadata", "namespace"] == "first")
        #expect(first.containers.first?["image"] == "a.example/x/proxyv2:1")
        #expect(first.containers.first?.variable("A") == "b")
        #expect(first["spec", "selector", "matchLabels", "istio"] == "one")
        let service = try rendered.object("Service", "one")
        #expect(service["spec", "type"] == "NodePort")
        #expect(service["spec", "ports"]?.array?.count == 1)
        let second = try rendered.object("Deployment", "two")
        #expect(second["metadata", "namespace"] == "istio-system")
        #expect(second.containers.first?["image"] == .string("\(apusHub)/proxyv2:\(apusVersion)"))
        #expect(try rendered.object("Service", "two")["spec", "type"] == "ClusterIP")
        #expect(try rendered.object("Service", "two")["spec", "ports"]?.array?.count == 3)
        #expect(rendered.warnings.isEmpty)
    }
}
