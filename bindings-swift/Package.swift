// swift-tools-version:6.0
import PackageDescription

#if os(Linux)
// For development and tests: cargo's static library, whose folder the caller names (`-Xlinker -L…`), and a stand-in for Core NFC.
let bridge: Target = .systemLibrary(name: "KazasuFFI")
let linked: [LinkerSetting] = [.linkedLibrary("kazasu_ffi")]
let stubs: [Target] = [.target(name: "CoreNFC", path: "LinuxStubs/CoreNFC")]
let coreNFC: [Target.Dependency] = ["CoreNFC"]
#else
let bridge: Target = .binaryTarget(name: "KazasuFFI", path: "artifacts/KazasuFFI.xcframework")
let linked: [LinkerSetting] = []
let stubs: [Target] = []
let coreNFC: [Target.Dependency] = []
#endif

let package = Package(
    name: "Kazasu",
    platforms: [.iOS(.v15)],
    products: [
        .library(name: "Kazasu", targets: ["Kazasu"]),
        // The simulated card, for development. Links only with a library that was built with it; a released one was not.
        .library(name: "KazasuDemo", targets: ["KazasuDemo"]),
    ],
    targets: [
        bridge,
        // Generated; not an API.
        .target(name: "KazasuBindings", dependencies: ["KazasuFFI"], linkerSettings: linked),
        .target(
            name: "Kazasu", dependencies: ["KazasuBindings"] + coreNFC,
            resources: [.copy("PrivacyInfo.xcprivacy")]),
        // Declares what the bridge's own library has in it when it was built with the simulated card.
        .systemLibrary(name: "KazasuDemoFFI"),
        .target(name: "KazasuDemoBindings", dependencies: ["KazasuDemoFFI", "KazasuFFI"], linkerSettings: linked),
        .target(name: "KazasuDemo", dependencies: ["Kazasu", "KazasuDemoBindings"]),
        .testTarget(name: "KazasuTests", dependencies: ["Kazasu", "KazasuDemo"] + coreNFC),
    ] + stubs,
    swiftLanguageModes: [.v6]
)
