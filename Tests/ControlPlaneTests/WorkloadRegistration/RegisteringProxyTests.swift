import ControlPlane
import DiscoveryServer
import KubernetesModel
import MeshControllers
import MeshModel
import Testing
import XDSServer

@Suite("Machines that register themselves")
struct RegisteringProxyTests {
    private func client(
        _ metadata: JSONValue, address: String = "192.0.2.7",
        names: [String] = ["spiffe://cluster.local/ns/vms/sa/legacy"]
    ) -> DiscoveryClient {
        var node = NodeIdentity(id: "sidecar~\(address)~machine.vms~vms.local", metadata: metadata.jsonBytes)
        node.locality = .init(region: "here", zone: "there")
        return DiscoveryClient(node: node, identity: PeerIdentity(names: names), variant: .delta)
    }

    private let metadata: JSONValue = [
        "NAMESPACE": "vms", "AUTO_REGISTER_GROUP": "legacy", "NETWORK": "outer",
        "LABELS": ["app": "own", "istio-locality": "a.b", "version": "v1"],
        "PROXY_CONFIG": ["readinessProbe": ["tcpSocket": ["port": 8080]]],
    ]

    @Test("An entry's name is that of its group and address")
    func names() {
        #expect(RegisteringProxy.name(group: "g", address: "10.0.0.1", network: nil) == "g-10.0.0.1")
        #expect(RegisteringProxy.name(group: "g", address: "2001:db8::1", network: "n") == "g-2001-db8--1-n")
        let long = RegisteringProxy.name(group: String(repeating: "g", count: 300), address: "10.0.0.1", network: nil)
        #expect(long.utf8.count == 253 && long.hasSuffix("g-10.0.0.1"))
    }

