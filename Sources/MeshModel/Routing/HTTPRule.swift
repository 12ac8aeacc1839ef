package import KubernetesModel

/// What a VirtualService does with requests.
package struct HTTPRule: Hashable, Sendable {
    /// What becomes of a request.
    package enum Outcome: Hashable, Sendable {
        /// It goes to one of these.
        case forward([WeightedDestination])
        case redirect(HTTPRedirect)
        case respond(DirectResponse)
        /// What another VirtualService says.
        case delegate(ObjectKey)
    }

    /// Of the routes it makes; may be empty.
    package var name: String
    /// It is for requests that meet any of these; for all, if there are none.
    package var matches: [HTTPMatch]
    package var outcome: Outcome
    package var rewrite: RequestRewrite?
    /// Until the whole answer is there; nil for as long as it takes.
    package var timeout: Duration?
    package var retries: RetryRule?
    package var fault: FaultRule?
    package var mirrors: [Mirror]?
    package var cors: CORSRule?
    package var headers: HeaderChanges?

    package init(name: String = "", matches: [HTTPMatch] = [], outcome: Outcome) {
        self.name = name
        self.matches = matches
        self.outcome = outcome
    }

    /// Where requests go; empty if it is answered without asking anybody.
    package var destinations: [WeightedDestination] {
        if case .forward(let destinations) = outcome { destinations } else { [] }
    }
}

/// An answer that sends the client elsewhere. What is nil stays as it was asked for.
package struct HTTPRedirect: Hashable, Sendable {
    package enum Path: Hashable, Sendable {
        case whole(String)
        /// In place of the prefix that matched.
        case prefix(String)
    }

    package enum Port: Hashable, Sendable {
        case number(Int)
        /// That of the scheme.
        case ofProtocol
        /// The one that was called.
        case ofRequest
    }

    package var path: Path?
    package var authority: String?
    package var scheme: String?
    package var port: Port?
    /// 301, 302, 303, 307 or 308.
    package var status: Int

    package init(
        path: Path? = nil, authority: String? = nil, scheme: String? = nil, port: Port? = nil, status: Int = 301
    ) {
        self.path = path
        self.authority = authority
        self.scheme = scheme
        self.port = port
        self.status = status
    }
}

/// An answer that is always the same.
package struct DirectResponse: Hashable, Sendable {
    package enum Body: Hashable, Sendable {
        case text(String)
        case bytes([UInt8])
    }

    package var status: Int
    package var body: Body?

    package init(status: Int, body: Body? = nil) {
        self.status = status
        self.body = body
    }
}
