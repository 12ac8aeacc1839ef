import KubernetesModel
import MeshModel
import MeshTesting
import MeshTranslator
import Testing

/// Changes of ServiceEntries, WorkloadEntries and Sidecars of a small cluster in which everything meets everything.
enum RandomEntries {
    static func change(
        in namespace: String, isRemoval: Bool, _ generator: inout SeededGenerator
    ) throws -> ObjectChange {
        func pick(_ words: String...) -> String { words.randomElement(using: &generator) ?? "" }
        let (kind, name, rest): (String, String, String)
        switch Int.random(in: 0..<7, using: &generator) {
        case 0..<4:
            let endpoints = pick(
                "", ", endpoints: [{address: 10.1.0.1}]", ", endpoints: [{address: 10.1.0.2, labels: {app: s}}]",
                ", workloadSelector: {labels: {app: s}}", ", workloadSelector: {labels: {app: t}}")
            let hosts = pick("x.com", "x.com, y.com", "s.a.svc.cluster.local", "t.b.svc.cluster.local", "y.com")
            let ports = pick(
                "{number: 80, name: http}", "{number: 90, name: tcp}",
                "{number: 80, name: http}, {number: 90, name: tcp}")
            let addresses = pick("", "", ", addresses: [10.7.0.1]", ", addresses: [10.7.0.0/16]")
            kind = "ServiceEntry"
            name = pick("e", "f", "g")
            rest = "spec: {hosts: [\(hosts)], resolution: STATIC, ports: [\(ports)]\(endpoints)\(addresses)}"
        case 4, 5:
            kind = "WorkloadEntry"
            name = pick("v", "w")
            let address = pick("10.1.0.1", "10.1.0.3", "10.1.0.9", "host.com")
            rest = "spec: {address: \(address), labels: {app: \(pick("s", "t"))}, weight: \(pick("1", "2"))}"
        default:
            kind = "Sidecar"
            name = pick("default", "other")
            rest = "spec: {egress: [{hosts: [\(pick("./*", "'*/*'", "a/x.com"))]}]}"
        }
        let group = GroupKind(group: "networking.istio.io", kind: kind)
        let reference = ObjectReference(group, ObjectKey(namespace: namespace, name: name))
        guard !isRemoval else { return .configuration(reference, nil) }
        let created = pick(
            "", ", creationTimestamp: '2025-01-01T00:00:00Z'", ", creationTimestamp: '2026-01-01T00:00:00Z'")
        let yaml =
            "{apiVersion: networking.istio.io/v1, kind: \(kind), metadata: {name: \(name), namespace: \(namespace)\(created)}, \(rest)}"
        let document = try #require(JSONValue.documents(yaml: yaml).first)
        return .configuration(reference, ConfigurationObject(UnstructuredObject(document)))
    }
}

@Suite struct EntryIncrementalTests {
    /// Virtual IPs that follow from names depend on all names at once: those too come out the same step by step.
    @Test(arguments: UInt64(1)...10)
    func hashedAddressesAreKeptUpToDate(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var settings = MeshSettings()
        settings.recordsAllocatedAddresses = false
        var translation = MeshTranslation(settings: settings)
        for _ in 0..<60 {
            let namespace = ["a", "b"].randomElement(using: &generator) ?? ""
            let isRemoval = Int.random(in: 0..<4, using: &generator) == 0
            let before = translation.snapshot
            let difference = translation.apply([
                try RandomEntries.change(in: namespace, isRemoval: isRemoval, &generator)
            ])
            #expect(translation.snapshot == MeshTranslation(translation.objects, settings: settings).snapshot)
            #expect(difference.services == translation.snapshot.difference(from: before).services)
            #expect(difference.endpoints == translation.snapshot.difference(from: before).endpoints)
        }
    }
}
