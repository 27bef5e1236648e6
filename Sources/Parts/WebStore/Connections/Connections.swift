import NIOCore
import Synchronization

/// The connections that are open: who may have one, how many there are, and all of them for the day's end.
final class Connections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var counts: [[UInt8]: Int] = [:]
    var isClosing = false
  }

  private let state = Mutex(State())
  private let allowed: [AddressRange]
  private let limit: Int
  private let limitOfAddress: Int
  private let metrics: Metrics

  init(_ options: WebServerOptions, metrics: Metrics) {
    allowed = options.allowed
    limit = options.maximumConnections
    limitOfAddress = options.maximumConnectionsPerAddress
    self.metrics = metrics
  }

  /// Takes a new connection, or tells why not.
  func admit(_ channel: any Channel, from address: ClientAddress?) -> Metrics.Refusal? {
    if !allowed.isEmpty {
      guard let address, allowed.contains(where: { $0.contains(address) }) else { return refuse(.address) }
    }
    let client = address?.client ?? []
    let refusal: Metrics.Refusal? = state.withLock { state in
      if state.isClosing || state.channels.count >= limit { return .connections }
      if address != nil, state.counts[client, default: 0] >= limitOfAddress { return .connectionsOfAddress }
      state.channels[ObjectIdentifier(channel)] = channel
      state.counts[client, default: 0] += 1
      return nil
    }
    if let refusal { return refuse(refusal) }
    metrics.countConnection()
    channel.closeFuture.whenComplete { _ in
      self.metrics.countEndOfConnection()
      self.state.withLock { state in
        state.channels[ObjectIdentifier(channel)] = nil
        let left = state.counts[client, default: 0] - 1
        state.counts[client] = left > 0 ? left : nil
      }
    }
    return nil
  }

  private func refuse(_ refusal: Metrics.Refusal) -> Metrics.Refusal {
    metrics.count(refusal)
    return refusal
  }

  /// Ends them: each once its answer is sent, and at the latest when the time is over.
  func close(within time: TimeAmount) async {
    let channels = state.withLock { state in
      state.isClosing = true
      return Array(state.channels.values)
    }
    await withTaskGroup(of: Void.self) { group in
      for channel in channels {
        group.addTask {
          channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
          let end = channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
          try? await channel.closeFuture.get()
          end.cancel()
        }
      }
    }
  }
}
