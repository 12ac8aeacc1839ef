import ControlPlane
import ControllerRuntime
import GRPCCore
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import MeshControllers
import MeshDiscovery
import MeshModel
import Observability
import Testing

extension OwnClusterTests {
    /// Machines outside of Kubernetes, and the WorkloadEntries that a real API server has of them.
    @Suite struct ControlPlaneRegistrationTests {
        private static let entries = APIResource(
            group: "networking.istio.io", version: "v1", kind: "WorkloadEntry", plural: "workloadentries",
            isNamespaced: true)
        private static let groups = APIResource(
            group: "networking.istio.io", version: "v1", kind: "WorkloadGroup", plural: "workloadgroups",
            isNamespaced: true)
        private static let entry = "legacy-192.0.2.7"

        /// The kinds, and a group of machines.
        private func prepare(_ site: ControlPlaneSite) async throws {
            let client = site.cluster.client
            for kind in [CustomResource.workloadEntry, .workloadGroup] {
                let definition = UnstructuredObject(kind.definition(hasRules: false))
                _ = try await client.apply(
                    .customResourceDefinitions, definition, fieldManager: "kubectl", force: true)
                try await client.wait(.customResourceDefinitions, definition.key, "established") { found in
                    (found?.json["status", "conditions"]?.array ?? []).contains {
                        $0["type"] == "Established" && $0["status"] == "True"
                    }
                }
            }
            let group = UnstructuredObject([
                "apiVersion": "networking.istio.io/v1", "kind": "WorkloadGroup",
                "metadata": ["namespace": .string(site.namespace), "name": "legacy"],
                "spec": [
                    "metadata": ["labels": ["app": "legacy"]],
                    "template": ["serviceAccount": "legacy", "ports": ["http": 8080]],
                ],
            ])
            _ = try await client.create(Self.groups, group, fieldManager: "t")
        }

        private func remove(_ site: ControlPlaneSite) async throws {
            for kind in [CustomResource.workloadEntry, .workloadGroup] {
                let definition = UnstructuredObject(kind.definition(hasRules: false))
                _ = try await site.cluster.client.delete(.customResourceDefinitions, definition.key)
            }
        }

        private func wait(
            _ site: ControlPlaneSite, _ what: String, _ holds: @escaping @Sendable (UnstructuredObject?) -> Bool
        ) async throws {
            try await site.cluster.client.wait(
                Self.entries, site.key(Self.entry), what, within: .seconds(90), until: holds)
        }

        private func machine(
            _ site: ControlPlaneSite, _ replica: ControlPlaneReplica, of account: String = "legacy",
            group: String = "legacy"
        ) async throws -> Machine.Settings {
            Machine.Settings(
                port: try #require(await replica.controlPlane.securePort), host: "istiod.\(site.namespace).svc",
                rootPEM: try #require(try await site.secretValue("istio-ca-secret", "ca-cert.pem")),
                token: try await site.token(of: account, for: "istio-ca"), account: account,
                namespace: site.namespace, group: group)
        }

        private func configure(_ configuration: inout ControlPlaneConfiguration) {
            configuration.secureAddress = ListenAddress(host: "127.0.0.1", port: 0)
            configuration.environment["PILOT_WORKLOAD_ENTRY_GRACE_PERIOD"] = "1s"
        }

