/// What backends of metrics can be told about webhooks that swift-metrics cannot say.
package enum AdmissionMetrics {
    /// Help texts, and the bounds of histograms.
    package static let descriptions: [(name: String, help: String, buckets: [Double]?)] =
        InjectionMetrics.descriptions + ValidationMetrics.descriptions + PatchMetrics.descriptions
}
