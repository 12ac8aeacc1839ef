package import Logging
package import Metrics
import Synchronization

/// What is done in another cluster by one control plane of all that look after it.
package enum RemoteDutyName: String, Hashable, Sendable, CaseIterable {
    /// The mesh's root is published in its namespaces.
    case roots
    /// Its API servers are told whom webhooks' servers are known by.
    case webhooks
}

/// Who does something in another cluster, as far as this replica knows.
package enum DutyHolder: Hashable, Sendable, CustomStringConvertible {
    /// This replica.
    case here
    /// Whoever holds the Lease, as it calls itself.
    case elsewhere(String)
    /// Nobody can be elected there, and that cluster's control plane is named before this one.
    case namedFirst(String)
    /// Somebody writes something else again and again, and was given way.
    case contested

    /// As metrics name it.
    package var word: String {
        switch self {
        case .here: "here"
        case .elsewhere, .namedFirst: "elsewhere"
        case .contested: "contested"
        }
    }

    package var description: String {
        switch self {
        case .here: "this replica"
        case .elsewhere(let holder): holder
        case .namedFirst(let cluster): "the control plane of cluster \(cluster)"
        case .contested: "somebody else, who was given way"
        }
    }
}

/// Who does what in another cluster: told in logs and metrics as it changes.
package final class DutyHolders: Sendable {
    static let descriptions: [(name: String, help: String, buckets: [Double]?)] = [
        (
            "apus_remote_duty",
            "Who does something in another cluster that several may look after: 1 for the one that does, 0 for others.",
            nil
        )
    ]

    private let clusterID: String
    private let logger: Logger
    private let metrics: any MetricsFactory
    private let state = Mutex<[RemoteDutyName: DutyHolder]>([:])

    /// - Parameter logger: Its metadata name the cluster.
    package init(clusterID: String, logger: Logger, metrics: any MetricsFactory = MetricsSystem.factory) {
        self.clusterID = clusterID
        self.metrics = metrics
        self.logger = logger
    }

    /// What is known now.
    package var all: [RemoteDutyName: DutyHolder] { state.withLock { $0 } }

    /// Takes who does something from now on; nil: nobody that is known of.
    package func note(_ duty: RemoteDutyName, _ holder: DutyHolder?) {
        let isNew = state.withLock { state in
            defer { state[duty] = holder }
            return state[duty] != holder
        }
        guard isNew else { return }
        for word in ["here", "elsewhere", "contested"] {
            let dimensions = [("cluster", clusterID), ("duty", duty.rawValue), ("holder", word)]
            Gauge(label: "apus_remote_duty", dimensions: dimensions, factory: metrics)
                .record(holder?.word == word ? 1 : 0)
        }
        guard let holder else { return }
        let metadata: Logger.Metadata = ["duty": "\(duty.rawValue)", "holder": "\(holder)"]
        switch holder {
        case .here, .elsewhere: logger.info("It is known who looks after another cluster", metadata: metadata)
        case .namedFirst:
            logger.warning(
                "Another cluster is left to another control plane, for they cannot agree there",
                metadata: metadata.merging(["instead": "\(RemoteClaim.advice)"]) { $1 })
        case .contested: break  // said by whoever gave way
        }
    }

    /// Nothing is done from here any more.
    func end() { for duty in RemoteDutyName.allCases { note(duty, nil) } }
}
