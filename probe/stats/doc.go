// Package stats turns samples into figures that carry what they rest on: a
// quantile has its n and its interval, a rate its interval, and neither is given
// before it is earned.
//
// Its rules: intervals are distribution-free; nothing is assumed to be normal;
// a quantile is withheld until its interval can have two finite ends that each
// miss at most 2.5 % of the time; functions are pure.
package stats
