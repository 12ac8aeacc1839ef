/// # XDSServerTests
///
/// - `Simulation`: an ``ADSStream`` against `ModelClient` (a small Envoy) over `MeshModel`, moved at random, with a
///   referee who sees every response. `ProtocolPropertyTests` run it over many seeds.
/// - The others say what happens step by step, through `StreamDriver`.
enum XDSServerTests {}
