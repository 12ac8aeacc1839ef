import Dataflow
import KubernetesModel
import MeshModel

extension MeshTranslation {
    /// Notes what an entry touches that was there, or is there now.
    mutating func touch(_ entry: DescribedEntry?, at key: ObjectKey, _ touched: inout Touched) {
        switch entry {
        case .services(let entry):
            // Whether it is the old or the new one shows in what there is now.
            if snapshot.configuration.serviceEntries[key] == entry {
                entries.add(entry, at: key)
            } else {
                entries.remove(entry, at: key)
            }
            touched.hosts.formUnion(entry.keys)
            touched.hasServiceEntries = true
        case .workload(let entry):
            if snapshot.configuration.workloadEntries[key] == entry {
                entries.add(entry, at: key)
            } else {
                entries.remove(entry, at: key)
            }
            touched.addresses.insert(entry.address)
            touched.hosts.formUnion(entries.hosts(selecting: entry.labels, in: key.namespace))
            touched.endpoints.formUnion(entries.services(selecting: entry.labels, in: key.namespace))
        case nil: break
        }
    }

    /// Virtual IPs of hosts follow from the names of all of them, unless objects' statuses record them.
    mutating func updateAllocatedAddresses(_ touched: inout Touched) {
        let all =
            snapshot.settings.recordsAllocatedAddresses ? [] : snapshot.configuration.serviceEntries.values.map(\.self)
        let new = hashedAddresses(of: all)
        for key in Set(new.keys).union(allocatedAddresses.keys) where new[key] != allocatedAddresses[key] {
            touched.hosts.insert(key)
        }
        allocatedAddresses = new
    }

    /// Makes services anew of all that defines them.
    mutating func updateHosts(_ hosts: Set<ServiceKey>, _ difference: inout MeshDifference) {
        let before = hosts.union(aliased).reduce(into: [:]) { $0[$1] = snapshot.services[$1] }
        for host in hosts {
            let definitions = definitions(of: host)
            let merged = MeshService.merged(definitions)
            tellConflicts(among: definitions, merged?.parts ?? [], at: host)
            var service = merged?.service
            service?.addClusters(remoteServices(of: host), own: plainService(of: host), in: snapshot.settings)
            // Until the aliases are told anew.
            service?.aliases = snapshot.services[host]?.aliases ?? []
            if service?.allocatedAddresses.isEmpty ?? false, service?.resolution != MeshService.Resolution.none {
                service?.allocatedAddresses = allocatedAddresses[host] ?? []
            }
            snapshot.services[host] = service
            entries.counting[host] = merged?.parts.filter { !$0.isOfKubernetes }.map(\.origin.key)
            removeEndpoints(of: before[host], keeping: service, &difference)
        }
        let aliased = updateAliases()
        for host in hosts.union(aliased).union(before.keys) where snapshot.services[host] != before[host] {
            difference.services.insert(host)
        }
    }

    /// Tells definitions of a host that do not count so.
    private mutating func tellConflicts(
        among definitions: [MeshService], _ parts: [MeshService], at host: ServiceKey
    ) {
        var found: [ObjectReference: Diagnostic] = [:]
        if let first = parts.first {
            for definition in definitions where !parts.contains(where: { $0.origin == definition.origin }) {
                found[definition.origin] = Diagnostic(
                    .warning, path: "spec.hosts",
                    message:
                        "\(host.hostname) is defined by \(first.origin) too, which counts, and finds its endpoints in another "
                        + "way: this definition does not count; give both the same resolution, or remove one")
            }
        }
        conflicts.set(found, at: host)
    }

    private func plainService(of host: ServiceKey) -> MeshService? {
        entries.services[host].flatMap { plainServices[$0] }
    }

    private func definitions(of host: ServiceKey) -> [MeshService] {
        let own = plainService(of: host) ?? remoteServices(of: host).first?.service
        let others = entries.definitions[host].compactMap { key in
            snapshot.configuration.serviceEntries[key]?.service(host.hostname)
        }
        return [own].compactMap(\.self) + others
    }

