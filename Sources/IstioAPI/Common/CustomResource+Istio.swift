internal import KubernetesModel

extension CustomResource {
    /// A kind of Istio's: namespaced, with the same schema, columns and status in all its versions.
    ///
    /// - Parameter versions: Their names; the first is stored unless another is named.
    /// - Parameter isSpecRequired: Whether there is no object without `spec`.
    static func istio(
        _ kind: String, plural: String, group: String, shortNames: [String] = [], versions: [String],
        stored: String? = nil, columns: [Column] = [], isSpecRequired: Bool = false, description: String, spec: Schema
    ) -> CustomResource {
        let groupName = group.prefix { $0 != "." }
        return CustomResource(
            group: group, kind: kind, plural: plural, shortNames: shortNames,
            categories: ["istio-io", "\(groupName)-istio-io"], description: description,
            versions: versions.map { version in
                Version(
                    version, isStored: version == stored ?? versions.first, spec: spec, isSpecRequired: isSpecRequired,
                    status: .istioStatus, columns: columns)
            })
    }
}
