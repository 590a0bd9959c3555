package check

import (
	"context"
	"sync"

	"costping/probe"
)

// each calls do with 0 to n-1, so many at once, and waits for that. Nothing further is
// begun once ctx has ended. A panic of do calls stop, and once the others have ended it
// is one of who called: whoever holds the terminal can put that in order there.
func each(ctx context.Context, stop func(), n, atOnce int, do func(i int)) {
	next := make(chan int)
	ended := make(chan struct{})
	var mu sync.Mutex
	var crashed error
	end := sync.OnceFunc(func() { close(ended) })
	var workers sync.WaitGroup
	for range max(1, min(atOnce, n)) {
		workers.Go(func() {
			defer probe.Recover(func(err error) {
				mu.Lock()
				defer mu.Unlock()
				crashed = err
				stop()
				end()
			})
			for i := range next {
				do(i)
			}
		})
	}
	func() {
		defer close(next)
		for i := 0; i < n && ctx.Err() == nil; i++ {
			select {
			case next <- i:
			case <-ctx.Done():
			case <-ended:
				return
			}
		}
	}()
	workers.Wait()
	if crashed != nil {
		panic(crashed)
	}
}
