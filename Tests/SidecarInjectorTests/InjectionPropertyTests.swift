import KubernetesModel
import Testing

@testable import SidecarInjector

@Suite struct InjectionPropertyTests {
    static func variants() throws -> [InjectionSettings] {
        try [true, false].flatMap { isNative in
            [
                try settings(isNative: isNative),
                try settings(
                    [
                        "pilot": ["cni": ["enabled": true, "provider": "multus"]],
                        "global": [
                            "network": "n1", "imagePullSecrets": ["mesh"],
                            "proxy": ["enableCoreDump": true, "holdApplicationUntilProxyStarts": true],
                        ],
                    ], mesh: ["defaultConfig": ["proxyMetadata": ["A": "1"]]], isNative: isNative),
            ]
        }
    }

    @Test(arguments: 0..<20)
    func injectingAgainChangesNothing(seed: Int) throws {
        var pods = RandomPods(seed: UInt64(seed))
        let variants = try Self.variants()
        for _ in 0..<25 {
            let pod = pods.next()
            for settings in variants {
                let once = try #require(try injected(pod, settings))
                let twice = try #require(try injected(once, settings))
                #expect(jsonPatch(from: once, to: twice).isEmpty, "\(pod)")
            }
        }
    }

    @Test(arguments: 20..<40)
    func theResultIsAPodThatAnAPIServerTakes(seed: Int) throws {
        var pods = RandomPods(seed: UInt64(seed))
        let variants = try Self.variants()
        for _ in 0..<25 {
            let pod = pods.next()
            for settings in variants {
                let result = try #require(try injected(pod, settings))
                #expect(faults(of: result) == [], "\(pod)")
            }
        }
    }

    @Test(arguments: 40..<50)
    func thePatchMakesTheResult(seed: Int) throws {
        var pods = RandomPods(seed: UInt64(seed))
        let variants = try Self.variants()
        for _ in 0..<25 {
            let pod = pods.next()
            for settings in variants {
                let result = try #require(try injected(pod, settings))
                #expect(try pod.applying(jsonPatch(from: pod, to: result)) == result)
            }
        }
    }

    /// What an API server would refuse.
    private func faults(of pod: JSONValue) -> [String] {
        var faults: [String] = []
        func unique(_ names: [String], _ what: String) {
            if Set(names).count != names.count { faults.append("\(what) twice: \(names)") }
        }
        unique(pod.names("containers") + pod.names("initContainers"), "containers")
        unique(pod.names("volumes"), "volumes")
        for list in ["containers", "initContainers"] {
            for container in pod["spec"]?[list]?.array ?? [] {
                let name = container["name"]?.string ?? "?"
                unique((container["env"]?.array ?? []).compactMap { $0["name"]?.string }, "variables of \(name)")
                let mounts = container["volumeMounts"]?.array ?? []
                unique(mounts.compactMap { $0["mountPath"]?.string }, "paths of \(name)")
                for mount in mounts where !pod.names("volumes").contains(mount["name"]?.string ?? "") {
                    faults.append("\(name) mounts \(mount), which is no volume")
                }
                if container["image"]?.string?.isEmpty ?? true { faults.append("\(name) has no image") }
                if list == "containers", container["restartPolicy"] != nil { faults.append("\(name) restarts") }
            }
        }
        for volume in pod["spec"]?["volumes"]?.array ?? [] where (volume.object?.count ?? 0) > 2 {
            faults.append("\(volume) has several sources")
        }
        return faults
    }
}

private struct PatchFault: Error {}

extension JSONValue {
    /// This value after the operations of a JSON patch.
    func applying(_ operations: [JSONValue]) throws -> JSONValue {
        try operations.reduce(self) { value, operation in
            let steps = (operation["path"]?.string ?? "").split(separator: "/", omittingEmptySubsequences: false)
                .dropFirst().map { part in
                    var name = ""
                    var rest = part[...]
                    while let character = rest.popFirst() {
                        guard character == "~" else { name.append(character); continue }
                        name.append(rest.popFirst() == "0" ? "~" : "/")
                    }
                    return name
                }
            return try value.applying(operation["op"]?.string ?? "", operation["value"], at: steps[...])
        }
    }

    private func applying(_ name: String, _ value: JSONValue?, at steps: ArraySlice<String>) throws -> JSONValue {
        guard let step = steps.first else {
            guard let value, name == "replace" else { throw PatchFault() }
            return value
        }
        let rest = steps.dropFirst()
        switch self {
        case .object(var fields):
            guard rest.isEmpty else {
                guard let child = fields[step] else { throw PatchFault() }
                fields[step] = try child.applying(name, value, at: rest)
                return .object(fields)
            }
            guard (fields[step] == nil) == (name == "add") else { throw PatchFault() }
            fields[step] = value
            return .object(fields)
        case .array(var elements):
            guard let index = Int(step), index <= elements.count else { throw PatchFault() }
            if rest.isEmpty, name == "add", let value {
                elements.insert(value, at: index)
            } else if rest.isEmpty, name == "remove" {
                elements.remove(at: index)
            } else {
                elements[index] = try elements[index].applying(name, value, at: rest)
            }
            return .array(elements)
        default: throw PatchFault()
        }
    }
}
