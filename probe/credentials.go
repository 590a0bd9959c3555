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
	header  http.Header
	secrets []string // what of the header no text may show, the longest first
}

// credentials reads the target's key, kept or anew, and fills in its headers.
func (c *Client) credentials(ctx context.Context, t Target) (credentials, error) {
	key, err := c.keys.get(ctx, t.keySource())
	if err != nil {
		return credentials{}, err
	}
	custom, secrets, err := expandHeaders(t.Headers)
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
	for name, values := range custom {
		header[name] = values // the target's own word counts
	}
	return credentials{header: header, secrets: shownForms(append(secrets, key))}, nil
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

// scrub removes secrets from a text, should a server have sent them back. What is
// left of one where the text was cut goes too.
func scrub(text string, secrets ...string) string {
	const least, mark = 4, "[key]"
	for _, secret := range secrets {
		if len(secret) >= least {
			text = scrubOne(text, secret, least, mark)
		}
	}
	return cut(text, maxErrorText) // a mark may be longer than the secret
}

func scrubOne(text, secret string, least int, mark string) string {
	text = strings.ReplaceAll(text, secret, mark)
	body := strings.TrimSuffix(text, ellipsis)
	for n := len(secret) - 1; n >= least; n-- {
		if rest, found := strings.CutSuffix(body, secret[:n]); found {
			return rest + mark + text[len(body):]
		}
	}
	return text
}
