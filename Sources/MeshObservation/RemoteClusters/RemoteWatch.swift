import KubernetesModel

/// Watches the kinds of another cluster that the account may see there, and the others once it may.
///
/// What was known of a kind counts until a list of these watchers says otherwise: one that is denied keeps what earlier
/// watchers told.
struct RemoteWatch: Sendable {
    /// A kind that belongs to the mesh.
    struct Kind: Sendable {
        var groupKind: GroupKind
        var need: RemoteNeed
        var observation: WatchedKind.Observation
    }

    var kinds: [Kind]
    var permissions: RemotePermissions
    var generation: ClusterGeneration

    /// Watches until cancelled.
    ///
    /// - Parameter become: Called when it stands otherwise with the cluster.
    func run(_ become: @escaping @Sendable (ClusterStatus.State) -> Void) async {
        var allowed: Set<GroupKind> = []
        for kind in kinds {
            if await permissions.allow(kind.need) { allowed.insert(kind.groupKind) }
        }
        if allowed.isEmpty, !Task.isCancelled { become(.failing("the account may watch nothing there")) }
        let first = allowed
        await withTaskGroup(of: Void.self) { group in
            for kind in kinds {
                let isAllowed = first.contains(kind.groupKind)
                group.addTask {
                    if !isAllowed { guard await permissions.wait(for: kind.need) else { return } }
                    try? await kind.observation.run()
                }
            }
            group.addTask { await followFirstLists(first, become) }
            await group.waitForAll()
        }
    }

    /// Takes back what has gone meanwhile, kind by kind.
    ///
    /// - Parameter first: The kinds that are waited for before the cluster counts as synced. Without any: whichever comes
    ///   first.
    private func followFirstLists(
        _ first: Set<GroupKind>, _ become: @escaping @Sendable (ClusterStatus.State) -> Void
    ) async {
        await withTaskGroup(of: GroupKind?.self) { group in
            for kind in kinds {
                group.addTask {
                    await kind.observation.waitUntilSynced()
                    return Task.isCancelled ? nil : kind.groupKind
                }
            }
            var (awaited, isSynced) = (first, false)
            for await synced in group {
                guard let synced, !Task.isCancelled else { return }
                generation.memory.forget(synced, before: generation.number)
                awaited.remove(synced)
                if awaited.isEmpty, !isSynced {
                    isSynced = true
                    become(.synced)
                }
            }
            // Also of kinds that its server does not have any more.
            generation.memory.forget(before: generation.number)
        }
    }
}
