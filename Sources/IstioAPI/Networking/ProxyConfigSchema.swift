package import KubernetesModel

extension CustomResource {
    /// The ProxyConfig kind.
    package static let proxyConfig = istio(
        "ProxyConfig", plural: "proxyconfigs", group: "networking.istio.io",
        versions: ["v1beta1"],
        description: "How the proxies of workloads run. A proxy takes it over when it starts, so change it and restart "
            + "the workloads.",
        spec: .proxyConfigSpec)
}

extension Schema {
    /// `spec` of a ProxyConfig.
    package static let proxyConfigSpec = object(
        [
            workloadsField,
            Field(
                "concurrency", int32Count.nullable,
                "Worker threads of the proxy; 0 for one per core of the node. Default: from the proxy's CPU limit."),
            Field(
                "environmentVariables", map(string.length(0...2048)),
                "Environment variables of the proxy; ISTIO_META_ ones are told to the control plane."),
            Field("image", proxyImage, "The image of the proxy."),
        ], unknown: .dropped
    ).described("How the proxies run.")

    private static let proxyImage = object(
        [Field("imageType", string, "default, debug or distroless: it ends the image's tag.")], unknown: .dropped)
}
