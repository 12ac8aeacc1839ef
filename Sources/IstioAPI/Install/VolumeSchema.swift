internal import KubernetesModel

extension Schema {
    /// A volume with its source. The API server sees an object of unknown fields, which keeps the CRD small.
    static let volume = object([Field("name", string, required: true)] + volumeSources).opaqueToServer

    private static let volumeSources = sources + olderSources.map { Field($0, freeform) }

    private static let sources = [
        Field("configMap", configMapSource),
        Field("csi", csiSource),
        Field("downwardAPI", freeform),
        Field("emptyDir", object([Field("medium", string), Field("sizeLimit", quantity)])),
        Field("ephemeral", freeform),
        Field("hostPath", object([Field("path", string, required: true), Field("type", string)])),
        Field("image", freeform),
        Field("nfs", freeform),
        Field(
            "persistentVolumeClaim",
            object([Field("claimName", string, required: true), Field("readOnly", boolean)])),
        Field("projected", projectedSource),
        Field("secret", secretSource),
    ]

    private static let olderSources = [
        "awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker",
        "gcePersistentDisk", "gitRepo", "glusterfs", "iscsi", "photonPersistentDisk", "portworxVolume", "quobyte",
        "rbd", "scaleIO", "storageos", "vsphereVolume",
    ]

    private static let configMapSource = object([Field("name", string)] + files)
    private static let secretSource = object([Field("secretName", string)] + files)

    private static let files = [
        Field("defaultMode", integer(from: 0, to: 0o777)),
        Field(
            "items",
            list(
                object([
                    Field("key", string, required: true),
                    Field("mode", integer(from: 0, to: 0o777)),
                    Field("path", string, required: true),
                ]))),
        Field("optional", boolean),
    ]

    private static let csiSource = object([
        Field("driver", string, required: true),
        Field("fsType", string),
        Field("nodePublishSecretRef", object([Field("name", string)])),
        Field("readOnly", boolean),
        Field("volumeAttributes", stringMap),
    ])

    private static let projectedSource = object([
        Field("defaultMode", integer(from: 0, to: 0o777)),
        Field("sources", list(freeform)),
    ])
}
