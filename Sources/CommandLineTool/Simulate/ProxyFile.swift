import KubernetesModel
import MeshModel

extension Proxy {
    /// The proxy that a file describes: `type`, `namespace`, `ips`, `labels`, `id`, `dnsDomain` and `metadata`; or says all
    /// that is wrong with it. Other fields mean nothing.
    init(reading file: String) throws(InputFault) {
        var reader = FieldReader(json: try jsonValue(of: file))
        if reader.json.object == nil {
            throw InputFault(
                "must be a map that describes a proxy, but is \(reader.json.typeName)", at: .file(file, nil))
        }
        let kind = reader.text("type") ?? Kind.sidecar.rawValue
        if kind != Kind.sidecar.rawValue, kind != Kind.router.rawValue {
            reader.problems.append("type: is \"\(kind)\", and must be sidecar or router")
        }
        let namespace = reader.text("namespace") ?? ""
        let id = reader.text("id") ?? "proxy.\(namespace.isEmpty ? "default" : namespace)"
        let domain = reader.text("dnsDomain") ?? ""
        let addresses = reader.addresses("ips")
        let labels = reader.texts("labels")
        let metadata = reader.object("metadata") ?? [:]
        if reader.problems.isEmpty, addresses.isEmpty, metadata["INSTANCE_IPS"]?.string?.isEmpty ?? true {
            reader.problems.append("ips: is required, with at least one IP address")
        }
        guard reader.problems.isEmpty else {
            throw InputFault(reader.problems.map { Finding(at: .file(file, nil), $0) })
        }
        let node = ProxyNode(id: "\(kind)~\(addresses.first ?? "")~\(id)~\(domain)", metadata: .object(metadata))
        do {
            self = try Proxy(node)
        } catch {
            throw InputFault(error.description, at: .file(file, nil))
        }
        if !namespace.isEmpty { self.namespace = namespace }
        if let labels { self.labels = labels }
        if !addresses.isEmpty { self.addresses = addresses }
    }
}

/// Reads the fields of an object, and gathers what is wrong about them. A field that is null is not there.
struct FieldReader {
    let json: JSONValue
    var problems: [String] = []

    init(json: JSONValue) { self.json = json }

    mutating func text(_ field: String) -> String? {
        read(field, as: "text") { $0.string }
    }

    mutating func object(_ field: String) -> [String: JSONValue]? {
        read(field, as: "a map") { $0.object }
    }

    /// The texts of an object.
    mutating func texts(_ field: String) -> [String: String]? {
        guard let values = object(field) else { return nil }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where value.string == nil {
            problems.append("\(field).\(name): must be text, but is \(value.typeName)")
        }
        return values.compactMapValues(\.string)
    }

    /// The IP addresses of a list.
    mutating func addresses(_ field: String) -> [String] {
        let values = read(field, as: "a list of IP addresses") { $0.array } ?? []
        return values.enumerated().compactMap { index, value in
            if let text = value.string, IPAddress(text) != nil { return text }
            let written = value.string.map { "\"\($0)\"" } ?? value.typeName
            problems.append("\(field)[\(index)]: is \(written), and must be an IP address")
            return nil
        }
    }

    private mutating func read<Value>(
        _ field: String, as type: String, _ value: (JSONValue) -> Value?
    ) -> Value? {
        guard let found = json[field], !found.isNull else { return nil }
        if let value = value(found) { return value }
        problems.append("\(field): must be \(type), but is \(found.typeName)")
        return nil
    }
}
