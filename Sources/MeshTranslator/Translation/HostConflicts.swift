import KubernetesModel
import MeshModel

/// Definitions of hosts that do not count beside others of the same host.
struct HostConflicts: Sendable {
    /// What is told of them; sorted by host.
    private(set) var diagnostics: [ObjectReference: [Diagnostic]] = [:]
    private var ofObject: [ObjectReference: [ServiceKey: Diagnostic]] = [:]
    private var atHost: [ServiceKey: Set<ObjectReference>] = [:]

    /// Takes over which definitions of a host do not count.
    mutating func set(_ found: [ObjectReference: Diagnostic], at host: ServiceKey) {
        let before = atHost[host] ?? []
        guard !found.isEmpty || !before.isEmpty else { return }
        for reference in before { ofObject[reference]?[host] = nil }
        for (reference, diagnostic) in found { ofObject[reference, default: [:]][host] = diagnostic }
        atHost[host] = found.isEmpty ? nil : Set(found.keys)
        for reference in before.union(found.keys) {
            let all = (ofObject[reference] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            diagnostics[reference] = all.isEmpty ? nil : all
            if all.isEmpty { ofObject[reference] = nil }
        }
    }
}