    @Test("What no object can be called is refused")
    func mistakes() {
        let settings = RegistrationSettings()
        #expect(RegisteringProxy(client(metadata), settings)?.mistake == nil)
        for network in ["VPC1", "my_net", "a.", "-"] {
            var metadata = metadata
            metadata["NETWORK"] = .string(network)
            #expect(RegisteringProxy(client(metadata), settings)?.mistake?.contains(network) == true, "\(network)")
        }
        #expect(
            RegisteringProxy(client(metadata, address: "evil.example"), settings).map { $0.mistake != nil } != false)
    }

    @Test("Who asks for none gets none, nor does anybody where it is switched off")
    func switches() {
        let on = RegistrationSettings()
        #expect(RegisteringProxy(client(["NAMESPACE": "vms"]), on) == nil)
        let key = ObjectKey(namespace: "vms", name: "legacy-192.0.2.7-outer")
        #expect(RegisteringProxy(client(metadata), on)?.key == key)
        let off = RegistrationSettings(environment: ["PILOT_ENABLE_WORKLOAD_ENTRY_AUTOREGISTRATION": "false"])
        #expect(RegisteringProxy(client(metadata), off) == nil)
        // One that names its entry.
        let named = client(["NAMESPACE": "vms", "WORKLOAD_ENTRY": "mine"])
        #expect(RegisteringProxy(named, off)?.key == ObjectKey(namespace: "vms", name: "mine"))
        #expect(RegisteringProxy(named, off)?.group == nil)
        let without = RegistrationSettings(environment: ["PILOT_ENABLE_WORKLOAD_ENTRY_HEALTHCHECKS": "false"])
        #expect(RegisteringProxy(named, without) == nil)
    }

    @Test("Settings have Istio's defaults and names")
    func settings() {
        let standard = RegistrationSettings(environment: [:])
        #expect(standard.registers && standard.takesHealth && standard.validatesIdentity)
        #expect(standard.grace == .seconds(10))
        #expect(RegistrationSettings(environment: ["PILOT_WORKLOAD_ENTRY_GRACE_PERIOD": "1m30s"]).grace == .seconds(90))
        #expect(RegistrationSettings(environment: ["PILOT_WORKLOAD_ENTRY_GRACE_PERIOD": "soon"]).grace == .seconds(10))
    }

    @Test("An entry says what the group says, and over it what the machine says of itself")
    func entry() throws {
        let yaml = """
            apiVersion: networking.istio.io/v1
            kind: WorkloadGroup
            metadata: {name: legacy, namespace: vms, uid: 1-2-3}
            spec:
              metadata: {labels: {app: group, class: vm}, annotations: {note: hello}}
              template: {serviceAccount: legacy, ports: {http: 8080}, weight: 3, labels: {app: template, tier: back}}
            """
        let group = UnstructuredObject(try JSONValue.documents(yaml: yaml)[0])
        let proxy = try #require(RegisteringProxy(client(metadata), RegistrationSettings()))
        let entry = proxy.entry(
            of: group, marks: RegistrationMarks(group: "legacy", controller: "istiod-1", connectedAt: "now"))
        let labels: JSONValue = ["app": "own", "class": "vm", "tier": "back", "version": "v1"]
        #expect(
            entry.json == [
                "apiVersion": "networking.istio.io/v1", "kind": "WorkloadEntry",
                "metadata": [
                    "name": "legacy-192.0.2.7-outer", "namespace": "vms", "labels": labels,
                    "annotations": [
                        "note": "hello", "istio.io/autoRegistrationGroup": "legacy",
                        "istio.io/workloadController": "istiod-1", "istio.io/connectedAt": "now",
                        "proxy.istio.io/health-checks-enabled": "true",
                    ],
                    "ownerReferences": [
                        [
                            "apiVersion": "networking.istio.io/v1", "kind": "WorkloadGroup", "name": "legacy",
                            "uid": "1-2-3", "controller": true,
                        ]
                    ],
                ],
                "spec": [
                    "address": "192.0.2.7", "serviceAccount": "legacy", "ports": ["http": 8080], "weight": 3,
                    "network": "outer", "locality": "here/there", "labels": labels,
                ],
            ])
    }

    @Test("Only a workload of the entry's namespace and ServiceAccount gets it")
    func identity() throws {
        func mismatch(_ names: [String], _ spec: JSONValue) throws -> String? {
            try #require(RegisteringProxy(client(metadata, names: names), RegistrationSettings())).mismatch(spec)
        }
        let legacy: JSONValue = ["serviceAccount": "legacy"]
        #expect(try mismatch(["spiffe://cluster.local/ns/vms/sa/legacy"], legacy) == nil)
        #expect(try mismatch(["spiffe://cluster.local/ns/vms/sa/other"], legacy) != nil)
        #expect(try mismatch(["spiffe://cluster.local/ns/vms/sa/other"], .object([:])) == nil)
        #expect(try mismatch(["spiffe://cluster.local/ns/elsewhere/sa/legacy"], legacy) != nil)
        #expect(try mismatch([], .object([:])) != nil)
    }

    @Test("Marks are what annotations say, and others' annotations stay")
    func marks() {
        let object = UnstructuredObject([
            "metadata": ["annotations": ["note": "hello", "istio.io/connectedAt": "then"]]
        ])
        let ended = RegistrationMarks(controller: "a", disconnectedAt: "now").applied(to: object)
        #expect(
            ended.metadata.annotations == [
                "note": "hello", "istio.io/workloadController": "a", "istio.io/disconnectedAt": "now",
            ])
        let read = RegistrationMarks(ended.metadata.annotations)
        #expect(read == RegistrationMarks(controller: "a", disconnectedAt: "now"))
        #expect(RegistrationMarks(["istio.io/autoRegistrationGroup": "g"]).isEmpty)
    }

    @Test("A workload's health is told once, with the moment of its change; what else is told stays")
    func health() throws {
        let others: [JSONValue] = [["type": "Accepted", "status": "True"]]
        let ill = try #require(HealthCondition.conditions(others, problem: "no answer", now: "first"))
        let told: JSONValue = [
            "type": "Healthy", "status": "False", "message": "no answer", "lastProbeTime": "first",
            "lastTransitionTime": "first",
        ]
        #expect(ill == others + [told])
        #expect(HealthCondition.conditions(ill, problem: "no answer", now: "second") == nil)
        let worse = try #require(HealthCondition.conditions(ill, problem: "refused", now: "third"))
        #expect(worse.last?["lastTransitionTime"] == "first" && worse.last?["lastProbeTime"] == "third")
        let well = try #require(HealthCondition.conditions(worse, problem: nil, now: "fourth"))
        let mended: JSONValue = [
            "type": "Healthy", "status": "True", "lastProbeTime": "fourth", "lastTransitionTime": "fourth",
        ]
        #expect(well == others + [mended])
        #expect(HealthCondition.without(well) == others)
        let long = try #require(
            HealthCondition.conditions([], problem: String(repeating: "x", count: 5000), now: "now"))
        #expect(long.first?["message"]?.string?.utf8.count == 1024)
        // A message that was cut is the same message.
        #expect(HealthCondition.conditions(long, problem: String(repeating: "x", count: 5000), now: "later") == nil)
    }
}
