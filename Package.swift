// swift-tools-version: 6.2
import PackageDescription

// One target a concern; a dependency only downwards. The joints between the lower targets are in MirrorJobs.
let package = Package(
  name: "kscmirror",
  products: [
    .executable(name: "kscmirror", targets: ["kscmirror"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
  ],
  targets: [
    // C libraries, each behind the one target that uses it.
    .systemLibrary(name: "CLinux", path: "Sources/C/CLinux"),
    .systemLibrary(
      name: "CLibcurl",
      path: "Sources/C/CLibcurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    .systemLibrary(
      name: "CLibarchive",
      path: "Sources/C/CLibarchive",
      pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"])]
    ),
    .systemLibrary(
      name: "CLibzstd",
      path: "Sources/C/CLibzstd",
      pkgConfig: "libzstd",
      providers: [.apt(["libzstd-dev"])]
    ),
    .systemLibrary(
      name: "CLibisal",
      path: "Sources/C/CLibisal",
      pkgConfig: "libisal",
      providers: [.apt(["libisal-dev"])]
    ),
    .systemLibrary(
      name: "CLibgcrypt",
      path: "Sources/C/CLibgcrypt",
      pkgConfig: "libgcrypt",
      providers: [.apt(["libgcrypt20-dev"])]
    ),
    .systemLibrary(
      name: "CLibexpat",
      path: "Sources/C/CLibexpat",
      pkgConfig: "expat",
      providers: [.apt(["libexpat1-dev"])]
    ),
    .systemLibrary(name: "CLibz", path: "Sources/C/CLibz", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // Values and files that several targets share.
    .target(name: "MirrorTypes", path: "Sources/Base/MirrorTypes"),
    .target(
      name: "FileSystem",
      dependencies: ["CLinux", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/Base/FileSystem"
    ),

    // The concerns. None of them knows another.
    .target(name: "UpdateIndex", dependencies: ["MirrorTypes", "CLibexpat"], path: "Sources/Parts/UpdateIndex"),
    .target(
      name: "VendorSignatures",
      dependencies: ["MirrorTypes", "CLibgcrypt", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/Parts/VendorSignatures"
    ),
    .target(
      name: "Transfer",
      dependencies: [
        "CLibcurl", "CLinux", "MirrorTypes",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/Transfer"
    ),
    .target(
      name: "ContentStore",
      dependencies: [
        "MirrorTypes", "FileSystem",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/ContentStore"
    ),
    .target(
      name: "BundleFormat",
      dependencies: [
        "MirrorTypes", "FileSystem", "CLibarchive", "CLibzstd", "CLibisal",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/BundleFormat"
    ),
    .target(
      name: "Trust",
      dependencies: [
        "MirrorTypes", "FileSystem",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Trust"
    ),
    .target(
      name: "Journal",
      dependencies: [
        "MirrorTypes", "FileSystem",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/Journal"
    ),
    .target(name: "AdministrationServer", dependencies: ["MirrorTypes"], path: "Sources/Parts/AdministrationServer"),
    .target(
      name: "ObjectBucket",
      dependencies: [
        "MirrorTypes", "CLibexpat",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/ObjectBucket"
    ),
    .target(
      name: "SiteDocuments",
      dependencies: [
        "MirrorTypes",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/SiteDocuments"
    ),
    .target(
      name: "WebStore",
      dependencies: [
        "MirrorTypes", "FileSystem", "CLinux", "CLibz", "CLibzstd",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
      ],
      path: "Sources/Parts/WebStore"
    ),
    .target(
      name: "MirrorConfiguration",
      dependencies: [
        "MirrorTypes", "FileSystem",
        .product(name: "TOMLKit", package: "TOMLKit"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/MirrorConfiguration"
    ),

    // What the commands do, and the commands.
    .target(
      name: "MirrorJobs",
      dependencies: [
        "MirrorTypes", "FileSystem", "MirrorConfiguration", "UpdateIndex", "VendorSignatures", "Transfer",
        "ContentStore", "BundleFormat", "Trust", "Journal", "AdministrationServer", "SiteDocuments", "WebStore",
        "ObjectBucket",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/MirrorJobs"
    ),
    .executableTarget(
      name: "kscmirror",
      dependencies: [
        "MirrorJobs", "MirrorConfiguration", "MirrorTypes", "FileSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),

    // Doubles for tests and the demo.
    .systemLibrary(
      name: "COpenSSL",
      path: "Tests/Support/COpenSSL",
      pkgConfig: "openssl",
      providers: [.apt(["libssl-dev"])]
    ),
    .target(
      name: "LoopbackTLS",
      dependencies: ["COpenSSL", "TestSupport", .product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/Support/LoopbackTLS"
    ),
    .target(
      name: "AdministrationServerDouble",
      dependencies: ["LoopbackTLS", "TestSupport"],
      path: "Tests/Support/AdministrationServerDouble"
    ),
    .executableTarget(
      name: "administration-server",
      dependencies: [
        "AdministrationServerDouble", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/administration-server"
    ),
    .target(
      name: "UpdateServerDouble",
      dependencies: [
        "LoopbackTLS", "CLibgcrypt", "TestSupport", "VendorSignatures",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/UpdateServerDouble"
    ),
    .executableTarget(
      name: "update-server",
      dependencies: [
        "UpdateServerDouble", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/update-server"
    ),
    .executableTarget(
      name: "tuf-client",
      dependencies: [
        "MirrorJobs", "Transfer", "Trust",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/tuf-client"
    ),
    .executableTarget(
      name: "parcel-tool",
      dependencies: [
        "MirrorJobs", "MirrorConfiguration", "MirrorTypes", "Trust",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/parcel-tool"
    ),
    .target(
      name: "TestSupport",
      dependencies: [.product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/Support/TestSupport"
    ),
    .executableTarget(
      name: "transfer-bench",
      dependencies: ["Transfer", "FileSystem", .product(name: "Crypto", package: "swift-crypto")],
      path: "Tests/Benchmarks/transfer-bench"
    ),

    .testTarget(name: "MirrorTypesTests", dependencies: ["MirrorTypes"]),
    .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "TestSupport"]),
    .testTarget(
      name: "MirrorConfigurationTests",
      dependencies: ["MirrorConfiguration", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "UpdateIndexTests",
      dependencies: ["UpdateIndex", "UpdateServerDouble", "VendorSignatures", "TestSupport"]
    ),
    .testTarget(
      name: "VendorSignaturesTests",
      dependencies: ["VendorSignatures", "UpdateServerDouble", "UpdateIndex", "TestSupport"]
    ),
    .testTarget(name: "TransferTests", dependencies: ["Transfer", "TestSupport"]),
    .testTarget(
      name: "AdministrationServerTests",
      dependencies: [
        "AdministrationServer", "AdministrationServerDouble", "Transfer", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(name: "ObjectBucketTests", dependencies: ["ObjectBucket", "MirrorTypes"]),
    .testTarget(
      name: "ContentStoreTests",
      dependencies: ["ContentStore", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]
    ),
    .testTarget(
      name: "JournalTests",
      dependencies: ["Journal", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "SiteDocumentsTests",
      dependencies: ["SiteDocuments", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "WebStoreTests",
      dependencies: [
        "WebStore", "MirrorTypes", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]
    ),
    .testTarget(name: "BundleFormatTests", dependencies: ["BundleFormat", "TestSupport"]),
    .testTarget(
      name: "TrustTests",
      dependencies: [
        "Trust", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "MirrorJobsTests",
      dependencies: [
        "MirrorJobs", "MirrorConfiguration", "MirrorTypes", "ContentStore", "FileSystem", "Journal", "Trust",
        "UpdateIndex", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "kscmirror", "tuf-client", "parcel-tool", "UpdateServerDouble", "AdministrationServerDouble", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
