//go:build !linux

package simulator

import (
	"context"
	"time"
)

// An alarm is not needed where the runtime's poller waits in nanoseconds, as it
// does with kqueue.
type alarm struct{}

func newAlarm(context.Context) *alarm { return nil }

func (*alarm) sleep(time.Duration) bool { return false }

func (*alarm) close() {}
