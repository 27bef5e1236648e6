// swift-tools-version: 6.2
import PackageDescription

// The house: a target a concern, on floors, and a dependency only downwards. The commands (Sources/kscmirror) call jobs
// (Sources/Jobs), which join parts (Sources/Parts); these know what is at the base (Sources/Base) and C libraries
// (Sources/C), and nothing of each other. What other targets need is 'package': the one product is a program. A target
// names here just what its files import.
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
    // C libraries, each behind as few targets as possible.
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
    .target(name: "Languages", dependencies: ["MirrorTypes"], path: "Sources/Base/Languages"),
    .target(name: "StrictJSON", dependencies: ["MirrorTypes"], path: "Sources/Base/StrictJSON"),
    .target(
      name: "StrictDER",
      dependencies: ["MirrorTypes", .product(name: "SwiftASN1", package: "swift-asn1")],
      path: "Sources/Base/StrictDER"
    ),
    .target(
      name: "FileSystem",
      dependencies: [
        "Failures", "MirrorTypes", "CLinux", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Base/FileSystem"
    ),
    .target(
      name: "Confinement",
      dependencies: ["CLinux", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/Base/Confinement"
    ),
    .target(
      name: "Unpacking",
      dependencies: ["MirrorTypes", "Confinement", "CLibzstd"],
      path: "Sources/Base/Unpacking"
    ),
    .target(
      name: "Curl",
      dependencies: ["Failures", "MirrorTypes", "CLibcurl", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/Base/Curl"
    ),

    .target(
      name: "Commands",
      dependencies: ["Failures", .product(name: "SystemPackage", package: "swift-system")],
      path: "Sources/Base/Commands"
    ),

    // The parts. None of them knows another, but ContentStore its lower half.
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
        "MirrorTypes", "Curl", "CLinux", "CLibcurl", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Transfer"
    ),
    .target(
      name: "WebExchange",
      dependencies: [
        "MirrorTypes", "StrictDER", "Curl", "CLibcurl", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/WebExchange"
    ),
    .target(
      name: "Catalogue",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Catalogue"
    ),
    .target(
      name: "ContentStore",
      dependencies: [
        "MirrorTypes", "FileSystem", "Catalogue", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/ContentStore"
    ),
    .target(
      name: "BundleFormat",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "Confinement", "Unpacking", "CLibarchive", "CLibzstd", "CLibisal",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/BundleFormat"
    ),
    .target(
      name: "Trust",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Trust"
    ),
    .target(
      name: "Journal",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/Journal"
    ),
    .target(
      name: "AdministrationServer",
      dependencies: ["Failures", "MirrorTypes", "StrictJSON"],
      path: "Sources/Parts/AdministrationServer"
    ),
    .target(
      name: "ObjectBucket",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "CLibexpat", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/ObjectBucket"
    ),
    .target(
      name: "SiteDocuments",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "StrictJSON", "StrictDER", "FileSystem",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/SiteDocuments"
    ),
    .target(
      name: "WebStore",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "FileSystem", "CLinux", "CLibzstd", "CLibz",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOTLS", package: "swift-nio"), .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Parts/WebStore"
    ),
    .target(
      name: "MirrorConfiguration",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "FileSystem", .product(name: "SystemPackage", package: "swift-system"),
        .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      path: "Sources/Parts/MirrorConfiguration"
    ),

    // What the commands do. Each uses those above it, and the parts.
    .target(
      name: "JobCore",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "Transfer", "WebExchange", "Catalogue", "ContentStore",
        "Journal", "MirrorConfiguration", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/JobCore"
    ),
    .target(
      name: "StoreTrust",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "Curl", "UpdateIndex", "Transfer", "Catalogue", "ContentStore",
        "BundleFormat", "Trust", "Journal", "MirrorConfiguration", "JobCore",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/StoreTrust"
    ),
    .target(
      name: "Releases",
      dependencies: [
        "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "Trust", "Journal", "MirrorConfiguration", "JobCore",
        "StoreTrust", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Releases"
    ),
    .target(
      name: "VendorChecks",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "UpdateIndex", "VendorSignatures", "Catalogue", "ContentStore",
        "Trust", "MirrorConfiguration", "JobCore", "StoreTrust",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/VendorChecks"
    ),
    .target(
      name: "Bundles",
      dependencies: [
        "Languages", "MirrorTypes", "StrictJSON", "FileSystem", "ContentStore", "BundleFormat", "Trust", "JobCore",
        "StoreTrust",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Bundles"
    ),
    .target(
      name: "Sites",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "UpdateIndex", "Catalogue", "BundleFormat", "Trust", "SiteDocuments",
        "JobCore", "StoreTrust", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Sites"
    ),
    .target(
      name: "Parcels",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "StrictJSON", "FileSystem", "ContentStore", "BundleFormat", "Trust",
        "Journal",
        "SiteDocuments", "MirrorConfiguration", "JobCore", "StoreTrust", "Sites",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Parcels"
    ),
    .target(
      name: "ServerJobs",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "Confinement", "CLibarchive", "UpdateIndex", "Transfer",
        "WebExchange", "ContentStore", "BundleFormat", "Trust", "Journal", "AdministrationServer", "SiteDocuments",
        "MirrorConfiguration", "JobCore",
        "Releases", "VendorChecks", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/ServerJobs"
    ),
    .target(
      name: "Demand",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "UpdateIndex", "Catalogue", "ContentStore", "Trust",
        "AdministrationServer", "SiteDocuments", "MirrorConfiguration", "JobCore", "Sites", "ServerJobs",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Demand"
    ),
    .target(
      name: "SyncRules",
      dependencies: ["MirrorTypes", "UpdateIndex", "Catalogue", "MirrorConfiguration", "JobCore", "StoreTrust"],
      path: "Sources/Jobs/SyncRules"
    ),
    .target(
      name: "Mirroring",
      dependencies: [
        "MirrorTypes", "FileSystem", "Curl", "UpdateIndex", "VendorSignatures", "Transfer", "Catalogue", "ContentStore",
        "Trust", "MirrorConfiguration", "JobCore", "StoreTrust", "Releases", "VendorChecks", "Sites", "Demand",
        "SyncRules", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Mirroring"
    ),
    .target(
      name: "LicenceReports",
      dependencies: [
        "Languages", "MirrorTypes", "StrictJSON", "SiteDocuments", .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/Jobs/LicenceReports"
    ),
    .target(
      name: "Licences",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "StrictJSON", "FileSystem", "ContentStore", "Trust", "Journal",
        "AdministrationServer", "SiteDocuments", "JobCore", "Sites", "Parcels", "ServerJobs", "LicenceReports",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Licences"
    ),
    .target(
      name: "KSN",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "Curl", "ContentStore", "Trust", "Journal",
        "AdministrationServer", "SiteDocuments", "MirrorConfiguration", "JobCore", "Parcels", "ServerJobs",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/KSN"
    ),
    .target(
      name: "FileExchange",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "ContentStore", "Trust", "SiteDocuments",
        "MirrorConfiguration", "JobCore", "StoreTrust", "Sites", "Parcels",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/FileExchange"
    ),
    .target(
      name: "Watching",
      dependencies: [
        "Failures", "Commands", "MirrorTypes", "StrictJSON", "FileSystem", "Catalogue", "ContentStore", "Trust",
        "SiteDocuments", "MirrorConfiguration", "JobCore", "StoreTrust", "Releases", "Sites", "LicenceReports",
        "Licences", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Watching"
    ),
    .target(
      name: "Serving",
      dependencies: [
        "Languages", "MirrorTypes", "FileSystem", "Curl", "UpdateIndex", "WebExchange", "Catalogue", "ContentStore",
        "Trust",
        "Journal", "AdministrationServer", "ObjectBucket", "SiteDocuments", "WebStore", "MirrorConfiguration",
        "JobCore", "StoreTrust", "Releases", "ServerJobs", "Mirroring", "LicenceReports", "Licences", "Watching",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Serving"
    ),
    .target(
      name: "Collecting",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "BundleFormat", "Trust", "Journal",
        "MirrorConfiguration", "JobCore", "StoreTrust", "Sites", "Parcels", "Demand", "Licences", "KSN", "Watching",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Collecting"
    ),
    .target(
      name: "Packing",
      dependencies: [
        "Languages", "MirrorTypes", "StrictJSON", "FileSystem", "UpdateIndex", "Catalogue", "ContentStore",
        "BundleFormat", "Trust",
        "Journal", "MirrorConfiguration", "JobCore", "StoreTrust", "Releases", "Bundles", "Sites", "Parcels", "Demand",
        "Mirroring", "Collecting", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Packing"
    ),
    .target(
      name: "Importing",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "BundleFormat", "Trust",
        "Journal",
        "MirrorConfiguration", "JobCore", "StoreTrust", "Releases", "VendorChecks", "Bundles", "Parcels", "ServerJobs",
        "Serving", "Collecting", "Hooks", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Importing"
    ),
    .target(
      name: "Adopting",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "UpdateIndex", "VendorSignatures",
        "Catalogue", "ContentStore", "Journal", "JobCore", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Adopting"
    ),
    .target(
      name: "Hooks",
      dependencies: [
        "Failures", "Commands", "MirrorTypes", "FileSystem", "StrictJSON", "MirrorConfiguration", "Catalogue",
        "ContentStore", "Journal", "JobCore",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Hooks"
    ),
    .target(
      name: "Exporting",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "Catalogue", "ContentStore", "Journal", "JobCore",
        "Releases",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Exporting"
    ),
    .target(
      name: "Backups",
      dependencies: [
        "MirrorTypes", "StrictJSON", "FileSystem", "BundleFormat", "Catalogue", "ContentStore", "Trust", "Journal",
        "MirrorConfiguration", "JobCore", "StoreTrust", "Parcels",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Backups"
    ),
    .target(
      name: "Upkeep",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "Confinement", "Curl", "UpdateIndex", "VendorSignatures", "Transfer",
        "Catalogue", "ContentStore", "Trust", "Journal", "SiteDocuments", "MirrorConfiguration", "JobCore",
        "StoreTrust", "Releases",
        "VendorChecks", "Sites", "ServerJobs", "Demand", "Mirroring", "Collecting", "Packing", "Serving", "Watching",
        "WebStore",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Upkeep"
    ),
    .target(
      name: "SetupPlan",
      dependencies: [
        "Failures", "MirrorTypes", "UpdateIndex", "MirrorConfiguration",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/SetupPlan"
    ),
    .target(
      name: "Setup",
      dependencies: [
        "MirrorTypes", "FileSystem", "UpdateIndex", "MirrorConfiguration", "JobCore", "StoreTrust", "Upkeep",
        "SetupPlan",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Jobs/Setup"
    ),

    // The commands, and what they show.
    .target(
      name: "Console",
      dependencies: [
        "Failures", "Languages", "MirrorTypes", "FileSystem", "MirrorConfiguration", "JobCore", "Trust", "Watching",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Console"
    ),
    .target(
      name: "Views",
      dependencies: [
        "Languages", "MirrorTypes", "FileSystem", "StoreTrust", "VendorChecks", "Parcels", "ServerJobs", "Licences",
        "KSN",
        "Collecting", "Packing", "Importing", "Upkeep", "SetupPlan", "Setup", "Watching", "Console",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Views"
    ),
    .target(
      name: "ServerCommands",
      dependencies: [
        "Languages", "MirrorTypes", "MirrorConfiguration", "JobCore", "ServerJobs", "Licences", "KSN", "Console",
        "Views",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/ServerCommands"
    ),
    .executableTarget(
      name: "kscmirror",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "MirrorConfiguration", "JobCore", "StoreTrust", "Releases",
        "VendorChecks", "Bundles", "Sites", "Parcels", "ServerJobs", "Demand", "Mirroring", "Licences", "KSN",
        "FileExchange", "Serving", "Collecting", "Packing", "Importing", "Hooks", "Exporting", "Adopting", "Backups",
        "Upkeep", "SetupPlan", "Setup", "Watching", "Trust", "Console", "Views", "ServerCommands",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
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
      dependencies: ["TestSupport", "COpenSSL", .product(name: "SystemPackage", package: "swift-system")],
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
        "AdministrationServerDouble", "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/Support/administration-server"
    ),
    .target(
      name: "UpdateServerDouble",
      dependencies: [
        "VendorSignatures", "LoopbackTLS", "TestSupport", "CLibgcrypt",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/UpdateServerDouble"
    ),
    .executableTarget(
      name: "update-server",
      dependencies: [
        "UpdateServerDouble", "TestSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/update-server"
    ),
    .executableTarget(
      name: "tuf-client",
      dependencies: [
        "MirrorTypes", "Transfer", "Trust", "StoreTrust",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/tuf-client"
    ),
    .executableTarget(
      name: "parcel-tool",
      dependencies: [
        "MirrorTypes", "Trust", "MirrorConfiguration", "JobCore", "Parcels",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/parcel-tool"
    ),
    .target(
      name: "DocumentFixtures",
      dependencies: ["MirrorTypes", "Languages", "SiteDocuments"],
      path: "Tests/Support/DocumentFixtures"
    ),
    .target(
      name: "JobDoubles",
      dependencies: [
        "MirrorTypes", "FileSystem", "Transfer", "Catalogue", "ContentStore", "MirrorConfiguration", "JobCore",
        "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/JobDoubles"
    ),
    .target(
      name: "StoreFixtures",
      dependencies: [
        "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Support/StoreFixtures"
    ),
    .target(
      name: "TestSupport",
      dependencies: ["MirrorTypes", .product(name: "SystemPackage", package: "swift-system")],
      path: "Tests/Support/TestSupport"
    ),
    .executableTarget(
      name: "transfer-bench",
      dependencies: [
        "FileSystem", "Transfer", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Tests/Benchmarks/transfer-bench"
    ),

    .testTarget(name: "MirrorTypesTests", dependencies: ["MirrorTypes", "TestSupport"]),
    .testTarget(name: "LanguagesTests", dependencies: ["MirrorTypes", "Languages", "TestSupport"]),
    .testTarget(name: "StrictDERTests", dependencies: ["MirrorTypes", "StrictDER", "TestSupport"]),
    .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON", "TestSupport"]),
    .testTarget(
      name: "FileSystemTests",
      dependencies: [
        "MirrorTypes", "FileSystem", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ConfinementTests",
      dependencies: ["Confinement", "CLinux", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "MirrorConfigurationTests",
      dependencies: ["MirrorConfiguration", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "UpdateIndexTests",
      dependencies: [
        "MirrorTypes", "UpdateIndex", "VendorSignatures", "UpdateServerDouble", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "VendorSignaturesTests",
      dependencies: [
        "MirrorTypes", "VendorSignatures", "UpdateServerDouble", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(name: "CurlTests", dependencies: ["Curl"]),
    .testTarget(
      name: "TransferTests",
      dependencies: ["Curl", "Transfer", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "WebExchangeTests",
      dependencies: ["Curl", "WebExchange", "TestSupport", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "AdministrationServerTests",
      dependencies: [
        "MirrorTypes", "StrictJSON", "Curl", "WebExchange", "AdministrationServer", "AdministrationServerDouble",
        "TestSupport",
      ]
    ),
    .testTarget(
      name: "ObjectBucketTests",
      dependencies: ["MirrorTypes", "ObjectBucket", .product(name: "SystemPackage", package: "swift-system")]
    ),
    .testTarget(
      name: "CatalogueTests",
      dependencies: [
        "Failures", "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "StoreFixtures", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ContentStoreTests",
      dependencies: [
        "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "StoreFixtures", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "JournalTests",
      dependencies: [
        "MirrorTypes", "FileSystem", "Journal", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "SiteDocumentsTests",
      dependencies: [
        "MirrorTypes", "Languages", "StrictJSON", "SiteDocuments", "LicenceReports", "DocumentFixtures", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "LicenceReportsTests",
      dependencies: ["MirrorTypes", "Languages", "SiteDocuments", "LicenceReports", "DocumentFixtures", "TestSupport"]
    ),
    .testTarget(
      name: "WebStoreTests",
      dependencies: [
        "MirrorTypes", "Languages", "WebStore", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(name: "UnpackingTests", dependencies: ["MirrorTypes", "Unpacking", "BundleFormat", "TestSupport"]),
    .testTarget(
      name: "BundleFormatTests",
      dependencies: [
        "MirrorTypes", "FileSystem", "Unpacking", "BundleFormat", "TestSupport",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "TrustTests",
      dependencies: [
        "MirrorTypes", "StrictJSON", "Trust", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "JobCoreTests",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "Catalogue", "ContentStore", "BundleFormat", "Trust",
        "Journal",
        "AdministrationServer", "JobCore", "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ResultTests",
      dependencies: [
        "MirrorTypes", "Adopting", "Backups", "Bundles", "Collecting", "Demand", "Exporting", "FileExchange",
        "Importing", "KSN",
        "Licences", "Mirroring", "Packing", "Parcels", "ServerJobs", "Serving", "Setup", "StoreTrust", "Upkeep",
        "VendorChecks", "TestSupport",
      ]
    ),
    .testTarget(
      name: "StoreTrustTests",
      dependencies: [
        "MirrorTypes", "StrictJSON", "Catalogue", "BundleFormat", "Trust", "JobCore", "StoreTrust",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "SitesTests",
      dependencies: [
        "MirrorTypes", "StrictJSON", "UpdateIndex", "ContentStore", "Trust", "MirrorConfiguration", "JobCore", "Sites",
        "Demand", "Mirroring", "JobDoubles", "TestSupport",
      ]
    ),
    .testTarget(
      name: "ParcelsTests",
      dependencies: [
        "Failures", "MirrorTypes", "StrictJSON", "FileSystem", "BundleFormat", "Trust", "MirrorConfiguration",
        "JobCore", "StoreTrust", "Sites", "Parcels", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ServerJobsTests",
      dependencies: [
        "Failures", "Curl", "WebExchange", "MirrorConfiguration", "JobCore", "MirrorTypes", "ServerJobs", "JobDoubles",
        "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "SyncRulesTests",
      dependencies: [
        "MirrorTypes", "UpdateIndex", "Catalogue", "ContentStore", "JobCore", "StoreTrust", "SyncRules", "TestSupport",
      ]
    ),
    .testTarget(
      name: "MirroringTests",
      dependencies: [
        "MirrorTypes", "UpdateIndex", "Catalogue", "JobCore", "StoreTrust", "SyncRules", "Transfer", "Mirroring",
        "JobDoubles",
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
        "Failures", "MirrorTypes", "FileSystem", "Catalogue", "ContentStore", "BundleFormat", "Trust", "JobCore",
        "StoreTrust", "Releases", "Sites", "Collecting", "Packing", "JobDoubles", "TestSupport",
      ]
    ),
    .testTarget(name: "CommandsTests", dependencies: ["Commands", "TestSupport"]),
    .testTarget(
      name: "AdoptingTests",
      dependencies: [
        "Adopting", "FileSystem", "MirrorConfiguration", "JobCore", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "HooksTests",
      dependencies: [
        "Hooks", "Commands", "FileSystem", "Catalogue", "ContentStore", "MirrorConfiguration", "JobCore", "JobDoubles",
        "Journal", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ExportingTests",
      dependencies: [
        "Exporting", "Catalogue", "ContentStore", "FileSystem", "MirrorTypes", "JobCore", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "ImportingTests",
      dependencies: [
        "BundleFormat", "FileSystem", "JobCore", "Importing", "JobDoubles", "MirrorTypes", "StoreTrust", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "WatchingTests",
      dependencies: [
        "Failures", "Commands", "MirrorTypes", "FileSystem", "StrictJSON", "MirrorConfiguration", "JobCore", "Watching",
        "TestSupport", .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "UpkeepTests",
      dependencies: [
        "Failures", "FileSystem", "ContentStore", "JobCore", "Upkeep", "JobDoubles", "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(name: "ConsoleTests", dependencies: ["MirrorTypes", "Console"]),
    .testTarget(
      name: "SetupTests",
      dependencies: [
        "Failures", "FileSystem", "MirrorConfiguration", "UpdateIndex", "JobCore", "SetupPlan", "Setup", "JobDoubles",
        "TestSupport",
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
    .testTarget(
      name: "EndToEnd",
      dependencies: [
        "Failures", "MirrorTypes", "Confinement", "JobCore", "kscmirror", "AdministrationServerDouble",
        "UpdateServerDouble",
        "tuf-client", "parcel-tool", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]
    ),
  ],
  swiftLanguageModes: [.v6]
)
