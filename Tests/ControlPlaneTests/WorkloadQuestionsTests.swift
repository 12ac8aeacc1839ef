import DiscoveryAPI
import DiscoveryServer
import GRPCCore
import KubernetesModel
import Logging
import MeshModel
import MeshTranslator
import SwiftProtobuf
import Testing
import XDSServer

@testable import ControlPlane
@testable import MeshDiscovery

@Suite("Who is at an address")
struct WorkloadQuestionsTests {
    private static let client = DiscoveryClient(
        node: NodeIdentity(id: "sidecar~10.0.0.1~web.default~default.svc.cluster.local"), identity: PeerIdentity(),
        variant: .delta)

    private func discovery() async throws -> MeshDiscovery {
        let discovery = MeshDiscovery(settings: MeshSettings(), logger: Logger(label: "test"))
        let labels = """
            {app: reviews, version: v2, topology.istio.io/network: one}
            """
        for (name, address, onNode) in [("reviews-v2-7d4-x", "10.0.0.7", false), ("agent", "10.0.0.9", true)] {
            let yaml = """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: \(name)
                  namespace: stars
                  labels: \(labels)
                  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: reviews, uid: a, controller: true}]
                spec: {serviceAccountName: bookinfo, nodeName: n, hostNetwork: \(onNode), containers: []}
                status: {phase: Running, podIP: \(address), podIPs: [{ip: \(address)}]}
                """
            let pod = try JSONValueDecoder().decode(PodObject.self, from: try JSONValue.documents(yaml: yaml)[0])
            await discovery.apply([.pod(ObjectKey(namespace: "stars", name: name), pod)], since: .now)
        }
        return discovery
    }

    @Test("A workload is told with the names that telemetry has for it; whoever nobody knows is told, too")
    func answers() async throws {
        let names = ["/10.0.0.7", "one/10.0.0.7", "/10.0.0.8", "10.0.0.7", "two/10.0.0.7", "/10.0.0.9"]
        let answer = try await WorkloadQuestions(discovery()).answer(
            DiscoveryQuestion(.workloadAddress, names: names, client: Self.client))
        #expect(answer.resources.map(\.name) == names)
        let addresses = try answer.resources.map { try Istio_Workload_Address(serializedBytes: $0.body) }
        #expect(addresses.map { $0.type != nil } == [true, true, false, true, false, false])
        let workload = addresses[0].workload
        #expect(workload.workloadName == "reviews" && workload.namespace == "stars")
        #expect(workload.addresses.map { Array($0) } == [[10, 0, 0, 7]])
        #expect(workload.canonicalName == "reviews" && workload.canonicalRevision == "v2")
        #expect(workload.serviceAccount == "bookinfo" && workload.network == "one")
        #expect(workload.uid.hasSuffix("/Pod/stars/reviews-v2-7d4-x"))
        #expect(answer.resources[0].body.count < 150, "\(answer.resources[0].body.count) bytes")
    }

    @Test("Nobody asks for a whole mesh at once")
    func limit() async throws {
        let names = (0..<2000).map { "/10.0.\($0 / 256).\($0 % 256)" }
        let questions = WorkloadQuestions(try await discovery())
        let error = await #expect(throws: RPCError.self) {
            try await questions.answer(DiscoveryQuestion(.workloadAddress, names: names, client: Self.client))
        }
        #expect(error?.code == .invalidArgument)
    }
}
