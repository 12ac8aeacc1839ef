import KubernetesModel

/// The content of one or several kubeconfig files.
///
/// Several files merge by name: the first that names a cluster, user or context, or sets `current-context`, counts.
struct Kubeconfig {
    /// A named entry and the file it stands in (relative paths in it start at the file's folder).
    struct Entry {
        var file: String
        /// Path of the entry in its file, for messages.
        var field: String
        var content: JSONValue
    }

    var clusters: [String: Entry] = [:]
    var users: [String: Entry] = [:]
    var contexts: [String: Entry] = [:]
    var currentContext: String?

    init() {}

    /// Reads one file's text (YAML, or JSON as a part of it).
    init(text: String, file: String) throws(KubeConfigError) {
        let documents: [JSONValue]
        do {
            documents = try JSONValue.documents(yaml: text)
        } catch {
            throw KubeConfigError(file: file, problem: "not a kubeconfig: \(error)")
        }
        guard let root = documents.first, !root.isNull else { return }  // an empty file is an empty configuration
        guard root.object != nil else {
            throw KubeConfigError(
                file: file, problem: "not a kubeconfig: must be a map, but is of type \(root.typeName)")
        }
        clusters = try Kubeconfig.entries("clusters", of: "cluster", in: root, file: file)
        users = try Kubeconfig.entries("users", of: "user", in: root, file: file)
        contexts = try Kubeconfig.entries("contexts", of: "context", in: root, file: file)
        currentContext = root["current-context"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func entries(
        _ list: String, of kind: String, in root: JSONValue, file: String
    ) throws(KubeConfigError) -> [String: Entry] {
        guard let value = root[list], !value.isNull else { return [:] }
        guard let elements = value.array else {
            throw KubeConfigError(file: file, field: list, problem: "must be a list, but is of type \(value.typeName)")
        }
        var entries: [String: Entry] = [:]
        for (index, element) in elements.enumerated() {
            guard let name = element["name"]?.string else {
                throw KubeConfigError(file: file, field: "\(list)[\(index)]", problem: "has no name")
            }
            if entries[name] == nil {
                entries[name] = Entry(
                    file: file, field: "\(list)[\(index)].\(kind)", content: element[kind] ?? .object([:]))
            }
        }
        return entries
    }

    /// Adds what another file says beyond this one.
    mutating func merge(_ other: Kubeconfig) {
        clusters.merge(other.clusters) { first, _ in first }
        users.merge(other.users) { first, _ in first }
        contexts.merge(other.contexts) { first, _ in first }
        currentContext = currentContext ?? other.currentContext
    }

    /// What the context says about where to connect and as whom.
    ///
    /// - Parameter name: Nil for the current context.
    func configuration(context name: String?, origin: String) throws(KubeConfigError) -> ClientConfiguration {
        guard let name = name ?? currentContext else {
            throw KubeConfigError(
                file: origin, field: "current-context",
                problem: "is not set. Choose one of \(Kubeconfig.list(contexts.keys)) by --context")
        }
        guard let context = contexts[name] else {
            throw KubeConfigError(
                file: origin, field: "contexts",
                problem: "no context \"\(name)\". There are: \(Kubeconfig.list(contexts.keys))")
        }
        let clusterName = context.content["cluster"]?.string ?? ""
        guard let cluster = clusters[clusterName] else {
            throw KubeConfigError(
                file: context.file, field: "\(context.field).cluster",
                problem: "no cluster \"\(clusterName)\". There are: \(Kubeconfig.list(clusters.keys))")
        }
        var configuration = try cluster.clusterConfiguration()
        configuration.origin = origin
        if let namespace = context.content["namespace"]?.string, !namespace.isEmpty {
            configuration.defaultNamespace = namespace
        }
        let userName = context.content["user"]?.string ?? ""
        guard !userName.isEmpty else { return configuration }
        guard let user = users[userName] else {
            throw KubeConfigError(
                file: context.file, field: "\(context.field).user",
                problem: "no user \"\(userName)\". There are: \(Kubeconfig.list(users.keys))")
        }
        configuration.clientCertificate = try user.clientCertificate()
        configuration.credential = try user.credential(for: configuration, cluster: cluster)
        configuration.impersonation = user.impersonation()
        return configuration
    }

    private static func list(_ names: some Collection<String>) -> String {
        names.isEmpty ? "none" : names.sorted().joined(separator: ", ")
    }
}
