import SwiftASN1

/// Reads DER (X.690) value by value, strictly: definite lengths in their shortest form, nothing behind the end, no more
/// than 50 levels. swift-asn1 takes the bytes apart; all of them are checked before the first value is given out.
///
/// What a value must be is asked by its tag's byte, as the standards write it: `0x30`, `0xA0`.
package struct DERReader {
  private var next: ASN1Node?
  private var others: ASN1NodeCollection.Iterator?

  /// A reader of one value.
  ///
  /// - Returns: `nil` for what is no DER, and for more than one value.
  package init?(_ bytes: some Collection<UInt8>) {
    guard let node = try? DER.parse(Array(bytes)) else { return nil }
    next = node
  }

  fileprivate init(_ nodes: ASN1NodeCollection) {
    var iterator = nodes.makeIterator()
    next = iterator.next()
    others = iterator
  }

  /// Whether all is read.
  package var isAtEnd: Bool { next == nil }

  /// The tag of the next value; `nil` at the end.
  package var nextTag: UInt8? { next?.encodedBytes.first }

  /// The next value, of whatever tag; `nil` at the end.
  package mutating func value() -> DERValue? {
    guard let node = next else { return nil }
    next = others?.next()
    return DERValue(node: node)
  }

  /// The next value, if it has a tag; else it is not read.
  package mutating func value(_ tag: UInt8) -> DERValue? { nextTag == tag ? value() : nil }

  /// A reader of what is inside the next value, if it has a tag; else it is not read.
  package mutating func enter(_ tag: UInt8) -> DERReader? { nextTag == tag ? value()?.inside : nil }
}

/// A value of DER.
package struct DERValue {
  fileprivate let node: ASN1Node

  /// Its tag's byte.
  package var tag: UInt8 { node.encodedBytes.first ?? 0 }
  /// All of it, tag and length included.
  package var whole: ArraySlice<UInt8> { node.encodedBytes }
  /// The bytes that it consists of; `nil` where it consists of other values.
  package var content: ArraySlice<UInt8>? { if case .primitive(let bytes) = node.content { bytes } else { nil } }
  /// A reader of the values that it consists of; `nil` where it consists of bytes.
  package var inside: DERReader? { if case .constructed(let nodes) = node.content { DERReader(nodes) } else { nil } }
}

/// Tags of DER.
package enum DERTag {
  package static let boolean: UInt8 = 0x01
  package static let integer: UInt8 = 0x02
  package static let bitString: UInt8 = 0x03
  package static let octetString: UInt8 = 0x04
  package static let object: UInt8 = 0x06
  package static let utf8String: UInt8 = 0x0C
  package static let printableString: UInt8 = 0x13
  package static let t61String: UInt8 = 0x14
  package static let ia5String: UInt8 = 0x16
  package static let utcTime: UInt8 = 0x17
  package static let generalizedTime: UInt8 = 0x18
  package static let bmpString: UInt8 = 0x1E
  package static let sequence: UInt8 = 0x30
  package static let set: UInt8 = 0x31
  package static let context0: UInt8 = 0xA0
  package static let context1: UInt8 = 0xA1
  package static let context3: UInt8 = 0xA3
}
