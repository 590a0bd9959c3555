// Package screen renders what the dashboard shows, one file a screen.
//
// Its rules: a screen is a pure function from a view model, a width, a height
// and a theme to text of exactly that many lines of exactly that width; it does
// no I/O and reads no clock; width picks the columns, height picks the parts, and
// no size is too small.
package screen
