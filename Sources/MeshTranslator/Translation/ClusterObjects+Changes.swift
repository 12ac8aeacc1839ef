extension ClusterObjects {
    /// All objects, as if each had just come; other clusters' are not among them.
    var changes: [ObjectChange] {
        var changes = services.map { ObjectChange.service($0, $1) }
        changes += endpointSlices.map { .endpointSlice($0, $1) }
        changes += endpoints.map { .endpoints($0, $1) }
        changes += pods.map { .pod($0, $1) }
        changes += nodes.map { .node($0, $1) }
        changes += namespaces.map { .namespace($0, $1) }
        return changes
    }
}
