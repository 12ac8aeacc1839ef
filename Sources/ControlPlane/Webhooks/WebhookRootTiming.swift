/// How webhooks go from one root to the next, so that no call is refused meanwhile.
///
/// ```
/// a new root    caBundle: new and former
/// + settling    servers: certificates of the new one; by now every API server has heard of it
/// + overlap     caBundle: new
/// ```
package struct WebhookRootTiming: Hashable, Sendable {
    /// How long servers still show what the former root signed.
    package var settling = Duration.seconds(10)
    /// How long API servers still accept that.
    package var overlap = Duration.seconds(60)

    package init() {}
}
