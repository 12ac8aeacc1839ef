/// A service that decides about requests, by its name in the mesh settings.
package struct AuthorizationProvider: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case http(HTTPAuthorizer)
        case grpc
    }

    /// How much of a request's body it gets to see.
    package struct Body: Hashable, Sendable {
        package var limit: Int
        /// A longer one is cut off, instead of the request being refused.
        package var allowsPartial: Bool
        package var isBytes: Bool

        package init(limit: Int, allowsPartial: Bool = false, isBytes: Bool = false) {
            self.limit = limit
            self.allowsPartial = allowsPartial
            self.isBytes = isBytes
        }
    }

    package var kind: Kind
    /// A host name of the mesh, with `namespace/` in front where that is not enough.
    package var service: String
    package var port: Int
    /// Nil for as long as any answer may take.
    package var timeout: Duration?
    /// Requests go on while it does not answer.
    package var allowsOnFailure: Bool
    package var clearsRouteCache: Bool
    /// What is answered while it does not; nil for 403.
    package var statusOnError: Int?
    package var body: Body?
    /// What is wrong with it: it cannot be asked.
    package var problems: [String] = []

    package init(kind: Kind, service: String, port: Int) {
        self.kind = kind
        self.service = service
        self.port = port
        allowsOnFailure = false
        clearsRouteCache = false
    }
}

/// What a service that is asked over HTTP gets to see, and what of its answer is used. Names of headers may have `*` at
/// their beginning or end.
package struct HTTPAuthorizer: Hashable, Sendable {
    package var pathPrefix = ""
    package var requestHeaders: [String] = []
    package var additionalHeaders: [String: String] = [:]
    /// Of its answer, into the request that goes on.
    package var headersToUpstream: [String] = []
    /// Of its answer, to a client that is refused.
    package var headersOnDeny: [String] = []
    /// Of its answer, to a client whose request goes on.
    package var headersOnAllow: [String] = []

    package init() {}
}
