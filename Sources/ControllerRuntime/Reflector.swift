package import KubernetesClient
package import KubernetesModel
package import Logging
import Metrics
import ServiceLifecycle

/// Keeps a store equal to what the API server has of one kind.
///
/// ```
///  list ─► replace the store ─► watch from the list's version ─► store, remove
///   ▲                                │ ends normally: watch on from the last version seen
///   └──── 410, version too old ──────┤
///   └──── with back-off ◄────────────┘ any other failure
/// ```
package struct Reflector<Object: Keyed>: Service {
    package let store: Store<Object>
    private let client: KubernetesClient
    private let resource: APIResource
    private let reader: ObjectReader<Object>
    private let scope: ListScope
    private let backoff: Backoff
    private let onFailure: @Sendable () -> Void
    private let logger: Logger

    /// - Parameter onFailure: Called whenever the server could not be read from.
    package init(
        _ resource: APIResource, reader: ObjectReader<Object>, in scope: ListScope = ListScope(),
        into store: Store<Object>, client: KubernetesClient, backoff: Backoff = .reconnect,
        onFailure: @escaping @Sendable () -> Void = {}, logger: Logger
    ) {
        self.onFailure = onFailure
        self.store = store
        self.client = client
        self.resource = resource
        self.reader = reader
        self.scope = scope
        self.backoff = backoff
        var logger = logger
        logger[metadataKey: "resource"] = "\(resource)"
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown { await reflect() }
    }

    private func reflect() async {
        var version: String?
        var failures = 0
        var isFirst = true
        while !Task.isCancelled {
            do {
                if version == nil {
                    let list = try await client.list(resource, reader: reader, in: scope)
                    store.replace(with: list.items, in: scope.namespace, isFirst: isFirst)
                    isFirst = false
                    version = list.resourceVersion
                    failures = 0
                }
                let started = ContinuousClock.now
                try await watch(from: &version, failures: &failures)
                // A server that ends every watch at once must not be asked in a tight loop.
                if ContinuousClock.now - started < .seconds(1) { try await Task.sleep(for: .milliseconds(200)) }
            } catch _ where Task.isCancelled {
                return
            } catch is WatchExpired {
                logger.info("Watch expired; listing again")
                version = nil
                try? await Task.sleep(for: .milliseconds(200))
            } catch {
                Counter(label: "apus_reflector_errors_total", dimensions: [("resource", resource.description)])
                    .increment()
                onFailure()
                let delay = backoff.delay(afterFailures: failures, jitter: .random(in: 0...1))
                failures += 1
                logger.warning("Cannot read from the API server", metadata: ["error": "\(error)", "after": "\(delay)"])
                if let error = error as? APIError, error.isGone { version = nil }
                try? await Task.sleep(for: delay)
            }
        }
    }

    private func watch(from version: inout String?, failures: inout Int) async throws {
        guard let start = version else { return }
        for try await event in client.watch(resource, reader: reader, in: scope, from: start) {
            failures = 0
            version = event.resourceVersion
            switch event.kind {
            case .added, .modified: if let object = event.object { store.store(object) }
            case .deleted: if let object = event.object { store.remove(object.key) }
            case .bookmark: break
            }
        }
    }
}
