package probe

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Target is one model at one endpoint: what to probe and how to reach it. It
// says where the key is to be had and never holds the key itself.
type Target struct {
	// Name labels the target; unique within a history.
	Name string
	// Provider names who serves it, for people ("openai", "together"). Where it
	// is the name of a preset, that says what the endpoint wants otherwise than
	// the rest. Optional.
	Provider string
	// BaseURL is the root of the API, with its version segment:
	// https://api.openai.com/v1.
	BaseURL string
	// Model is the id the endpoint knows it by.
	Model string

	// Where the API key is: in an environment variable, in the output of a
	// command, or in the keyring of the system as "service/user". At most one;
	// none for an endpoint that wants no key.
	KeyEnv, KeyCommand, KeyKeyring string
	// Headers are sent with every request, each "Name: value". In a value,
	// ${NAME} stands for an environment variable, so that what is secret need
	// not be written down.
	Headers []string
	// Extra holds top-level fields for the JSON of every request, as JSON: what
	// go-openai has no field for, such as OpenRouter's provider.
	Extra map[string]json.RawMessage
	// Interval is the least time between two probes of this target; 0 for every
	// pass.
	Interval time.Duration
}

// Identity is the target by its names alone: all that a sample keeps of it.
func (t Target) Identity() Target {
	return Target{Name: t.Name, Provider: t.Provider, BaseURL: t.BaseURL, Model: t.Model}
}

// maxNameText bounds a name, in bytes.
const maxNameText = 200

// Validate reports the first thing that makes the target unusable.
func (t Target) Validate() error {
	if t.Name == "" {
		return errors.New("a target needs a name")
	}
	if t.Model == "" {
		return fmt.Errorf("target %s: no model given", t.Name)
	}
	for what, text := range map[string]string{"name": t.Name, "model": t.Model, "provider": t.Provider} {
		if text != Sanitize(text, maxNameText) {
			return fmt.Errorf("the %s %q is too long, or holds characters that cannot be shown", what, Sanitize(text, maxNameText))
		}
	}
	if err := t.validateURL(); err != nil {
		return err
	}
	if t.Interval < 0 {
		return fmt.Errorf("target %s: the interval is negative", t.Name)
	}
	for _, err := range []error{t.keySource().validate(), checkHeaders(t.Headers), checkExtra(t.Extra)} {
		if err != nil {
			return fmt.Errorf("target %s: %w", t.Name, err)
		}
	}
	return nil
}

func (t Target) validateURL() error {
	preset, _ := t.Preset()
	u, err := url.Parse(t.BaseURL)
	switch {
	case strings.Contains(preset.BaseURL, resource) && (t.BaseURL == "" || strings.Contains(t.BaseURL, resource)):
		return fmt.Errorf("target %s: provider %s needs a base URL like %s, with the name of your own resource for %s",
			t.Name, preset.Name, preset.BaseURL, resource)
	case t.BaseURL == "":
		return fmt.Errorf("target %s: no base URL given", t.Name)
	case err != nil || u.Hostname() == "":
		return fmt.Errorf("base URL %q is not an absolute URL", redactURL(t.BaseURL))
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("base URL %q: the scheme must be http or https", redactURL(t.BaseURL))
	case u.User != nil:
		return fmt.Errorf("base URL %q carries a user name or password", redactURL(t.BaseURL))
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/chat/completions"):
		return fmt.Errorf("base URL %q names one request: leave out /chat/completions", redactURL(t.BaseURL))
	case preset.Name == "azure" && strings.Contains(u.Path, "/deployments/"):
		return fmt.Errorf("base URL %q is of the older API: give https://%s/openai/v1 and the deployment as the model",
			redactURL(t.BaseURL), Sanitize(u.Host, maxNameText))
	case strings.ContainsAny(t.BaseURL, "?#"): // an empty one too: the path is appended to it
		return fmt.Errorf("base URL %q has a query or fragment", redactURL(t.BaseURL))
	}
	return nil
}

// Host is the host and port of the base URL, "" where that does not parse.
func (t Target) Host() string {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return ""
	}
	return u.Host
}

// Loopback reports whether the endpoint is on this machine by its own word: a
// loopback address or localhost.
func (t Target) Loopback() bool {
	u, err := url.Parse(t.BaseURL)
	if err != nil {
		return false
	}
	return loopback(u.Hostname())
}

// redactURL drops what may be secret from a URL that is about to be shown: user
// information, query and fragment. Text that does not parse is cut at the first
// character that could begin one of them.
func redactURL(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		return Sanitize(u.String(), 200)
	}
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		raw = raw[i+1:]
	}
	if i := strings.IndexAny(raw, "?#"); i >= 0 {
		raw = raw[:i]
	}
	return Sanitize(raw, 200)
}
