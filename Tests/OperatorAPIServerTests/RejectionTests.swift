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
                what: "a profile that is not there yet", spec: ["profile": "ambient"],
                message: ["spec.profile", "not rendered by this build yet"]),
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

        /// What the API server itself refuses at `kubectl apply` never comes to the operator.
        @Test func wrongTypesAreRefusedAtTheDoor() async throws {
            let operators = try await OperatorCluster.shared
            try await operators.withMesh(kubelet: false) { mesh in
                let wrong: [(JSONValue, String)] = [
                    (["components": ["pilot": ["enabled": "yes"]]], "spec.components.pilot.enabled"),
                    (["hub": 5], "spec.hub"), (["components": ["ingressGateways": ["name": "x"]]], "ingressGateways"),
                ]
                for (spec, path) in wrong {
                    let error = await #expect(throws: APIError.self) {
                        try await mesh.client.create(
                            .istioOperators, mesh.istioOperator("mesh", spec), fieldManager: "kubectl")
                    }
                    #expect(
                        error?.isInvalid == true && error?.message.contains(path) == true, "\(path): \(error as Any)")
                }
            }
        }

        /// Stored when the definition checked nothing, as Istio's own up to 1.23: reported all the same.
        @Test func wrongTypesStoredUnderALooseDefinition() async throws {
            let operators = try await OperatorCluster.shared
            let tight = CustomResource.istioOperator.definition
            try await operators.withMesh { mesh in
                let wrong = mesh.istioOperator(
                    "mesh", ["profile": "minimal", "components": ["pilot": ["enabled": "yes"]]])
                var leaving = wrong
                leaving.json["metadata", "name"] = "leaving"
                leaving.json["metadata", "finalizers"] = [.string(IstioOperatorReconciler.finalizerName)]
                try await OperatorTests.apply([tight.withLooseSchema], with: mesh.client)
                // The API server takes up a changed definition a moment after it has it.
                while true {
                    do {
                        _ = try await mesh.client.create(.istioOperators, wrong, fieldManager: "kubectl")
                        _ = try await mesh.client.create(.istioOperators, leaving, fieldManager: "kubectl")
                        break
                    } catch let error as APIError where error.isInvalid {}
                }
                try await OperatorTests.apply([tight], with: mesh.client)
                var stillWrong = wrong
                stillWrong.json["metadata", "name"] = "other"
                while true {
                    do {
                        _ = try await mesh.client.create(
                            .istioOperators, stillWrong, fieldManager: "kubectl", dryRun: true)
                    } catch let error as APIError where error.isInvalid { break }
                }
                try await operators.withOperator { _ in
                    // Servers before 1.30 take no status for such an object.
                    try await mesh.untilEvent(
                        about: "mesh", "Warning", "InvalidSpec", saying: ["spec.components.pilot.enabled"])
                    #expect(try await mesh.owned(by: "mesh").isEmpty)
                    try await mesh.delete("leaving")
                    try await mesh.untilGone(.istioOperators, mesh.key("leaving"))
                    try await mesh.apply("mesh", ["profile": "minimal", "components": ["pilot": ["enabled": true]]])
                    try await mesh.until("mesh", .healthy)
                }
            }
        }
    }
}

extension JSONValue {
    /// This definition with a schema that says nothing.
    fileprivate var withLooseSchema: JSONValue {
        var definition = self
        var version = self["spec", "versions"]?.array?.first ?? .null
        version["schema", "openAPIV3Schema"] = ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        definition["spec", "versions"] = [version]
        return definition
    }
}
