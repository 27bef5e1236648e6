import MirrorTypes

extension TransferError: CustomStringConvertible {
  /// What failed, why, and what to do next.
  package var description: String {
    let subject = url.isEmpty ? "" : "\(url): "
    let advice = advice
    return subject + problem + (advice.isEmpty ? "" : "; " + advice)
  }

  private var problem: String {
    switch reason {
    case .notFound(let status): "the server does not have this file (HTTP status \(status))"
    case .withheld(let status): "the server gives other files, but not this one (HTTP status \(status))"
    case .notInFolder: "there is no such file in the folder"
    case .leavesFolder: "a link leads out of the folder, which is not followed"
    case .noPlainFile: "it is not a plain file"
    case .changedWhileRead: "the file changed each time while it was read"
    case .folderUnusable(let text): "the folder or file \(text)"
    case .httpStatus(let status): "the server answered with HTTP status \(status)"
    case .asksToWait(let status, let asked):
      "the server answered with HTTP status \(status) and asks to come back in \(asked.inWords)"
    case .refusedPlainHTTP: "not fetched without TLS"
    case .refusedRedirect(let target): "the server sends us on to \(target), where we do not go"
    case .tlsNotTrusted(let text): "the server is not trusted: \(text)"
    case .certificateDates(.notYetValid, let clock):
      "the server's certificate is not valid yet, if it is \(UTCTime(seconds: clock).text) as the clock of this machine says"
    case .certificateDates(.expired, let clock):
      "the server's certificate has expired, if it is \(UTCTime(seconds: clock).text) as the clock of this machine says"
    case .tlsFailed(let text): "no TLS connection: \(text)"
    case .certificateUnusable(let text): text
    case .cannotResolve: "the server's name is not known"
    case .cannotConnect(let text): "the server cannot be reached: \(text)"
    case .timedOut(.connecting): "no connection within the time allowed"
    case .timedOut(.stalled): "the transfer stalled"
    case .timedOut(.total): "the transfer took longer than allowed"
    case .cutShort(let expected?, let received):
      "the connection ended after \(received) of \(Words.exactBytes(expected))"
    case .cutShort(nil, let received): "the connection ended after \(Words.exactBytes(received)), before the answer did"
    case .tooLarge(let limit): "longer than the \(limit) bytes that are allowed"
    case .wrongLength(let expected, let received): "\(Words.exactBytes(received)) long, but it should have \(expected)"
    case .malformedAnswer(let text): "the answer breaks the rules of HTTP: \(text)"
    case .page(let title):
      "a web page came in place of the file" + (title.map { " (its title: \"\($0)\")" } ?? "")
        + ": a gateway, a web filter or the sign-in page of a network answers in place of the server"
    case .packed(let coding):
      "the file came packed (Content-Encoding: \(coding)), which was not asked for, so that its bytes are not the file's"
    case .sink(let error): "the bytes could not be kept: \(error)"
    case .proxy(.cannotResolve): "the proxy's name is not known"
    case .proxy(.cannotConnect(let text)): "the proxy cannot be reached: \(text)"
    case .proxy(.refused(let status)): "the proxy answered with HTTP status \(status)"
    case .proxy(.notSignedIn(let signIn)): signIn.problem
    case .noServerLeft(let failures): "no server is left: " + Self.grouped(failures).joined(separator: " | ")
    case .invalidURL(let text): "not an address that can be fetched: \(text)"
    case .invalidOption(let text): text
    case .system(let text): text
    case .cancelled: "stopped"
    }
  }

  /// The problems of several servers, each once, with the servers that have it.
  private static func grouped(_ failures: [TransferError]) -> [String] {
    var order: [String] = []
    var servers: [String: [String]] = [:]
    for failure in failures {
      let problem = failure.problem
      if servers[problem] == nil { order.append(problem) }
      servers[problem, default: []] += failure.server.isEmpty ? [] : [failure.server]
    }
    return order.map { problem in
      let names = servers[problem] ?? []
      return names.isEmpty ? problem : Words.list(names, atMost: 4) + ": " + problem
    }
  }

  private var advice: String {
    switch reason {
    case .refusedPlainHTTP: "use https://, or allow plain HTTP for this source"
    case .refusedRedirect:
      "the sign-in page of a network or a web filter may stand in between: look at the address in a browser on this network"
    case .tlsNotTrusted:
      "if a proxy or gateway of yours looks inside TLS, or the server is yours, name the certificate authority in 'ca', or add it to the system's (update-ca-certificates, update-ca-trust); if not, stop"
    case .certificateDates(.notYetValid, _):
      "look at the clock first (timedatectl): a machine whose clock is behind sees good certificates as not valid yet"
    case .certificateDates(.expired, _):
      "look at the clock (timedatectl); if it is right, whoever runs the server or the gateway in between has to renew the certificate"
    case .cannotResolve: "check the name and the DNS servers of this machine" + proxyHint
    case .cannotConnect, .timedOut(.connecting): "check the network, the firewall and the proxy setting" + proxyHint
    case .timedOut(.stalled), .cutShort: "try again: the part that was received is kept where the server allows it"
    case .timedOut(.total): "allow more time, or try again"
    case .tooLarge: "this is not the file that was meant, or its limit is too low"
    case .wrongLength: "the server may be between two states: try again later, or take another server"
    case .page:
      "look at the address in a browser on this network, and have the gateway or filter let this machine fetch from the server"
    case .packed: "a proxy or gateway in between may pack what passes: have it leave the server's answers as they are"
    case .httpStatus(403), .httpStatus(451): Self.blockAdvice
    case .httpStatus(401): "ask the server's administrator for access"
    case .httpStatus(511): "the network asks for a sign-in: sign in with a browser on this network, then run again"
    case .leavesFolder: "copy the file itself into the folder"
    case .changedWhileRead: "run again when nothing else writes to the folder"
    case .folderUnusable: "if it is a share or a disk, mount it; check the path in the configuration"
    case .asksToWait: "this run has waited for it as long as it may: run again after that time"
    case .httpStatus(429), .httpStatus(503): "the server is busy: try again later"
    case .httpStatus(let status) where status >= 500: "the fault is the server's: try again later"
    case .proxy(.notSignedIn(let signIn)): signIn.advice
    case .proxy: "check the proxy setting"
    case .noServerLeft(let failures): Self.advice(on: failures)
    default: ""
    }
  }

  /// One piece of advice for failures of several servers: for the kind that all have, or that stands out.
  private static func advice(on failures: [TransferError]) -> String {
    if let page = failures.first(where: \.isPage) { return page.advice }
    let others = failures.filter { $0.kind != .unreachable }
    guard let first = others.first else {
      return "check the network, the firewall, DNS and the proxy setting" + (failures.first?.proxyHint ?? "")
    }
    return others.allSatisfy({ $0.advice == first.advice }) ? first.advice : ""
  }

  private static let blockAdvice =
    "it may refuse the address of this machine: servers and networks such as CDNs block whole countries, providers and clouds, and answer 403 or 451; try another network or a proxy, or ask whoever runs the server for access"

  private var proxyHint: String {
    isDirect
      ? "; no proxy is set: where the internet is reached only by one, set 'proxy' in the configuration (cron and systemd do not know the https_proxy of your shell)"
      : ""
  }
}

extension TransferError {
  /// Whether a web page came in place of the file, from each server that answered.
  package var isPage: Bool {
    switch reason {
    case .page: true
    case .noServerLeft(let failures): failures.contains(where: \.isPage)
    default: false
    }
  }
}
