import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import ManifestRenderer
import Testing

extension OperatorTests {
    @Suite struct NoOpTests {
        /// A new operator that finds everything as it should be looks at all of it and writes nothing.
        @Test(arguments: ["minimal", "default"])
        func aRestartedOperatorWritesNothing(_ profile: String) async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                try await operators.withOperator { _ in
                    try await mesh.apply("mesh", ["profile": .string(profile)])
                    try await mesh.until("mesh", .healthy)
                }
                try await mesh.untilAutoscalersAreAtRest()
                try await mesh.untilNoNamespaceEnds()
                let before = try await mesh.footprint(of: "mesh")
                let status = try await mesh.client.get(.istioOperators, mesh.key("mesh")).json
                let requests = try await RequestCount(mesh.cluster)
                try await operators.withOperator(concurrency: 1) { running in
                    try await running.log.until("Leading")
                    // It takes one after the other: once this one is told off, the first one has been looked at.
                    try await mesh.apply("witness", ["profile": "nothing"])
                    try await mesh.until("witness", .error)
                    #expect(running.log.count(of: "Applied") == 0)
                }
                #expect(try await mesh.footprint(of: "mesh") == before)
                #expect(try await mesh.client.get(.istioOperators, mesh.key("mesh")).json == status)
                let new = try await RequestCount(mesh.cluster).since(requests)
                let kinds = Set(renderedResources().map(\.plural))
                let writes = new.filter { request, _ in
                    let words = request.split(separator: " ").map(String.init)
                    // The cluster's own controllers keep EndpointSlices up to date; an operator applies.
                    guard RequestCount.writing.contains(words[0]), request != "PUT endpointslices" else { return false }
                    return kinds.contains(words[1]) || words[1].hasPrefix("istiooperators")
                }
                // Those about the witness: the test's own apply, and the operator's status.
                #expect(writes == ["APPLY istiooperators": 1, "APPLY istiooperators/status": 1])
                #expect(new["GET deployments", default: 0] >= 1, "nothing was looked at")
            }
        }
    }
}

extension Mesh {
    /// Namespaces of tests before this one are gone: the cluster itself deletes what is left in them.
    fileprivate func untilNoNamespaceEnds() async throws {
        for object in try await client.list(.namespaces, reader: .unstructured).items
        where object.metadata.deletionTimestamp != nil {
            try await untilGone(.namespaces, object.key, within: .seconds(120))
        }
    }

    /// The autoscaler's controller has said all it has to say about load it cannot measure here.
    fileprivate func untilAutoscalersAreAtRest() async throws {
        let scalers = try await owned(by: "mesh").values.filter { $0.kind == "HorizontalPodAutoscaler" }
        let resource = try #require(
            try await client.discover().resource(for: GroupKind(group: "autoscaling", kind: "HorizontalPodAutoscaler")))
        for scaler in scalers {
            try await cluster.eventually("it has a status", resource, scaler.key) {
                $0?.json["status"]?.object?.isEmpty == false
            }
        }
    }
}
