import IstioAPI
import KubernetesModel
import YAML

/// An IstioOperator put together of files and arguments, and where each of its fields comes from.
struct OperatorInput {
    /// The whole object, with a name.
    var object: UnstructuredObject
    /// The document that it is about, for messages.
    var subject: String
    private var layers: [Layer]

    /// What one file or argument adds.
    fileprivate enum Layer {
        case document(InputDocument)
        case setting(String, steps: [FieldStep], value: JSONValue)
    }

    /// Later documents are laid over earlier ones: maps key by key, all else is replaced. Then come the settings.
    init(_ documents: [InputDocument], _ settings: [Setting]) throws(InputFault) {
        var json: JSONValue = ["apiVersion": "install.istio.io/v1alpha1", "kind": "IstioOperator"]
        for document in documents { json = json.merging(document.object.json) }
        layers = documents.map(Layer.document)
        var findings: [Finding] = []
        var spec = json["spec"] ?? .null
        for setting in settings {
            do {
                let (steps, value) = try setting.apply(to: &spec)
                layers.append(.setting(setting.argument, steps: [.field("spec")] + steps, value: value))
            } catch {
                findings += error.findings
            }
        }
        guard findings.isEmpty else { throw InputFault(findings) }
        json["spec"] = spec.isNull ? [:] : spec
        subject = documents.last?.subject ?? "IstioOperator"
        object = UnstructuredObject(json)
        if object.name.isEmpty { object.json["metadata", "name"] = .string(OperatorInput.name(for: json["spec"])) }
        if object.namespace.isEmpty { object.json["metadata", "namespace"] = "istio-system" }
    }

    /// What a nameless object is called. Each revision has a name of its own: installs of one name replace each other.
    private static func name(for spec: JSONValue?) -> String {
        let read = IstioOperatorSpec.read(spec ?? .null).spec
        let revision = read.revision ?? read.values?["revision"]?.string ?? ""
        return revision.isEmpty || revision == "default" ? "installed" : "installed-\(revision)"
    }

    var istioOperator: IstioOperator { IstioOperator(object) }

    /// Whether the whole path stands in one of the files or arguments.
    func says(_ path: String) -> Bool {
        let steps = FieldStep.steps(path)
        return layers.contains { $0.place(of: steps).depth == steps.count }
    }

    /// Where the field at a path comes from: the last that says all of it, else the last that says most of it.
    func place(of path: String) -> Place? {
        let steps = FieldStep.steps(path)
        var best: (place: Place, depth: Int)?
        for layer in layers {
            let (place, depth) = layer.place(of: steps)
            if depth >= best?.depth ?? 0 { best = (place, depth) }
        }
        return best?.place
    }
}

extension OperatorInput.Layer {
    /// The place in this layer that comes nearest to the steps, and how many of them lead to it.
    fileprivate func place(of steps: [FieldStep]) -> (Place, depth: Int) {
        switch self {
        case .document(let document):
            let (mark, depth) = document.node.place(of: steps)
            return (.file(document.file, mark), depth)
        case .setting(let argument, let own, let value):
            let common = zip(own, steps).prefix { $0 == $1 }.count
            guard common == own.count else { return (.argument(argument), common) }
            return (.argument(argument), common + YAMLNode(value).place(of: steps.dropFirst(common)).depth)
        }
    }
}
