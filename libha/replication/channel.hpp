// One reliable, ordered, flow-controlled stream of messages from one supervisor to the other, over
// raw frames on control: what replication and everything else between the supervisors rides on.
//
//     owner ── send(message) ──► ChannelSender ── ChannelData ──► ChannelReceiver ──► message
//                                       ▲                               │
//                                       └───────── ChannelAck ──────────┘
//
// What is promised: messages come out whole, in order, each once, or not at all; a stream never
// continues another one. What is not: that they come out. A receiver that takes nothing shows in
// stuck_since(), and the owner decides what that means.
//
// How it works, and where it is argued: docs/architecture.md, "The channel". Every byte:
// docs/wire-format.md. Integrity and authentication are the frame's seal (libha/wire/seal.hpp), and
// incarnations and replayed frames are kept out by the gate and the owner before they get here; a
// peer with a valid key that lies can corrupt or stop its own stream and no more: neither side
// takes more memory than its options say, or more than a small amount of time for a frame.
//
// Pure. Not thread-safe: one owner feeds it.
#pragma once

#include "libha/replication/channel_receiver.hpp"  // IWYU pragma: export
#include "libha/replication/channel_sender.hpp"    // IWYU pragma: export
