import Foundation
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OperatorTests {
    /// Parts of the cluster that go away and come back.
    @Suite struct RecoveryTests {
        @Test func theAPIServerIsAwayForAWhile() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                try await operators.withOperator(mayBeRefused: true) { running in
                    try await mesh.apply("mesh", ["profile": "minimal"])
                    try await mesh.until("mesh", .healthy)
                    try await mesh.cluster.stop("kube-apiserver", abruptly: true)
                    try await running.log.until("Cannot read from the API server")
                    try await mesh.cluster.start("kube-apiserver")
                    try await mesh.apply(
                        "mesh", ["profile": "minimal", "meshConfig": ["accessLogFile": "/dev/stdout"]])
                    try await mesh.until("mesh", .healthy, within: .seconds(120))
                    let configuration = try await mesh.client.get(.configMaps, mesh.key("istio"))
                    #expect(configuration.json["data", "mesh"]?.string?.contains("accessLogFile: /dev/stdout") == true)
                    try await mesh.repairsDrift()
                }
            }
        }

        /// What the operator watched from is forgotten: it lists anew, and misses nothing.
        @Test func theServerForgetsWhatWasWatched() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                try await operators.withOperator(mayBeRefused: true) { running in
                    try await mesh.apply("mesh", ["profile": "minimal"])
                    try await mesh.until("mesh", .healthy)
                    let note = mesh.key("note")
                    for number in 0..<20 {
                        _ = try await mesh.client.apply(
                            .configMaps,
                            UnstructuredObject([
                                "apiVersion": "v1", "kind": "ConfigMap",
                                "metadata": ["name": .string(note.name), "namespace": .string(note.namespace)],
                                "data": ["n": .string("\(number)")],
                            ]), fieldManager: "tests", force: true)
                    }
                    let last = try await mesh.client.get(.configMaps, note).metadata.resourceVersion
                    try await mesh.cluster.stop("kube-apiserver", abruptly: true)
                    try compact(mesh.cluster, to: last)
                    try await mesh.cluster.start("kube-apiserver")
                    try await running.log.until("Watch expired; listing again", within: .seconds(120))
                    try await mesh.repairsDrift()
                    try await mesh.until("mesh", .healthy, within: .seconds(120))
                }
            }
        }

        /// Others write the status at the same time: in the end it says what is so.
        @Test func othersOverwriteTheStatus() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                try await mesh.apply("mesh", ["profile": "minimal"])
                let healthy = try await mesh.until("mesh", .healthy)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<4 {
                        group.addTask {
                            for number in 0..<10 {
                                let lie: JSONValue = [
                                    "status": ["status": "ERROR", "message": .string("lie \(writer) \(number)")]
                                ]
                                _ = try await mesh.client.patch(
                                    .istioOperators, mesh.key("mesh"), .merge(lie), fieldManager: "liar-\(writer)",
                                    subresource: "status")
                            }
                        }
                    }
                    group.addTask {
                        try await mesh.apply(
                            "mesh", ["profile": "minimal", "meshConfig": ["accessLogFile": "/dev/stdout"]])
                    }
                    try await group.waitForAll()
                }
                let again = try await mesh.until("mesh", .healthy, saying: healthy.status.message)
                #expect(again.status.componentStatus == healthy.status.componentStatus)
                #expect(again.status.conditions.map(\.type) == healthy.status.conditions.map(\.type))
            }
        }

        /// Makes etcd forget how everything was before a revision.
        private func compact(_ cluster: TestCluster, to revision: String) throws {
            let settings = try String(
                contentsOfFile: (cluster.kubeconfig as NSString).deletingLastPathComponent + "/settings",
                encoding: .utf8)
            let line = try #require(settings.split(separator: "\n").first { $0.hasPrefix("etcd_port=") })
            let port = line.filter(\.isNumber)
            let curl = Process()
            curl.executableURL = URL(filePath: "/usr/bin/curl")
            curl.arguments = [
                "--noproxy", "*", "-sf", "--max-time", "10", "-d",
                "{\"revision\": \"\(revision)\", \"physical\": true}",
                "http://127.0.0.1:\(port)/v3/kv/compaction",
            ]
            curl.standardOutput = FileHandle.nullDevice
            try curl.run()
            curl.waitUntilExit()
            try #require(curl.terminationStatus == 0, "etcd did not compact")
        }
    }
}

extension Mesh {
    /// Deletes the control plane's Deployment and expects it back soon.
    func repairsDrift(within limit: Duration = .seconds(60)) async throws {
        let deployment = try await client.get(.deployments, key("istiod"))
        #expect(try await client.delete(.deployments, deployment.key))
        try await cluster.eventually("istiod is back", .deployments, deployment.key, within: limit) {
            $0.map { $0.metadata.uid != deployment.metadata.uid } == true
        }
    }
}
