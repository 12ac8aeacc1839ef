/// What is counted of the requests of one series, by what Envoy's log of requests told.
package struct RequestTotals: Hashable, Sendable {
    /// Some of the six metrics of requests.
    package struct Counted: LogCounts {
        /// One bit of each metric.
        package let rawValue: UInt8

        /// The metrics of these bits.
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// How many requests there were.
        package static let requests = Counted(rawValue: 1)
        /// How long they took.
        package static let durations = Counted(rawValue: 2)
        /// The sizes of their bodies.
        package static let requestBytes = Counted(rawValue: 4)
        /// The sizes of the bodies of their responses.
        package static let responseBytes = Counted(rawValue: 8)
        /// How many messages of gRPC were sent to the server.
        package static let requestMessages = Counted(rawValue: 16)
        /// How many messages of gRPC the server sent.
        package static let responseMessages = Counted(rawValue: 32)

        /// What names of logs of requests begin with.
        package static let prefix = "requests/"
        /// What stands for each metric in such a name.
        package static let letters: [(Counted, Character)] = [
            (.requests, "n"), (.durations, "d"), (.requestBytes, "r"), (.responseBytes, "s"), (.requestMessages, "q"),
            (.responseMessages, "a"),
        ]
    }

    /// The upper bounds of the histograms' buckets.
    package struct Bounds: Hashable, Sendable {
        /// In milliseconds.
        package var durations: [Double]
        /// Of bodies of requests.
        package var requestBytes: [Double]
        /// Of bodies of responses.
        package var responseBytes: [Double]

        /// Each ascending.
        package init(durations: [Double], requestBytes: [Double], responseBytes: [Double]) {
            self.durations = durations
            self.requestBytes = requestBytes
            self.responseBytes = responseBytes
        }

        /// The same for all.
        package init(_ bounds: [Double]) { self.init(durations: bounds, requestBytes: bounds, responseBytes: bounds) }

        /// The names under which Envoy has the histograms, in the order of the properties.
        package static let statistics = ["request_duration_milliseconds", "request_bytes", "response_bytes"].map {
            "\(MetricTags.prefix).istio_\($0)"
        }
    }

    /// As Envoy tells them (`MetricTags`), without numbers of messages; where there were any, that tag is empty.
    package var tags: [String: String]
    /// Which metrics have these tags.
    package var counted: Counted
    /// How many there were.
    package private(set) var requests: UInt64 = 0
    /// In milliseconds.
    package private(set) var durations: Histogram
    /// The sizes of their bodies.
    package private(set) var requestBytes: Histogram
    /// The sizes of the bodies of their responses.
    package private(set) var responseBytes: Histogram
    /// Messages of gRPC that were sent to the server.
    package private(set) var requestMessages: UInt64 = 0
    /// Messages of gRPC that the server sent.
    package private(set) var responseMessages: UInt64 = 0

    /// A series that has counted nothing.
    package init(tags: [String: String], counted: Counted, bounds: Bounds) {
        self.tags = tags
        self.counted = counted
        durations = Histogram(bounds.durations)
        requestBytes = Histogram(bounds.requestBytes)
        responseBytes = Histogram(bounds.responseBytes)
    }

    /// Counts a request.
    package mutating func count(_ request: CountedRequest) {
        if counted.contains(.requests) { requests &+= 1 }
        if counted.contains(.durations) { durations.add(Double(request.milliseconds)) }
        if counted.contains(.requestBytes) { requestBytes.add(Double(request.requestBytes)) }
        if counted.contains(.responseBytes) { responseBytes.add(Double(request.responseBytes)) }
        requestMessages &+= request.requestMessages
        responseMessages &+= request.responseMessages
    }

    /// Counts those of another series.
    package mutating func add(_ other: RequestTotals) {
        requests &+= other.requests
        durations.add(other.durations)
        requestBytes.add(other.requestBytes)
        responseBytes.add(other.responseBytes)
        requestMessages &+= other.requestMessages
        responseMessages &+= other.responseMessages
    }
}

/// What a request adds to the totals of a series.
package struct CountedRequest: Hashable, Sendable {
    /// How long it took.
    package var milliseconds: UInt64
    /// The size of its body.
    package var requestBytes: UInt64
    /// The size of its response's body.
    package var responseBytes: UInt64
    /// Messages of gRPC that were sent to the server.
    package var requestMessages: UInt64
    /// Messages of gRPC that the server sent.
    package var responseMessages: UInt64

    /// By default, of a request that takes no time and has neither bodies nor messages.
    package init(
        milliseconds: UInt64 = 0, requestBytes: UInt64 = 0, responseBytes: UInt64 = 0, requestMessages: UInt64 = 0,
        responseMessages: UInt64 = 0
    ) {
        self.milliseconds = milliseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.requestMessages = requestMessages
        self.responseMessages = responseMessages
    }
}
