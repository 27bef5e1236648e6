import Adopting
import Backups
import Bundles
import Collecting
import Demand
import Exporting
import FileExchange
import Importing
import KSN
import Licences
import Mirroring
import Packing
import Parcels
import ServerJobs
import Serving
import Setup
import StoreTrust
import Upkeep
import VendorChecks

/// Which type each command writes as its result.
enum ResultTable {
  /// By the headings of the manual's tables, without the program's name.
  static let types: [(commands: String, type: Any.Type)] = [
    ("setup connected, setup isolated", SetupReport.self),
    ("sync", SyncReport.self),
    ("adopt", AdoptReport.self),
    ("keys init, keys show, keys rotate", KeysReport.self),
    ("keys create", KeysReport.Created.self),
    ("keys sign, keys accept", KeysReport.Signed.self),
    ("pack", PackReport.self),
    ("pack --spread", SpreadReport.self),
    ("backup", BackupReport.self),
    ("restore", RestoreReport.self),
    ("bundle resplit", ResplitReport.self),
    ("collect", CollectReport.self),
    ("parcel list", ParcelListReport.self),
    ("parcel show", ParcelContentsReport.self),
    ("parcel send", ParcelSendReport.self),
    ("parcel withdraw", ParcelWithdrawReport.self),
    ("parcel drop", ParcelDropReport.self),
    ("exchange list", ExchangeListReport.self),
    ("exchange send", ExchangeSendReport.self),
    ("exchange receive", ExchangeReceiveReport.self),
    ("ksn export", KSNExportReport.self),
    ("ksn import", KSNImportReport.self),
    ("ksn import --private-ksn", KSNVerifyReport.self),
    ("ksn deliver", KSNDeliverReport.self),
    ("site list", SiteListReport.self),
    ("site show", SiteReport.self),
    ("site rename", SiteRenameReport.self),
    ("site forget", SiteForgetReport.self),
    ("trust add, trust show", TrustReport.self),
    ("demand ask", OwnDemandReport.self),
    ("demand show", DemandReport.self),
    ("receipt", WrittenReceipt.self),
    ("licence list", LicenceListReport.self),
    ("licence export", LicenceExportReport.self),
    ("licence send", KeySendReport.self),
    ("licence import", LicenceImportReport.self),
    ("inspect", InspectReport.self),
    ("import", ImportReport.self),
    ("status", StatusReport.self),
    ("check", CheckReport.self),
    ("metrics", MetricsReport.self),
    ("serve", ServeReport.self),
    ("export", ExportReport.self),
    ("publish", PublishReport.self),
    ("package list, package publish, package unpublish", PackageReport.self),
    ("package agreements", PackageAgreementsReport.self),
    ("package plugin", PackagePluginReport.self),
    ("package mobile publish, package mobile unpublish", MobilePackageReport.self),
    ("verify", VerifyJobReport.self),
    ("verify --vendor", VendorTreeReport.self),
    ("log", LogReport.self),
    ("diff", DiffReport.self),
    ("why", WhyReport.self),
    ("rollback", RollbackReport.self),
    ("prune", PruneJobReport.self),
    ("products", ProductsReport.self),
    ("config check", ConfigurationReport.self),
    ("config from-kuu", FromUpdateUtilityReport.self),
    ("doctor", DoctorReport.self),
    ("doctor --flows", FlowsReport.self),
  ]

  /// Types that are written as another one is.
  static let written: [(Any.Type, Any.Type)] = [
    (PackReport.self, PackReport.Fields.self),
    (VendorTreeReport.self, VendorReport.self),
  ]

  /// Properties that their types keep to themselves, by the types' names within their modules.
  static let kept: [String: Set<String>] = [
    "CollectReport": ["status"],
    "CollectedReceipt": ["deservesALook"],
    "ExchangeReceiveReport": ["status"],
    "ExchangeSendReport": ["status"],
    "HeldBackFacts": ["like", "isNewest"],
    "InspectReport": ["status"],
    "KSNDeliverReport": ["status", "isRetrying"],
    "KSNImportReport": ["status"],
    "KeyInstallPlan.Key": ["body", "digest"],
    "KeyInstallReport": ["status"],
    "LicenceImportReport": ["status"],
    "LicenceImportReport.Site": ["shownChanges"],
    "LicenceListReport": ["shownSummary", "rows", "csv", "status"],
    "SentParcel": ["contents"],
    "ShelvedPackage": ["object"],
    "WrittenReceipt": ["bytes", "key"],
  ]
}
