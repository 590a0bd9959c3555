// Package costmodel says what a workload costs on a language model. It turns
// a Price (USD per 1M tokens, with its source and dates) and a Workload (a
// volume of tokens, or of items with tokens each, its split into input and output
// and what becomes of them) into a Spend a day, a month and a year, with line items
// that add up, and answers which workload gives a stated spend.
//
// The rules it keeps:
//
//   - Pure: no files, no network, no clock, no terminal. A date that stands
//     for today is an argument, a catalog is read from an io.Reader.
//   - Exact: amounts, shares and token counts are rationals (math/big.Rat).
//     They are rounded once, where a figure leaves the package as text: 10
//     places in JSON, as many as asked for on a screen, half away from zero.
//     Floats exist only to place a pixel.
//   - Unknown is not zero. A rate is known (0 included), absent (the model has
//     no such charge, or none of its own beside the plain one) or unknown. A
//     Spend that rests on an unknown rate is not known and says why; a charge the
//     workload does not use cannot make it so.
//   - A price holds for an interval of days. Which one holds is asked for a day;
//     what a source said stays, doubted where it was found wrong.
//   - Tiers are cliffs: past the threshold a request is billed at them as a whole.
//   - Immutable: every value here may be shared between goroutines. A method
//     that hands out a *big.Rat hands out a copy.
//   - Input from people is refused with an *InputError: one sentence, and a
//     hint that says what to do instead. It is bounded in length and size.
package costmodel
