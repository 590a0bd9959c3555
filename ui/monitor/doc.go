// Package monitor is the running whole behind a screen: a schedule that probes
// into a history, and the demo that needs neither key nor network.
//
// Its rules: it knows no terminal; what it starts it ends, goroutines and files
// alike; a panic in its goroutines is handed over as an error, so that whoever
// holds the terminal can put it in order first.
package monitor
