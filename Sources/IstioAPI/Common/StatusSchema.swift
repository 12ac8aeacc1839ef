internal import KubernetesModel

extension Schema {
    /// `status` of Istio's kinds. Fields that are not listed are kept, for whoever writes them.
    static let istioStatus = object(
        [
            Field("conditions", list(istioCondition), "What holds of the object now."),
            Field("observedGeneration", generation, "The generation of the object that this is about."),
            Field("validationMessages", list(analysisMessage), "What analysis has to say about the object."),
        ], unknown: .allowed
    ).described("What the control plane found out about the object.")

    private static let generation = integerOrString

    private static let istioCondition = object(
        [
            Field("lastProbeTime", string.formatted("date-time"), "When it was last looked at."),
            Field("lastTransitionTime", string.formatted("date-time"), "When it last changed."),
            Field("message", string, "Why, in a sentence."),
            Field("observedGeneration", generation, "The generation of the object that it is about."),
            Field("reason", string, "Why, in one word."),
            Field("status", string, "Whether it holds: True, False or Unknown."),
            Field("type", string, "What it is about, in one word."),
        ], unknown: .dropped)

    private static let analysisMessage = object(
        [
            Field("documentationUrl", string, "Where the message is explained."),
            Field("level", oneOf("UNKNOWN", "ERROR", "WARNING", "INFO"), "How much it matters."),
            Field(
                "type",
                object(
                    [
                        Field("code", string, "Code of the message, such as IST0101."),
                        Field("name", string, "Name of the message."),
                    ], unknown: .dropped), "Which message it is."),
        ], unknown: .dropped)
}
