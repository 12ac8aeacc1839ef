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
            faults += reader.problems.map { Finding(at: .file(file, nil), "[\(index)].\($0)") }
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
    let json: JSONValue
    var problems: [String] = []

    init(json: JSONValue) { self.json = json }

    mutating func call() -> Call {
        var call = Call(
            address: text("address") ?? "", port: port(), capture: choice("callMode", or: .outbound))
        if call.address.isEmpty { problems.append("address: is required") }
        call.content = choice("protocol", or: .http)
        call.security = choice("tls", or: .plaintext)
        call.serverName = text("sni") ?? ""
        call.applicationProtocols = [text("alpn") ?? ""].filter { !$0.isEmpty }
        call.host = text("host") ?? ""
        call.path = text("path") ?? "/"
        call.meshCertificate = text("mtlsSecret") ?? "default"
        for (name, values) in json["headers"]?.object ?? [:] {
            let texts = values.array?.compactMap(\.string) ?? values.string.map { [$0] } ?? []
            call.headers[name.lowercased()] = texts
        }
        return call
    }

    private mutating func text(_ field: String) -> String? {
        guard let value = json[field] else { return nil }
        if let text = value.string { return text }
        problems.append("\(field): must be text, but is \(value.typeName)")
        return nil
    }

    private mutating func port() -> Int {
        if let port = json["port"]?.integer, (1...65535).contains(port) { return Int(port) }
        problems.append("port: must be a number from 1 to 65535")
        return 0
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ field: String, or usual: Value
    ) -> Value where Value.RawValue == String {
        guard let text = text(field) else { return usual }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        problems.append("\(field): is \"\(text)\", and must be one of \(known)")
        return usual
    }
}
