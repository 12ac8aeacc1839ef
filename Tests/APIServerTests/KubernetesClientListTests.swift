import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

@Suite(.realAPIServer) struct KubernetesClientListTests {
    private func makeConfigMaps(_ count: Int, in namespace: String, _ client: KubernetesClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    _ = try await client.create(
                        .configMaps, configMap("c\(number)", in: namespace, labels: ["half": "\(number % 2)"]),
                        fieldManager: "t")
                }
            }
            try await group.waitForAll()
        }
    }

    /// All pages show one moment, whatever is written while they are read.
    @Test func pagesOfOneMoment() async throws {
        let cluster = try await TestCluster.shared
        var limits = TestCluster.limits
        limits.pageSize = 50
        try await cluster.withNamespace { namespace in
            try await makeConfigMaps(600, in: namespace, cluster.client)
            try await cluster.withClient(limits: limits) { client in
                let scope = ListScope(namespace: namespace)
                let before = try await client.list(.configMaps, reader: .decodable(PartialObject.self), in: scope)
                let expected = Set(before.items.map(\.metadata.name))
                #expect(expected.isSuperset(of: (0..<600).map { "c\($0)" }))

                var pages: [[PartialObject]] = []
                let version = try await client.forEachPage(
                    .configMaps, reader: .decodable(PartialObject.self), in: scope
                ) { page in
                    pages.append(page)
                    if pages.count == 1 {
                        _ = try await client.create(.configMaps, configMap("late", in: namespace), fieldManager: "t")
                        _ = try await client.delete(.configMaps, ObjectKey(namespace: namespace, name: "c599"))
                    }
                }
                #expect(pages.count >= 12)
                #expect(pages.allSatisfy { $0.count <= 50 })
                #expect(Set(pages.joined().map(\.metadata.name)) == expected)
                #expect(version.isEmpty == false)

                let after = try await client.list(.configMaps, reader: .unstructured, in: scope)
                #expect(Set(after.items.map(\.name)) == expected.union(["late"]).subtracting(["c599"]))
                #expect(after.items.allSatisfy { $0.kind == "ConfigMap" && $0.apiVersion == "v1" })
            }
        }
    }

    @Test func selectorsNarrowAList() async throws {
        let cluster = try await TestCluster.shared
        try await cluster.withNamespace { namespace in
            try await makeConfigMaps(10, in: namespace, cluster.client)
            let half = try await cluster.client.list(
                .configMaps, reader: .unstructured,
                in: ListScope(namespace: namespace, labels: LabelSelector(expressions: [.in("half", ["1", "2"])]))
            )
            .items
            #expect(Set(half.map(\.name)) == ["c1", "c3", "c5", "c7", "c9"])
            let one = try await cluster.client.list(
                .configMaps, reader: .unstructured,
                in: ListScope(namespace: namespace, fieldSelector: "metadata.name=c4")
            ).items
            #expect(one.map(\.name) == ["c4"])
        }
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async throws {
        let cluster = try await TestCluster.shared
        var limits = TestCluster.limits
        limits.responseBytes = 1 << 20
        try await cluster.withNamespace { namespace in
            for number in 0..<3 {
                _ = try await cluster.client.create(
                    .configMaps,
                    configMap("big\(number)", in: namespace, ["x": String(repeating: "x", count: 500_000)]),
                    fieldManager: "t")
            }
            try await cluster.withClient(limits: limits) { client in
                let error = await #expect(throws: TransportError.self) {
                    try await client.list(.configMaps, reader: .unstructured, in: ListScope(namespace: namespace))
                }
                #expect(error?.kind == .tooLarge)
                #expect(error?.description.contains("more than 1 MiB") == true)
            }
        }
    }
}
