package cli

import (
	"slices"
	"strings"

	"costping/costmodel"
	"costping/probe"
	"costping/probe/stats"
	"costping/ui/compare"
	"costping/ui/config"
	"costping/ui/monitor"

	"github.com/spf13/cobra"
)

// mostAtOnce is how many streams this process can time side by side.
const mostAtOnce = 50

// check makes the plan of the flags and refuses what cannot be probed before
// anything is sent.
func (p *probeCommand) check(cmd *cobra.Command, args []string) error {
	c, err := p.configuration()
	if err != nil {
		return err
	}
	targets, err := p.choose(cmd, args, c)
	if err != nil {
		return err
	}
	return p.ready(cmd, c, targets)
}

// ready checks all else that is given, and that the targets can be asked.
func (p *probeCommand) ready(cmd *cobra.Command, c config.Config, targets []config.Target) (err error) {
	if p.listed, err = p.catalog(); err != nil {
		return err
	}
	if err := p.findProfile(cmd, c); err != nil {
		return err
	}
	if err := p.amount(cmd); err != nil {
		return err
	}
	p.cap, p.slo = c.Budget, c.SLO
	if cmd.Flags().Changed("budget") {
		if p.cap, err = config.ParseBudget(p.budget); err != nil {
			return usage("give US dollars a day: --budget 5.00/day", "%v", err)
		}
	}
	p.concurrency = p.parallel
	switch n := p.parallel * len(targets); {
	case p.parallel < 1 || p.parallel > mostAtOnce:
		return usage("give a number from 1 to 50: more at once would measure this machine", "%d probes at once cannot be timed", p.parallel)
	case n > mostAtOnce:
		return usage("lower --concurrency, or name fewer targets: more than 50 at once would measure this machine", "%d probes at once cannot be timed", n)
	case p.cold && p.parallel > 1:
		return usage("leave one of them out", "--cold and --concurrency cannot be used together: probes at once may share a connection")
	}
	p.prices = map[string]costmodel.Price{}
	for _, t := range targets {
		if t.Price.Known() {
			p.prices[t.Name] = t.Price
		}
		p.targets = append(p.targets, t.Target)
		if err := p.checkCredentials(c, t.Target); err != nil {
			return err
		}
	}
	return nil
}

// findProfile takes the profile of the flag, else the configuration's.
func (p *probeCommand) findProfile(cmd *cobra.Command, c config.Config) (err error) {
	name := c.Profile
	if cmd.Flags().Changed("profile") {
		name = p.prompt
		p.profile, err = config.FindProfile(name, ".")
	} else {
		p.profile, err = c.Prompt()
	}
	if err != nil {
		return usage(profileHint(name), "%v", err)
	}
	return nil
}

// profileHint says what a profile may be: what a file has to hold, for who named one.
func profileHint(name string) string {
	if config.NamesFile(name) {
		return "a profile file is TOML with name, prompt, max_tokens (64 to 32768) and, if wanted, system"
	}
	return "the profiles are " + strings.Join(config.ProfileNames(), ", ") + "; or name a TOML file that holds one"
}

// amount reads --count and --until.
func (p *probeCommand) amount(cmd *cobra.Command) error {
	p.probes = p.count
	quantiles := map[string]float64{"": 0, "p50": 0.5, "p95": 0.95}
	quantile, ok := quantiles[p.until]
	switch {
	case !ok || p.until == "" && cmd.Flags().Changed("until"):
		return usage("give p50 or p95", "--until cannot be %q", probe.Sanitize(p.until, 40))
	case quantile > 0 && cmd.Flags().Changed("count"):
		return usage("leave one of them out", "--until and --count cannot be used together")
	case p.count < 1 || p.count > 100_000:
		return usage("give a number from 1 to 100000", "%d probes cannot be made", p.count)
	case quantile > 0:
		p.quantile, p.probes = quantile, stats.Needed(quantile)
	}
	return nil
}

// choose gives the targets that were asked for: those named, else the endpoint of
// the flags.
func (p *probeCommand) choose(cmd *cobra.Command, args []string, c config.Config) ([]config.Target, error) {
	if len(args) == 0 {
		t, err := p.endpoint(c)
		return []config.Target{t}, err
	}
	for _, flag := range []string{"base-url", "model", "key-env", "provider", "name"} {
		if cmd.Flags().Changed(flag) {
			return nil, usage("leave out one or the other: a configured target has all of this in the file", "a target's name and --%s cannot be used together", flag)
		}
	}
	p.configured = true
	var targets []config.Target
	for _, arg := range args {
		matched := matching(c.Targets, arg)
		if len(matched) == 0 {
			return nil, unknownTarget(c, arg)
		}
		for _, t := range matched {
			if !slices.ContainsFunc(targets, func(other config.Target) bool { return other.Name == t.Name }) {
				targets = append(targets, t)
			}
		}
	}
	return targets, p.reprice(targets)
}

// reprice gives the one target of a run the price of --price.
func (p *probeCommand) reprice(targets []config.Target) (err error) {
	switch {
	case p.price == "":
		return nil
	case len(targets) > 1:
		return usage("name one target, or write each its price into the configuration", "--price is for one target, and %d are named", len(targets))
	}
	if targets[0].Price, err = config.ParsePrice(p.price, "--price"); err != nil {
		return usage("give US dollars for 1M input and 1M output tokens: --price 0.15/0.60", "--price cannot be %q", probe.Sanitize(p.price, 40))
	}
	return nil
}

// matching are the targets with that name, else those that the pattern fits. A *
// stands for any text, a slash in a model's name included.
func matching(targets []config.Target, pattern string) []config.Target {
	for _, t := range targets {
		if t.Name == pattern {
			return []config.Target{t}
		}
	}
	var matched []config.Target
	for _, t := range targets {
		if compare.Named(pattern, t.Name) {
			matched = append(matched, t)
		}
	}
	return matched
}

func namesOf(targets []config.Target) []string {
	names := make([]string, len(targets))
	for i, t := range targets {
		names[i] = t.Name
	}
	return names
}

// priced prices a probe by the person's own price, else the catalog's.
func (p *probeCommand) priced() probe.PriceFunc {
	return monitor.PriceFunc(p.listed, p.prices)
}

// estimate is about what one probe of a target costs at the most: the whole cap,
// and more input tokens than a tokenizer makes of the prompt.
func (p *probeCommand) estimate(t probe.Target) (costmodel.USD, bool) {
	usd, ok := p.priced()(t, probe.Usage{
		Input: probe.Known(int64(p.profile.InputTokens())), Output: probe.Known(int64(p.profile.MaxTokens)),
	})
	if !ok {
		return costmodel.USD{}, false
	}
	amount, err := costmodel.ParseUSD(usd.String())
	return amount, err == nil
}
