import MeshModel

extension MeshService {
    /// Takes over by which addresses other clusters know the service.
    ///
    /// - Parameter own: The control plane's own cluster's; nil if it has none.
    mutating func addClusters(
        _ remotes: [(clusterID: String, service: MeshService)], own: MeshService?, in settings: MeshSettings
    ) {
        guard isOfKubernetes, !remotes.isEmpty else { return }
        if let own { clusterAddresses[settings.clusterID] = own.addresses }
        for (clusterID, service) in remotes where service.resolution == resolution {
            clusterAddresses[clusterID] = service.addresses
        }
    }
}
