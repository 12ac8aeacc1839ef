import KubernetesModel

/// What a control plane calls itself in responses, in the form that istioctl reads.
///
/// - Parameter identity: The replica's name.
package func controlPlaneIdentifier(_ identity: String) -> String {
    let identifier: JSONValue = [
        "Component": "istiod", "ID": .string(identity), "Info": ["version": .string(apusVersion)],
    ]
    return identifier.jsonText
}
