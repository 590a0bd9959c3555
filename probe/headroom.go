package probe

import "time"

// Headroom is how much of its rate limits a server said to be left.
type Headroom struct {
	Requests, Tokens Allowance
}

// Allowance is one rate limit as a response tells it.
type Allowance struct {
	// Limit is how much may be used within a window, Remaining how much of that
	// is left.
	Limit, Remaining Measured[int64]
	// Reset is how long it takes until all of it is there again.
	Reset Measured[time.Duration]
}
