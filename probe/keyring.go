package probe

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"

	"github.com/zalando/go-keyring"
	"golang.org/x/sync/singleflight"
)

// keyrings asks the system's keyring, which may ask a person in turn. It knows no
// context: a call that nobody waits for any more goes on, so each place is asked
// about by one call at a time, and whoever comes later waits for that one.
type keyrings struct {
	ask    func(service, user string) (string, error)
	asking singleflight.Group
}

// systemKeyring is one for the process, as the keyring is.
var systemKeyring = &keyrings{ask: keyring.Get}

// key is what the keyring holds at "service/user".
func (k *keyrings) key(ctx context.Context, place string) (string, error) {
	service, user, _ := strings.Cut(place, "/")
	answered := k.asking.DoChan(place, func() (any, error) { return k.ask(service, user) })
	select {
	case <-ctx.Done():
		var slow *slowKeyError
		if errors.As(context.Cause(ctx), &slow) {
			return "", fmt.Errorf("the keyring did not answer within %s: it may wait to be unlocked", slow.limit)
		}
		return "", errors.New("asking the keyring was interrupted")
	case a := <-answered:
		text, _ := a.Val.(string)
		key := strings.TrimSpace(text)
		switch {
		case errors.Is(a.Err, keyring.ErrNotFound), a.Err == nil && key == "":
			return "", fmt.Errorf("%w: the keyring holds none for this service and user", ErrKeyUnset)
		case noKeyringService(a.Err):
			return "", errors.New("this system runs no keyring service")
		case a.Err != nil:
			return "", fmt.Errorf("the keyring cannot be read: %s", Sanitize(a.Err.Error(), maxNameText))
		}
		return key, nil
	}
}

// noKeyringService reports whether a keyring failed because there is none: no
// program to ask, no bus, or nobody on the bus who keeps secrets. The last comes
// as text alone.
func noKeyringService(err error) bool {
	var dial *net.OpError
	return errors.Is(err, exec.ErrNotFound) || errors.As(err, &dial) || errors.Is(err, keyring.ErrUnsupportedPlatform) ||
		err != nil && strings.Contains(err.Error(), "org.freedesktop.secrets was not provided")
}
