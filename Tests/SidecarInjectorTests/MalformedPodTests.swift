import KubernetesModel
import MeshTesting
import Testing

@testable import SidecarInjector

/// Whatever an API server lets through, or does not: there is an answer.
@Suite struct MalformedPodTests {
    @Test(arguments: 0..<20)
    func everyPodGetsAnAnswer(seed: Int) throws {
        var pods = RandomPods(seed: UInt64(seed))
        var generator = SeededGenerator(seed: UInt64(seed) &+ 1000)
        let variants = try InjectionPropertyTests.variants()
        var answers = 0
        for _ in 0..<30 {
            var pod = pods.next()
            for _ in 0..<Int.random(in: 1...4, using: &generator) { pod = pod.damaged(&generator) }
            for settings in variants {
                do {
                    let request = InjectionRequest(pod: pod, namespace: "default")
                    guard case .injected(let result, _) = try injection(of: request, with: settings) else { continue }
                    #expect(try pod.applying(jsonPatch(from: pod, to: result)) == result)
                    answers += 1
                } catch let error as InjectionError {
                    #expect(!error.diagnostics.isEmpty)
                }
            }
        }
        #expect(answers > 0)
    }

    /// What cannot be read is not thrown away.
    @Test func whatIsNoListOfContainersIsRefused() throws {
        var odd = pod()
        odd["spec", "containers"] = ["app": "app:1"]
        odd["spec", "initContainers"] = ["app"]
        odd["metadata", "labels"] = "app"
        let error = try #require(throws: InjectionError.self) { try injected(odd, try settings()) }
        #expect(error.diagnostics.map(\.path) == ["metadata.labels", "spec.containers", "spec.initContainers[0]"])
    }
}

extension JSONValue {
    /// This value with one node of it replaced by something else.
    fileprivate func damaged(_ generator: inout SeededGenerator) -> JSONValue {
        let isHere = Int.random(in: 0..<6, using: &generator) == 0
        switch self {
        case .object(var fields) where !fields.isEmpty && !isHere:
            guard let name = fields.keys.sorted().randomElement(using: &generator) else { return self }
            fields[name] = fields[name]?.damaged(&generator)
            return .object(fields)
        case .array(var elements) where !elements.isEmpty && !isHere:
            let index = Int.random(in: elements.indices, using: &generator)
            elements[index] = elements[index].damaged(&generator)
            return .array(elements)
        default:
            let others: [JSONValue] = [
                .null, 0, -7, "", "istio-proxy", "true", "{", [], [:], [["name": "istio-proxy"]], [.null, 3], true, 1.5,
                ["name": "x", "port": "y"], "{{ . }}", .string(String(repeating: "x", count: 300)),
            ]
            return others.randomElement(using: &generator) ?? .null
        }
    }
}
