import ControllerRuntime
package import IstioAPI
package import KubernetesClient
import KubernetesModel
package import Logging
import ManifestRenderer

/// Installs without an operator in the cluster, through the operator's own code: one look at what is there instead of
/// watches.
package struct Installer: Sendable {
    private let client: KubernetesClient
    private let logger: Logger

    package init(client: KubernetesClient, logger: Logger) {
        self.client = client
        self.logger = logger
    }

    /// Applies what `iop` asks for.
    ///
    /// - Parameters:
    ///   - isWaiting: Whether components wait for each other, and the call for all of them; otherwise everything is
    ///     applied at once.
    ///   - onProgress: Told each new state.
    package func install(
        _ iop: IstioOperator, isWaiting: Bool, onProgress: (Outcome) -> Void = { _ in }
    ) async throws -> Outcome {
        let installation = try await installation()
        var last: Outcome?
        while true {
            let outcome: Outcome
            switch try await installation.decide(iop, among: []) {
            case .rejected(let rejected): outcome = rejected
            case .install(let rendered, let plan, let api):
                outcome = try await installation.carryOut(
                    plan, of: rendered, for: iop, api: api, isStepwise: isWaiting)
            }
            if outcome != last { onProgress(outcome) }
            last = outcome
            guard isWaiting, case .waiting = outcome else { return outcome }
            try await Task.sleep(for: .milliseconds(500))
            try await refresh(installation.owned)
        }
    }

    /// What installing `iop` would change, asked of the API server without writing anything.
    ///
    /// - Returns: Nil with the outcome if it is rejected before it comes to that.
    package func preview(_ iop: IstioOperator) async throws -> (InstallPreview?, Outcome?) {
        let installation = try await installation()
        switch try await installation.decide(iop, among: []) {
        case .rejected(let outcome): return (nil, outcome)
        case .install(_, let plan, let api): return (try await installation.preview(plan, api: api), nil)
        }
    }

    /// Removes what `iop` installed, and waits until it is gone.
    ///
    /// - Parameter isPurging: Whether the mesh's root goes too.
    /// - Returns: What was kept, or removed with it, in a sentence.
    package func uninstall(
        _ iop: IstioOperator, isPurging: Bool, onProgress: (String) -> Void
    ) async throws -> String {
        let owned = try await ownedObjects(on: try await FactsSource(client: client).current().api)
        let uninstallation = Uninstallation(client: client, owned: owned, logger: logger)
        var last = ""
        while true {
            switch try await uninstallation.proceed(for: iop, besides: []) {
            case .done(let kept):
                guard isPurging else { return kept }
                let purged = try await uninstallation.purgeRoot(in: iop.istioNamespace)
                return "removed "
                    + (purged.isEmpty
                        ? "no mesh root: there was none"
                        : purged.map(\.description).joined(separator: ", "))
            case .waiting(let what):
                if what != last { onProgress(what) }
                last = what
            }
            try await Task.sleep(for: .milliseconds(500))
            try await refresh(owned)
        }
    }

    private func installation() async throws -> Installation {
        let facts = FactsSource(client: client)
        let owned = try await ownedObjects(on: try await facts.current().api)
        return Installation(
            facts: facts, owned: owned,
            applier: Applier(client: client, manager: IstioOperatorReconciler.installManager), client: client,
            webhookServer: WebhookServerProbe(client: client, logger: logger), logger: logger)
    }

    private func ownedObjects(on api: DiscoveredAPI) async throws -> IstioOperatorReconciler.OwnedStores {
        let owned = Dictionary(
            uniqueKeysWithValues: installedResources(served: api).map { ($0, Store<OwnedObject>()) })
        try await refresh(owned)
        return owned
    }

    private func refresh(_ owned: IstioOperatorReconciler.OwnedStores) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (resource, store) in owned {
                group.addTask {
                    let list = try await client.list(
                        resource, reader: OwnedObject.reader(for: resource), in: ListScope(labels: Owner.selector))
                    store.replace(with: list.items)
                }
            }
            try await group.waitForAll()
        }
    }
}

/// The kinds that an install may consist of, each in the version this cluster prefers.
func installedResources(served api: DiscoveredAPI) -> [APIResource] {
    let served = renderedResources().filter { api.serves($0.groupVersionKind) }
    return Dictionary(grouping: served, by: \.groupKind).values.compactMap { versions in
        versions.max { versionRank($0.version) < versionRank($1.version) }
    }
}

/// `v2` over `v2beta2` over `v1`, as Kubernetes sorts versions: stable before beta, then by number.
private func versionRank(_ version: String) -> (Int, Int) {
    let isStable = version.dropFirst().allSatisfy(\.isNumber)
    return (isStable ? 1 : 0, Int(version.dropFirst().prefix { $0.isNumber }) ?? 0)
}
