package import KubernetesModel

/// Which objects of a kind to list or watch.
package struct ListScope: Hashable, Sendable {
    /// Empty for all namespaces.
    package var namespace: String
    /// Nil for all.
    package var labels: LabelSelector?
    /// As the server writes it, such as `metadata.name=istiod`; nil for all.
    package var fieldSelector: String?

    package init(namespace: String = "", labels: LabelSelector? = nil, fieldSelector: String? = nil) {
        self.namespace = namespace
        self.labels = labels
        self.fieldSelector = fieldSelector
    }

    var query: Query {
        var query = Query()
        query.add("labelSelector", labels?.query)
        query.add("fieldSelector", fieldSelector)
        return query
    }

    /// For messages: ` in istio-system`.
    var suffix: String { namespace.isEmpty ? "" : " in \(namespace)" }
}

/// The objects of a list, and the version of the world they show.
package struct ObjectList<Object: Sendable>: Sendable {
    package var items: [Object]
    /// Where a watch goes on from.
    package var resourceVersion: String

    package init(items: [Object], resourceVersion: String) {
        self.items = items
        self.resourceVersion = resourceVersion
    }
}

extension ObjectList: Equatable where Object: Equatable {}
