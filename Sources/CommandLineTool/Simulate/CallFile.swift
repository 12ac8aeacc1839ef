import KubernetesModel
import TrafficSimulator

extension Call {
    /// Reads the calls of a file, or says all that is wrong with it.
    static func list(reading file: String) throws(InputFault) -> [Call] {
        let json = try jsonValue(of: file)
        guard let elements = json.array else {
            throw InputFault("must be a list of calls, but is \(json.typeName)", at: .file(file, nil))
        }
        var faults: [Finding] = []
        let calls = elements.enumerated().map { index, element in
            var reader = CallReader(json: element)
            let call = reader.call()
            let place = element.object == nil ? "[\(index)]: " : "[\(index)]."
            faults += reader.problems.map { Finding(at: .file(file, nil), place + $0) }
            return call
        }
        guard faults.isEmpty else { throw InputFault(faults) }
        return calls
    }
}

/// The JSON of a file.
func jsonValue(of file: String) throws(InputFault) -> JSONValue {
    do {
        return try JSONValue(parsing: try text(of: file))
    } catch let error as JSONSyntaxError {
        throw InputFault(error.description, at: .file(file, nil))
    } catch let fault as InputFault {
        throw fault
    } catch {
        throw InputFault("cannot be read: \(error)", at: .file(file, nil))
    }
}

/// Reads one call.
private struct CallReader {
    var fields: FieldReader
    var problems: [String] { fields.problems }

    init(json: JSONValue) { fields = FieldReader(json: json) }

    mutating func call() -> Call {
        guard fields.json.object != nil else {
            fields.problems = ["must be a map that describes a call, but is \(fields.json.typeName)"]
            return Call(address: "", port: 0)
        }
        var call = Call(
            address: fields.text("address") ?? "", port: port(), capture: choice("callMode", or: .outbound))
        if call.address.isEmpty { fields.problems.append("address: is required") }
        call.content = choice("protocol", or: .http)
        call.security = choice("tls", or: .plaintext)
        call.serverName = fields.text("sni") ?? ""
        call.applicationProtocols = [fields.text("alpn") ?? ""].filter { !$0.isEmpty }
        call.host = fields.text("host") ?? ""
        call.path = fields.text("path") ?? "/"
        call.meshCertificate = fields.text("mtlsSecret") ?? "default"
        for (name, values) in (fields.object("headers") ?? [:]).sorted(by: { $0.key < $1.key }) {
            let texts = (values.array ?? [values]).compactMap(\.string)
            if texts.count < values.array?.count ?? 1 {
                fields.problems.append("headers.\(name): must be a list of texts")
            }
            call.headers[name.lowercased()] = texts
        }
        return call
    }

    private mutating func port() -> Int {
        if let port = fields.json["port"]?.integer, (1...65535).contains(port) { return Int(port) }
        fields.problems.append("port: must be a number from 1 to 65535")
        return 0
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ field: String, or usual: Value
    ) -> Value where Value.RawValue == String {
        guard let text = fields.text(field) else { return usual }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        fields.problems.append("\(field): is \"\(text)\", and must be one of \(known)")
        return usual
    }
}
