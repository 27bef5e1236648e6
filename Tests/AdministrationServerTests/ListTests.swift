import AdministrationServer
import AdministrationServerDouble
import TestSupport
import Testing

@Suite struct ListTests {
  private struct Enough: Error {}

  @Test func `a hundred thousand devices are read a page at a time, and the list is released`() async throws {
    let world = try World(Fixture(keys: 1, devicesPerKey: 100_000))
    let server = try world.server { $0.pageSize = 10_000 }
    let serial = world.double.fixture.keys[0].serial
    var (devices, largest, old) = (0, 0, 0)
    try await server.readDevices(usingKey: serial) { page in
      devices += page.count
      largest = max(largest, page.count)
      old += page.filter { $0.version == "11.0.0.0" }.count
      return .more
    }
    #expect(devices == 100_000)
    #expect(largest == 10_000)
    #expect(old == 33_334)
    #expect(world.double.openLists == 0)
    #expect(world.double.methods.filter { $0 == "GroupSyncIterator.GetNextItems" }.count == 10)
  }

  @Test func `a reader that has enough is not given more`() async throws {
    let world = try World(Fixture(keys: 30))
    let server = try world.server { $0.pageSize = 10 }
    var pages = 0
    try await server.readLicences { page in
      pages += 1
      return page.count == 10 && pages == 2 ? .stop : .more
    }
    #expect(pages == 2)
    #expect(world.double.openLists == 0)
  }

  @Test func `a list is released when its reader fails, and the reader's own error comes out`() async throws {
    let world = try World(Fixture(keys: 30))
    let server = try world.server()
    await #expect(throws: Enough.self) { try await server.readLicences { _ in throw Enough() } }
    #expect(world.double.openLists == 0)
    await #expect(throws: Enough.self) { try await server.readDevices { _ in throw Enough() } }
    #expect(world.double.openLists == 0)
  }

  @Test func `a list is released when the server fails in the middle`() async throws {
    let world = try World(Fixture(keys: 30))
    let server = try world.server { $0.pageSize = 10 }
    world.double.misbehave { call in
      guard call.method == "GroupSyncIterator.GetNextItems", call.count == 2 else { return nil }
      return .failure(PxgFailure(1195, "Unavailable"))
    }
    let error = try await failure { _ = try await server.licences() }
    #expect(error.fault?.kind == .unavailable)
    #expect(world.double.openLists == 0)
    world.double.misbehave { $0.method == "ChunkAccessor.GetItemsChunk" ? .truncated(to: 9) : nil }
    guard case .malformed = try await failure({ try await server.readDevices { _ in .more } }) else {
      throw TestFailure("read")
    }
    #expect(world.double.openLists == 0)
  }

  @Test func `a list is released when its task is cancelled`() async throws {
    let world = try World(Fixture(keys: 30))
    let server = try world.server { $0.pageSize = 1 }
    let task = Task {
      try await server.readLicences { _ in
        withUnsafeCurrentTask { $0?.cancel() }
        return .more
      }
    }
    guard case .cancelled = try await failure({ try await task.value }) else { throw TestFailure("not cancelled") }
    #expect(world.double.openLists == 0)
    #expect(world.double.methods.filter { $0 == "GroupSyncIterator.GetNextItems" }.count == 1)
  }

  @Test func `a session that ends in the middle of a list does not end the list`() async throws {
    let world = try World(Fixture(keys: 30))
    let server = try world.server { $0.pageSize = 10 }
    var keys = 0
    try await server.readLicences { page in
      keys += page.count
      world.double.expireSessions()
      return .more
    }
    #expect(keys == 30)
    #expect(world.double.openLists == 0)
  }

  @Test func `a reader may make other calls meanwhile`() async throws {
    let world = try World(Fixture(keys: 6))
    let server = try world.server { $0.pageSize = 2 }
    var bodies = 0
    try await server.readLicences { page in
      for key in page where try await server.keyBody(serial: key.serial) != nil { bodies += 1 }
      return .more
    }
    #expect(bodies == 5)
  }

  @Test func `devices and their products are read`() async throws {
    var fixture = Fixture()
    fixture.devices = 25
    let world = try World(fixture)
    let server = try world.server { $0.pageSize = 10 }
    var names: [String] = []
    try await server.readDevices { page in
      names += page.map(\.id)
      return .more
    }
    #expect(names == (0..<25).map { "host-\($0)" })
    #expect(world.double.openLists == 0)
    let products = try await server.products(onDevice: "host-3")
    #expect(products.map(\.product) == ["1103", "KES"])
    #expect(products.map(\.version) == ["15.1.0.0", "12.1.0.0"])
    #expect(products[1].displayName == "Kaspersky Endpoint Security")
    #expect(products[1].installed?.text == "2026-01-02T03:04:05Z")
    #expect(try await failure { _ = try await server.products(onDevice: "host-99") }.fault?.kind == .notFound)
  }
}
