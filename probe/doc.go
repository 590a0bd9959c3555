// Package probe measures one model over a real OpenAI-compatible stream, on a
// schedule, and knows nothing of terminals, prices or files.
//
// Its rules:
//
//   - One monotonic clock, client side. Every duration counts from t0, the
//     instant before the HTTP client is handed a request whose body is already
//     marshalled.
//   - The wire is judged by this package alone. go-openai builds the request and
//     carries it; what arrived, and when, is read from the record that the
//     measuring transport keeps, and decoded only after the stream has ended.
//   - A figure that was not measured is not known (Measured.Known is false). It
//     is never zero and never estimated. Tokens come from the server's usage.
//   - Every attempt yields exactly one Sample with exactly one Outcome. Nothing
//     is retried inside a sample.
//   - Whatever a server sends is bounded in size and time, and stripped of
//     control characters before anybody sees it. A key never enters a Sample, and
//     neither does the value of a header.
//   - What an endpoint wants otherwise than the rest is data: a row of Providers.
//     What is not known there is learned from a refusal that names a field, one
//     change at a time, for the attempts that follow; the one that was refused
//     stays what it was.
//   - A request has its last form, headers and all, before t0.
//   - A key is read from where the target says it is, and sent to nobody whom the
//     target does not name.
//   - Money is set aside before a probe is sent and settled after it. Where that
//     cannot be done, nothing is sent that costs any.
//   - What a probe cost comes from a function handed in: prices are not this
//     package's business.
package probe
