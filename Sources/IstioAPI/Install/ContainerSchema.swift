internal import KubernetesModel

extension Schema {
    static let environmentVariable = object([
        Field("name", string, "Name of the variable.", required: true),
        Field("value", string, "Its value."),
        Field("valueFrom", variableSource, "Where its value is read from, instead of `value`."),
    ])

    private static let variableSource = object([
        Field(
            "fieldRef",
            object([
                Field("apiVersion", string, "Version that the path is written in."),
                Field("fieldPath", string, "Path of the field.", required: true),
            ]), "A field of the Pod."),
        Field(
            "resourceFieldRef",
            object([
                Field("containerName", string, "Which container."),
                Field("resource", string, "Such as limits.cpu.", required: true),
                Field("divisor", quantity, "The unit of the number."),
            ]), "A request or limit of a container."),
        Field("configMapKeyRef", keyReference, "A key of a ConfigMap."),
        Field("secretKeyRef", keyReference, "A key of a Secret."),
        Field("fileKeyRef", freeform, "A key of a file in a volume."),
    ])

    private static let keyReference = object([
        Field("name", string, "Name of the object."),
        Field("key", string, "The key.", required: true),
        Field("optional", boolean, "Whether Pods start without it."),
    ])

    static let volumeMount = object([
        Field("name", string, "Name of the volume.", required: true),
        Field("mountPath", string, "Where it appears in the container.", required: true),
        Field("readOnly", boolean, "Whether it cannot be written."),
        Field("recursiveReadOnly", string, "Whether mounts below it cannot be written either."),
        Field("subPath", string, "A path inside the volume, instead of its root."),
        Field("subPathExpr", string, "The same, with $(VARIABLE) replaced."),
        Field("mountPropagation", string, "How mounts made later on either side are seen on the other."),
    ])

    static let probe = object([
        Field("exec", object([Field("command", strings)]).opaqueToServer, "Run a command."),
        Field("httpGet", httpQuestion.opaqueToServer, "Ask over HTTP."),
        Field("tcpSocket", object([host, targetPort]).opaqueToServer, "Open a connection."),
        Field(
            "grpc", object([Field("port", port), Field("service", string)]).opaqueToServer, "Ask over gRPC."),
        Field("initialDelaySeconds", count, "Seconds from the start to the first probe."),
        Field("periodSeconds", count, "Seconds between probes."),
        Field("timeoutSeconds", count, "Seconds until a probe counts as failed."),
        Field("successThreshold", count, "Successes in a row until it counts as ready."),
        Field("failureThreshold", count, "Failures in a row until it counts as not ready."),
        Field("terminationGracePeriodSeconds", count, "Seconds to end in after a failed probe."),
    ])

    private static let httpQuestion = object([
        Field("path", string),
        host,
        targetPort,
        Field("scheme", oneOf("HTTP", "HTTPS")),
        Field(
            "httpHeaders",
            list(object([Field("name", string, required: true), Field("value", string, required: true)]))),
    ])

    private static let host = Field("host", string)
    private static let targetPort = Field("port", integerOrString)

    private static let localProfile = object([
        Field("type", oneOf("RuntimeDefault", "Localhost", "Unconfined"), required: true),
        Field("localhostProfile", string),
    ]).opaqueToServer

    private static let seLinuxOptions = object([
        Field("level", string), Field("role", string), Field("type", string), Field("user", string),
    ]).opaqueToServer

    static let podSecurityContext = object([
        Field("appArmorProfile", localProfile, "AppArmor profile of all containers."),
        Field("fsGroup", integer, "Group that owns the volumes."),
        Field("fsGroupChangePolicy", string, "When ownership of volumes is changed."),
        Field("runAsGroup", integer, "Group that processes run as."),
        Field("runAsNonRoot", boolean, "Whether containers that would run as root are refused."),
        Field("runAsUser", integer, "User that processes run as."),
        Field("seLinuxChangePolicy", string, "How volumes get their SELinux label."),
        Field("seLinuxOptions", seLinuxOptions, "SELinux label of all containers."),
        Field("seccompProfile", localProfile, "Seccomp profile of all containers."),
        Field("supplementalGroups", list(integer), "Further groups of the first process of each container."),
        Field("supplementalGroupsPolicy", string, "How further groups are worked out."),
        Field(
            "sysctls",
            list(
                object([
                    Field("name", string, "Name of the kernel setting.", required: true),
                    Field("value", string, "Its value.", required: true),
                ])), "Kernel settings of the Pod's namespaces."),
        Field("windowsOptions", freeform, "Settings of Windows containers."),
    ])
}
