// swift-tools-version:6.0
import PackageDescription

let package = Package(
    name: "kazasu-demo",
    platforms: [.iOS(.v15)],
    dependencies: [.package(path: "../../bindings-swift")],
    targets: [
        .executableTarget(
            name: "kazasu-demo",
            dependencies: [
                .product(name: "Kazasu", package: "bindings-swift"),
                .product(name: "KazasuPKI", package: "bindings-swift"),
                .product(name: "KazasuDemo", package: "bindings-swift"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
