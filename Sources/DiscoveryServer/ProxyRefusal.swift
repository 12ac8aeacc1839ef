import XDSServer

/// That a proxy refuses something of a type, and goes on with what it had.
struct ProxyRefusal: Hashable, Sendable {
    var typeURL: TypeURL
    /// The id of the proxy's node.
    var node: String
    /// Of gRPC, as words: proxies say `Internal`.
    var code: String

    init(_ typeURL: TypeURL, node: String, code: Int32) {
        self.typeURL = typeURL
        self.node = node
        self.code = Self.codes.indices.contains(Int(code)) ? Self.codes[Int(code)] : "Unknown"
    }

    private static let codes = [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
        "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented",
        "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ]
}

/// What a stream's client refuses now, by type.
struct ProxyRefusals: Sendable {
    /// A refusal that began or ended.
    struct Change: Sendable {
        var refusal: ProxyRefusal
        var stands: Bool
    }

    private var standing: [TypeURL: ProxyRefusal] = [:]

    /// All that stand end with the stream.
    var ended: [Change] { standing.values.map { Change(refusal: $0, stands: false) } }

    /// Takes over what the machine has come to.
    ///
    /// - Parameters:
    ///   - type: That something was said about; nil: only what stood may have ended.
    ///   - code: With which it was refused, if it was.
    mutating func update(
        _ machine: ADSStream, about type: TypeURL? = nil, node: NodeIdentity?, code: Int32 = 0
    ) -> [Change] {
        var changes: [Change] = []
        for (typeURL, refusal) in standing where machine.rejection(of: typeURL) == nil {
            standing[typeURL] = nil
            changes.append(Change(refusal: refusal, stands: false))
        }
        guard let type, standing[type] == nil, machine.rejection(of: type) != nil else { return changes }
        let refusal = ProxyRefusal(type, node: node?.id ?? "", code: code)
        standing[type] = refusal
        return changes + [Change(refusal: refusal, stands: true)]
    }
}
