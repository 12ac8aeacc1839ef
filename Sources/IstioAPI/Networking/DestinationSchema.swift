internal import KubernetesModel

extension Schema {
    /// A service, or a subset of its workloads, that traffic goes to.
    static let destination = object(
        [
            Field(
                "host", string,
                "Service that traffic goes to: its short name, counted from this object's namespace, or better its "
                    + "full name.", required: true),
            Field("port", portSelector, "Port of the service. May be left out where it has only one."),
            Field("subset", string, "Name of a subset in the service's DestinationRule. Default: all workloads."),
        ], unknown: .dropped)

    /// A port of a service, by number.
    static let portSelector = object([Field("number", uint32, "Number of the port.")], unknown: .dropped)
}
