package probe

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// keyLifetime is how long a client trusts a key that it has read.
const keyLifetime = 5 * time.Minute

// keyCache keeps keys that took a command or the keyring to read, by their source.
// Each is read once for all who wait for it, and as long as it takes: who waits may
// have less time than a person who unlocks something. The zero value is ready.
type keyCache struct {
	reading singleflight.Group // by keySource.name

	mu     sync.Mutex
	kept   map[keySource]keptKey
	reads  *keyReads // nil while none has begun
	closed bool      // nothing more is begun
}

type keptKey struct {
	key  string
	read time.Time
}

// keyReads are the readings under way, which end together.
type keyReads struct {
	ctx     context.Context
	end     context.CancelFunc
	running sync.WaitGroup
}

// get returns the key of a source, kept or read anew. A failure is not kept, but
// shared by all who were waiting.
func (c *keyCache) get(ctx context.Context, s keySource) (string, error) {
	if s.command == "" && s.keyring == "" {
		return s.read(ctx, keyTimeout)
	}
	if key, ok := c.fresh(s); ok {
		return key, nil
	}
	answered := c.reading.DoChan(s.name(), func() (any, error) { return c.read(s) })
	select {
	case <-ctx.Done():
		return "", errors.New("the key had not been read yet")
	case a := <-answered:
		key, _ := a.Val.(string)
		return key, a.Err
	}
}

// name tells sources apart.
func (s keySource) name() string { return s.command + "\x00" + s.keyring }

// fresh is the key that is kept.
func (c *keyCache) fresh(s keySource) (key string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.kept[s]
	if !ok || time.Since(kept.read) >= keyLifetime {
		return "", false
	}
	return kept.key, true
}

// read reads a key and keeps it.
func (c *keyCache) read(s keySource) (string, error) {
	if key, ok := c.fresh(s); ok { // by whoever was just before us
		return key, nil
	}
	reads := c.begin()
	defer reads.running.Done()
	key, err := s.read(reads.ctx, keyTimeout)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[keySource]keptKey{}
	}
	c.kept[s] = keptKey{key: key, read: time.Now()}
	return key, nil
}

func (c *keyCache) begin() *keyReads {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reads == nil {
		c.reads = &keyReads{}
		c.reads.ctx, c.reads.end = context.WithCancel(context.Background())
		if c.closed { // it was asked for before, and comes only now
			c.reads.end()
		}
	}
	c.reads.running.Add(1)
	return c.reads
}

// close ends the readings under way, and those that are yet to begin, and waits for
// that: a command must not outlive the program.
func (c *keyCache) close() {
	c.mu.Lock()
	reads := c.reads
	c.reads, c.closed = nil, true
	c.mu.Unlock()
	if reads != nil {
		reads.end()
		reads.running.Wait()
	}
}

// forget drops a key that was refused: the place it is from may hold another by
// now.
func (c *keyCache) forget(s keySource) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, s)
}
