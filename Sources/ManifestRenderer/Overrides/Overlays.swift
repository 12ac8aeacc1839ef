internal import KubernetesModel

/// Lays the `overlays` of a component over its objects: patches by path, in their order.
///
/// An object is found by kind and name; `apiVersion` does not matter. What cannot be done is an error at the patch.
func overlay(
    _ manifests: inout [Manifest], of component: Component, with overrides: JSONValue, at path: String,
    _ diagnostics: inout [Diagnostic]
) {
    for (index, overlay) in (overrides["overlays"]?.array ?? []).enumerated() {
        let path = "\(path).overlays[\(index)]"
        let kind = overlay["kind"]?.string ?? ""
        let name = overlay["name"]?.string ?? ""
        let found = manifests.firstIndex {
            $0.component == component && $0.object.kind == kind && $0.object.name == name
        }
        guard let found else {
            let names = manifests.filter { $0.component == component }.map { "\($0.object.kind) \($0.object.name)" }
            let hint = nearest(to: "\(kind) \(name)", among: names).map { "; did you mean \($0)?" } ?? ""
            diagnostics.append(
                Diagnostic(path: path, message: "the component renders no \(kind) \"\(name)\"\(hint)"))
            continue
        }
        for (number, patch) in (overlay["patches"]?.array ?? []).enumerated() {
            do {
                let steps = try OverlayPath(parsing: patch["path"]?.string ?? "")
                let value = try overlayValue(patch["value"])
                try manifests[found].object.json.apply(value, at: steps)
            } catch {
                diagnostics.append(Diagnostic(path: "\(path).patches[\(number)].path", message: error.message))
            }
        }
    }
}
