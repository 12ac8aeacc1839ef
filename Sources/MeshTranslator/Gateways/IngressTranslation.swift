import KubernetesModel
import MeshModel

/// What an Ingress means to the mesh, in the fields of `networking.k8s.io/v1` and `v1beta1`.
///
/// - Returns: Rules that make no sense are left out, and told.
func ingress(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<Ingress?> {
    var reading = IngressReading()
    var ingress = Ingress(origin: object.origin)
    ingress.annotatedClass = object.metadata.annotations["kubernetes.io/ingress.class"]
    ingress.className = object.spec["ingressClassName"]?.string
    ingress.certificates = reading.certificates(object.spec["tls"])
    ingress.rules = reading.rules(object.spec["rules"])
    for field in ["defaultBackend", "backend"] {
        guard let json = object.spec[field], json.object != nil else { continue }
        ingress.defaultBackend = reading.backend(json, at: "spec.\(field)")
    }
    return Translated(ingress, diagnostics: reading.diagnostics)
}

/// What an IngressClass means to the mesh.
func ingressClass(of object: ConfigurationObject, in settings: MeshSettings) -> Translated<IngressClass?> {
    Translated(IngressClass(controller: object.spec["controller"]?.string ?? ""))
}

/// Reads the parts of one Ingress, and gathers what is wrong about them.
private struct IngressReading {
    var diagnostics: [Diagnostic] = []

    private mutating func report(_ path: String, _ message: String) {
        diagnostics.append(Diagnostic(.warning, path: path, message: message))
    }

    mutating func certificates(_ json: JSONValue?) -> [Ingress.Certificate] {
        (json?.array ?? []).enumerated().compactMap { index, entry in
            guard let secret = entry["secretName"]?.string, !secret.isEmpty else {
                report(
                    "\(FieldPath.element(index, of: "spec.tls")).secretName",
                    "is required: without a Secret these hosts are not served over HTTPS")
                return nil
            }
            let hosts = (entry["hosts"]?.array ?? []).compactMap { $0.string?.lowercased() }
            return Ingress.Certificate(hosts: hosts.isEmpty ? ["*"] : hosts, credential: secret)
        }
    }

    mutating func rules(_ json: JSONValue?) -> [Ingress.Rule] {
        (json?.array ?? []).enumerated().compactMap { index, rule in
            let path = FieldPath.element(index, of: "spec.rules")
            guard let written = rule["http", "paths"]?.array, !written.isEmpty else {
                report("\(path).http.paths", "is required: the rule has no effect without paths")
                return nil
            }
            let paths = written.enumerated().compactMap { index, entry -> Ingress.Path? in
                let path = FieldPath.element(index, of: "\(path).http.paths")
                guard let backend = backend(entry["backend"] ?? .null, at: "\(path).backend") else { return nil }
                return Ingress.Path(match: match(entry, at: path), backend: backend)
            }
            let host = rule["host"]?.string?.lowercased() ?? ""
            return Ingress.Rule(host: host.isEmpty ? "*" : host, paths: paths)
        }
    }

    private mutating func match(_ json: JSONValue, at path: String) -> Ingress.PathMatch {
        let text = json["path"]?.string ?? ""
        switch json["pathType"]?.string {
        case "Exact": return .exact(text)
        case "Prefix": return .segments(text)
        case nil, "ImplementationSpecific": return .implementationSpecific(text)
        case .some(let word):
            report(
                "\(path).pathType",
                "is \"\(word)\", and must be Exact, Prefix or ImplementationSpecific, which is taken until then")
            return .implementationSpecific(text)
        }
    }

    mutating func backend(_ json: JSONValue, at path: String) -> Ingress.Backend? {
        // The second form is that of v1beta1.
        guard let service = json["service", "name"]?.string ?? json["serviceName"]?.string, !service.isEmpty else {
            report(
                path,
                json["resource"] == nil
                    ? "names no Service, and has no effect"
                    : "names an object that is no Service, and has no effect; gateways pass requests on to Services")
            return nil
        }
        if let name = json["service", "port", "name"]?.string, !name.isEmpty {
            return Ingress.Backend(service: service, port: .name(name))
        }
        if let name = json["servicePort"]?.string {
            return Ingress.Backend(service: service, port: Int(name).map { .number($0) } ?? .name(name))
        }
        let number = json["service", "port", "number"]?.integer ?? json["servicePort"]?.integer ?? 0
        guard (1...65535).contains(number) else {
            report(path, "names no port of Service \(service), and has no effect; say service.port.number or .name")
            return nil
        }
        return Ingress.Backend(service: service, port: .number(Int(number)))
    }
}

extension Ingress.PathMatch {
    /// What stands for itself, but for an asterisk at its end.
    fileprivate static func implementationSpecific(_ path: String) -> Self {
        if path.isEmpty { return .any }
        for ending in [".*", "/*"] where path.hasSuffix(ending) {
            let stem = String(path.dropLast(2))
            return stem.isEmpty ? .any : .prefix(stem)
        }
        return .exact(path)
    }
}
