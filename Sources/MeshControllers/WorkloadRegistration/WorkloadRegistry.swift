package import ControllerRuntime
package import DiscoveryServer
package import FoundationEssentials
import GRPCCore
package import KubernetesClient
package import KubernetesModel
package import Logging
package import MeshDiscovery
package import MeshObservation
package import MeshTranslator
import Metrics
package import XDSServer

/// Gives machines outside of Kubernetes their WorkloadEntries while their proxies are connected, and writes into them
/// how the workloads are.
///
/// Streams and changes only name an entry to look at; what is to be done about it is a ``RegistrationStep``.
package final class WorkloadRegistry: ProxyAttending, Reconciler {
    /// Owns what it writes.
    static let fieldManager = "pilot-discovery"
    static let entryKind = GroupKind(group: "networking.istio.io", kind: "WorkloadEntry")
    static let groupKind = GroupKind(group: "networking.istio.io", kind: "WorkloadGroup")

    private let settings: RegistrationSettings
    private let namespace: String
    private let identity: String
    private let client: KubernetesClient
    private let discovery: MeshDiscovery
    private let observer: MeshObserver
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let metrics = RegistrationMetrics()
    private let streams = RegisteredStreams()
    private let queue = WorkQueue<ObjectKey>()

    /// - Parameters:
    ///   - namespace: Of the control plane.
    ///   - identity: Of the replica, unique among all.
    ///   - client: Of the cluster with the entries.
    ///   - discovery: Knows the entries and their groups.
    ///   - observer: Knows which kinds are there.
    ///   - now: The wall clock.
    package init(
        _ settings: RegistrationSettings, namespace: String, identity: String, client: KubernetesClient,
        discovery: MeshDiscovery, observer: MeshObserver, now: @escaping @Sendable () -> Date, logger: Logger
    ) {
        self.settings = settings
        self.namespace = namespace
        self.identity = identity
        self.client = client
        self.discovery = discovery
        self.observer = observer
        self.now = now
        self.logger = logger
    }

    /// Writes what streams have told, until cancelled.
    package func run() async throws {
        let controller = Controller(
            name: "workload-registration", queue: queue, reconciler: self, concurrency: 4, names: .pilot, logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await controller.run() }
            group.addTask { await self.sweep() }
            try await group.waitForAll()
        }
    }

    /// Looks again at entries of proxies that are here, and at those whose WorkloadGroup came.
    package func consider(_ changes: [ObjectChange]) {
        for case .configuration(let reference, let object) in changes {
            if reference.groupKind == Self.entryKind, streams.newest(reference.key) != nil { queue.add(reference.key) }
            guard reference.groupKind == Self.groupKind, object != nil else { continue }
            for key in streams.entries(ofGroup: reference.key) { queue.add(key) }
        }
    }

    /// Looks at all entries that say they are served, now and then: what a replica did not live to write another one
    /// does.
    private func sweep() async {
        var pause = settings.grace
        while (try? await Task.sleep(for: pause)) != nil {
            pause = max(.seconds(1), settings.grace * 10)
            let objects = await discovery.objects.configuration
            for (reference, object) in objects
            where reference.groupKind == Self.entryKind && !RegistrationMarks(object.metadata.annotations).isEmpty {
                queue.add(reference.key)
            }
        }
    }

    // MARK: - Streams

    package func takes(_ typeURL: TypeURL) -> Bool { typeURL == .health }

    package func connected(_ stream: ProxyStream) async throws {
        guard let proxy = RegisteringProxy(stream.client, settings) else { return }
        if let problem = proxy.mistake { throw refusal(.invalidArgument, proxy, problem) }
        let spec = try await template(for: proxy)
        if settings.validatesIdentity, let problem = proxy.mismatch(spec) {
            throw refusal(.permissionDenied, proxy, problem)
        }
        let moment = Timestamp.microText(microsecondsSinceEpoch: Int64(now().timeIntervalSince1970 * 1_000_000))
        streams.add(RegisteredStreams.Stream(id: stream.id, proxy: proxy, connectedAt: moment))
        queue.add(proxy.key)
    }

    package func reported(_ report: ProxyReport, by stream: ProxyStream) {
        guard settings.takesHealth,
            let key = streams.note(report.problem.map { .ill($0) } ?? .well, of: stream.id)
        else { return }
        queue.add(key)
    }

    package func disconnected(_ stream: ProxyStream) {
        if let key = streams.remove(stream.id) { queue.add(key) }
    }

    /// What the proxy's entry is made from, or says.
    private func template(for proxy: RegisteringProxy) async throws -> JSONValue {
        let kind = proxy.group == nil ? Self.entryKind : Self.groupKind
        let key = ObjectKey(namespace: proxy.key.namespace, name: proxy.group ?? proxy.key.name)
        let known = await discovery.objects.configuration[ObjectReference(kind, key)]
        var spec = known?.spec
        if spec == nil, let resource = resource(kind) {
            do { spec = try await client.find(resource, key)?.json["spec"] } catch {
                let problem = "\(kind.kind) \(key) cannot be read at the moment: try again"
                throw RPCError(code: .unavailable, message: problem)
            }
        }
        guard let spec else {
            throw refusal(.failedPrecondition, proxy, "there is no \(kind.kind) \(key): make one, or name another")
        }
        return proxy.group == nil ? spec : spec["template"] ?? .object([:])
    }

    private func refusal(_ code: RPCError.Code, _ proxy: RegisteringProxy, _ problem: String) -> RPCError {
        metrics.refused.increment()
        logger.warning(
            "Proxy may not have the WorkloadEntry it asks for",
            metadata: ["entry": "\(proxy.key)", "address": "\(proxy.address)", "why": "\(problem)"])
        return RPCError(code: code, message: "no WorkloadEntry \(proxy.key) for this proxy: \(problem)")
    }

    // MARK: - Entries

    package func reconcile(_ key: ObjectKey) async throws -> Requeue {
        guard let resource = resource(Self.entryKind) else {
            return streams.newest(key) == nil ? .none : .after(.seconds(5))
        }
        for _ in 0..<5 {
            do {
                return try await converge(key, resource)
            } catch let error as APIError where error.isConflict || error.isAlreadyExists {
                continue  // it changed in between: look again what it says
            } catch let error as APIError where error.isInvalid {
                logger.warning(
                    "A machine's WorkloadEntry cannot be written as its proxy and its WorkloadGroup want it",
                    metadata: ["entry": "\(key)", "why": "\(error)"])
                return .none
            }
        }
        return .after(.seconds(1))
    }

    private func converge(_ key: ObjectKey, _ resource: APIResource) async throws -> Requeue {
        let stream = streams.newest(key)
        let live = try await client.find(resource, key)
        let marks = live.map { RegistrationMarks($0.metadata.annotations) }
        if let live, let stream, settings.validatesIdentity,
            let problem = stream.proxy.mismatch(live.json["spec"] ?? .null)
        {
            logger.warning("A WorkloadEntry is not its proxy's", metadata: ["entry": "\(key)", "why": "\(problem)"])
            return .none
        }
        let isCleared = marks?.group == nil && !Self.conditions(live).contains { $0["type"]?.string == "Healthy" }
        let known = RegistrationStep.Knowledge(
            identity: identity, connectedAt: stream?.connectedAt, group: stream?.proxy.group,
            isControllerGone: stream == nil ? await isGone(marks?.controller) : false,
            now: now().timeIntervalSince1970)
        switch RegistrationStep(marks, isCleared: isCleared, known, settings) {
        case .create:
            guard let stream, let made = try await create(stream, resource) else { return .none }
            try await tellHealth(stream, made, resource)
        case .mark(let marks):
            guard let live else { return .none }
            let written = try await client.update(resource, marks.applied(to: live), fieldManager: Self.fieldManager)
            guard let stream else {
                metrics.ended.increment()
                logger.info("A machine's proxy has gone", metadata: ["entry": "\(key)"])
                return .after(settings.grace)
            }
            metrics.updated.increment()
            try await tellHealth(stream, written, resource)
        case .nothing:
            if let stream, let live, marks?.controller == identity { try await tellHealth(stream, live, resource) }
        case .wait(let time): return .after(time)
        case .remove: if let live { try await remove(live, resource) }
        }
        return .none
    }

    private func create(
        _ stream: RegisteredStreams.Stream, _ resource: APIResource
    ) async throws -> UnstructuredObject? {
        let proxy = stream.proxy
        guard let name = proxy.group, let groups = self.resource(Self.groupKind),
            let group = try await client.find(groups, ObjectKey(namespace: proxy.key.namespace, name: name))
        else {
            // It comes back to this when the group does.
            logger.warning("A machine's WorkloadGroup is gone", metadata: ["entry": "\(proxy.key)"])
            return nil
        }
        // The group may be another one since the proxy connected.
        if settings.validatesIdentity, let problem = proxy.mismatch(group.json["spec", "template"] ?? .null) {
            logger.warning(
                "A WorkloadGroup is not its proxy's any more",
                metadata: ["entry": "\(proxy.key)", "group": "\(name)", "why": "\(problem)"])
            return nil
        }
        let marks = RegistrationMarks(group: name, controller: identity, connectedAt: stream.connectedAt)
        var entry = proxy.entry(of: group, marks: marks)
        entry.json["apiVersion"] = .string(resource.apiVersion)
        let made = try await client.create(resource, entry, fieldManager: Self.fieldManager)
        metrics.made.increment()
        logger.info("A machine has registered itself", metadata: ["entry": "\(proxy.key)"])
        return made
    }

    private func remove(_ live: UnstructuredObject, _ resource: APIResource) async throws {
        guard RegistrationMarks(live.metadata.annotations).group != nil else {
            try await write(HealthCondition.without(Self.conditions(live)), live, resource)
            return
        }
        let version = Preconditions(uid: live.metadata.uid, resourceVersion: live.metadata.resourceVersion)
        guard try await client.delete(resource, live.key, preconditions: version) else { return }
        metrics.removed.increment()
        logger.info("A machine's WorkloadEntry is removed", metadata: ["entry": "\(live.key)"])
    }

    private func tellHealth(
        _ stream: RegisteredStreams.Stream, _ live: UnstructuredObject, _ resource: APIResource
    ) async throws {
        let problem: String?
        switch stream.health {
        case .unknown: return
        case .well: problem = nil
        case .ill(let why): problem = why
        }
        let moment = Timestamp.text(secondsSinceEpoch: Int64(now().timeIntervalSince1970))
        guard HealthCondition.isProbed(live.metadata.annotations),
            let conditions = HealthCondition.conditions(Self.conditions(live), problem: problem, now: moment)
        else { return }
        try await write(conditions, live, resource)
    }

    private func write(
        _ conditions: [JSONValue], _ live: UnstructuredObject, _ resource: APIResource
    ) async throws {
        try await StatusEditor(client: client, resource: resource, manager: Self.fieldManager)
            .write(["conditions": .array(conditions)], to: live)
    }

    private static func conditions(_ object: UnstructuredObject?) -> [JSONValue] {
        object?.json["status", "conditions"]?.array ?? []
    }

    /// Whether a replica is not there any more, as far as can be told: this one is a Pod, and no Pod has that name. Other
    /// control planes may have namespaces of their own.
    private func isGone(_ controller: String?) async -> Bool {
        guard let controller, controller != identity else { return false }
        let pods = await discovery.objects.pods
        guard pods[ObjectKey(namespace: namespace, name: identity)] != nil else { return false }
        return !pods.keys.contains { $0.name == controller }
    }

    private func resource(_ kind: GroupKind) -> APIResource? {
        observer.installedResources.first { $0.groupKind == kind }
    }
}
