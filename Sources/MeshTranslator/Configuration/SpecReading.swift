import IstioAPI
import KubernetesModel
import MeshModel

/// Reads fields of one object's spec, and gathers what is wrong about them.
struct SpecReading {
    var diagnostics: [Diagnostic]

    /// Begins with what a schema finds. A field that does not exist does no harm; a wrong type does.
    init(_ object: ConfigurationObject, _ schema: Schema) {
        diagnostics = schema.diagnostics(for: object.spec, at: "spec").map {
            $0.message.hasPrefix("unknown field")
                ? Diagnostic(.warning, path: $0.path, message: $0.message) : $0
        }
    }

    mutating func report(_ path: String, _ message: String) { report(.error, path, message) }

    mutating func report(_ severity: Diagnostic.Severity, _ path: String, _ message: String) {
        diagnostics.append(Diagnostic(severity, path: path, message: message))
    }

    /// The value, unless anything is wrong.
    func translated<Value>(_ value: @autoclosure () -> Value) -> Translated<Value?> {
        diagnostics.hasErrors
            ? Translated(nil, diagnostics: diagnostics) : Translated(value(), diagnostics: diagnostics)
    }

    /// The port number in a field; nil if it is missing or no port, which is told.
    mutating func port(_ json: JSONValue?, at path: String, orZero: Bool = false) -> Int? {
        guard let json, let number = json.integer else {
            if orZero { return 0 }
            report(path, "is required, from 1 to 65535")
            return nil
        }
        if let port = Int(exactly: number), isPort(port) || (orZero && port == 0) { return port }
        report(path, "is \(number), and must be between 1 and 65535")
        return nil
    }

    /// What a port speaks; an empty word leaves it to be found out.
    mutating func meshProtocol(_ json: JSONValue?, at path: String) -> MeshProtocol {
        let word = json?.string ?? ""
        guard !word.isEmpty else { return .auto }
        if let known = MeshProtocol(rawValue: word.lowercased()), known != .auto, known != .unsupported { return known }
        report(.warning, path, "is \"\(word)\", which is not known: what is spoken is found out from the first bytes")
        return .auto
    }
}

extension JSONValue {
    /// The texts of a list.
    var strings: [String] { (array ?? []).compactMap(\.string) }

    /// The texts of a map.
    var stringMap: [String: String] { (object ?? [:]).compactMapValues(\.string) }
}

extension String {
    /// A name that ends with a dot is the same name, said to be whole.
    var withoutFinalDot: String { hasSuffix(".") && count > 1 ? String(dropLast()) : self }
}

/// Whether a text can be a host name: labels of letters, digits and `-`, between dots.
func isHostName(_ text: String) -> Bool {
    let labels = text.split(separator: ".", omittingEmptySubsequences: false)
    return text.utf8.count <= 253
        && labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
}
