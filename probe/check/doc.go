// Package check measures whether the answers of a model can be used: whether they
// keep to a schema, whether the right tool is called with the right arguments,
// whether a fact is found in a long request, whether vectors mean anything, and how
// many of one's own tasks are solved.
//
// Its rules:
//
//   - Every answer has exactly one class. An attempt without an answer (a timeout, a
//     rate limit, a refused request) has none: it is counted by its outcome beside
//     the rates, and held against them neither way.
//   - A rate carries its Wilson interval, and what could not be graded is not graded:
//     it is neither right nor wrong.
//   - What a target does not take, such as tools, is said and not counted.
//   - Cases are made from a seed, so that their right answers are known and the same
//     cases can be asked again; each request is sent as it stands.
//   - An answer is hostile: it is parsed within bounds of size, depth and digits, and
//     shown only as a sanitised beginning.
//   - Who asks, and within which budget, is the caller's affair: a probe.Asker.
package check
