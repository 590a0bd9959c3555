// Package stats turns samples into figures that carry what they rest on: a
// quantile has its n and its interval, a rate its interval, a comparison the
// noise it was made in, and none is given before it is earned.
//
// Its rules:
//   - Intervals cover 95 % and are distribution-free: nothing is assumed to be
//     normal. A quantile is withheld until its interval has two ends within the
//     values, a ratio until its test can reject at all.
//   - What a reader should doubt travels with the figure, as Warnings.
//   - Functions are pure: no clock, no chance, no input or output. Time is the
//     order of the values or an index; every function says which order it takes.
//   - Values that cannot be measurements are refused, never repaired: not a
//     number and the infinities everywhere, and zero or less wherever a ratio or
//     a logarithm is taken. They are left out and counted in a warning.
//   - What is handed in is one series: one target, one prompt profile, one cap
//     on the answer, warm or cold, cache hit or miss, one backend. Values of
//     different series are never pooled; that is the caller's duty, for a pooled
//     sample looks like any other from in here. Aggregate within the series and
//     compare the figures.
package stats
