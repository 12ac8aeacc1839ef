import ControllerRuntime
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import Testing

extension OperatorTests {
    @Suite struct LeadershipTests {
        private static let lease = ObjectKey(
            namespace: OperatorManifests.namespace, name: OperatorConfiguration.leaseName)

        private func untilHeld(
            by holder: String, _ mesh: Mesh, within limit: Duration = .seconds(90)
        ) async throws {
            try await mesh.cluster.eventually("\(holder) leads", .leases, Self.lease, within: limit) {
                $0?.json["spec", "holderIdentity"]?.string == holder
            }
        }

        /// Of two replicas one writes; when it ends the other goes on at once.
        @Test func oneWritesAndHandsOver() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                try await operators.withOperator(identity: "first") { first in
                    try await untilHeld(by: "first", mesh)
                    try await operators.withOperator(identity: "second") { second in
                        try await mesh.apply("mesh", ["profile": "minimal"])
                        try await mesh.until("mesh", .healthy)
                        try await mesh.repairsDrift()
                        try await mesh.until("mesh", .healthy)
                        #expect(second.log.count(of: "Leading") == 0)
                        #expect(second.log.count(of: "Applied") == 0)
                        #expect(try await mesh.tellers() == ["first"])

                        await first.terminate()
                        let ended = ContinuousClock.now
                        try await untilHeld(by: "second", mesh)
                        #expect(ContinuousClock.now - ended < .seconds(12), "not after a lease of 15 s")
                        let said = first.log.all.count
                        try await mesh.repairsDrift()
                        try await mesh.until("mesh", .healthy)
                        #expect(first.log.all.dropFirst(said).filter { $0.contains("Applied") } == [])
                        #expect(second.log.count(of: "Applied") > 0)
                    }
                }
            }
        }

        /// A leader that cannot renew its lease stops writing before others may start.
        @Test func aLeaderThatIsCutOffStops() async throws {
            let operators = try await OperatorCluster.shared
            let timing = LeaseTiming(
                duration: .seconds(12), renewDeadline: .seconds(4), retryPeriod: .milliseconds(300))
            try await operators.withMesh { mesh in
                try await operators.withOperator(timing: timing, mayBeRefused: true) { running in
                    try await mesh.apply("mesh", ["profile": "minimal"])
                    try await mesh.until("mesh", .healthy)
                    let clock = ContinuousClock()
                    try await mesh.cluster.stop("kube-apiserver", abruptly: true)
                    let stopped = clock.now
                    try await running.log.until("stopping all writers")
                    #expect(clock.now - stopped < .seconds(12), "others may lead after twelve seconds")
                    try await mesh.cluster.start("kube-apiserver")
                    try await running.log.until("Leading", count: 2)
                    try await mesh.repairsDrift()
                    try await mesh.until("mesh", .healthy, within: .seconds(120))
                }
            }
        }
    }
}

extension Mesh {
    /// Which replicas recorded events in this namespace.
    fileprivate func tellers() async throws -> Set<String> {
        let scope = ListScope(namespace: namespace, fieldSelector: "involvedObject.kind=IstioOperator")
        let events = try await client.list(.events, reader: .unstructured, in: scope).items
        return Set(events.compactMap { $0.json["reportingInstance"]?.string })
    }
}
