package probe

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
)

// credentials are what a target's requests carry beside their bodies. They never
// leave the client.
type credentials struct {
	header http.Header
	// secrets are what of the header no text may show, the longest first, and keys
	// those of them of which no text may show a part either.
	secrets, keys []string
}

// credentials reads the target's key, kept or anew, and fills in its headers.
func (c *Client) credentials(ctx context.Context, t Target) (credentials, error) {
	key, err := c.keys.get(ctx, t.keySource())
	if err != nil {
		return credentials{}, err
	}
	custom, err := expandHeaders(t.Headers)
	if err != nil {
		return credentials{}, err
	}
	header := http.Header{}
	if preset, _ := t.Preset(); key != "" {
		if preset.KeyHeader != "" {
			header.Set(preset.KeyHeader, key)
		} else {
			header.Set("Authorization", "Bearer "+key)
		}
	}
	for name, values := range custom.header {
		header[name] = values // the target's own word counts
	}
	return credentials{
		header: header, secrets: shownForms(append(custom.secrets, key)), keys: shownForms(append(custom.keys, key)),
	}, nil
}

// apply puts the headers on a request.
func (c credentials) apply(to http.Header) {
	for name, values := range c.header {
		to[name] = slices.Clone(values)
	}
}

// shownForms are the texts as a server may repeat them and as they look after
// Sanitize, the longest first: one may be part of another.
func shownForms(secrets []string) []string {
	for _, s := range secrets {
		secrets = append(secrets, Sanitize(s, len(s)))
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(secrets)
}

// leastSecret is how short a text may be that is taken for a secret, or for the
// beginning of one, in bytes.
const leastSecret = 4

// scrub removes the secrets from a text, should a server have sent them back. Where
// the text was cut, what may be left of a key at its end goes too.
func (c credentials) scrub(text string) string {
	const mark = "[key]"
	for _, secret := range c.secrets {
		if len(secret) >= leastSecret {
			text = strings.ReplaceAll(text, secret, mark)
		}
	}
	if body, wasCut := strings.CutSuffix(text, ellipsis); wasCut {
		for _, key := range c.keys {
			body = withoutBeginning(body, key, mark)
		}
		text = body + ellipsis
	}
	return cut(text, maxErrorText) // a mark may be longer than the secret
}

// withoutBeginning puts the mark for the longest beginning of a key that a text
// ends in.
func withoutBeginning(text, key, mark string) string {
	for n := len(key) - 1; n >= leastSecret; n-- {
		if rest, found := strings.CutSuffix(text, key[:n]); found {
			return rest + mark
		}
	}
	return text
}
