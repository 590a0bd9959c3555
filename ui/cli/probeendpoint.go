package cli

import (
	"cmp"
	"fmt"
	"strings"

	"costping/probe"
	"costping/ui/config"
)

const (
	endpointExample = "such as --base-url https://api.openai.com/v1 --model gpt-4o-mini --key-env OPENAI_API_KEY"
	modelExample    = "such as --model gpt-4o-mini, as the endpoint names it"
)

func unknownTarget(c config.Config, name string) error {
	name = probe.Sanitize(name, 80)
	file := probe.Sanitize(cmp.Or(c.Path, config.DefaultPath()), 200)
	if len(c.Targets) == 0 {
		return usage("add it as [[target]] to "+file+", or give the endpoint, "+endpointExample, "no target %q: none is configured", name)
	}
	return usage("the targets in "+file+" are "+strings.Join(namesOf(c.Targets), ", "), "no target %q", name)
}

// endpoint is the target that the flags describe.
func (p *probeCommand) endpoint(c config.Config) (config.Target, error) {
	t := config.Target{Target: p.adHoc}
	if t.Name == "" {
		t.Name = probe.Sanitize(t.Model, 80)
	}
	t.BaseURL = strings.TrimRight(t.BaseURL, "/") // one endpoint, one spelling
	if err := missing(t.Target, c); err != nil {
		return t, err
	}
	complete, err := config.Complete(t.Target)
	if err == nil {
		err = complete.Validate()
	}
	if err != nil {
		return t, usage(endpointHint(t.Target), "%v", err)
	}
	t.Target = complete
	priced := []config.Target{t}
	err = p.reprice(priced)
	return priced[0], err
}

// missing says what the flags leave out that a target needs.
func missing(t probe.Target, c config.Config) error {
	nowhere := t.BaseURL == "" && t.Provider == ""
	preset, known := probe.ProviderNamed(t.Provider)
	switch {
	case t.Model == "" && nowhere && len(c.Targets) > 0:
		return usage("the targets are "+strings.Join(namesOf(c.Targets), ", ")+"; '*' is all of them", "name the targets to probe, or give the endpoint and the model")
	case t.Model == "" && nowhere:
		return usage(endpointExample, "give the endpoint and the model")
	case nowhere:
		return usage("such as --base-url https://api.openai.com/v1, or --provider openai", "give the endpoint of %s", probe.Sanitize(t.Model, 80))
	case t.BaseURL == "" && !known:
		return usage("give the endpoint itself with --base-url, or the name of one that is known", "%s", config.UnknownProvider(t.Provider))
	case t.BaseURL == "" && t.WithPreset().BaseURL == "":
		return usage(endpointHint(t), "provider %s has a base URL of its own for each customer", preset.Name)
	case t.Model == "":
		return usage(modelExample, "give the model")
	}
	return nil
}

// endpointHint is an endpoint as the one of a target should look.
func endpointHint(t probe.Target) string {
	switch preset, ok := t.Preset(); {
	case strings.Contains(preset.BaseURL, "RESOURCE"): // each customer has another
		return "such as --base-url " + preset.BaseURL + ", with the name of your own resource for RESOURCE"
	case ok:
		return "such as --base-url " + preset.BaseURL
	}
	return endpointExample
}

// checkCredentials makes sure of a target's key and headers before anything is
// sent.
func (p *probeCommand) checkCredentials(c config.Config, t probe.Target) error {
	if _, inFile := c.Named(t.Name); !p.configured || !inFile {
		_, err := keyOf(t)
		return err
	}
	file := probe.Sanitize(c.Path, 200)
	if _, err := t.Key(); err != nil {
		hint := "check where the target's key comes from in " + file
		switch {
		case probe.VariableName(t.KeyEnv):
			hint = fmt.Sprintf("export %s=..., or name another place in %s", t.KeyEnv, file)
		case t.KeyKeyring != "":
			hint = "see to the keyring, or name another place for the key with key_env or key_command in " + file
		}
		return usage(hint, "target %s: %v", t.Name, err)
	}
	if err := t.CheckHeaders(); err != nil {
		return usage("export the variable, or change the headers of the target in "+file, "target %s: %v", t.Name, err)
	}
	return nil
}

// keyOf reads the key of --key-env, "" where none was named.
func keyOf(t probe.Target) (string, error) {
	key, err := t.Key()
	switch {
	case err == nil:
		return key, nil
	case !probe.VariableName(t.KeyEnv):
		return "", usage("give the name of the variable, not the key: --key-env OPENAI_API_KEY", "--key-env does not name a variable that is set")
	}
	return "", usage("export "+t.KeyEnv+"=..., or name another variable with --key-env", "the key variable %s is not set, or empty", t.KeyEnv)
}
