// swift-tools-version: 6.2
import PackageDescription

// One target a concern; a dependency only downwards. The joints between the lower targets are in MirrorJobs.
let package = Package(
  name: "kscmirror",
  dependencies: [
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // C libraries, each behind the one target that uses it.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CLibgcrypt", pkgConfig: "libgcrypt", providers: [.apt(["libgcrypt20-dev"])]),
    .systemLibrary(name: "CLibexpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),

    // Values and files that several targets share.
    .target(name: "MirrorTypes"),
    .target(
      name: "FileSystem",
      dependencies: ["CLinux", .product(name: "SystemPackage", package: "swift-system")]
    ),

    // The concerns. None of them knows another.
    .target(name: "UpdateIndex", dependencies: ["MirrorTypes", "CLibexpat"]),
    .target(
      name: "VendorSignatures",
      dependencies: ["CLibgcrypt", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .target(
      name: "MirrorConfiguration",
      dependencies: [
        "MirrorTypes", "FileSystem",
        .product(name: "TOMLKit", package: "TOMLKit"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),

    .target(
      name: "TestSupport",
      dependencies: [.product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/Support/TestSupport"
    ),
    .testTarget(name: "MirrorTypesTests", dependencies: ["MirrorTypes"]),
    .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "TestSupport"]),
    .testTarget(name: "UpdateIndexTests", dependencies: ["UpdateIndex", "VendorSignatures", "TestSupport"]),
    .testTarget(name: "VendorSignaturesTests", dependencies: ["VendorSignatures", "TestSupport"]),
    .testTarget(name: "MirrorConfigurationTests", dependencies: ["MirrorConfiguration", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)
