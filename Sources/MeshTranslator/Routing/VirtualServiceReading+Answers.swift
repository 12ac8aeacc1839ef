import KubernetesModel
import MeshModel

extension VirtualServiceReading {
    mutating func redirect(_ json: JSONValue, at path: String) -> HTTPRedirect? {
        var redirect = HTTPRedirect(path: redirectPath(json, at: path))
        redirect.authority = value(json["authority"], at: "\(path).authority")
        redirect.scheme = value(json["scheme"], at: "\(path).scheme")
        if let scheme = redirect.scheme, scheme != "http", scheme != "https" {
            report("\(path).scheme", "is \"\(scheme)\", and must be http or https")
        }
        redirect.port = redirectPort(json, at: path)
        let code = json["redirectCode"]?.integer ?? 0
        if redirect == HTTPRedirect() {
            report(
                code == 0 ? .error : .warning, path,
                "sends clients back to what they asked for; say uri, authority, scheme or port")
        }
        redirect.status = redirectStatus(code, at: "\(path).redirectCode")
        return redirect
    }

    /// What proxies can answer with.
    private mutating func redirectStatus(_ code: Int64, at path: String) -> Int {
        let usual = 301
        switch code {
        case 0: return usual
        case 301, 302, 303, 307, 308: return Int(code)
        case 300..<400:
            report(
                .warning, path, "is \(code), for which proxies answer \(usual); they know 301, 302, 303, 307 and 308")
        default: report(path, "is \(code), and must be 301, 302, 303, 307 or 308")
        }
        return usual
    }

    private mutating func redirectPath(_ json: JSONValue, at path: String) -> HTTPRedirect.Path? {
        let prefix = value(json["prefixRewrite"], at: "\(path).prefixRewrite")
        guard let uri = value(json["uri"], at: "\(path).uri") else { return prefix.map { .prefix($0) } }
        if prefix != nil { report("\(path).prefixRewrite", "cannot stand beside uri") }
        let marker = "%PREFIX()%"
        return uri.hasPrefix(marker) ? .prefix(String(uri.dropFirst(marker.count))) : .whole(uri)
    }

    private mutating func redirectPort(_ json: JSONValue, at path: String) -> HTTPRedirect.Port? {
        switch json["derivePort"]?.string {
        case "FROM_REQUEST_PORT": return .ofRequest
        case "FROM_PROTOCOL_DEFAULT": return .ofProtocol
        default: break
        }
        guard let number = json["port"]?.integer, number != 0 else { return nil }
        return port(number, at: "\(path).port").map { .number($0) }
    }

    mutating func directResponse(_ json: JSONValue, at path: String) -> DirectResponse? {
        let status = json["status"]?.integer ?? 0
        if !(200..<600).contains(status) { report("\(path).status", "is \(status), and must be from 200 to 599") }
        var response = DirectResponse(status: Int(clamping: status))
        if let text = json["body", "string"]?.string {
            response.body = .text(text)
            checkSize(text.utf8.count, at: "\(path).body.string")
        } else if let text = json["body", "bytes"]?.string {
            guard let bytes = Base64.bytes(text) else {
                report("\(path).body.bytes", "must be base64")
                return nil
            }
            response.body = .bytes(bytes)
            checkSize(bytes.count, at: "\(path).body.bytes")
        }
        return response
    }

    private mutating func checkSize(_ count: Int, at path: String) {
        let megabyte = 1_048_576
        if count > megabyte {
            report(path, "has \(count) bytes, and may have at most \(megabyte)")
        } else if count > 102_400 {
            report(.warning, path, "has \(count) bytes, of which every proxy keeps a copy")
        }
    }

    /// A text that travels in a header; nil if it is not given.
    mutating func value(_ json: JSONValue?, at path: String) -> String? {
        guard let text = json?.string, !text.isEmpty else { return nil }
        if let fault = HeaderRules.fault(ofValue: text) { report(path, fault) }
        return text
    }
}

/// Bytes as people write them.
enum Base64 {
    /// The bytes; nil if the text is no base64. Padding may be missing.
    static func bytes(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        let digits = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        guard text.utf8.count - digits.count <= 2 else { return nil }
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        // One digit alone is no byte.
        return count == 6 ? nil : bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
