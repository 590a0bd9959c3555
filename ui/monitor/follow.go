package monitor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"time"

	"costping/probe"
	"costping/ui/config"
)

// lookForChanges is how often the configuration's files are looked at. They are read
// when they were the same twice: whoever writes one may not have ended.
const lookForChanges = time.Second

// changed is another configuration than the one in force: with its prompt, which a
// file of its own may hold, and what is other in a few words.
type changed struct {
	config  config.Config
	profile probe.Profile
	what    string
}

// FollowFile reads the configuration of a setup whenever one of its files changes,
// until ctx ends, and hands over to Changed what it says then; one that cannot be used
// is handed to Refused instead, once. A message on Reload has it read at once.
func FollowFile(ctx context.Context, s Setup) {
	profile, _ := s.Config.Prompt() // one that cannot be read is another than one that can
	follow(ctx, s, profile, func(next changed) {
		if s.Changed != nil {
			s.Changed(next.config)
		}
	})
}

// follow is FollowFile with the prompt that is in force. The files are read once at
// first: they may have changed since the configuration was.
func follow(ctx context.Context, s Setup, profile probe.Profile, take func(changed)) {
	now := s.Config
	files := s.filesOf(now)
	if len(files) == 0 {
		return
	}
	var read, seen []stamp
	refused := false
	tick := time.NewTicker(lookForChanges)
	defer tick.Stop()
	for {
		wanted := false
		select {
		case <-tick.C:
		case <-s.Reload:
			wanted = true
		case <-ctx.Done():
			return
		}
		before := seen
		seen = stampsOf(files)
		if !wanted && (slices.Equal(seen, read) || !slices.Equal(seen, before)) {
			continue
		}
		read = seen
		next, err := s.usable(now)
		if err != nil {
			refused = true
			s.refuse(fmt.Errorf("%w; the configuration of before stays in force", err))
			continue
		}
		next.what = whatChanged(now, next.config)
		if next.what == "" && !reflect.DeepEqual(profile, next.profile) {
			next.what = "other profile"
		}
		if next.what == "" {
			if refused { // it was put back as it was
				s.refuse(nil)
			}
			refused = false
			continue
		}
		refused = false
		take(next)
		now, profile = next.config, next.profile
		if others := s.filesOf(now); !slices.Equal(others, files) {
			files, read, seen = others, nil, nil
		}
	}
}

// refuse tells whoever wants to know.
func (s Setup) refuse(err error) {
	if s.Refused != nil {
		s.Refused(err)
	}
}

// filesOf are the files that a configuration depends on.
func (s Setup) filesOf(c config.Config) []string {
	files := slices.Clone(s.Files)
	if c.Path != "" {
		profile := c.Profile
		if !filepath.IsAbs(profile) {
			profile = filepath.Join(filepath.Dir(c.Path), profile)
		}
		files = append(files, c.Path, profile) // a profile that comes with costping is no file
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// usable reads a configuration that has something to probe.
func (s Setup) usable(now config.Config) (changed, error) {
	load := s.Load
	if load == nil {
		load = func() (config.Config, error) { return config.Load(now.Path) }
	}
	c, err := load()
	if err == nil && len(c.Targets) == 0 && whatChanged(now, c) != "" {
		err = fmt.Errorf("no targets are configured in %s", probe.Sanitize(c.Path, mostChanged))
	}
	if err != nil {
		return changed{}, err
	}
	if len(c.Targets) == 0 {
		c = now // there is nothing to say of it
	}
	profile, err := c.Prompt()
	return changed{config: c, profile: profile}, err
}

// stamp tells two states of a file apart.
type stamp struct {
	at   time.Time
	size int64
}

// stampsOf are the states of files; that of one that is not there is like no other.
func stampsOf(files []string) []stamp {
	stamps := make([]stamp, len(files))
	for i, path := range files {
		if info, err := os.Stat(path); err == nil {
			stamps[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return stamps
}
