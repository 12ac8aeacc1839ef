import ArgumentParser
import KubernetesModel

/// Which proxy is meant: `POD.NAMESPACE`, or `POD` in `default`.
struct ProxyName: Hashable, ExpressibleByArgument {
    var key: ObjectKey

    init?(argument: String) {
        // A name may have dots; a namespace has none.
        let dot = argument.lastIndex(of: ".")
        let name = dot.map { String(argument[..<$0]) } ?? argument
        let namespace = dot.map { String(argument[argument.index(after: $0)...]) } ?? "default"
        guard !name.isEmpty, !namespace.isEmpty else { return nil }
        key = ObjectKey(namespace: namespace, name: name)
    }
}
