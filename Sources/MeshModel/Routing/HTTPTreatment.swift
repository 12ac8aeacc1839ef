/// Changes to headers, on the way there and back.
package struct HeaderChanges: Hashable, Sendable {
    package struct Operations: Hashable, Sendable {
        /// Values that take the place of a header's.
        package var set: [String: String]
        /// Values that join a header's.
        package var add: [String: String]
        package var remove: [String]

        package init(set: [String: String] = [:], add: [String: String] = [:], remove: [String] = []) {
            self.set = set
            self.add = add
            self.remove = remove
        }
    }

    package var request: Operations
    package var response: Operations

    package init(request: Operations = .init(), response: Operations = .init()) {
        self.request = request
        self.response = response
    }
}

/// Changes to what is asked for.
package struct RequestRewrite: Hashable, Sendable {
    package enum Path: Hashable, Sendable {
        /// In place of the prefix that matched, or of the whole path where the match was on all of it.
        case prefix(String)
        /// In place of what the expression (RE2) finds; `\1` is its first group.
        case regex(pattern: String, substitution: String)
    }

    package var path: Path?
    package var authority: String?

    package init(path: Path? = nil, authority: String? = nil) {
        self.path = path
        self.authority = authority
    }
}

/// How often failed requests are tried again, and which.
package struct RetryRule: Hashable, Sendable {
    /// 0: never.
    package var attempts: Int
    package var perTryTimeout: Duration?
    /// Envoy's words for failures; empty for the usual ones.
    package var conditions: [String]
    /// Answers that count as failures.
    package var statusCodes: [Int]
    /// Endpoints farther away may be tried.
    package var triesRemoteLocalities: Bool
    /// Whether endpoints that failed are left out; nil: unless the request's own content chooses the endpoint.
    package var avoidsPreviousHosts: Bool?
    /// The shortest pause between tries.
    package var backoff: Duration?

    package init(attempts: Int, conditions: [String] = [], statusCodes: [Int] = []) {
        self.attempts = attempts
        perTryTimeout = nil
        self.conditions = conditions
        self.statusCodes = statusCodes
        triesRemoteLocalities = false
        avoidsPreviousHosts = nil
        backoff = nil
    }
}

/// Failures and delays made on purpose.
package struct FaultRule: Hashable, Sendable {
    package struct Delay: Hashable, Sendable {
        package var duration: Duration
        package var share: Share

        package init(duration: Duration, share: Share) {
            self.duration = duration
            self.share = share
        }
    }

    package struct Abort: Hashable, Sendable {
        package enum Status: Hashable, Sendable {
            case http(Int)
            case grpc(Int)
        }

        package var status: Status
        package var share: Share

        package init(status: Status, share: Share) {
            self.status = status
            self.share = share
        }
    }

    package var delay: Delay?
    package var abort: Abort?

    package init(delay: Delay? = nil, abort: Abort? = nil) {
        self.delay = delay
        self.abort = abort
    }
}

/// A share of the requests, in millionths.
package struct Share: Hashable, Sendable {
    package var millionths: Int

    package static let all = Share(percent: 100)
    package static let none = Share(percent: 0)

    /// Shares below nothing and above all are cut.
    package init(percent: Double) { millionths = Int((min(max(percent, 0), 100) * 10000).rounded()) }
}

/// Gets copies of requests; its answers are thrown away.
package struct Mirror: Hashable, Sendable {
    package var destination: RouteDestination
    package var share: Share

    package init(_ destination: RouteDestination, share: Share = .all) {
        self.destination = destination
        self.share = share
    }
}

/// Which other origins browsers may call from.
package struct CORSRule: Hashable, Sendable {
    package var origins: [TextMatch]
    package var methods: [String]
    package var headers: [String]
    package var exposedHeaders: [String]
    package var maxAge: Duration?
    package var allowsCredentials: Bool?
    /// Preflight requests of other origins are passed on, instead of answered.
    package var forwardsUnmatchedPreflights: Bool

    package init(origins: [TextMatch]) {
        self.origins = origins
        methods = []
        headers = []
        exposedHeaders = []
        maxAge = nil
        allowsCredentials = nil
        forwardsUnmatchedPreflights = true
    }
}
