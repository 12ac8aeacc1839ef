import IstioAPI
import KubernetesClient
import KubernetesModel
import KubernetesTesting
import OperatorControllers
import Testing

extension OperatorTests {
    /// Mistakes in a spec: told with object and field, and what runs goes on untouched.
    @Suite struct RejectionTests {
        /// A spec with one mistake, and where it is.
        struct Mistake: Sendable, CustomTestStringConvertible {
            var what: String
            var spec: JSONValue
            /// What the status has to say: field path, or refused object and its field.
            var message: [String]
            var reason = "InvalidSpec"

            var testDescription: String { what }
        }

        static let mistakes: [Mistake] = [
            Mistake(
                what: "an unknown field", spec: ["components": ["pilot": ["k8s": ["hpaSpc": ["minReplicas": 2]]]]],
                message: ["spec.components.pilot.k8s.hpaSpc", "hpaSpec"]),
            Mistake(
                what: "a wrong type inside values", spec: ["values": ["pilot": ["autoscaleMax": "many"]]],
                message: ["spec.values.pilot.autoscaleMax"]),
            Mistake(
                what: "a map where values want a text", spec: ["values": ["global": ["hub": ["a": "b"]]]],
                message: ["spec.values.global.hub"]),
            Mistake(
                what: "an unknown profile", spec: ["profile": "minmal"],
                message: ["spec.profile", "did you mean \"minimal\"?"]),
            Mistake(
                what: "a text where a boolean belongs", spec: ["components": ["pilot": ["enabled": "yes"]]],
                message: ["spec.components.pilot.enabled"]),
            Mistake(what: "a number where a text belongs", spec: ["hub": 5], message: ["spec.hub"]),
            Mistake(
                what: "a map where a list belongs", spec: ["components": ["ingressGateways": ["name": "x"]]],
                message: ["spec.components.ingressGateways"]),
            Mistake(
                what: "a component whose program is another's", spec: ["components": ["cni": ["enabled": true]]],
                message: ["spec.components.cni", "hub"]),
            Mistake(what: "a bad hub", spec: ["hub": "https://example.com/istio"], message: ["spec.hub"]),
            Mistake(what: "a bad tag", spec: ["tag": "1.0:latest"], message: ["spec.tag"]),
            Mistake(what: "a bad revision", spec: ["revision": "Canary_1"], message: ["spec.revision"]),
            Mistake(
                what: "an amount that the API server refuses",
                spec: ["components": ["pilot": ["k8s": ["resources": ["requests": ["cpu": "banana"]]]]]],
                message: ["spec", "banana"]),
            Mistake(
                what: "a port that the API server refuses",
                spec: [
                    "components": [
                        "pilot": [
                            "k8s": [
                                "overlays": [
                                    [
                                        "kind": "Service", "name": "istiod",
                                        "patches": [["path": "spec.ports[0].port", "value": 0]],
                                    ]
                                ]
                            ]
                        ]
                    ]
                ],
                message: ["the API server refuses Service", "spec.ports[", "Invalid value: 0"], reason: "Refused"),
        ]

        @Test func mistakesAreToldAndWhatRunsIsUntouched() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                let sound: JSONValue = ["profile": "minimal"]
                try await mesh.apply("mesh", sound)
                let healthy = try await mesh.until("mesh", .healthy)
                let before = try await mesh.footprint(of: "mesh")
                for mistake in Self.mistakes {
                    try await mesh.apply("mesh", sound.merging(mistake.spec))
                    let iop = try await mesh.until("mesh", .error)
                    for part in mistake.message {
                        #expect(iop.status.message.contains(part), "\(mistake.what): \(iop.status.message)")
                    }
                    let conditions = iop.status.conditions
                    #expect(conditions.map(\.type).prefix(2) == ["Ready", "Stalled"], "\(mistake.what)")
                    #expect(conditions.map(\.status).prefix(2) == [.false, .true], "\(mistake.what)")
                    #expect(Set(conditions.prefix(2).map(\.reason)) == [mistake.reason], "\(mistake.what)")
                    // What runs is as it was, and is said to be.
                    #expect(iop.status.componentStatus == healthy.status.componentStatus, "\(mistake.what)")
                    #expect(try await mesh.footprint(of: "mesh") == before, "\(mistake.what)")
                    try await mesh.untilEvent(about: "mesh", "Warning", mistake.reason, saying: mistake.message)
                    try await mesh.apply("mesh", sound)
                    let again = try await mesh.until("mesh", .healthy)
                    #expect(again.status.conditions.map(\.type) == healthy.status.conditions.map(\.type))
                    #expect(try await mesh.footprint(of: "mesh") == before, "\(mistake.what), mended")
                }
            }
        }

        /// The first spec is wrong already: nothing at all is installed.
        @Test(arguments: mistakes)
        func nothingIsInstalledOfAMistake(_ mistake: Mistake) async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                let sound: JSONValue = ["profile": "minimal"]
                try await mesh.apply("mesh", sound.merging(mistake.spec))
                let iop = try await mesh.until("mesh", .error)
                #expect(mistake.message.allSatisfy { iop.status.message.contains($0) }, "\(iop.status.message)")
                #expect(try await mesh.owned(by: "mesh").isEmpty)
            }
        }

        /// Somebody else's finalizer of our name, on a spec that nothing can be made of.
        @Test func whatCannotBeReadCanBeDeleted() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withInstalledOperator { mesh, _ in
                var leaving = mesh.istioOperator("leaving", ["components": ["pilot": ["enabled": "yes"]]])
                leaving.json["metadata", "finalizers"] = [.string(IstioOperatorReconciler.finalizerName)]
                _ = try await mesh.client.create(.istioOperators, leaving, fieldManager: "kubectl")
                try await mesh.until("leaving", .error)
                try await mesh.delete("leaving")
                try await mesh.untilGone(.istioOperators, mesh.key("leaving"))
            }
        }
    }
}
