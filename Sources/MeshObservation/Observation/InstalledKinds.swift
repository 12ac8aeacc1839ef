import ControllerRuntime
import KubernetesClient
import KubernetesModel
import Logging
import Synchronization

/// Watches kinds for as long as they are installed: those that come later without a restart, those that go are taken
/// back.
final class InstalledKinds: Sendable {
    private struct Running {
        var resource: APIResource
        var observation: WatchedKind.Observation
        var task: Task<Void, Never>
    }

    private let wanted: Set<GroupKind>
    private let context: WatchedKind.Context
    private let definitions = Store<InstalledDefinition>()
    private let running = Mutex<[GroupKind: Running]>([:])
    private let first = OneTime()
    private let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(_ wanted: [GroupKind], _ context: WatchedKind.Context) {
        self.wanted = Set(wanted)
        self.context = context
    }

    /// The kinds that are watched now.
    var kinds: Set<GroupKind> { running.withLock { Set($0.keys) } }

    /// The kinds that are watched now, as they are served.
    var resources: [APIResource] { running.withLock { $0.values.map(\.resource) } }

    /// Waits for the first lists of all that are installed at the start; of those that are not, for nothing.
    func waitUntilSynced() async { await first.wait() }

    func run() async throws {
        let wake = wake
        definitions.onChange { _ in wake.yield() }
        let reflector = Reflector(
            .customResourceDefinitions, reader: .decodable(InstalledDefinition.self), into: definitions,
            client: context.client, logger: context.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reflector.run() }
            group.addTask {
                await self.definitions.waitUntilSynced()
                guard !Task.isCancelled else { return }
                self.update()
                for observation in self.observations { await observation.waitUntilSynced() }
                self.first.happen()
                for await _ in self.wakes { self.update() }
            }
            defer { group.cancelAll() }
            try await group.waitForAll()
        }
        for entry in running.withLock({ Array($0.values) }) { entry.task.cancel() }
    }

    private var observations: [WatchedKind.Observation] { running.withLock { $0.values.map(\.observation) } }

    /// Starts what is installed and is not watched, ends what is watched otherwise than it is installed.
    private func update() {
        var installed: [GroupKind: APIResource] = [:]
        for definition in definitions.objects {
            guard let resource = definition.resource, wanted.contains(resource.groupKind) else { continue }
            installed[resource.groupKind] = resource
        }
        running.withLock { running in
            for (kind, entry) in running where installed[kind] != entry.resource {
                entry.task.cancel()
                // One that is served in another version now is told anew, object by object.
                if installed[kind] == nil { entry.observation.withdraw() }
                running[kind] = nil
                context.logger.info("Kind is not watched any more", metadata: ["kind": "\(kind)"])
            }
            for (kind, resource) in installed where running[kind] == nil {
                let observation = WatchedKind.configuration(resource).observe(context)
                running[kind] = Running(
                    resource: resource, observation: observation,
                    task: Task { try? await observation.run() })
                context.logger.info(
                    "Kind is watched", metadata: ["kind": "\(kind)", "version": "\(resource.version)"])
            }
        }
    }
}

/// What is read of a custom resource definition.
struct InstalledDefinition: KubernetesObject, Keyed {
    struct Spec: Sendable, Decodable {
        struct Names: Sendable, Decodable {
            var kind: String
            var plural: String
        }

        struct Version: Sendable, Decodable {
            var name: String
            var served: Bool?
        }

        var group: String
        var names: Names
        var scope: String?
        var versions: [Version]?
    }

    struct Status: Sendable, Decodable {
        struct Condition: Sendable, Decodable {
            var type: String
            var status: String
        }

        var conditions: [Condition]?
    }

    var metadata: ObjectMeta
    var spec: Spec
    var status: Status?

    /// As it is served, in the most mature version; nil if it is not.
    var resource: APIResource? {
        let isEstablished = status?.conditions?.contains { $0.type == "Established" && $0.status == "True" } ?? false
        guard isEstablished, metadata.deletionTimestamp == nil else { return nil }
        let served = (spec.versions ?? []).filter { $0.served ?? true }.map(\.name)
        guard let version = served.max(by: { Maturity($0) < Maturity($1) }) else { return nil }
        return APIResource(
            group: spec.group, version: version, kind: spec.names.kind, plural: spec.names.plural,
            isNamespaced: spec.scope != "Cluster")
    }
}

/// How grown-up a version is: `v2` > `v1` > `v1beta2` > `v1beta1` > `v1alpha3`.
struct Maturity: Comparable {
    private let stage: Int
    private let major: Int
    private let minor: Int

    init(_ version: String) {
        var rest = version[...]
        func number() -> Int? {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return Int(digits)
        }
        guard rest.first == "v" else {
            (stage, major, minor) = (0, 0, 0)
            return
        }
        rest = rest.dropFirst()
        major = number() ?? 0
        let word = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(word.count)
        stage = ["": 3, "beta": 2, "alpha": 1][String(word)] ?? 0
        minor = number() ?? 0
    }

    static func < (left: Maturity, right: Maturity) -> Bool {
        (left.stage, left.major, left.minor) < (right.stage, right.major, right.minor)
    }
}
