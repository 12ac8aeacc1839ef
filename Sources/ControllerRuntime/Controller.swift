package import Logging
import Metrics
import ServiceLifecycle

/// Workers that take keys from a queue and reconcile them, never two on one key.
///
/// Runs until its task is cancelled or the process shuts down gracefully; the reconciles in work then see cancellation,
/// and their keys go back to the queue.
package struct Controller<Key: Hashable & Sendable & CustomStringConvertible>: Service {
    private let name: String
    private let queue: WorkQueue<Key>
    private let reconciler: any Reconciler<Key>
    private let concurrency: Int
    private let names: WorkQueueMetricNames
    private let logger: Logger

    /// - Parameters:
    ///   - name: Label `controller` of its metrics and logs.
    ///   - concurrency: Reconciles at once, at least 1.
    ///   - names: Of the queue's metrics.
    package init(
        name: String, queue: WorkQueue<Key>, reconciler: any Reconciler<Key>, concurrency: Int = 1,
        names: WorkQueueMetricNames = .controllers, logger: Logger
    ) {
        self.name = name
        self.names = names
        self.queue = queue
        self.reconciler = reconciler
        self.concurrency = max(1, concurrency)
        var logger = logger
        logger[metadataKey: "controller"] = .string(name)
        self.logger = logger
    }

    package func run() async throws {
        queue.report(to: WorkQueueMetrics(names, queue: name))
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for _ in 0..<concurrency {
                    group.addTask { await work() }
                }
            }
        }
    }

    private func work() async {
        while let key = await queue.next() {
            let started = ContinuousClock.now
            let result = await reconcileOne(key)
            let took = ContinuousClock.now - started
            queue.worked(took)
            let labels = [("controller", name), ("result", result)]
            Counter(label: "controller_runtime_reconcile_total", dimensions: labels).increment()
            Timer(label: "controller_runtime_reconcile_time_seconds", dimensions: [("controller", name)])
                .record(duration: took)
        }
    }

    /// - Returns: The value of the metrics' label `result`.
    private func reconcileOne(_ key: Key) async -> String {
        do {
            let requeue = try await reconciler.reconcile(key)
            queue.finish(key, requeue)
            return requeue == .none ? "success" : "requeue_after"
        } catch _ where Task.isCancelled {
            queue.finish(key, .none)
            queue.add(key)  // for whoever works on the queue next
            return "cancelled"
        } catch {
            let delay = queue.fail(key)
            logger.error(
                "Reconcile failed; trying again",
                metadata: ["key": "\(key)", "error": "\(error)", "after": "\(delay)"])
            return "error"
        }
    }
}
