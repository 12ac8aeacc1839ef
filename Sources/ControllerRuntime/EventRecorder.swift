package import KubernetesClient
package import KubernetesModel
package import Logging
import Synchronization

/// Tells people what happened to an object (`kubectl describe`, `kubectl get events`).
///
/// The same event again counts up on the one that is there. Telling never fails the work it tells about: what cannot
/// be told is logged.
package final class EventRecorder: Sendable {
    /// `Normal` or `Warning`.
    package enum Kind: String, Sendable {
        case normal = "Normal"
        case warning = "Warning"
    }

    private struct Recorded: Sendable {
        var key: ObjectKey
        var count: Int64
    }

    private struct Identity: Hashable {
        var uid: String
        var reason: String
        var message: String
    }

    /// Remembered events; beyond that the memory starts anew, and repeated events show as new ones.
    private static let capacity = 512

    private let client: KubernetesClient
    private let component: String
    private let host: String
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let recorded = Mutex<[Identity: Recorded]>([:])

    /// - Parameters:
    ///   - component: Who tells; `source.component`.
    ///   - host: The Pod's name; `reportingInstance`.
    ///   - now: Seconds since 1970.
    package init(
        client: KubernetesClient, component: String, host: String, now: @escaping @Sendable () -> Int64, logger: Logger
    ) {
        self.client = client
        self.component = component
        self.host = host
        self.now = now
        self.logger = logger
    }

    /// - Parameters:
    ///   - resource: The kind of the object it is about.
    ///   - reason: One CamelCase word.
    ///   - message: At most 1,024 bytes are kept.
    package func record(
        _ kind: Kind, reason: String, _ message: String, about object: ObjectMeta, of resource: APIResource
    ) async {
        let message = EventRecorder.shortened(message)
        let identity = Identity(uid: object.uid, reason: reason, message: message)
        let time = Timestamp.text(secondsSinceEpoch: now())
        do {
            if let again = recorded.withLock({ $0[identity] }) {
                let patch: JSONValue = ["count": .integer(again.count + 1), "lastTimestamp": .string(time)]
                _ = try await client.patch(.events, again.key, .merge(patch), fieldManager: component)
                recorded.withLock { $0[identity]?.count += 1 }
                return
            }
        } catch let error as APIError where error.isNotFound {
            recorded.withLock { $0[identity] = nil }  // the server forgets events after an hour
        } catch {
            logger.warning("Cannot record an event", metadata: ["reason": "\(reason)", "error": "\(error)"])
            return
        }
        await create(kind, identity, time: time, about: object, of: resource)
    }

    /// At most 1,024 bytes of a message, cut between two characters.
    static func shortened(_ message: String) -> String {
        guard message.utf8.count > 1024 else { return message }
        var kept = message.prefix(1021)
        while kept.utf8.count > 1021 { kept.removeLast() }
        return kept + "..."
    }

    private func create(
        _ kind: Kind, _ identity: Identity, time: String, about object: ObjectMeta, of resource: APIResource
    ) async {
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        let suffix = String(UInt64.random(in: 0 ... .max), radix: 16)
        let key = ObjectKey(namespace: namespace, name: "\(object.name.prefix(200)).\(suffix)")
        let event: JSONValue = [
            "apiVersion": "v1", "kind": "Event",
            "metadata": ["name": .string(key.name), "namespace": .string(key.namespace)],
            "involvedObject": [
                "apiVersion": .string(resource.apiVersion), "kind": .string(resource.kind),
                "namespace": .string(object.namespace), "name": .string(object.name), "uid": .string(object.uid),
                "resourceVersion": .string(object.resourceVersion),
            ],
            "type": .string(kind.rawValue), "reason": .string(identity.reason), "message": .string(identity.message),
            "source": ["component": .string(component)], "reportingComponent": .string(component),
            "reportingInstance": .string(host), "count": 1, "firstTimestamp": .string(time),
            "lastTimestamp": .string(time),
        ]
        do {
            _ = try await client.create(.events, UnstructuredObject(event), fieldManager: component)
            recorded.withLock { recorded in
                if recorded.count >= EventRecorder.capacity { recorded = [:] }
                recorded[identity] = Recorded(key: key, count: 1)
            }
        } catch {
            logger.warning("Cannot record an event", metadata: ["reason": "\(identity.reason)", "error": "\(error)"])
        }
    }
}
