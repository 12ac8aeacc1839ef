import KubernetesModel

/// The service that was called, by what is noted of its cluster.
struct MeasuredService {
    var host = ""
    var name = ""
    var namespace = ""

    /// - Parameter services: A JSON list, the service that counts first. Empty or anything else: nothing is known.
    init(_ services: String) {
        guard !services.isEmpty, let first = try? JSONValue(parsing: services.utf8).array?.first else { return }
        host = first["host"]?.string ?? ""
        name = first["name"]?.string ?? ""
        namespace = first["namespace"]?.string ?? ""
    }
}
