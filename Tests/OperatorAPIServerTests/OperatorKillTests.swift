import Foundation
import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import Testing

extension OperatorTests {
    /// The operator killed at any moment of an install.
    ///
    /// `APUS_SEED` and `APUS_RUNS` choose which moments and how many of them.
    @Suite struct OperatorKillTests {
        private static let seed = number("APUS_SEED") ?? 1
        private static let runs = number("APUS_RUNS") ?? 2

        private static func number(_ variable: String) -> Int? {
            ProcessInfo.processInfo.environment[variable].flatMap(Int.init)
        }

        /// What is under way when it is killed.
        private enum Work: CaseIterable { case install, change, uninstall }

        @Test(arguments: 0..<runs)
        func theNextOneFinishesTheWork(_ run: Int) async throws {
            var random = SplitMix(state: UInt64(Self.seed) &* 1_000_003 &+ UInt64(run))
            let profile: JSONValue = Bool.random(using: &random) ? "default" : "minimal"
            let work = Work.allCases[run % Work.allCases.count]
            let kills = Int.random(in: 1...3, using: &random)
            let moments = (0..<kills).map { _ in Duration.microseconds(Int.random(in: 0...600_000, using: &random)) }
            let story = "seed \(Self.seed), run \(run): \(work) of \(profile), killed after \(moments)"

            do {
                try await finishes(work, of: profile, killedAfter: moments, story)
            } catch {
                Issue.record("\(story): \(error)")
            }
        }

        private func finishes(
            _ work: Work, of profile: JSONValue, killedAfter moments: [Duration], _ story: String
        ) async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh { mesh in
                var spec: JSONValue = ["profile": profile]
                if work != .install {
                    let first = try OperatorProcess(operators)
                    try await mesh.apply("mesh", spec)
                    try await mesh.until("mesh", .healthy)
                    first.kill()
                }
                switch work {
                case .install: try await mesh.apply("mesh", spec)
                case .change:
                    spec = [
                        "profile": "minimal", "meshConfig": ["accessLogFile": "/dev/stdout"],
                        "components": ["pilot": ["k8s": ["podAnnotations": ["example.com/a": "b"]]]],
                    ]
                    try await mesh.apply("mesh", spec)
                case .uninstall: try await mesh.delete("mesh")
                }
                var left: [Int] = []
                for moment in moments {
                    let doomed = try OperatorProcess(operators)
                    try await doomed.untilItLeads()
                    try await Task.sleep(for: moment)  // the moment drawn
                    doomed.kill()
                    left.append(try await mesh.owned(by: "mesh").count)
                }
                if ProcessInfo.processInfo.environment["APUS_CAMPAIGN"] != nil {
                    print("\(story) with \(left) objects")
                }
                let last = try OperatorProcess(operators)
                do {
                    if work == .uninstall {
                        try await mesh.untilGone(.istioOperators, mesh.key("mesh"))
                        #expect(try await mesh.owned(by: "mesh").isEmpty, "\(story)")
                    } else {
                        let iop = try await mesh.until("mesh", .healthy)
                        #expect(iop.metadata.finalizers == ["istio-finalizer.install.istio.io"], "\(story)")
                        let owned = try await mesh.owned(by: "mesh")
                        #expect(Set(owned.keys) == (try await mesh.expected("mesh", spec)), "\(story)")
                        #expect(owned.values.allSatisfy { $0.metadata.deletionTimestamp == nil }, "\(story)")
                    }
                } catch {
                    Issue.record("\(story): \(error)\nthe last operator said: \(last.said.suffix(3000))")
                }
                try await last.untilItLeads()
                #expect(last.terminate() == 0, "\(story): \(last.said.suffix(3000))")
                #expect(last.said.contains("Gave the lease up"))
            }
        }
    }
}

/// A small generator of random numbers that gives the same ones for a seed everywhere.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
