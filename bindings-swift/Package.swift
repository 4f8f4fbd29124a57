// swift-tools-version:6.0
import Foundation
import PackageDescription

#if os(Linux)
// For development and tests: cargo's static library, whose folder the caller names (`-Xlinker -L…`), and a stand-in for
// Core NFC.
let bridge: Target = .systemLibrary(name: "KazasuFFI")
// In the same library.
let pki: Target = .systemLibrary(name: "KazasuPKIFFI")
let demo: Target? = .systemLibrary(name: "KazasuDemoFFI")
let linked: [LinkerSetting] = [.linkedLibrary("kazasu_ffi")]
let stubs: [Target] = [.target(name: "CoreNFC", path: "LinuxStubs/CoreNFC")]
let coreNFC: [Target.Dependency] = ["CoreNFC"]
#else
let bridge: Target = .binaryTarget(name: "KazasuFFI", path: "artifacts/KazasuFFI.xcframework")
let pki: Target = .binaryTarget(name: "KazasuPKIFFI", path: "artifacts/KazasuPKIFFI.xcframework")
// The simulated card is no part of a release: whoever develops an app with it builds it (README.md), and then it is
// here.
let card = "artifacts/KazasuDemoFFI.xcframework"
let demo: Target? =
    FileManager.default.fileExists(atPath: Context.packageDirectory + "/" + card)
    ? .binaryTarget(name: "KazasuDemoFFI", path: card) : nil
let linked: [LinkerSetting] = []
let stubs: [Target] = []
let coreNFC: [Target.Dependency] = []
#endif

let package = Package(
    name: "Kazasu",
    platforms: [.iOS(.v15)],
    products: [
        .library(name: "Kazasu", targets: ["Kazasu"]),
        // Of its own, so that an app that only reads does not carry it.
        .library(name: "KazasuPKI", targets: ["KazasuPKI"]),
    ],
    targets: [
        bridge,
        pki,
        // Generated; not an API.
        .target(name: "KazasuBindings", dependencies: ["KazasuFFI"], linkerSettings: linked),
        .target(
            name: "Kazasu", dependencies: ["KazasuBindings"] + coreNFC,
            resources: [.copy("PrivacyInfo.xcprivacy")]),
        .target(name: "KazasuPKIBindings", dependencies: ["KazasuPKIFFI", "KazasuBindings"], linkerSettings: linked),
        .target(
            name: "KazasuPKI", dependencies: ["Kazasu", "KazasuPKIBindings"],
            resources: [.copy("PrivacyInfo.xcprivacy")]),
    ] + stubs,
    swiftLanguageModes: [.v6]
)

if let demo {
    package.products.append(.library(name: "KazasuDemo", targets: ["KazasuDemo"]))
    package.targets += [
        demo,
        .target(name: "KazasuDemoBindings", dependencies: ["KazasuDemoFFI", "KazasuFFI"], linkerSettings: linked),
        .target(name: "KazasuDemo", dependencies: ["Kazasu", "KazasuDemoBindings"]),
        .testTarget(
            name: "KazasuTests",
            dependencies: ["Kazasu", "KazasuPKI", "KazasuBindings", "KazasuPKIBindings", "KazasuDemo"] + coreNFC),
    ]
}