        @Test func aMachineComesTellsHowItIsAndGoes() async throws {
            try await ControlPlaneSite.with { site in
                try await prepare(site)
                try await site.withReplica("istiod-1", configure: configure) { replica in
                    try await replica.waitUntilReady()
                    let discovery = replica.controlPlane.discovery
                    let key = site.key(Self.entry)
                    @Sendable func isHealthy() async -> Bool? {
                        await discovery.snapshot.configuration.workloadEntries[key]?.isHealthy
                    }
                    try await Machine.with(try await machine(site, replica)) { machine in
                        try await wait(site, "the entry") { entry in
                            guard let entry else { return false }
                            let marks = RegistrationMarks(entry.metadata.annotations)
                            return marks.group == "legacy" && marks.controller == "istiod-1"
                                && marks.connectedAt != nil && marks.disconnectedAt == nil
                        }
                        let entry = try await site.cluster.client.get(Self.entries, key)
                        #expect(entry.json["spec", "address"] == "192.0.2.7")
                        #expect(entry.json["spec", "serviceAccount"] == "legacy")
                        #expect(entry.json["spec", "locality"] == "cellar")
                        #expect(entry.labels == ["app": "legacy"])
                        let owners = entry.metadata.ownerReferences
                        #expect(owners.map(\.name) == ["legacy"] && owners.first?.controller == true)
                        // Its agent probes: nobody calls it until it is well.
                        try await eventually("the entry in the mesh", within: .seconds(60)) {
                            await isHealthy() == false
                        }
                        machine.report(nil)
                        try await eventually("a workload that is well", within: .seconds(60)) {
                            await isHealthy() == true
                        }
                        machine.report("connection refused")
                        try await wait(site, "what is wrong") { entry in
                            (entry?.json["status", "conditions"]?.array ?? []).contains {
                                $0["type"] == "Healthy" && $0["status"] == "False"
                                    && $0["message"] == "connection refused"
                            }
                        }
                        try await eventually("a workload that is ill", within: .seconds(60)) {
                            await isHealthy() == false
                        }
                    }
                    try await wait(site, "no entry any more") { $0 == nil }
                    try await eventually("nothing in the mesh", within: .seconds(60)) { await isHealthy() == nil }
                }
                try await remove(site)
            }
        }

        @Test func replicasHandAMachineOver() async throws {
            try await ControlPlaneSite.with { site in
                try await prepare(site)
                try await site.withReplica("istiod-1", configure: configure) { first in
                    try await site.withReplica("istiod-2", configure: configure) { second in
                        try await first.waitUntilReady()
                        try await second.waitUntilReady()
                        let (before, after) = (try await machine(site, first), try await machine(site, second))
                        let isOver = Journal<String>()
                        try await Machine.with(before) { _ in
                            try await wait(site, "the first's entry") { entry in
                                RegistrationMarks(entry?.metadata.annotations ?? [:]).controller == "istiod-1"
                            }
                            try await Machine.with(after) { _ in
                                try await wait(site, "the second's entry") { entry in
                                    RegistrationMarks(entry?.metadata.annotations ?? [:]).controller == "istiod-2"
                                }
                                isOver.add("the first may go")
                            }
                            // The first still has a stream: it takes the entry again, whatever became of it.
                            try await wait(site, "the first's entry again") { entry in
                                let marks = RegistrationMarks(entry?.metadata.annotations ?? [:])
                                return marks.controller == "istiod-1" && marks.connectedAt != nil
                            }
                        }
                        #expect(isOver.entries.count == 1)
                        try await wait(site, "no entry any more") { $0 == nil }
                    }
                }
                try await remove(site)
            }
        }

        @Test func whoIsNotOfTheGroupIsNotLetIn() async throws {
            try await ControlPlaneSite.with { site in
                try await prepare(site)
                try await site.withReplica("istiod-1", configure: configure) { replica in
                    try await replica.waitUntilReady()
                    let stranger = try await machine(site, replica, of: "stranger")
                    let refused = await #expect(throws: RPCError.self) { try await Machine.with(stranger) { _ in } }
                    #expect(refused?.code == .permissionDenied)
                    let lost = try await machine(site, replica, group: "unknown")
                    let unknown = await #expect(throws: RPCError.self) { try await Machine.with(lost) { _ in } }
                    #expect(unknown?.code == .failedPrecondition)
                    #expect(unknown?.message.contains("there is no WorkloadGroup \(site.namespace)/unknown") == true)
                    #expect(try await site.cluster.client.find(Self.entries, site.key(Self.entry)) == nil)
                }
                try await remove(site)
            }
        }

