// Package simulator is an OpenAI-compatible server on loopback whose latencies,
// faults and incidents are scripted. It is the known truth that a measuring
// client is compared with, and the world that the demo shows.
//
// The rules it keeps:
//
//   - A [Script] says how one model behaves; [Draw] turns it into the [Plan] of
//     one request. Draw is pure: the same script, random source, instant and
//     length give the same plan, with or without a server around it.
//   - A [Server] derives the random source of a request from its seed, the model
//     and the how-manieth request of that model it is ([RequestRand]), so that
//     what one model does never depends on how busy another is. Incidents are
//     placed by wall time since [Options].Epoch.
//   - Every instant of a plan is an offset from the receipt of the request, and
//     is kept by absolute time, so that lateness never accumulates. A byte is
//     never sent before its instant.
//   - What was really sent is in the [Sent] log, stamped just before the Write
//     that completes an event. A client that has read a body to its end finds the
//     record in the log.
//   - One token is one word with a leading space, so that tokens can be counted
//     in the text. Prompt tokens are counted by [CountTokens], the simulator's
//     own measure, which is no provider's tokenizer.
//   - A [Dialect] changes how a plan is put on the wire, one field for each
//     departure of a provider from OpenAI; [Dialects] has them by name. It never
//     changes the plan, but that a model which has to be loaded first delays it.
//   - It listens on loopback only, writes nothing to the terminal, and never
//     keeps or logs a key or a message.
package simulator
