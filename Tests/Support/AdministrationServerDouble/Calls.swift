import Foundation

/// Who calls, and what.
struct CallContext {
  let call: DoubleCall
  let login: ServerState.Login
  let arguments: Arguments
}

extension AdministrationServerDouble {
  /// A call's outputs, the returned value among them.
  typealias Outputs = [String: Any]
  private typealias Handler = @Sendable (inout ServerState, CallContext) throws(PxgFailure) -> Outputs

  func reply(to call: DoubleCall) -> Reply {
    switch call.method {
    case "login": return signIn(call, forConnection: true)
    case "Session.StartSession": return signIn(call, forConnection: false)
    default: break
    }
    guard let login = login(of: call) else {
      return Reply(status: 403, contentType: "text/plain", body: Array("Authentication failure".utf8))
    }
    let type = call.headers["content-type"] ?? ""
    guard type.hasPrefix("application/json") else {
      return Reply(status: 415, contentType: "text/plain", body: Array("JSON is needed".utf8))
    }
    return state.withLock { state in
      do throws(PxgFailure) {
        guard let handler = Self.handlers[call.method], !state.fixture.unknownCalls.contains(call.method) else {
          throw PxgFailure(1194, "No such call \(call.method)", module: "KLCONN")
        }
        let context = CallContext(call: call, login: login, arguments: try Arguments(call.body))
        return Reply(body: Wire.json(try handler(&state, context)))
      } catch {
        return Reply(body: error.json)
      }
    }
  }

  private func login(of call: DoubleCall) -> ServerState.Login? {
    state.withLock { state in
      if let token = call.headers["x-ksc-session"] {
        // Of a session that is not signed in, its end is all that can be asked for.
        let unfinished = call.method == "Session.EndSession" ? state.unfinished[token] : nil
        return state.sessions[token] ?? unfinished
      }
      return state.connections[call.connection]
    }
  }

  private static let handlers: [String: Handler] = [
    "Session.Ping": { (_, _) throws(PxgFailure) in [:] },
    "Session.EndSession": endSession, "Session.CreateToken": createToken,
    "GroupSyncIterator.GetNextItems": nextItems, "GroupSyncIterator.ReleaseIterator": releaseIterator,
    "ChunkAccessor.GetItemsCount": itemsCount, "ChunkAccessor.GetItemsChunk": itemsChunk,
    "ChunkAccessor.Release": releaseAccessor,
    "LicenseKeys.EnumKeys": enumKeys, "LicenseKeys.GetKeyData": keyData, "LicenseKeys.AcquireKeyHosts": keyHosts,
    "LicenseKeys.AcquireKeyUsageStatistics": keyUsage, "LicenseKeys.InstallKey": installKey,
    "LicenseKeys.AdjustKey": adjustKey,
    "KsnInternal.GetSettings": ksnSettings, "KsnInternal.CheckKsnConnection": ksnConnection,
    "KsnInternal.NeedToSendStatistics": ksnNeed, "KsnInternal.SendKsnStatistics": ksnStatistics,
    "KsnInternal.GetNKsnEulas": ksnStatements, "KsnInternal.GetNKsnEula": ksnStatement,
    "KsnInternal.GetNKsnSettings": ksnPrivateSettings, "KsnInternal.VerifyNKsnSettings": ksnVerifySettings,
    "KsnInternal.VerifyKpsnConfigLoc": ksnVerifyConfiguration,
    "KsnInternal.VerifyKpsnConfigAndGetContentViaKsc0": ksnContents,
    "FilesAcceptor.InitiateFileUpload": beginUpload, "FilesAcceptor.CancelFileUpload": cancelUpload,
    "PackagesApi.GetPackageInfoFromArchive": archiveInfo, "PackagesApi.RecordNewPackage3Async": recordPackage,
    "PackagesApi.CreateExecutablePkgAsync": makeStandalone,
    "PackagesApi.CancelCreateExecutablePkg": cancelStandalone,
    "PackagesApi.CancelRecordNewPackage": cancelRecord, "PackagesApi.GetPackages2": listPackages,
    "PackagesApi.GetExecutablePackages": listStandalone, "PackagesApi.IsPackagePublished": isPublished,
    "PackagesApi.PublishStandalonePackage": publish, "PackagesApi.UpdateBasesInPackagesAsync": updateBases,
    "PackagesApi.GetUserAgreements": listAgreements, "PackagesApi.GetEulaText": agreementText,
    "PackagesApi.AcceptEulas": acceptAgreements, "PackagesApi.GetPackagePlugin": packagePlugin,
    "PackagesApi.PrePublishMobilePackage": prepareMobile, "PackagesApi.PublishMobilePackage": publishMobile,
    "PackagesApi.UnpublishMobilePackage": unpublishMobile,
    "AsyncActionStateChecker.CheckActionState": checkAction,
    "Updates.GetUpdatesInfo": updatesInfo, "Updates.GetAvailableUpdatesInfo": availableUpdates,
    "UpdComps.UpdateAsync": updateComponents, "Tasks.ResetTasksIterator": resetTasks, "Tasks.GetNextTask": nextTask,
    "Tasks.ReleaseTasksIterator": releaseTasks, "Tasks.RunTask": runTask, "Tasks.GetTaskStatistics": taskStatistics,
    "HostGroup.FindHosts": findHosts, "HostGroup.GetHostProducts": hostProducts,
    "HostGroup.GetStaticInfo": staticInfo, "AdmServerSettings.GetSharedFolder": sharedFolder,
    "IWebSrvSettings.GetCustomPkgHttpFqdn": webServerName, "VServers.GetVServers": virtualServers,
  ]
}
