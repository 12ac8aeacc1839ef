import ControlPlane
import Foundation
import KubernetesModel
import MeshDiscovery
import MeshModel
import MeshTesting
import MeshTranslator
import Testing
import XDSServer

/// Whatever people apply: the control plane goes on, and those who asked for nothing strange get what is theirs.
///
/// `APUS_SEED` and `APUS_RUNS` choose which mutations and how many: `Hack/campaign object-mutations`.
@Suite struct MutatedObjectsTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["APUS_SEED"].flatMap { UInt64($0) } ?? 1
    private static let runs = environment["APUS_RUNS"].flatMap { UInt64($0) } ?? 2
    private static let objectsPerRun = 150

    /// The samples themselves are read, all of them: otherwise the mutations would test nothing.
    @Test func theSamplesAreRead() throws {
        var objects = ClusterObjects()
        for sample in try MutatedObjects(seed: 0).samples {
            let object = UnstructuredObject(sample)
            #expect(objects.add(object) == [], "\(object.groupVersionKind)")
        }
        let mesh = MeshTranslation(objects)
        #expect(mesh.snapshot.services.count >= 3)
    }

    @Test(arguments: seed..<seed + runs) func nothingStopsIt(_ seed: UInt64) throws {
        var mutations = try MutatedObjects(seed: seed)
        var resources = ProxyResources(MeshTranslation())
        // A namespace that nobody disturbs.
        var calm = ClusterObjects()
        for object in try JSONValue.documents(yaml: Self.calm) { #expect(calm.add(UnstructuredObject(object)) == []) }
        _ = resources.apply(changes(from: ClusterObjects(), to: calm), now: .now)
        let sidecar = Proxy(kind: .sidecar, name: "p", namespace: "a", addresses: ["10.0.0.1"], labels: ["app": "s"])
        let router = Proxy(
            kind: .router, name: "g", namespace: "a", addresses: ["10.0.0.9"], labels: ["istio": "ingressgateway"])
        let bystander = Proxy(kind: .sidecar, name: "q", namespace: "calm", addresses: ["10.2.0.1"])
        let watched = [sidecar, router, bystander].map { resources.connect($0).id }
        var objects = calm
        var refused = 0
        for number in 0..<Self.objectsPerRun {
            let object = mutations.next()
            var next = objects
            guard let problems = next.add(object) else { continue }
            if !problems.isEmpty { refused += 1 }
            _ = resources.apply(changes(from: objects, to: next), now: .now)
            objects = next
            let cache = try #require(resources.resources(of: watched[2]))
            let name = "outbound|80||calm.calm.svc.cluster.local"
            #expect(cache[.cluster, name] != nil, "run \(seed), object \(number): \(object.json.jsonText)")
            for id in watched { #expect(resources.resources(of: id) != nil) }
        }
        #expect(refused > 0)
    }

    private static let calm = """
        {apiVersion: v1, kind: Service, metadata: {name: calm, namespace: calm}, spec: {clusterIP: 10.3.0.1, selector: {app: c}, ports: [{name: http, port: 80}]}}
        ---
        {apiVersion: v1, kind: Pod, metadata: {name: q, namespace: calm, labels: {app: c}}, spec: {containers: []}, status: {phase: Running, podIP: 10.2.0.1}}
        """

    private func changes(from old: ClusterObjects, to new: ClusterObjects) -> [ObjectChange] {
        var changes: [ObjectChange] = []
        changes += different(old.services, new.services).map { .service($0, new.services[$0]) }
        changes += different(old.endpointSlices, new.endpointSlices).map { .endpointSlice($0, new.endpointSlices[$0]) }
        changes += different(old.endpoints, new.endpoints).map { .endpoints($0, new.endpoints[$0]) }
        changes += different(old.pods, new.pods).map { .pod($0, new.pods[$0]) }
        changes += different(old.nodes, new.nodes).map { .node($0, new.nodes[$0]) }
        changes += different(old.namespaces, new.namespaces).map { .namespace($0, new.namespaces[$0]) }
        changes += different(old.configuration, new.configuration).map { .configuration($0, new.configuration[$0]) }
        if old.meshConfig != new.meshConfig { changes.append(.meshConfig(new.meshConfig)) }
        return changes
    }

    private func different<Key, Value: Equatable>(_ old: [Key: Value], _ new: [Key: Value]) -> [Key] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
    }
}
