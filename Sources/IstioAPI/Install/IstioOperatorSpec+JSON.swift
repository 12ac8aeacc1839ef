package import KubernetesModel

extension IstioOperatorSpec {
    /// `spec` as it is written: `read` makes the same spec of it. What says nothing is left out.
    package var json: JSONValue {
        var json: JSONValue = [:]
        json["profile"] = profile.map(JSONValue.string)
        json["installPackagePath"] = installPackagePath.map(JSONValue.string)
        json["hub"] = hub.map(JSONValue.string)
        json["tag"] = tag.map(JSONValue.string)
        json["namespace"] = namespace.map(JSONValue.string)
        json["revision"] = revision.map(JSONValue.string)
        json["compatibilityVersion"] = compatibilityVersion.map(JSONValue.string)
        json["meshConfig"] = meshConfig
        json["components"] = components.json
        json["values"] = values
        json["unvalidatedValues"] = unvalidatedValues
        json["updateStrategy"] = updateStrategy.json
        return json
    }
}

extension IstioComponents {
    /// Nil if no component is listed.
    fileprivate var json: JSONValue? {
        var json: JSONValue = [:]
        json["base"] = base?.json
        json["pilot"] = pilot?.json
        json["cni"] = cni?.json
        json["ztunnel"] = ztunnel?.json
        json["istiodRemote"] = istiodRemote?.json
        if !ingressGateways.isEmpty { json["ingressGateways"] = .array(ingressGateways.map(\.json)) }
        if !egressGateways.isEmpty { json["egressGateways"] = .array(egressGateways.map(\.json)) }
        return json == [:] ? .none : .some(json)
    }
}

extension ComponentSpec {
    fileprivate var json: JSONValue {
        var json: JSONValue = [:]
        json["enabled"] = enabled.map(JSONValue.bool)
        json["namespace"] = namespace.map(JSONValue.string)
        json["hub"] = hub.map(JSONValue.string)
        json["tag"] = tag.map(JSONValue.string)
        json["k8s"] = k8s
        return json
    }
}

extension GatewaySpec {
    fileprivate var json: JSONValue {
        var json = component.json
        json["name"] = .string(name)
        if !label.isEmpty { json["label"] = JSONValue(label) }
        return json
    }
}

extension UpdateStrategy {
    /// Nil if all is as by default.
    fileprivate var json: JSONValue? {
        let usual = UpdateStrategy()
        var json: JSONValue = [:]
        if type != usual.type { json["type"] = .string(type.rawValue) }
        if inactiveRevisionDeletionGracePeriodSeconds != usual.inactiveRevisionDeletionGracePeriodSeconds {
            json["inactiveRevisionDeletionGracePeriodSeconds"] = .integer(inactiveRevisionDeletionGracePeriodSeconds)
        }
        if updateWorkloads != usual.updateWorkloads { json["updateWorkloads"] = .bool(updateWorkloads) }
        json["maxUnavailableWorkloads"] = maxUnavailableWorkloads
        return json == [:] ? .none : .some(json)
    }
}
