internal import InstallationValues
internal import KubernetesModel
internal import YAML

extension PluginSettings {
    /// - Parameters:
    ///   - version: Tag of the agent's image.
    ///   - nativeTables: Whether traffic is captured by nftables.
    ///   - own: Reads `values.cni`.
    init(version: String, nativeTables: Bool, reading own: inout ValuesReader) {
        isAmbient = own.bool("ambient.enabled")
        sharesHostNetwork = isAmbient && own.bool("ambient.shareHostNetworkNamespace")
        let rewires = own.bool("repair.repairPods")
        entersPods = rewires || isAmbient
        let deletes = own.bool("repair.deletePods")
        let labels = own.bool("repair.labelPods")
        for (field, isChosen, others) in [
            ("deletePods", deletes, rewires ? "repairPods" : nil),
            ("labelPods", labels, rewires ? "repairPods" : deletes ? "deletePods" : nil),
        ] {
            guard isChosen, let others else { continue }
            own.doubt("repair.\(field)", "has no effect while \(others) is true; one of them is done")
        }
        repair =
            if own.bool("repair.enabled") {
                rewires ? .rewire : deletes ? .delete : labels ? .label : .nothing
            } else {
                nil
            }
        variables = ["CURRENT_AGENT_VERSION": version, "NATIVE_NFTABLES": nativeTables ? "true" : "false"]
        for (variable, field) in PluginSettings.switches { variables[variable] = own.bool(field) ? "true" : "false" }
        for (variable, field) in PluginSettings.names { variables[variable] = own.text(field) }
        // Empty ones are refused as variables by Kubernetes before 1.24.
        for (variable, field) in PluginSettings.optionalNames where !own.text(field).isEmpty {
            variables[variable] = own.text(field)
        }
        variables["EXCLUDE_NAMESPACES"] = own.texts("excludeNamespaces").joined(separator: ",")
        let selectors = own.list("ambient.enablementSelectors")
        variables["AMBIENT_ENABLEMENT_SELECTOR"] = yamlText(YAMLNode(.array(selectors)))
    }

    /// The variables that are on or off, and the values that say so.
    private static let switches = [
        ("AMBIENT_ENABLED", "ambient.enabled"), ("AMBIENT_DNS_CAPTURE", "ambient.dnsCapture"),
        ("AMBIENT_IPV6", "ambient.ipv6"),
        ("AMBIENT_RECONCILE_POD_RULES_ON_STARTUP", "ambient.reconcileIptablesOnStartup"),
        ("ENABLE_AMBIENT_DETECTION_RETRY", "ambient.enableAmbientDetectionRetry"),
        ("CHAINED_CNI_PLUGIN", "chained"), ("ISTIO_OWNED_CNI_CONFIG", "istioOwnedCNIConfig"),
        ("REPAIR_ENABLED", "repair.enabled"), ("REPAIR_LABEL_PODS", "repair.labelPods"),
        ("REPAIR_DELETE_PODS", "repair.deletePods"), ("REPAIR_REPAIR_PODS", "repair.repairPods"),
    ]

    private static let names = [
        ("REPAIR_INIT_CONTAINER_NAME", "repair.initContainerName"),
        ("REPAIR_BROKEN_POD_LABEL_KEY", "repair.brokenPodLabelKey"),
        ("REPAIR_BROKEN_POD_LABEL_VALUE", "repair.brokenPodLabelValue"),
    ]

    private static let optionalNames = [
        ("CNI_CONF_NAME", "cniConfFileName"),
        ("ISTIO_OWNED_CNI_CONFIG_FILENAME", "istioOwnedCNIConfigFileName"),
    ]
}