        /// The registry tells how a workload is, the reporter what is wrong with its entry, and somebody else something
        /// else: all in one list, in any order, and nobody's last word is lost.
        @Test func conditionsOfSeveralWritersAreKept() async throws {
            try await ControlPlaneSite.with { site in
                try await prepare(site)
                try await site.withReplica("istiod-1", configure: configure) { replica in
                    try await replica.waitUntilReady()
                    let (client, key) = (site.cluster.client, site.key(Self.entry))
                    try await Machine.with(try await machine(site, replica)) { machine in
                        machine.report(nil)
                        try await wait(site, "the entry") { !Self.messages($0).isEmpty }
                        let others = StatusEditor(client: client, resource: Self.entries, manager: "somebody")
                        var (health, address, word, history): (String, String, String, [String]) = ("", "", "", [])
                        for step in 1...40 {
                            switch Int.random(in: 0..<3) {
                            case 0:
                                health = "problem \(step)"
                                machine.report(health)
                            case 1:
                                address = "no address \(step)"
                                _ = try await client.patch(
                                    Self.entries, key, .merge(["spec": ["address": .string(address)]]),
                                    fieldManager: "t")
                            default:
                                word = "word \(step)"
                                try await Self.tell(word, key, by: others)
                            }
                            history = [health, address, word]
                            for _ in 0..<Int.random(in: 0...5) { await Task.yield() }
                        }
                        let expected = history
                        try await wait(site, "the last words \(expected)") { entry in
                            let found = Self.messages(entry)
                            return (expected[0].isEmpty || found["Healthy"] == expected[0])
                                && (expected[1].isEmpty || found["Accepted"]?.contains(expected[1]) == true)
                                && (expected[2].isEmpty || found["Seen"] == expected[2])
                        }
                        // What is mended is told so beside the rest.
                        _ = try await client.patch(
                            Self.entries, key, .merge(["spec": ["address": "192.0.2.7"]]), fieldManager: "t")
                        try await wait(site, "the mended entry") { entry in
                            let found = Self.messages(entry)
                            return found["Accepted"].map { !$0.contains("no address") } ?? expected[1].isEmpty
                                && (expected[2].isEmpty || found["Seen"] == expected[2])
                        }
                    }
                }
                try await remove(site)
            }
        }

        private static func messages(_ entry: UnstructuredObject?) -> [String: String] {
            let conditions = entry?.json["status", "conditions"]?.array ?? []
            return Dictionary(conditions.map { ($0["type"]?.string ?? "", $0["message"]?.string ?? "") }) { $0 + $1 }
        }

        /// Writes a condition of somebody else's, until nobody comes in between.
        private static func tell(_ word: String, _ key: ObjectKey, by editor: StatusEditor) async throws {
            while true {
                do {
                    try await editor.edit(key) { live in
                        let before = live.json["status", "conditions"]?.array ?? []
                        let own: JSONValue = ["type": "Seen", "status": "True", "message": .string(word)]
                        return ["conditions": .array(before.filter { $0["type"] != "Seen" } + [own])]
                    }
                    return
                } catch let error as APIError where error.isConflict { continue }
            }
        }

        /// A replica that did not live to write that a machine went, comes back.
        @Test func whatIsLeftOfAnEarlierLifeIsSwept() async throws {
            try await ControlPlaneSite.with { site in
                try await prepare(site)
                let left = RegistrationMarks(
                    group: "legacy", controller: "istiod-1", connectedAt: "2026-01-01T00:00:00.5Z")
                let entry = UnstructuredObject([
                    "apiVersion": "networking.istio.io/v1", "kind": "WorkloadEntry",
                    "metadata": ["namespace": .string(site.namespace), "name": .string(Self.entry)],
                    "spec": ["address": "192.0.2.7"],
                ])
                var served = entry
                served.json["metadata", "name"] = "served"
                let others = RegistrationMarks(
                    group: "legacy", controller: "istiod-9", connectedAt: "2026-01-01T00:00:00Z")
                for object in [left.applied(to: entry), others.applied(to: served)] {
                    _ = try await site.cluster.client.create(Self.entries, object, fieldManager: "t")
                }
                try await site.withReplica("istiod-1", configure: configure) { replica in
                    try await replica.waitUntilReady()
                    try await wait(site, "no entry any more") { $0 == nil }
                    // What another replica serves is not its own to end.
                    let other = try await site.cluster.client.get(Self.entries, site.key("served"))
                    #expect(RegistrationMarks(other.metadata.annotations) == others)
                }
                try await remove(site)
            }
        }
    }
}
