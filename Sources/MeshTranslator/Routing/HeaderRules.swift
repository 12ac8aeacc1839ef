/// What proxies take as names and values of headers: of one that makes no sense they take nothing that comes with it.
enum HeaderRules {
    /// Why a text is no name of a header; nil if it is one.
    ///
    /// - Parameter allowsPseudo: Also `:authority` and the like.
    static func fault(ofName name: String, allowsPseudo: Bool = false) -> String? {
        let bytes = allowsPseudo && name.hasPrefix(":") ? name.dropFirst().utf8 : name[...].utf8
        if bytes.isEmpty { return "is empty, and must be the name of a header" }
        return bytes.allSatisfy(isTokenByte) ? nil : "is \"\(name)\", which cannot be the name of a header"
    }

    /// Why a text cannot be the value of a header; nil if it can.
    static func fault(ofValue value: String) -> String? {
        if value.utf8.count > 16384 { return "is longer than 16384 bytes" }
        let isBroken = value.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
        return isBroken ? "has a line break or a NUL" : nil
    }

    /// Why a proxy cannot fill in what a value names between `%`; nil if it can.
    static func fault(ofFormat value: String) -> String? {
        if let fault = fault(ofValue: value) { return fault }
        var rest = value[...]
        while let start = rest.firstIndex(of: "%") {
            rest = rest[rest.index(after: start)...]
            if rest.first == "%" {
                rest = rest.dropFirst()
                continue
            }
            let command = rest.prefix { $0 == "_" || $0.isASCII && ($0.isUppercase || $0.isNumber) }
            rest = rest.dropFirst(command.count)
            var argument: Substring?
            if rest.first == "(" {
                rest = rest.dropFirst()
                argument = rest.prefix { $0 != ")" }
                guard let end = rest.firstIndex(of: ")") else { return unfinished(value) }
                rest = rest[rest.index(after: end)...]
            }
            if rest.first == ":" {
                rest = rest.dropFirst()
                let length = rest.prefix { $0.isASCII && $0.isNumber }
                if length.isEmpty { return unfinished(value) }
                rest = rest.dropFirst(length.count)
            }
            guard rest.first == "%", !command.isEmpty else { return unfinished(value) }
            rest = rest.dropFirst()
            guard isKnown(command) else { return "names %\(command)%, which proxies do not know" }
            if needArguments.contains(String(command)), argument?.isEmpty ?? true {
                return "names %\(command)%, which needs an argument, as in %\(command)(x)%"
            }
        }
        return nil
    }

    private static func unfinished(_ value: String) -> String {
        "has a % that begins no %COMMAND%; write %% for the sign itself"
    }

    private static func isKnown(_ command: Substring) -> Bool {
        commands.contains(String(command)) || needArguments.contains(String(command))
            || families.contains { command.hasPrefix($0) }
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    private static let needArguments: Set<String> = [
        "REQ", "RESP", "TRAILER", "DYNAMIC_METADATA", "CLUSTER_METADATA", "UPSTREAM_METADATA", "METADATA",
        "FILTER_STATE", "UPSTREAM_FILTER_STATE", "ENVIRONMENT", "QUERY_PARAM", "COMMON_DURATION",
    ]
    private static let families = [
        "DOWNSTREAM_REMOTE_", "DOWNSTREAM_LOCAL_", "DOWNSTREAM_DIRECT_", "DOWNSTREAM_PEER_", "DOWNSTREAM_TLS_",
        "UPSTREAM_PEER_", "UPSTREAM_LOCAL_", "UPSTREAM_TLS_", "UPSTREAM_REMOTE_", "START_TIME", "RESPONSE_FLAGS",
        "GRPC_STATUS", "UPSTREAM_HOST", "UPSTREAM_CLUSTER",
    ]
    private static let commands: Set<String> = [
        "PROTOCOL", "UPSTREAM_PROTOCOL", "RESPONSE_CODE", "RESPONSE_CODE_DETAILS", "CONNECTION_TERMINATION_DETAILS",
        "BYTES_RECEIVED", "BYTES_SENT", "DURATION", "REQUEST_DURATION", "RESPONSE_DURATION", "RESPONSE_TX_DURATION",
        "UPSTREAM_TRANSPORT_FAILURE_REASON", "UPSTREAM_REQUEST_ATTEMPT_COUNT", "CONNECTION_ID",
        "UPSTREAM_CONNECTION_ID", "STREAM_ID", "REQUESTED_SERVER_NAME", "ROUTE_NAME", "HOSTNAME", "TRACE_ID",
        "VIRTUAL_CLUSTER_NAME", "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT", "UNIQUE_ID", "ACCESS_LOG_TYPE",
    ]
}
