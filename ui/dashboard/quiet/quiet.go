// Package quiet keeps Bubble Tea from questioning the terminal before main.
//
// Bubble Tea v1 asks for the background colour when its package is initialised,
// on every run of the program, and waits five seconds where nothing answers.
// Telling Lip Gloss the answer first prevents it. That works because Go
// initialises packages that are ready in the order of their import paths, and
// costping/... sorts before github.com/charmbracelet/bubbletea: the path of this
// package is part of how it works.
package quiet

import "github.com/charmbracelet/lipgloss"

func init() { //nolint:gochecknoinits // it has to happen before bubbletea's own init
	lipgloss.SetHasDarkBackground(true)
}
