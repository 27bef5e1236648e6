// swift-tools-version: 6.2
import PackageDescription

// The house: a target a concern, on floors, and a dependency only downwards. The commands (Sources/kscmirror) call jobs
// (Sources/Jobs), which join parts (Sources/Parts); these know what is at the base (Sources/Base) and C libraries
// (Sources/C), and nothing of each other. What other targets need is 'package': the one product is a program.
let package = Package(
  name: "kscmirror",
  products: [
    .executable(name: "kscmirror", targets: ["kscmirror"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
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

    // The base: values and files that several targets share.
    .target(name: "Failures", path: "Sources/Base/Failures"),
    .target(
      name: "MirrorTypes",
      dependencies: [.product(name: "Crypto", package: "swift-crypto")],
      path: "Sources/Base/MirrorTypes"
    ),
    .target(name: "StrictJSON", dependencies: ["MirrorTypes"], path: "Sources/Base/StrictJSON"),
    .target(
      name: "StrictDER",
      dependencies: ["MirrorTypes", .product(name: "SwiftASN1", package: "swift-asn1")],
      path: "Sources/Base/StrictDER"
    ),
    .target(
      name: "FileSystem",
      dependencies: [
        "Failures", "MirrorTypes", "CLinux", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Base/FileSystem"
    ),

    // The parts. None of them knows another.
    .target(
      name: "UpdateIndex",
      dependencies: ["Failures", "MirrorTypes", "CLibexpat"],
      path: "Sources/Parts/UpdateIndex",
      exclude: ["FORMAT.md"]
    ),
    .target(
      name: "VendorSignatures",
      dependencies: [
        "MirrorTypes", "StrictDER", "CLibgcrypt", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/VendorSignatures"
    ),
    .target(
      name: "Transfer",
      dependencies: [
        "StrictDER", "Failures", "CLibcurl", "CLinux", "MirrorTypes",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/Transfer"
    ),
    .target(
      name: "ContentStore",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem",
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
        "Failures", "MirrorTypes", "FileSystem", "CLibarchive", "CLibzstd", "CLibisal",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/BundleFormat"
    ),
    .target(
      name: "Trust",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Trust"
    ),
    .target(
      name: "Journal",
      dependencies: [
        "Failures", "StrictJSON", "MirrorTypes", "FileSystem",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Parts/Journal"
    ),
    .target(
      name: "AdministrationServer",
      dependencies: ["StrictJSON", "Failures", "MirrorTypes"],
      path: "Sources/Parts/AdministrationServer"
    ),
    .target(
      name: "ObjectBucket",
      dependencies: [
        "Failures", "StrictJSON", "MirrorTypes", "CLibexpat",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/ObjectBucket"
    ),
    .target(
      name: "SiteDocuments",
      dependencies: [
        "StrictDER", "StrictJSON", "Failures", "MirrorTypes", "FileSystem",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/SiteDocuments"
    ),
    .target(
      name: "WebStore",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "CLinux", "CLibz", "CLibzstd",
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
        "Failures", "MirrorTypes", "FileSystem",
        .product(name: "TOMLKit", package: "TOMLKit"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/MirrorConfiguration"
    ),

    // What the commands do. Each uses those above it, and the parts.
    .target(
      name: "JobCore",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "StrictJSON", "MirrorConfiguration", "Transfer", "ContentStore",
        "Journal",
        .product(name: "SystemPackage", package: "swift-system"), .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/JobCore"
    ),
    .target(
      name: "StoreTrust",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "UpdateIndex", "Transfer", "ContentStore",
        "BundleFormat",
        "Trust", "Journal", "JobCore", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/StoreTrust"
    ),
    .target(
      name: "Releases",
      dependencies: [
        "FileSystem", "MirrorConfiguration", "ContentStore", "Trust", "Journal", "JobCore", "StoreTrust",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Releases"
    ),
    .target(
      name: "VendorChecks",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "UpdateIndex", "VendorSignatures",
        "ContentStore", "Trust",
        "JobCore", "StoreTrust", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/VendorChecks"
    ),
    .target(
      name: "Bundles",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "ContentStore", "BundleFormat", "Trust", "JobCore", "StoreTrust",
        .product(name: "SystemPackage", package: "swift-system"), .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Bundles"
    ),
    .target(
      name: "Sites",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "UpdateIndex", "ContentStore", "BundleFormat",
        "Trust",
        "SiteDocuments", "JobCore", "StoreTrust", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Sites"
    ),
    .target(
      name: "Parcels",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "ContentStore", "BundleFormat", "Trust",
        "Journal",
        "SiteDocuments", "JobCore", "StoreTrust", "Sites", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Parcels"
    ),
    .target(
      name: "ServerJobs",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "UpdateIndex", "Transfer", "ContentStore",
        "BundleFormat",
        "Trust", "AdministrationServer", "SiteDocuments", "JobCore", "Releases", "VendorChecks",
        .product(name: "SystemPackage", package: "swift-system"), .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/ServerJobs"
    ),
    .target(
      name: "Demand",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "UpdateIndex", "ContentStore", "Trust",
        "AdministrationServer", "SiteDocuments", "JobCore", "Sites", "ServerJobs",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Demand"
    ),
    .target(
      name: "Mirroring",
      dependencies: [
        "MirrorTypes", "FileSystem", "MirrorConfiguration", "UpdateIndex", "VendorSignatures", "Transfer",
        "ContentStore", "Trust", "JobCore", "StoreTrust", "Releases", "VendorChecks", "Sites", "Demand",
        .product(name: "SystemPackage", package: "swift-system"), .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Mirroring"
    ),
    .target(
      name: "LicenceReports",
      dependencies: [
        "MirrorTypes", "StrictJSON", "SiteDocuments", .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/LicenceReports"
    ),
    .target(
      name: "Licences",
      dependencies: [
        "LicenceReports",
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "ContentStore", "Trust",
        "AdministrationServer",
        "SiteDocuments", "JobCore", "Sites", "Parcels", "ServerJobs",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Licences"
    ),
    .target(
      name: "KSN",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "Transfer", "ContentStore",
        "Trust", "Journal",
        "AdministrationServer", "SiteDocuments", "JobCore", "Parcels", "ServerJobs",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/KSN"
    ),
    .target(
      name: "FileExchange",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "ContentStore", "Trust", "SiteDocuments",
        "JobCore",
        "StoreTrust", "Sites", "Parcels", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/FileExchange"
    ),
    .target(
      name: "Serving",
      dependencies: [
        "MirrorTypes", "LicenceReports", "FileSystem", "MirrorConfiguration", "UpdateIndex", "Transfer", "ContentStore",
        "Trust",
        "Journal", "AdministrationServer", "SiteDocuments", "WebStore", "ObjectBucket", "JobCore", "StoreTrust",
        "Releases", "ServerJobs", "Mirroring", "Licences", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Serving"
    ),
    .target(
      name: "Collecting",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "ContentStore", "BundleFormat", "Trust",
        "JobCore",
        "StoreTrust", "Sites", "Parcels", "Demand", "Licences", "KSN",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Collecting"
    ),
    .target(
      name: "Packing",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "MirrorConfiguration", "UpdateIndex", "ContentStore", "BundleFormat",
        "Trust",
        "Journal", "JobCore", "StoreTrust", "Releases", "Bundles", "Sites", "Parcels", "Demand", "Mirroring",
        "Collecting", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Packing"
    ),
    .target(
      name: "Importing",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "ContentStore", "BundleFormat", "Trust",
        "Journal",
        "JobCore", "StoreTrust", "Releases", "VendorChecks", "Bundles", "Parcels", "ServerJobs", "Serving",
        "Collecting", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/Importing"
    ),
    .target(
      name: "Upkeep",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "UpdateIndex", "VendorSignatures", "Transfer",
        "ContentStore", "Trust", "Journal", "SiteDocuments", "JobCore", "StoreTrust", "Releases", "VendorChecks",
        "Sites", "ServerJobs", "Demand", "Mirroring", "Collecting", "Packing",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Upkeep"
    ),

    // The commands.
    .executableTarget(
      name: "kscmirror",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "JobCore", "StoreTrust", "Releases",
        "VendorChecks",
        "Bundles", "Sites", "Parcels", "ServerJobs", "Demand", "Mirroring", "Licences", "KSN", "FileExchange",
        "Serving", "Collecting", "Packing", "Importing", "Upkeep",
        .product(name: "SystemPackage", package: "swift-system"),
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
        "Transfer", "Trust", "StoreTrust", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/tuf-client"
    ),
    .executableTarget(
      name: "parcel-tool",
      dependencies: [
        "MirrorTypes", "MirrorConfiguration", "Trust", "JobCore", "Parcels",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/parcel-tool"
    ),
    .target(
      name: "DocumentFixtures",
      dependencies: ["MirrorTypes", "SiteDocuments", "StrictJSON"],
      path: "Tests/Support/DocumentFixtures"
    ),
    .target(
      name: "JobDoubles",
      dependencies: [
        "MirrorTypes", "FileSystem", "MirrorConfiguration", "Transfer", "ContentStore", "JobCore", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/JobDoubles"
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

    .testTarget(name: "MirrorTypesTests", dependencies: ["MirrorTypes", "TestSupport"]),
    .testTarget(name: "StrictDERTests", dependencies: ["StrictDER", "MirrorTypes", "TestSupport"]),
    .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON", "TestSupport"]),
    .testTarget(name: "FileSystemTests", dependencies: ["FileSystem", "MirrorTypes", "TestSupport"]),
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
        "AdministrationServer", "AdministrationServerDouble", "Transfer", "StrictJSON", "TestSupport",
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
      dependencies: [
        "SiteDocuments", "LicenceReports", "DocumentFixtures", "StrictJSON", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "LicenceReportsTests",
      dependencies: [
        "MirrorTypes", "SiteDocuments", "LicenceReports", "DocumentFixtures", "StrictJSON", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "WebStoreTests",
      dependencies: [
        "WebStore", "MirrorTypes", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]
    ),
    .testTarget(name: "BundleFormatTests", dependencies: ["FileSystem", "BundleFormat", "TestSupport"]),
    .testTarget(
      name: "TrustTests",
      dependencies: [
        "Trust", "MirrorTypes", "StrictJSON", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "JobCoreTests",
      dependencies: [
        "Failures", "FileSystem", "StrictJSON", "ContentStore", "BundleFormat", "Trust", "Journal",
        "AdministrationServer",
        "JobCore", "JobDoubles", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "StoreTrustTests",
      dependencies: ["MirrorTypes", "StrictJSON", "ContentStore", "Trust", "JobCore", "StoreTrust"]
    ),
    .testTarget(
      name: "SitesTests",
      dependencies: [
        "MirrorTypes", "MirrorConfiguration", "UpdateIndex", "StrictJSON", "ContentStore", "Trust", "JobCore", "Sites",
        "Demand",
        "Mirroring", "JobDoubles", "TestSupport",
      ]
    ),
    .testTarget(
      name: "ParcelsTests",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "StrictJSON", "MirrorConfiguration", "BundleFormat", "Trust",
        "JobCore",
        "StoreTrust", "Sites", "Parcels",
        "JobDoubles", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ServerJobsTests",
      dependencies: [
        "Failures", "MirrorConfiguration", "Transfer", "JobCore", "ServerJobs", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "MirroringTests",
      dependencies: [
        "MirrorTypes", "UpdateIndex", "ContentStore", "JobCore", "StoreTrust", "Mirroring", "JobDoubles", "TestSupport",
      ]
    ),
    .testTarget(
      name: "KSNTests",
      dependencies: [
        "MirrorTypes", "FileSystem", "SiteDocuments", "JobCore", "KSN", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "PackingTests",
      dependencies: [
        "MirrorTypes", "Failures", "FileSystem", "BundleFormat", "ContentStore", "Trust", "JobCore", "StoreTrust",
        "Sites",
        "Packing",
        "JobDoubles",
      ]
    ),
    .testTarget(
      name: "ImportingTests",
      dependencies: [
        "BundleFormat", "Importing", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "UpkeepTests",
      dependencies: [
        "Failures", "FileSystem", "JobCore", "Upkeep", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "Failures", "kscmirror", "tuf-client", "parcel-tool", "JobCore", "MirrorTypes", "UpdateServerDouble",
        "AdministrationServerDouble",
        "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "Crypto", package: "swift-crypto"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
