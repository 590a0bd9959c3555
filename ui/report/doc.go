// Package report writes tables for people and for programs: one table, every
// format. It knows no terminal beyond its width, and escapes for each format what
// servers and people may have put into a name.
package report
