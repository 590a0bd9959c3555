// Package monitor is the running whole behind a screen: schedules that probe into a
// history, the checks beside them, what becomes of their results (events, alerts, the
// status file), the configuration that is followed as it changes, and the demo that
// needs neither key nor network.
//
// Its rules: it knows no terminal; what it starts it ends, goroutines and files
// alike; a panic in its goroutines is handed over as an error, so that whoever
// holds the terminal can put it in order first.
package monitor