    /// - Returns: The services that had or have other names.
    private mutating func updateAliases() -> Set<ServiceKey> {
        guard !externalNames.isEmpty || !aliased.isEmpty else { return [] }
        let aliases = serviceAliases(externalNames, among: snapshot.services)
        let concerned = aliased.union(aliases.keys)
        for key in concerned {
            let names = aliases[key] ?? []
            guard let service = snapshot.services[key], service.aliases != names else { continue }
            snapshot.services[key]?.aliases = names
        }
        aliased = Set(aliases.keys)
        return concerned
    }

    /// Tells anew who serves a host: what Kubernetes says, and the endpoints of its ServiceEntries.
    mutating func updateEndpoints(of host: ServiceKey, _ difference: inout MeshDifference) {
        var reads = Reads<MeshInput>()
        defer { endpointInputs.set(host, reads) }
        guard let service = snapshot.services[host] else { return }
        work.endpoints += 1
        var sets: [String: EndpointSet] = [:]
        if let key = entries.services[host], let own = plainServices[key] {
            sets = servers(of: own, at: key, &reads)
            if !own.selector.isEmpty, !own.isExternalName {
                sets.add(workloadEntries(in: key.namespace, selectedBy: own.selector).endpoints(of: own.ports))
            }
        }
        for (_, remote) in remotes.sorted(by: { $0.key < $1.key }) where service.isOfKubernetes {
            for port in service.ports {
                let found = remote.snapshot.endpoints(of: host, port: port).endpoints
                sets.add([port.name: found])
            }
        }
        for key in entries.counting[host] ?? [] {
            guard let entry = snapshot.configuration.serviceEntries[key] else { continue }
            sets.add(endpoints(of: entry, host: host.hostname))
        }
        for port in service.ports {
            set(sets[port.name], at: EndpointKey(service: host, portName: port.name), &difference)
        }
    }

    /// Who serves a Service, as Kubernetes says.
    private func servers(
        of service: MeshService, at key: ObjectKey, _ reads: inout Reads<MeshInput>
    ) -> [String: EndpointSet] {
        reads.note(.endpointObjects(key))
        let input = EndpointInput(
            service: service, slices: slices[key].compactMap { objects.endpointSlices[$0] },
            endpoints: objects.endpoints[key], settings: snapshot.settings)
        for source in input.sources {
            if let pod = source.pod(from: key.namespace) {
                reads.note(.workload(pod))
            } else {
                reads.note(.address(source.address))
                reads.note(.node(source.node))
            }
        }
        return endpointSets(input, workloads: directory, nodes: objects.nodes)
    }

    private func endpoints(of entry: ServiceEntry, host: String) -> [String: [Endpoint]] {
        guard let selector = entry.workloadSelector, !selector.isEmpty else {
            return serviceEntryEndpoints(entry, host: host)
        }
        let namespace = entry.origin.namespace
        let pods = ([directory] + remotes.sorted { $0.key < $1.key }.map(\.value.directory))
            .flatMap { $0.workloads(in: namespace) { entry.selects($0.labels) } }
        return serviceEntryEndpoints(
            entry, host: host, pods: pods, entries: workloadEntries(in: namespace, selectedBy: selector))
    }

    /// By name.
    private func workloadEntries(in namespace: String, selectedBy selector: [String: String]) -> [WorkloadEntry] {
        entries.workloads[namespace].sorted().compactMap { snapshot.configuration.workloadEntries[$0] }
            .filter { entry in selector.allSatisfy { entry.labels[$0.key] == $0.value } }
    }

    private mutating func removeEndpoints(
        of service: MeshService?, keeping new: MeshService?, _ difference: inout MeshDifference
    ) {
        for port in service?.ports ?? [] where new?.port(named: port.name) == nil {
            guard let key = service?.key else { continue }
            set(nil, at: EndpointKey(service: key, portName: port.name), &difference)
        }
    }

    private mutating func set(_ new: EndpointSet?, at key: EndpointKey, _ difference: inout MeshDifference) {
        let new = new.flatMap { $0.isEmpty ? nil : $0 }
        guard snapshot.endpoints[key] != new else { return }
        snapshot.endpoints[key] = new
        difference.endpoints.insert(key)
    }
}

extension [String: EndpointSet] {
    /// Adds endpoints to the sets of their ports.
    fileprivate mutating func add(_ endpoints: [String: [Endpoint]]) {
        for (port, added) in endpoints where !added.isEmpty {
            self[port] = EndpointSet((self[port]?.endpoints ?? []) + added)
        }
    }
}
