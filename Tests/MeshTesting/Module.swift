/// # MeshTesting: what tests of several targets share, without a cluster
enum MeshTesting {}
