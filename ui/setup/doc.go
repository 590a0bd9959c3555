// Package setup finds out what costping could probe on this machine, and writes the
// first configuration of it.
//
// Its rules: of keys only the names of the variables are looked at and repeated,
// never what they hold; local servers are asked on loopback alone, for their models
// alone, within a bound of time and bytes, and no key goes to them; what they answer
// is not trusted; a file that is there already is never touched.
package setup
