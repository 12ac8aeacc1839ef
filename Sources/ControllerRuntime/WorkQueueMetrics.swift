import Metrics

/// Where a work queue tells how it does.
struct WorkQueueMetrics: Sendable {
    let depth: Gauge
    let waiting: Metrics.Timer
    let working: Metrics.Timer

    /// - Parameter queue: What it is called there.
    init(_ names: WorkQueueMetricNames, queue: String, factory: any MetricsFactory = MetricsSystem.factory) {
        let labels = [(names.queue, queue)]
        depth = Gauge(label: names.depth, dimensions: labels, factory: factory)
        waiting = Timer(label: names.waiting, dimensions: labels, factory: factory)
        working = Timer(label: names.working, dimensions: labels, factory: factory)
    }
}

/// What the metrics of work queues are called: people know other names of an operator than of a control plane.
package struct WorkQueueMetricNames: Hashable, Sendable {
    /// Keys that wait for a worker.
    package var depth: String
    /// Seconds from when a key could be worked on until it was.
    package var waiting: String
    /// Seconds that the work took.
    package var working: String
    /// The label that tells queues apart.
    package var queue: String

    /// Of Kubernetes' controllers.
    package static let controllers = WorkQueueMetricNames(
        depth: "workqueue_depth", waiting: "workqueue_queue_duration_seconds",
        working: "workqueue_work_duration_seconds", queue: "name")

    /// Of Istio's control plane.
    package static let pilot = WorkQueueMetricNames(
        depth: "pilot_worker_queue_depth", waiting: "pilot_worker_queue_latency",
        working: "pilot_worker_queue_duration", queue: "queueID")

    /// What backends can be told that swift-metrics cannot say: help texts, and the bounds of histograms.
    package var descriptions: [(name: String, help: String, buckets: [Double]?)] {
        [
            (depth, "Keys that wait for a worker.", nil),
            (waiting, "Time from when a key could be worked on until it was.", [0.01, 0.1, 0.2, 0.5, 1, 3, 5]),
            (working, "Time that the work on a key took.", [0.01, 0.1, 0.2, 0.5, 1, 3, 5]),
        ]
    }
}
