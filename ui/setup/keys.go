package setup

import (
	"slices"
	"strings"

	"costping/probe"
)

// Key is a variable that holds a provider's key.
type Key struct {
	// Variable is its name, Provider the preset's whose key it is.
	Variable string
	Provider probe.Provider
}

// Keys are the variables that are set, at most one a provider, and how many were
// looked for: behind the first that is set of a provider's, no further. value is
// os.Getenv.
func Keys(value func(name string) string) (found []Key, lookedFor int) {
	for _, p := range probe.Providers() {
		for _, name := range p.KeyEnv {
			lookedFor++
			if strings.TrimSpace(value(name)) != "" {
				found = append(found, Key{name, p})
				break
			}
		}
	}
	return found, lookedFor
}

// KeyMissing reports whether none of the variables is set that usually hold the key
// of a provider, by the catalog's name. Of a provider without a preset it says no.
func KeyMissing(provider string, value func(name string) string) bool {
	for _, p := range probe.Providers() {
		if host(p) == provider && len(p.KeyEnv) > 0 {
			return !slices.ContainsFunc(p.KeyEnv, func(name string) bool { return strings.TrimSpace(value(name)) != "" })
		}
	}
	return false
}

// customers reports whether the provider has a base URL for each customer, which no
// key tells.
func customers(p probe.Provider) bool { return strings.Contains(p.BaseURL, "RESOURCE") }
