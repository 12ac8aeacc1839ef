import KubernetesModel

/// What must hold of a field so that people get what they mean, besides what its schema says. An object that breaks a rule
/// is refused at the door, even where the mesh could make something of it.
struct FieldRule: Sendable {
    /// What a rule is asked about: one field that was written.
    struct Site {
        var value: JSONValue
        /// Where it stands.
        var path: String
        /// The whole that it is a part of.
        var spec: JSONValue
        /// Of the object.
        var namespace: String

        func fault(_ message: String) -> Diagnostic { Diagnostic(path: path, message: message) }

        /// Something wrong below the field.
        func fault(at field: String, _ message: String) -> Diagnostic {
            Diagnostic(path: FieldPath.field(field, of: path), message: message)
        }

        /// Something wrong about an element of the field.
        func fault(at index: Int, _ message: String) -> Diagnostic {
            Diagnostic(path: FieldPath.element(index, of: path), message: message)
        }
    }

    private enum Step {
        case field(String)
        case elements
        case values
    }

    private let steps: [Step]
    private let check: @Sendable (Site) -> [Diagnostic]

    /// - Parameter place: Names of fields, divided by dots; `[]` behind one stands for each element, `{}` for each value.
    init(_ place: String, _ check: @escaping @Sendable (Site) -> [Diagnostic]) {
        steps = place.split(separator: ".").flatMap { part -> [Step] in
            let name = part.prefix { $0 != "[" && $0 != "{" }
            switch part.dropFirst(name.count) {
            case "[]": return [.field(String(name)), .elements]
            case "{}": return [.field(String(name)), .values]
            default: return [.field(String(name))]
            }
        }
        self.check = check
    }

    /// - Parameter complaint: Why a text cannot stand there, as what follows "is TEXT, "; nil if it can.
    static func text(_ place: String, _ complaint: @escaping @Sendable (String) -> String?) -> FieldRule {
        FieldRule(place) { site in
            guard let text = site.value.string, let fault = complaint(text) else { return [] }
            return [site.fault("is \"\(text)\", \(fault)")]
        }
    }

    /// Several places with the same rule.
    static func each(_ places: [String], _ check: @escaping @Sendable (Site) -> [Diagnostic]) -> [FieldRule] {
        places.map { FieldRule($0, check) }
    }

    func faults(in spec: JSONValue, namespace: String) -> [Diagnostic] {
        var found: [Diagnostic] = []
        visit(Site(value: spec, path: "spec", spec: spec, namespace: namespace), steps[...], &found)
        return found
    }

    private func visit(_ site: Site, _ steps: ArraySlice<Step>, _ found: inout [Diagnostic]) {
        guard !site.value.isNull else { return }
        guard let step = steps.first else {
            found += check(site)
            return
        }
        func go(to value: JSONValue, at path: String) {
            visit(
                Site(value: value, path: path, spec: site.spec, namespace: site.namespace), steps.dropFirst(), &found)
        }
        switch step {
        case .field(let name):
            if let value = site.value[name] { go(to: value, at: FieldPath.field(name, of: site.path)) }
        case .elements:
            for (index, value) in (site.value.array ?? []).enumerated() {
                go(to: value, at: FieldPath.element(index, of: site.path))
            }
        case .values:
            for (name, value) in (site.value.object ?? [:]).sorted(by: { $0.key < $1.key }) {
                go(to: value, at: FieldPath.field(name, of: site.path))
            }
        }
    }
}

extension FieldRule {
    /// Those of each kind.
    static let byKind: [String: [FieldRule]] = [
        "VirtualService": virtualService, "DestinationRule": destinationRule, "Gateway": gateway, "Sidecar": sidecar,
        "ServiceEntry": serviceEntry, "WorkloadEntry": workloadEntry, "WorkloadGroup": workloadGroup,
        "EnvoyFilter": envoyFilter, "Telemetry": telemetry,
    ]
}

extension JSONValue {
    /// The texts of a list.
    var strings: [String] { (array ?? []).compactMap(\.string) }
}
