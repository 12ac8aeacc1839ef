/// The version of this build: the default image tag, `operator.istio.io/version` and `apus version`.
package let apusVersion = "0.1.0"

/// The image hub that a build's own images are named under.
package let apusHub = "apus"
