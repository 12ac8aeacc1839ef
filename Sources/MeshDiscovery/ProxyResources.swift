package import EnvoyTranslator
package import KubernetesModel
package import MeshModel
package import MeshTranslator
package import XDSServer

/// A mesh, and what each connected proxy is sent of it; kept up to date by computing no more than what a change touches.
///
/// ```
///   changes ─► MeshTranslation ─► MeshDifference
///                                    ├─► proxies whose view it may touch ──► other classes
///                                    ├─► plans: outbound   (per OutboundTraits)
///                                    │          endpoints  (per scope and preference)   } inputs ─► bytes, once each
///                                    │          inbound    (per view)
///                                    │     └─► derived: those for clients of a namespace, from those for clients of
///                                    │                  none, by what the namespace has otherwise (NamespaceDifference)
///                                    └─► classes: snapshots from those of their plans ──► the proxies to be woken
/// ```
/// What is computed anew and is equal to what was there stops the wave.
package struct ProxyResources {
    package private(set) var mesh: MeshTranslation
    let settings: TranslationSettings
    var index: ServiceIndex
    var memo = ResourceMemo()
    /// Plans that are made whole.
    var plans: [PlanKey: PlannedResources] = [:]
    /// Plans that share most with one of those.
    var derived: [PlanKey: DerivedResources] = [:]
    /// Of the configuration as it is now.
    var rules: NamespaceRules
    /// Routes of plans that others have in common, where a part of them has changed before.
    var portRoutes: [PlanKey: [Int: PortRoutes]] = [:]
    var classes: [ProxyClassKey: ProxyClass] = [:]
    var proxies: [ProxyID: ConnectedProxy] = [:]
    var byAddress: [String: Set<ProxyID>] = [:]
    var byNamespace: [String: Set<ProxyID>] = [:]
    private var lastNumber: UInt64 = 0
    var counted = DiscoveryWork()
    var distinctions: ProxyDistinctions
    /// Rises with whatever decides which clusters, listeners and routes there are.
    private(set) var rulesRevision: UInt64 = 0
    /// Rises whenever proxies are of other classes than there were before.
    var groupsRevision: UInt64 = 0
    /// What is wrong with EnvoyFilters that proxies would refuse.
    private var patches: [ObjectReference: [Diagnostic]] = [:]

    struct ConnectedProxy {
        /// As it says of itself.
        let said: Proxy
        /// The namespace of its workload.
        var namespace: String
        var classKey: ProxyClassKey
    }

    /// - Parameters:
    ///   - mesh: What the control plane starts with.
    ///   - settings: What decides resources besides the mesh and the proxy.
    package init(_ mesh: MeshTranslation, settings: TranslationSettings = .init()) {
        self.mesh = mesh
        self.settings = settings
        index = ServiceIndex(mesh.snapshot)
        distinctions = ProxyDistinctions(mesh.snapshot, index)
        rules = NamespaceRules(mesh.snapshot.configuration)
    }

    package var snapshot: MeshSnapshot { mesh.snapshot }
    /// What is wrong with objects, by the object at fault.
    package var diagnostics: [ObjectReference: [Diagnostic]] { mesh.diagnostics.merging(patches, uniquingKeysWith: +) }
    package var proxyCount: Int { proxies.count }
    /// How many classes of proxies are kept up to date.
    package var classCount: Int { classes.count }
    /// How many different resources there are.
    package var resourceCount: Int { memo.count }

    /// How much was computed, ever.
    package var work: DiscoveryWork {
        var work = counted
        work.translation = mesh.work
        work.encoded = memo.encoded
        return work
    }

    /// What could not be encoded since the last look.
    package mutating func takeFailures() -> [ResourceFailure] { memo.takeFailures() }

    // MARK: - Proxies

    /// A proxy is there.
    package mutating func connect(_ proxy: Proxy) -> (id: ProxyID, resources: ResourceCache) {
        lastNumber += 1
        let id = ProxyID(number: lastNumber)
        let (namespace, key) = place(of: proxy)
        proxies[id] = ConnectedProxy(said: proxy, namespace: namespace, classKey: key)
        for address in proxy.addresses { byAddress[address, default: []].insert(id) }
        byNamespace[namespace, default: []].insert(id)
        return (id, join(key, id))
    }

    /// A proxy is gone.
    package mutating func disconnect(_ id: ProxyID, now: ContinuousClock.Instant) {
        guard let proxy = proxies.removeValue(forKey: id) else { return }
        for address in proxy.said.addresses { byAddress.remove(id, at: address) }
        byNamespace.remove(id, at: proxy.namespace)
        leave(proxy.classKey, id, now: now)
    }

    /// What a connected proxy is sent; nil if it is not there.
    package func resources(of id: ProxyID) -> ResourceCache? {
        proxies[id].flatMap { classes[$0.classKey]?.cache }
    }

    /// What a connected proxy sees; nil if it is not there.
    package func classKey(of id: ProxyID) -> ProxyClassKey? { proxies[id]?.classKey }

    /// Forgets classes that nobody has been of since a moment.
    package mutating func dropClasses(unusedSince moment: ContinuousClock.Instant) {
        let unused = classes.filter { $0.value.unusedSince.map { $0 <= moment } ?? false }
        guard !unused.isEmpty else { return }
        for key in unused.keys { classes[key] = nil }
        dropUnusedPlans()
    }

    // MARK: - Changes

    /// Takes changes of objects over, all at once.
    ///
    /// - Returns: The proxies that are to be sent something else now.
    package mutating func apply(
        _ changes: some Sequence<ObjectChange>, now: ContinuousClock.Instant
    ) -> Set<ProxyID> {
        let old = mesh.snapshot
        let difference = mesh.apply(changes)
        guard !difference.isEmpty else { return [] }
        if difference.concernsRules(from: old, to: mesh.snapshot) { rulesRevision += 1 }
        for object in difference.configuration where object.groupKind.kind == "EnvoyFilter" {
            let found = mesh.snapshot.configuration.envoyFilters[object.key].map(EnvoyTranslator.diagnostics(of:)) ?? []
            patches[object] = found.isEmpty ? nil : found
        }
        let calls = update(with: difference, from: old)
        // A proxy may get something else by its plans, and what it had by its view again.
        let before = updatePlans(Impact(difference, from: old, to: mesh.snapshot), calls)
            .merging(updateViews(difference, from: old, now: now)) { first, _ in first }
        return Set(before.filter { resources(of: $0.key) != $0.value }.keys)
    }

    /// Brings the indexes up to date.
    ///
    /// - Returns: Hosts of which calls are to be planned anew.
    private mutating func update(with difference: MeshDifference, from old: MeshSnapshot) -> CallEdit {
        var calls = CallEdit(difference, from: old, to: snapshot)
        let former = rules
        if !calls.isEmpty { calls.look(at: old, index, former) }
        for key in difference.services { index.update(key, in: snapshot) }
        if difference.configuration.contains(where: \.isRule) { rules = NamespaceRules(snapshot.configuration) }
        if !calls.isEmpty { calls.look(at: snapshot, index, rules) }
        if !calls.isEmpty, !calls.isLarge { calls.cut(from: (old, former), to: (snapshot, rules), index) }
        return calls
    }
}

extension MeshDifference {
    /// Whether more has changed than workloads, and endpoints that are told one by one.
    fileprivate func concernsRules(from old: MeshSnapshot, to new: MeshSnapshot) -> Bool {
        if settings || !services.isEmpty || configuration.contains(where: { !$0.isWorkload }) { return true }
        return endpoints.contains { key in
            [old, new].contains { mesh in mesh.services[key.service].map { $0.resolution != .endpoints } ?? false }
        }
    }
}

extension ObjectReference {
    fileprivate var isWorkload: Bool { groupKind.kind == "WorkloadEntry" || groupKind.kind == "WorkloadGroup" }
    fileprivate var isRule: Bool { groupKind.kind == "VirtualService" || groupKind.kind == "DestinationRule" }
}

extension Dictionary {
    /// Takes a member out of the set at a key.
    mutating func remove<Member>(_ member: Member, at key: Key) where Value == Set<Member> {
        self[key]?.remove(member)
        if self[key]?.isEmpty ?? false { self[key] = nil }
    }
}
